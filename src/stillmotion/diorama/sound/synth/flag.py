"""A flag or a sail flaps in the wind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import gust
from stillmotion.diorama.sound.dsp import bodies, calls, filters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_EDGE_S = 0.005
"""In which the edge of the cloth stops: it is soft, no whip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Controls of cloth in the wind."""

    speed: float = 0.5
    """0 a breeze, 1 a gale."""
    gustiness: float = 0.4
    """As that of the wind: both read the same gusts."""
    flaps_per_s: float = 6.0
    """In a wind of middling strength."""
    air: float = 0.12
    """Level of the wind itself round the cloth."""
    pace: float = 1.0
    """Factor on how fast it flaps."""


def signal(controls: Flag, take: Take) -> NDArray[np.float32]:
    """Each wave that runs off the free edge snaps it: as often as the wind is fast, as loud as its square.

    (Flapping of flags: Argentina and Mahadevan 2005, frequency grows with speed.)
    """
    blows = _blows(controls, take)
    turns = np.cumsum(controls.flaps_per_s * max(controls.pace, 0.1) * (0.5 + controls.speed) * blows) / _RATE_HZ
    jitter = take.rng.normal(0, 0.17, int(turns[-1]) + 1)
    at_s = np.interp(np.arange(jitter.size) + jitter, turns, np.arange(turns.size) / _RATE_HZ)
    at_s = np.sort(np.maximum(at_s, 0.0))
    at_s = at_s[at_s < take.duration_s - 0.01]
    loud = np.interp(at_s, np.arange(blows.size) / _RATE_HZ, blows) ** 2 * take.rng.uniform(0.15, 1.0, at_s.size) ** 1.2
    flaps = calls.line(take, ((float(a), _flap(take) * np.float32(b)) for a, b in zip(at_s, loud, strict=True)))
    wind = filters.band(bodies.noise(take, take.duration_s)[: take.count], take.sample_rate, 60.0, 550.0)
    wind = np.resize(wind, take.count) * take.stretch(blows**1.5, _RATE_HZ)
    return calls.stage(take, flaps + np.float32(controls.air) * wind, decay_s=0.2, wet=0.1, air_db=-34.0)


def _blows(controls: Flag, take: Take) -> NDArray[np.float64]:
    strength = gust.strength(take.seed, take.times_s(_RATE_HZ))
    return np.asarray(np.maximum(strength, 0.05) ** (2 * controls.gustiness), float)


def _flap(take: Take) -> NDArray[np.float32]:
    """The belly of the cloth pushes air, its edge cracks, its folds rustle."""
    rng, rate = take.rng, take.sample_rate
    count = int(0.2 * rate)
    t = np.arange(count) / rate
    low = filters.band(rng.standard_normal(count, dtype=np.float32), rate, 90.0, rng.uniform(450, 900))
    belly = low * np.exp(-(((t - 0.04) / 0.034) ** 2))
    first = rng.uniform(0.012, 0.03)
    snap = filters.band(rng.standard_normal(count, dtype=np.float32), rate, 600.0, 2200 * rng.uniform(0.64, 1.36))
    edge = snap * np.where(
        t > first,
        np.minimum(np.maximum(t - first, 0) / _EDGE_S, 1)
        * np.exp(-np.maximum(t - first, 0) / rng.uniform(0.007, 0.019)),
        0.0,
    )
    at_s = first + rng.exponential(0.025, 18)
    folds = bodies.mono(bodies.grains(rng, at_s, (1200.0, 8000.0), loss=0.2, tail=2.5), count, rate)
    folds = calls.unit(folds, 0.25)
    return np.asarray(3.0 * belly + rng.uniform(0.09, 0.21) * edge + 0.7 * folds, np.float32)
