"""Things that hang: a body that swings about a pivot, large angles and damping included."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 240
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pendulum:
    """A rigid body on a pivot (a compound pendulum): I a'' = -m g L sin a - c a', with I = m (k^2 + L^2)."""

    length: float
    """From the pivot to the centre of mass, m."""
    gyration: float
    """Radius of gyration about the centre of mass, m."""
    gravity: float
    damping: float = 0.0
    """Share of critical damping for small swings."""

    @property
    def rate(self) -> float:
        """Angular frequency of small swings, rad/s: sqrt(g L / (L^2 + k^2))."""
        return math.sqrt(self.gravity * self.length / (self.length**2 + self.gyration**2))

    def swing(self, angle: float, spin: float, duration_s: float) -> Floats:
        """Angles from straight down at 240 Hz, shape (n,), by the classical Runge-Kutta method.

        Args:
            angle: at the start, radians.
            spin: at the start, radians a second.
            duration_s: how long.
        """
        count = math.ceil(duration_s * RATE_HZ) + 2
        found = np.empty(count)
        state = (angle, spin)
        for index in range(count):
            found[index] = state[0]
            state = self._step(state, 1.0 / RATE_HZ)
        return found

    def _slope(self, state: tuple[float, float]) -> tuple[float, float]:
        angle, spin = state
        rate = self.rate
        return spin, -rate * rate * math.sin(angle) - 2 * self.damping * rate * spin

    def _step(self, state: tuple[float, float], step_s: float) -> tuple[float, float]:
        one = self._slope(state)
        two = self._slope(_ahead(state, one, step_s / 2))
        three = self._slope(_ahead(state, two, step_s / 2))
        four = self._slope(_ahead(state, three, step_s))
        mean = tuple((a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(one, two, three, four, strict=True))
        return _ahead(state, (mean[0], mean[1]), step_s)


def _ahead(state: tuple[float, float], slope: tuple[float, float], step_s: float) -> tuple[float, float]:
    return state[0] + step_s * slope[0], state[1] + step_s * slope[1]
