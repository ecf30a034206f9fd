"""Animals."""

from __future__ import annotations

from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.sound.palette.records import Voice

VOICES: dict[str, Voice] = {
    "birds": Voice(
        generator="birds",
        caption="birds sing",
        gain_db=-2.0,
        sources=(Surface.FOLIAGE,),
        labels=("bird",),
    ),
    "crickets": Voice(generator="crickets", caption="crickets chirp", gain_db=-2.0),
}
