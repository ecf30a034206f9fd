"""Small waves that lap against a shore, a jetty or a boat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_WASH = ((120, -10.0), (300, -2.0), (700, 0.0), (1600, -5.0), (4000, -16.0), (9000, -30.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapping:
    """Controls of lapping water."""

    period_s: float = 1.4
    """Mean time between two laps."""
    liveliness: float = 0.5
    """0 nearly still, 1 choppy."""


def signal(controls: Lapping, take: Take) -> NDArray[np.float32]:
    """Each lap is a soft wash and a cluster of bubbles caught against the edge (van den Doel 2005)."""
    laps_s = _laps(controls, take)
    side = take.rng.uniform(-0.8, 0.8, laps_s.size)
    size = take.rng.uniform(0.35, 1.0, laps_s.size) ** (1.6 - controls.liveliness)
    out = _wash(take, laps_s, side, size)
    out += noise.shaped(take.rng, take.count, take.sample_rate, _WASH) * np.float32(0.05)
    out += _gurgle(take, laps_s, side, size)
    return level.to_reference(out, take.sample_rate)


def _laps(controls: Lapping, take: Take) -> NDArray[np.float64]:
    count = int(take.duration_s / controls.period_s * 2) + 4
    return np.cumsum(take.rng.gamma(6.0, controls.period_s / 6.0, count)) - controls.period_s


def _wash(
    take: Take, laps_s: NDArray[np.float64], side: NDArray[np.float64], size: NDArray[np.float64]
) -> NDArray[np.float32]:
    times_s = take.times_s(_RATE_HZ) - take.start_s
    source = noise.shaped(take.rng, take.count, take.sample_rate, _WASH)
    out = np.empty_like(source)
    for channel, sign in ((0, -1), (1, 1)):
        drive = np.zeros(times_s.size)
        for lap_s, where, strength in zip(laps_s, side, size, strict=True):
            t = times_s - lap_s
            shape = np.where(t < 0, np.exp(-((t / 0.12) ** 2)), np.exp(-np.maximum(t, 0) / 0.28))
            drive += strength * (1 + 0.6 * sign * where) * shape
        out[:, channel] = source[:, channel] * take.stretch(0.3 * drive, _RATE_HZ)
    return out


def _gurgle(
    take: Take, laps_s: NDArray[np.float64], side: NDArray[np.float64], size: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Bubbles follow each lap, the large ones first."""
    each = take.rng.poisson(26 * size)
    lap = np.repeat(np.arange(laps_s.size), each)
    delay_s = take.rng.gamma(1.6, 0.16, lap.size)
    radius_m = np.exp(take.rng.normal(np.log(0.0042), 0.45, lap.size)).clip(0.001, 0.012) * np.exp(-0.8 * delay_s)
    tones = pings.bubbles(take.rng, laps_s[lap] + delay_s, radius_m)
    tones.pan[:] = np.clip(side[lap] + take.rng.uniform(-0.3, 0.3, lap.size), -1, 1)
    return pings.render(tones, take.count, take.sample_rate) * np.float32(0.06)
