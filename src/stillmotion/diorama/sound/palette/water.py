"""Water."""

from __future__ import annotations

from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.sound.palette.records import Voice

VOICES: dict[str, Voice] = {
    "lake": Voice(generator="lapping", caption="water laps", gain_db=-1.0, sources=(Surface.WATER,)),
    "waves": Voice(generator="waves", caption="waves break", gain_db=1.0, sources=(Surface.WATER,)),
    "stream": Voice(generator="stream", caption="a stream runs", sources=(Surface.WATER,)),
}
