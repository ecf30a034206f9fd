"""People, without words."""

from __future__ import annotations

from stillmotion.diorama.sound.palette.records import Voice
from stillmotion.diorama.sound.records import Stem

VOICES: dict[str, Voice] = {
    "footsteps": Voice(generator="footsteps", caption="footsteps", gain_db=-2.0, stem=Stem.FOLEY),
    "crowd": Voice(generator="crowd", caption="people murmur"),
}
