"""Waves on water: a few dozen sines, each at the speed that its length gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from stillmotion.diorama.motion.chart import Chart

Floats = NDArray[np.float32]
GRAVITY = 9.81
_TENSION_M3_S2 = 7.28e-5
"""Surface tension of water over its density."""
_RAISED = 1.7
"""Where only some of the waves can be drawn, these are raised, so that far water shimmers too; at most by this."""
_GONE_PX, _WHOLE_PX = 4.0, 9.0
"""Waves shorter than the first are not drawn, those longer than the second are drawn in full."""


def angular_hz(per_m: float | NDArray[np.float64], gravity: float = GRAVITY) -> NDArray[np.float64]:
    """Radians a second of waves in deep water, w^2 = g k + (surface tension / density) k^3 (Lamb 1932, section 267).

    Args:
        per_m: wave number k, radians a metre.
        gravity: metres a second squared.
    """
    k = np.asarray(per_m, np.float64)
    return np.asarray(np.sqrt(gravity * k + _TENSION_M3_S2 * k**3), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Swell:
    """Plane waves on a chart. All arrays have the shape (n,)."""

    right: NDArray[np.float64]
    """Wave number to the right, radians a metre."""
    away: NDArray[np.float64]
    """Wave number away from the viewer, radians a metre."""
    speed: NDArray[np.float64]
    """Radians a second."""
    phase: NDArray[np.float64]
    """Radians at time 0 at the chart's origin."""
    slope: NDArray[np.float64]
    """Amplitude of the surface's slope."""

    def slopes(self, points: Floats, chart: Chart, time_s: float, px_per_width: float) -> Floats:
        """Slope to the right and away at points of the photo, shape (rows, columns, 2).

        Args:
            points: photo coordinates.
            chart: of the water's plane.
            time_s: the instant.
            px_per_width: output pixels in one photo width; too short waves fade.
        """
        turns = np.remainder((self.phase - self.speed * time_s) / (2 * np.pi), 1.0)
        out = np.empty((*points.shape[:2], 2), np.float32)
        waves = np.stack([self.right, self.away, turns, self.slope], axis=1)
        _sum(np.ascontiguousarray(points, np.float32), chart.rows, waves, (px_per_width, chart.aspect), out)
        return out


@njit(cache=True, nogil=True, fastmath=True)
def _sum(
    points: Floats, rows: NDArray[np.float64], waves: NDArray[np.float64], px: tuple[float, float], out: Floats
) -> None:
    columns = points.shape[1]
    right, away = np.empty(columns, np.float32), np.empty(columns, np.float32)
    share = np.empty(len(waves), np.float64)
    for r in range(points.shape[0]):
        lift = _fades(points[r, columns // 2], rows, waves, px, share)
        for c in range(columns):
            x, y = points[r, c, 0], points[r, c, 1]
            q = max(np.float32(rows[2, 0] * x + rows[2, 1] * y + rows[2, 2]), np.float32(0.02))
            right[c] = np.float32(rows[0, 0] * x + rows[0, 1] * y + rows[0, 2]) / q
            away[c] = np.float32(rows[1, 0] * x + rows[1, 1] * y + rows[1, 2]) / q
            out[r, c, 0] = 0.0
            out[r, c, 1] = 0.0
        for w in range(len(waves)):
            if share[w] > 0.01:
                _add(right, away, waves[w], share[w] * lift, out[r])


@njit(cache=True, nogil=True, fastmath=True)
def _add(right: Floats, away: Floats, wave: NDArray[np.float64], share: float, line: Floats) -> None:
    """One wave on one line: its slope is a cosine, by a parabola refined once (error under 0.2 %)."""
    kr, ka = np.float32(wave[0] / (2 * np.pi)), np.float32(wave[1] / (2 * np.pi))
    start = np.float32(wave[2] + 0.25)
    size = wave[3] * share / np.sqrt(wave[0] ** 2 + wave[1] ** 2)
    to_right, to_away = np.float32(size * wave[0]), np.float32(size * wave[1])
    for c in range(len(right)):
        turns = kr * right[c] + ka * away[c] + start
        turns -= np.floor(turns + np.float32(0.5))
        arch = np.float32(8) * turns - np.float32(16) * turns * abs(turns)
        sine = np.float32(0.225) * (arch * abs(arch) - arch) + arch
        line[c, 0] += to_right * sine
        line[c, 1] += to_away * sine


@njit(cache=True, nogil=True)
def _fades(
    point: Floats,
    rows: NDArray[np.float64],
    waves: NDArray[np.float64],
    px: tuple[float, float],
    share: NDArray[np.float64],
) -> float:
    """How much of each wave is drawn where it is that long on the screen; returns how much to raise what is left."""
    forms = rows[:, 0] * point[0] + rows[:, 1] * point[1] + rows[:, 2]
    q = max(forms[2], 0.02)
    ready = forms[2] > 0.02
    whole = 0.0
    left = 0.0
    for w in range(len(waves)):
        per_x = 0.0
        per_y = 0.0
        for axis in range(2):
            per_x += waves[w, axis] * (rows[axis, 0] * q - forms[axis] * rows[2, 0]) / q**2
            per_y += waves[w, axis] * (rows[axis, 1] * q - forms[axis] * rows[2, 1]) / q**2
        length_px = 2 * np.pi * px[0] / max(np.sqrt(per_x**2 + (per_y / px[1]) ** 2), 1e-9)
        part = min(max((length_px - _GONE_PX) / (_WHOLE_PX - _GONE_PX), 0.0), 1.0)
        share[w] = part * part * (3 - 2 * part) if ready else 0.0
        whole += waves[w, 3] ** 2
        left += (waves[w, 3] * share[w]) ** 2
    lift: float = min(np.sqrt(whole / max(left, 1e-12)), _RAISED)
    return lift


def packet(lengths_m: NDArray[np.float64], *, gravity: float = GRAVITY) -> tuple[NDArray[np.float64], ...]:
    """Wave number, radians a second and group speed of waves of given lengths in deep water."""
    k = 2 * np.pi / lengths_m
    w = angular_hz(k, gravity)
    group = (gravity + 3 * _TENSION_M3_S2 * k**2) / (2 * w)
    return k, w, group
