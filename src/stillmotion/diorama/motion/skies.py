"""How clouds drift: a level sheet above the camera, fast overhead and slow towards the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import noise, shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import Floats, Points

_LOWEST = 0.035
"""How near to the horizon, in photo heights, the sheet of clouds is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """A level sheet of clouds: a point e photo heights above the horizon lies at (x / e, 1 / e) on it."""

    horizon_y: float
    drift: tuple[float, float]
    """Travel in a second on the sheet: to the right, and away from the viewer."""

    def before(self, points: Points, passed_s: float | Floats) -> Points:
        """Where what is at each point was some seconds ago, in photo coordinates."""
        high = np.maximum(np.float32(self.horizon_y) - points[..., 1], np.float32(_LOWEST))
        low = np.float32(self.horizon_y) - points[..., 1] - high
        away = np.maximum(1 / high - np.float32(self.drift[1]) * passed_s, np.float32(0.35))
        right = (points[..., 0] - np.float32(0.5)) / high - np.float32(self.drift[0]) * passed_s
        x = np.float32(0.5) + right / away
        y = np.float32(self.horizon_y) - (1 / away + low)
        return np.stack([np.asarray(x, np.float32), np.asarray(y, np.float32)], axis=-1)

    def sheet(self, points: Points, time_s: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Place on the drifting sheet, for noise that moves with it."""
        high = np.maximum(np.float32(self.horizon_y) - points[..., 1], np.float32(_LOWEST))
        right = (points[..., 0] - np.float32(0.5)) / high - np.float32(self.drift[0] * time_s)
        away = 1 / high - np.float32(self.drift[1] * time_s)
        return np.asarray(right, np.float32), np.asarray(away, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift:
    """Clouds of the photo that keep drifting. See `motion.records.Flow`."""

    ceiling: Ceiling
    share: NDArray[np.float32]
    """How much of each place of the sky drifts, on the coarse grid."""
    sky: NDArray[np.float32]
    """Where the layer shows sky, 0..1, on the coarse grid: what was filled in behind a tree must not drift out."""
    phase: NDArray[np.float32]
    """Share of a cycle by which each place is ahead, on the coarse grid; small and smooth."""
    period_s: float
    start_s: float
    reach: float
    alone: bool
    """A single copy is enough: in the whole shot it does not travel far."""
    ease_s: float = 1.2
    """Time in which the drift reaches its full speed."""
    step_px: int = 8

    def sources(self, points: Points, time_s: float) -> tuple[Points, Points, Floats, Floats]:
        """Two places for each point, the weight of the second, and how much flows."""
        age = max(time_s - self.start_s, 0.0)
        run = age - self.ease_s / 2 if age > self.ease_s else age * age / (2 * self.ease_s)
        share = shares.sample(self.share, points)
        if self.alone:
            only = mirrored(self.ceiling.before(points, run))
            return only, only, np.zeros_like(share), share * shares.sample(self.sky, only)
        # A cycle starts in its middle, where nothing is displaced: the first frame is the photo.
        cycle = np.float32(run / self.period_s + 0.5) + shares.sample(self.phase, points) * np.float32(min(run, 1.0))
        first = cycle - np.floor(cycle)
        second = cycle + np.float32(0.5)
        second -= np.floor(second)
        period = np.float32(self.period_s)
        one = self.ceiling.before(points, (first - np.float32(0.5)) * period)
        two = self.ceiling.before(points, (second - np.float32(0.5)) * period)
        weight = 1 - np.abs(2 * second - 1)
        one, two = mirrored(one), mirrored(two)
        share *= np.minimum(shares.sample(self.sky, one), shares.sample(self.sky, two))
        return one, two, np.asarray(weight, np.float32), share


def mirrored(points: Points) -> Points:
    """Places beyond the photo's left, right and upper border, folded back into it."""
    x = np.abs(points[..., 0])
    x = np.where(x > 1, 2 - x, x)
    return np.stack([x, np.abs(points[..., 1])], axis=-1).astype(np.float32)


def drawn(tile: Floats, ceiling: Ceiling, points: Points, time_s: float) -> Floats:
    """Density of drawn clouds at points of the photo, 0..1: three octaves that drift a little differently."""
    right, away = ceiling.sheet(points, time_s)
    slow = np.float32(0.012 * time_s)
    right, away = right * np.float32(0.16), away * np.float32(0.11)
    field = noise.read(tile, right, away)
    field += np.float32(0.45) * noise.read(tile, right * np.float32(2.3) + slow, away * np.float32(2.3) - slow)
    field += np.float32(0.2) * noise.read(tile, right * 5 - slow * 2, away * 5)
    return shares.smooth_of(field, 0.25, 2.1)
