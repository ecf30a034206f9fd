"""Liquid poured into a vessel that fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_SPEED_M_S = 343.0
_JET = ((150, -8.0), (400, -2.0), (1500, 0.0), (4000, -5.0), (9000, -14.0), (16000, -26.0))
_EMPTY, _FULL = 0.1, 0.86
_DROPS_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pour:
    """Controls of pouring."""

    flow: float = 0.8
    """0 a thin thread, 1 a gush."""
    height_m: float = 0.18
    """Of the vessel: the air above the liquid rings as a pipe closed at one end."""
    width_m: float = 0.07
    """Inner width of the vessel."""
    radius_mm: float = 0.9
    """Median size of the bubbles that the jet drags under."""


def signal(controls: Pour, take: Take) -> NDArray[np.float32]:
    """Bubbles under a jet, heard through the air column above the liquid, which shortens as the vessel fills.

    The column rings at c / 4 (L + 0.3 d), so the pitch climbs (Cabe and Pittenger 2000, "Human sensitivity to acoustic
    information from vessel filling"); bubbles as in van den Doel (2005).
    """
    times_s = take.times_s(_RATE_HZ) - take.start_s
    running = _running(times_s, take.duration_s)
    glug = np.exp(0.35 * noise.wander(take.rng, times_s.size, _RATE_HZ, 7.0)) * running
    wet = _bubbles(controls, take, glug)
    wet += (
        noise.shaped(take.rng, take.count, take.sample_rate, _JET)
        * take.stretch(0.10 * (0.4 + controls.flow) * glug, _RATE_HZ)[:, None]
    )
    out = 0.45 * wet + _column(controls, take, wet, times_s)
    return level.to_reference(out.astype(np.float32), take.sample_rate)


def _running(times_s: NDArray[np.float64], duration_s: float) -> NDArray[np.float64]:
    """The jet starts at once and breaks off into drops shortly before the end."""
    last_s = max(duration_s - _DROPS_S, 0.7 * duration_s)
    return np.minimum(np.clip(times_s / 0.06, 0, 1), np.clip(1 - (times_s - last_s) / 0.18, 0.012, 1))


def _bubbles(controls: Pour, take: Take, drive: NDArray[np.float64]) -> NDArray[np.float32]:
    onset_s = pings.arrivals(take.rng, (260 + 700 * controls.flow) * drive, _RATE_HZ)
    median_m = controls.radius_mm / 1000
    radius_m = np.exp(take.rng.normal(np.log(median_m), 0.5, onset_s.size)).clip(0.0004, 0.004)
    return pings.render(pings.bubbles(take.rng, onset_s, radius_m, spread=0.35), take.count, take.sample_rate)


def _column(controls: Pour, take: Take, wet: NDArray[np.float32], times_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """First and third mode of the air above the liquid."""
    filled = _EMPTY + (_FULL - _EMPTY) * np.clip(times_s / max(take.duration_s, 0.5), 0, 1)
    first_hz = _SPEED_M_S / (4 * (controls.height_m * (1 - filled) + 0.3 * controls.width_m))
    out = np.zeros_like(wet)
    for order, share, q in ((1, 2.2, 9.0), (3, 0.5, 14.0)):
        centre = np.repeat(take.stretch(order * first_hz, _RATE_HZ)[:, None], 2, axis=1)
        out += np.float32(share) * filters.moving_band(wet, take.sample_rate, centre, q)
    return out
