"""Wind, rain, thunder, fire and the tone of places."""

from __future__ import annotations

from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.sound.palette.records import Voice
from stillmotion.diorama.sound.records import Stem

VOICES: dict[str, Voice] = {
    "room_tone": Voice(generator="room_tone", caption="quiet room", gain_db=-16.0),
    "air": Voice(generator="room_tone", caption="still air", gain_db=-16.0, controls=(("openness", 1.0),)),
    "wind": Voice(generator="wind", caption="wind blows"),
    "leaves": Voice(
        generator="leaves", caption="leaves rustle", gain_db=-3.0, sources=(Surface.FOLIAGE, Surface.PLANT)
    ),
    "rain": Voice(generator="rain", caption="rain falls", gain_db=1.0),
    "rain_window": Voice(
        generator="rain",
        caption="rain on the window",
        gain_db=-1.0,
        controls=(("surface", "glass"),),
        labels=("window",),
    ),
    "rain_roof": Voice(generator="rain", caption="rain on the roof", controls=(("surface", "metal"),)),
    "thunder": Voice(generator="thunder", caption="thunder cracks", gain_db=4.0, controls=(("distance_km", 1.6),)),
    "thunder_distant": Voice(
        generator="thunder", caption="thunder far away", gain_db=2.0, controls=(("distance_km", 4.0),)
    ),
    "fire": Voice(generator="fire", caption="fire crackles", labels=("fire", "flame", "candle", "stove")),
    "sizzle": Voice(
        generator="sizzle", caption="sizzling", gain_db=-2.0, stem=Stem.FOLEY, labels=("pan", "stove", "grill", "wok")
    ),
    "steam": Voice(
        generator="steam", caption="steam hisses", gain_db=-3.0, stem=Stem.FOLEY, labels=("kettle", "locomotive")
    ),
}
