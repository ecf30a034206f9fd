"""People, without words."""

from __future__ import annotations

from stillmotion.diorama.sound.palette.records import Voice

VOICES: dict[str, Voice] = {
    "crowd": Voice(generator="crowd", caption="people murmur"),
}
