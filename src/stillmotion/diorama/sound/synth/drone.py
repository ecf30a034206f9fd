"""A soft tonal bed: one chord that breathes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise, rooms, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 50.0
_DARK = (1.0, 1.5, 2.0, 2.4, 3.0)
_LIGHT = (1.0, 1.5, 2.0, 2.5, 3.0, 3.75)
_TOP_HZ = 3500.0
_ORDERS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Drone:
    """Controls of the drone."""

    root_hz: float = 65.4
    """Lowest tone; the default is the C two octaves below the middle one."""
    light: float = 0.3
    """0 minor and dark, 1 major and bright."""


def signal(controls: Drone, take: Take) -> NDArray[np.float32]:
    """Additive voices on a just chord, each a pair slightly apart, swelling on its own, in a large room.

    Harmonics fall by 6 to 12 dB an octave as in bowed strings (Fletcher and Rossing 1998, "The physics of musical
    instruments").
    """
    ratios = _LIGHT if controls.light > 0.5 else _DARK  # half way
    out = np.zeros((take.count, 2), dtype=np.float32)
    for ratio in ratios:
        for detune in (-1.0, 1.0):
            out += _voice(controls, take, controls.root_hz * ratio, detune) / np.float32(ratio**0.5)
    wide = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=2.8, wet=0.5)
    return level.to_reference(wide, take.sample_rate)


def _voice(controls: Drone, take: Take, hz: float, detune: float) -> NDArray[np.float32]:
    steps = take.times_s(_RATE_HZ).size
    drift = 1 + 0.0012 * detune + 0.0006 * noise.wander(take.rng, steps, _RATE_HZ, 0.3)
    orders = np.arange(1, min(_ORDERS, int(_TOP_HZ / hz)) + 1, dtype=np.float64)
    swell = np.stack([np.exp(0.5 * noise.wander(take.rng, steps, _RATE_HZ, 0.2)) for _ in orders])
    levels = swell * orders[:, None] ** (0.7 * controls.light - 2.0)
    tone = tones.harmonics(take, drift * hz, levels, orders * take.rng.uniform(0, 2 * np.pi), _RATE_HZ)
    angle = (0.5 * detune * take.rng.uniform(0.3, 1.0) + 1) * np.pi / 4
    return tone[:, None] * np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
