"""Water."""

from __future__ import annotations

from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.sound.palette.records import Voice
from stillmotion.diorama.sound.records import Stem

VOICES: dict[str, Voice] = {
    "lake": Voice(generator="lapping", caption="water laps", gain_db=-1.0, sources=(Surface.WATER,)),
    "waves": Voice(generator="waves", caption="waves break", gain_db=1.0, sources=(Surface.WATER,)),
    "stream": Voice(generator="stream", caption="a stream runs", sources=(Surface.WATER,)),
    "waterfall": Voice(generator="waterfall", caption="water falls", gain_db=1.0, labels=("waterfall", "fountain")),
    "splash": Voice(
        generator="plunge",
        caption="splash",
        controls=(("count", 0), ("size", 0.85)),
        stem=Stem.FOLEY,
        sources=(Surface.WATER,),
    ),
    "drip": Voice(generator="drip", caption="water drips", stem=Stem.FOLEY),
    "pour": Voice(generator="pour", caption="liquid pours", gain_db=-1.0, stem=Stem.FOLEY, labels=("cup", "glass")),
    "bubbling": Voice(
        generator="bubbling", caption="it bubbles", gain_db=-2.0, stem=Stem.FOLEY, labels=("pot", "pan", "kettle")
    ),
    "fizz": Voice(
        generator="sizzle",
        caption="fizzing",
        gain_db=-4.0,
        controls=(("pitch_hz", 7600.0), ("rate_per_s", 1600.0), ("pops", 0.1)),
        stem=Stem.FOLEY,
        labels=("glass", "bottle", "can"),
    ),
    "underwater": Voice(generator="underwater", caption="under water"),
}
