"""Rain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 50.0
_HISS = ((300, -16.0), (1200, -6.0), (2500, -1.0), (6000, 0.0), (9000, -3.0), (15000, -10.0), (20000, -22.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rain:
    """Controls of falling rain."""

    intensity: float = 0.5
    """0 a drizzle, 1 a downpour."""
    puddles: float = 0.5
    """Share of drops that fall into water and leave a bubble; the rest hits something hard."""


def signal(controls: Rain, take: Take) -> NDArray[np.float32]:
    """A hiss of far drops, near drops that tap, and bubbles where they fall into puddles.

    Bubbles of 0.3 to 6 mm after van den Doel (2005); the impact itself is a short broadband click that grows duller
    with the drop's size (Pumphrey and Elmore 1990, "The entrainment of bubbles by drop impacts").
    """
    times_s = take.times_s(_RATE_HZ)
    density = np.exp(0.12 * noise.wander(take.rng, times_s.size, _RATE_HZ, 0.6))
    hiss = noise.shaped(take.rng, take.count, take.sample_rate, _HISS)
    out = hiss * take.stretch(density, _RATE_HZ)[:, None] * np.float32(0.18 + 0.6 * controls.intensity)
    rate = (700 + 2600 * controls.intensity) * density
    out += _bubbles(take, rate * controls.puddles) + _taps(take, rate * (1 - 0.6 * controls.puddles))
    return level.to_reference(out, take.sample_rate, gain_db=6 * (controls.intensity - 0.5))


def _bubbles(take: Take, rate: NDArray[np.float64]) -> NDArray[np.float32]:
    onset_s = pings.arrivals(take.rng, rate, _RATE_HZ)
    radius_m = np.exp(take.rng.normal(np.log(0.0011), 0.5, onset_s.size)).clip(0.0003, 0.006)
    tones = pings.bubbles(take.rng, onset_s, radius_m, spread=1.0)
    return pings.render(tones, take.count, take.sample_rate) * np.float32(0.45)


def _taps(take: Take, rate: NDArray[np.float64]) -> NDArray[np.float32]:
    """Distances to the drops follow an area, so few are near and loud: a Pareto law of amplitudes."""
    onset_s = pings.arrivals(take.rng, rate, _RATE_HZ)
    count = onset_s.size
    size = take.rng.random(count)
    taps = pings.Pings(
        onset_s=onset_s,
        hz=1200 * 6.0 ** (1 - size) * take.rng.uniform(0.8, 1.25, count),
        decay_per_s=take.rng.uniform(500, 1800, count),
        amplitude=take.rng.choice((-0.55, 0.55), count) * take.rng.pareto(2.0, count).clip(0, 15) * (0.4 + 0.6 * size),
        pan=take.rng.uniform(-1, 1, count),
        rise_per_s=np.zeros(count),
    )
    return pings.render(taps, take.count, take.sample_rate)
