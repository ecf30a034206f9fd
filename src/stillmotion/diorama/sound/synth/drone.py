"""A soft tonal bed: one chord that breathes."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise, rooms, wavetables
from stillmotion.diorama.sound.score import keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_DARK = (1.0, 1.5, 2.0, 2.4, 3.0)
_LIGHT = (1.0, 1.5, 2.0, 2.5, 3.0, 3.75)
_UNEASY = (1.0, 1.067, 1.5, 2.0, 2.4, 2.844)
"""With the semitone over the root and the tritone: what film music uses for danger."""
_LIGHTNESS = MappingProxyType({
    "calm": 0.8, "happy": 1.0, "romantic": 0.8, "playful": 0.9, "epic": 0.4, "sad": 0.2, "mysterious": 0.1, "tense": 0.0
})  # fmt: skip
_C2_HZ = 65.406
_TOP_HZ = 3500.0
_ORDERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Drone:
    """Controls of the drone."""

    root_hz: float = _C2_HZ
    """Lowest tone; the default is the C two octaves below the middle one."""
    light: float = 0.3
    """0 minor and dark, 1 major and bright."""
    key: str = ""
    """"D", "A minor": root and mode instead of the two above."""
    mood: str = ""
    """"tense", "calm" ...: how light it is, where it is said."""


def signal(controls: Drone, take: Take) -> NDArray[np.float32]:
    """Voices on a just chord, each a pair slightly apart, swelling on its own, in a large room.

    Harmonics fall by 6 to 12 dB an octave as in bowed strings (Fletcher and Rossing 1998, "The physics of musical
    instruments").
    """
    root_hz, light, ratios = _chord(controls)
    out = np.zeros((take.count, 2), dtype=np.float32)
    for ratio in ratios:
        for side in (-1.0, 1.0):
            wavetables.add(out, _voice(take, root_hz * ratio, light, side, ratio**-0.5), take.sample_rate)
    wide = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=2.8, wet=0.5)
    return level.to_reference(wide, take.sample_rate)


def _chord(controls: Drone) -> tuple[float, float, tuple[float, ...]]:
    """Root in hertz, lightness, and the tones over the root."""
    light = _LIGHTNESS.get(controls.mood, controls.light)
    named = keys.parse(controls.key)
    if named is not None:
        root, minor = named
        # The root stays between the G below and the F sharp above that C.
        return _C2_HZ * 2 ** ((root - 12 * (root > 6)) / 12), light, _DARK if minor else _LIGHT
    if controls.mood == "tense":
        return controls.root_hz, light, _UNEASY
    return controls.root_hz, light, _LIGHT if light > 0.5 else _DARK  # half way


def _voice(take: Take, hz: float, light: float, side: float, loud: float) -> wavetables.Tone:
    rng = take.rng
    t = wavetables.steps(take.duration_s)
    rate = wavetables.RATE_HZ
    k = np.arange(1, max(min(_ORDERS, int(_TOP_HZ / hz)), 1) + 1)
    phases = rng.uniform(0, 2 * np.pi, k.size)
    dark, bright = (wavetables.table(k ** (0.7 * light - fall), hz, take.sample_rate, phases) for fall in (2.6, 1.5))
    return wavetables.Tone(
        onset_s=0.0,
        hz=hz * (1 + 0.0012 * side + 0.0006 * noise.wander(rng, t.size, rate, 0.3)),
        level=0.1 * loud * np.exp(0.5 * noise.wander(rng, t.size, rate, 0.2)),
        brightness=np.clip(0.5 + 0.35 * noise.wander(rng, t.size, rate, 0.25), 0, 1),
        dark=dark,
        bright=bright,
        pan=0.5 * side * float(rng.uniform(0.3, 1.0)),
    )
