"""The sounds that a Shot may name, as data: which generator makes each, how loud, from which part of the picture."""

from __future__ import annotations

from dataclasses import dataclass

from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.sound.records import Stem


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a named sound is made."""

    generator: str
    caption: str
    gain_db: float = 0.0
    """Its usual level beside other sounds."""
    controls: tuple[tuple[str, float], ...] = ()
    stem: Stem = Stem.AMBIENCE
    sources: tuple[Surface, ...] = ()
    """Layers of these surfaces say where it comes from; none is all around."""
    labels: tuple[str, ...] = ()
    """Layers or objects whose label holds one of these words are asked first."""
    counted: str = ""
    """The control that a cue's count sets."""


VOICES: dict[str, Voice] = {
    "room_tone": Voice(generator="room_tone", caption="quiet room", gain_db=-16.0),
    "air": Voice(generator="room_tone", caption="still air", gain_db=-16.0, controls=(("openness", 1.0),)),
    "wind": Voice(generator="wind", caption="wind blows"),
    "lake": Voice(generator="lapping", caption="water laps", gain_db=-1.0, sources=(Surface.WATER,)),
    "waves": Voice(generator="waves", caption="waves break", gain_db=1.0, sources=(Surface.WATER,)),
    "stream": Voice(generator="stream", caption="a stream runs", sources=(Surface.WATER,)),
    "leaves": Voice(
        generator="leaves", caption="leaves rustle", gain_db=-3.0, sources=(Surface.FOLIAGE, Surface.PLANT)
    ),
    "birds": Voice(
        generator="birds",
        caption="birds sing",
        gain_db=-2.0,
        sources=(Surface.FOLIAGE,),
        labels=("bird",),
        counted="singers",
    ),
    "rain": Voice(generator="rain", caption="rain falls", gain_db=1.0),
    "crickets": Voice(generator="crickets", caption="crickets chirp", gain_db=-2.0, counted="near"),
    "crowd": Voice(generator="crowd", caption="people murmur", counted="voices"),
    "traffic": Voice(generator="traffic", caption="traffic passes"),
    "hum": Voice(generator="hum", caption="a machine hums", gain_db=-4.0),
    "fire": Voice(generator="fire", caption="fire crackles", labels=("fire", "flame", "candle", "stove")),
    "thunder_distant": Voice(generator="thunder", caption="thunder far away", gain_db=2.0),
    "drone": Voice(generator="drone", caption="a low tone sounds", gain_db=-4.0, stem=Stem.MUSIC),
}
