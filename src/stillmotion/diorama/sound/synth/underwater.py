"""Under the surface: everything dull, and bubbles that go up past the ear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_MURMUR = ((60, -12.0), (150, -4.0), (300, 0.0), (600, -4.0), (1200, -15.0), (2500, -30.0))
_BREATH_S = 3.6
_RISING = 0.9
_STRAY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Underwater:
    """Controls of the world under water."""

    depth_m: float = 1.0
    """The deeper, the duller."""
    bubbles: float = 0.6
    """0 none, 1 a diver beside you."""


def signal(controls: Underwater, take: Take) -> NDArray[np.float32]:
    """A low murmur that sways with the water, and trains of bubbles whose size falls and whose pitch climbs.

    Clouds of bubbles ring lower than each of their bubbles (Leighton 1994, "The acoustic bubble"); single ones as in
    `pings.bubbles`.
    """
    times_s = take.times_s(_RATE_HZ)
    sway = np.exp(0.4 * noise.wander(take.rng, times_s.size, _RATE_HZ, 0.5))
    murmur = noise.shaped(take.rng, take.count, take.sample_rate, _MURMUR)
    out = murmur * take.stretch(0.2 * sway, _RATE_HZ)[:, None]
    out += _trains(controls, take, times_s - take.start_s)
    dull = filters.low(out, take.sample_rate, 4200 / (1 + 0.35 * controls.depth_m))
    return level.to_reference(dull, take.sample_rate)


def _trains(controls: Underwater, take: Take, times_s: NDArray[np.float64]) -> NDArray[np.float32]:
    rng = take.rng
    first_s = rng.uniform(0.0, 0.3)
    starts_s = first_s + np.cumsum(
        np.append(0.0, rng.uniform(0.7, 1.3, int(take.duration_s / _BREATH_S) + 1) * _BREATH_S)
    )
    # A few stray bubbles all the time, a rush at every breath.
    drive = np.full(times_s.size, _STRAY)
    for start_s in starts_s:
        t = times_s - start_s
        drive += np.where(t > 0, np.minimum(np.maximum(t, 0) / 0.25, 1) * 0.7 * np.exp(-np.maximum(t, 0) / 0.9), 0.0)
    flutter = np.exp(0.5 * noise.wander(rng, times_s.size, _RATE_HZ, 4.0))
    onset_s = pings.arrivals(rng, 500 * controls.bubbles * drive * flutter, _RATE_HZ)
    radius_m = np.exp(rng.normal(np.log(0.0062), 0.27, onset_s.size)).clip(0.0015, 0.02)
    tones = pings.bubbles(rng, onset_s, radius_m, spread=0.5)
    rising = rng.random(onset_s.size) < _RISING
    tones.rise_per_s[:] = np.where(rising, rng.uniform(0.03, 0.15, onset_s.size) * tones.decay_per_s, 0.0)
    small = pings.bubbles(
        rng, onset_s + rng.exponential(0.03, onset_s.size), radius_m * rng.uniform(0.15, 0.5, onset_s.size)
    )
    return pings.render(pings.together((tones, small)), take.count, take.sample_rate) * np.float32(0.16)
