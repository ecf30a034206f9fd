"""Leaves that rustle in the gusts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import gust
from stillmotion.diorama.sound.dsp import filters, level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_HISS = ((300, -19.0), (700, -11.0), (1500, -3.0), (3500, 0.0), (6500, 0.0), (9000, -4.0), (14000, -11.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """Controls of rustling foliage."""

    density: float = 0.6
    """0 a single twig, 1 a whole wood."""
    gustiness: float = 0.5
    """Deviation of the logarithm of the wind speed, shared with the wind's sound."""
    dryness: float = 0.4
    """0 soft summer leaves, 1 dry autumn ones that click."""


def signal(controls: Leaves, take: Take) -> NDArray[np.float32]:
    """Thousands of tiny collisions a second between 3 and 8 kHz over a hiss, both driven by the gust.

    Collisions as a Poisson stream of broad damped grains, after granular models of crushed matter (Cook 1997,
    "Physically informed sonic modeling"); foliage noise rises with wind speed as in Fegeant (1999, "Wind-induced
    vegetation noise").
    """
    out = np.zeros((take.count, 2), dtype=np.float32)
    times_s = take.times_s(_RATE_HZ)
    hiss = noise.shaped(take.rng, take.count, take.sample_rate, _HISS)
    for side, x in enumerate((0.35, 0.65)):
        flutter = np.exp(0.6 * noise.wander(take.rng, times_s.size, _RATE_HZ, 3.0))
        drive = gust.strength(take.seed, times_s, x=x, gustiness=controls.gustiness) ** 1.3 * flutter
        out[:, side] = hiss[:, side] * take.stretch(drive, _RATE_HZ)
    out *= np.float32(0.2 + 0.5 * controls.density)
    out += _clicks(controls, take, times_s)
    return level.to_reference(out, take.sample_rate)


def _clicks(controls: Leaves, take: Take, times_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """Single leaves touching: grains of one or two milliseconds."""
    drive = gust.strength(take.seed, times_s, x=0.5, gustiness=controls.gustiness) ** 1.5
    onset_s = pings.arrivals(take.rng, (200 + 1300 * controls.density) * drive, _RATE_HZ)
    count = onset_s.size
    grains = pings.Pings(
        onset_s=onset_s,
        hz=take.rng.uniform(2500, 8000, count),
        decay_per_s=take.rng.uniform(700, 2500, count),
        amplitude=(0.08 + 0.3 * controls.dryness) * take.rng.pareto(2.2, count).clip(0, 12),
        pan=take.rng.uniform(-0.9, 0.9, count),
        rise_per_s=np.zeros(count),
    )
    return filters.high(pings.render(grains, take.count, take.sample_rate), take.sample_rate, 1500)
