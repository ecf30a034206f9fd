"""Music."""

from __future__ import annotations

from stillmotion.diorama.sound.palette.records import Voice
from stillmotion.diorama.sound.records import Stem

VOICES: dict[str, Voice] = {
    "drone": Voice(generator="drone", caption="a low tone sounds", gain_db=-4.0, stem=Stem.MUSIC),
}
