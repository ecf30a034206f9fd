"""The sounds that a Shot may name, as data: which generator makes each, how loud, from which part of the picture."""

from __future__ import annotations

from stillmotion.diorama.sound.palette import animals, machines, music, objects, people, water, weather
from stillmotion.diorama.sound.palette.records import Voice

__all__ = ["VOICES", "Voice"]

VOICES: dict[str, Voice] = {
    **weather.VOICES,
    **water.VOICES,
    **people.VOICES,
    **animals.VOICES,
    **machines.VOICES,
    **objects.VOICES,
    **music.VOICES,
}
