"""Wind, rain, thunder, fire and the tone of places."""

from __future__ import annotations

from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.sound.palette.records import Voice

VOICES: dict[str, Voice] = {
    "room_tone": Voice(generator="room_tone", caption="quiet room", gain_db=-16.0),
    "air": Voice(generator="room_tone", caption="still air", gain_db=-16.0, controls=(("openness", 1.0),)),
    "wind": Voice(generator="wind", caption="wind blows"),
    "leaves": Voice(
        generator="leaves", caption="leaves rustle", gain_db=-3.0, sources=(Surface.FOLIAGE, Surface.PLANT)
    ),
    "rain": Voice(generator="rain", caption="rain falls", gain_db=1.0),
    "fire": Voice(generator="fire", caption="fire crackles", labels=("fire", "flame", "candle", "stove")),
    "thunder_distant": Voice(generator="thunder", caption="thunder far away", gain_db=2.0),
}
