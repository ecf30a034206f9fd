"""A stream over stones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_SPOTS = 7
_TURBULENCE = ((120, -12.0), (350, -2.0), (900, 0.0), (2500, -6.0), (6000, -14.0), (12000, -26.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Controls of running water."""

    flow: float = 0.5
    """0 a trickle, 1 rapids."""
    radius_mm: float = 1.6
    """Median size of the bubbles: larger is deeper."""


def signal(controls: Stream, take: Take) -> NDArray[np.float32]:
    """Bubbles born at a handful of stones, each with a rhythm of its own, over a soft turbulence.

    Bubble sizes are log-normal and the population rings as in van den Doel (2005, "Physically based models for liquid
    sounds").
    """
    times_s = take.times_s(_RATE_HZ)
    out = noise.shaped(take.rng, take.count, take.sample_rate, _TURBULENCE) * np.float32(0.25 + 0.5 * controls.flow)
    stones = [_stone(controls, take, times_s, -0.9 + 1.8 * spot / (_SPOTS - 1)) for spot in range(_SPOTS)]
    out += pings.render(pings.together(stones), take.count, take.sample_rate) * np.float32(0.22)
    return level.to_reference(out, take.sample_rate, gain_db=4 * (controls.flow - 0.5))


def _stone(controls: Stream, take: Take, times_s: NDArray[np.float64], pan: float) -> pings.Pings:
    burble = np.exp(0.8 * noise.wander(take.rng, times_s.size, _RATE_HZ, take.rng.uniform(1.5, 5.0)) - 0.3)
    onset_s = pings.arrivals(take.rng, (120 + 500 * controls.flow) * burble, _RATE_HZ)
    median_m = controls.radius_mm / 1000 * take.rng.uniform(0.7, 1.4)
    radius_m = np.exp(take.rng.normal(np.log(median_m), 0.5, onset_s.size)).clip(0.0004, 0.006)
    tones = pings.bubbles(take.rng, onset_s, radius_m)
    tones.pan[:] = np.clip(pan + take.rng.normal(0, 0.12, onset_s.size), -1, 1)
    return tones
