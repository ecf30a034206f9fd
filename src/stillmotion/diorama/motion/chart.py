"""Where on a plane in space a point of the photo lies, in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.geometry import Matrix, Plane

Floats = NDArray[np.float32]
_NEAREST_HORIZON = 0.02
"""Inverse depth at which a plane is cut off: what is farther than fifty subject distances is all horizon."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chart:
    """Two rulers on a plane: one to the right, one away from the viewer."""

    rows: Matrix
    """Right, away and inverse depth, each times inverse depth where it is a length, as linear forms of (x, y, 1)."""
    aspect: float
    """Height of the photo over its width."""

    def metres(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """Metres to the right, metres away from the viewer, and inverse depth, each of shape (rows, columns)."""
        right, away, q = (self._form(points, index) for index in range(3))
        near = np.maximum(q, np.float32(_NEAREST_HORIZON))
        return np.asarray(right / near, np.float32), np.asarray(away / near, np.float32), q

    def _form(self, points: Floats, index: int) -> Floats:
        a, b, c = (np.float32(value) for value in self.rows[index])
        return np.asarray(points[..., 0] * a + points[..., 1] * b + c, np.float32)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """One point of the photo in metres to the right and away."""
        right, away, q = self.rows @ np.array([x, y, 1.0])
        near = max(float(q), _NEAREST_HORIZON)
        return float(right) / near, float(away) / near

    def scale(self, x: float, y: float) -> Matrix:
        """Metres to the right and away for a step along x and y of the photo, shape (2, 2)."""
        forms = self.rows @ np.array([x, y, 1.0])
        q = max(float(forms[2]), _NEAREST_HORIZON)
        slopes: Matrix = (self.rows[:2, :2] * q - np.outer(forms[:2], self.rows[2, :2])) / q**2
        return slopes


def chart(plane: Plane, *, focal: float, aspect: float, metres_per_width: float) -> Chart:
    """Rulers on a plane of the scene.

    A point of the photo lies at P = D K^-1 (x, y, 1) / q with D the subject's distance, so its place along any axis of
    the plane is a ratio of linear forms, an exact homography (Hartley and Zisserman 2004, section 2.3).

    Args:
        plane: inverse depth over the photo.
        focal: focal length in photo widths.
        aspect: height of the photo over its width.
        metres_per_width: how many metres the photo's width spans at inverse depth 1.
    """
    rays = np.array([[1 / focal, 0, -0.5 / focal], [0, aspect / focal, -0.5 * aspect / focal], [0, 0, 1.0]])
    q = np.array([plane.per_x, plane.per_y, plane.constant])
    normal = q @ np.linalg.inv(rays)
    normal /= np.linalg.norm(normal)
    right = np.array([1.0, 0.0, 0.0]) - normal * normal[0]
    right /= np.linalg.norm(right)
    away = np.cross(right, normal)
    away *= 1.0 if away[2] > 0 else -1.0
    distance_m = metres_per_width * focal
    return Chart(rows=np.array([distance_m * right @ rays, distance_m * away @ rays, q]), aspect=aspect)


def tilted(x: float, y: float, *, roundness: float, q: float, focal: float, aspect: float) -> Plane:
    """A level plane through a point, tilted so that a circle on it looks like an ellipse of a given roundness.

    Args:
        x: photo coordinate of the point.
        y: photo coordinate of the point.
        roundness: height over width of the ellipse, 0..1.
        q: inverse depth at the point.
        focal: focal length in photo widths.
        aspect: height of the photo over its width.
    """
    steep = np.sqrt(max(1.0 / max(roundness, 0.05) ** 2 - 1.0, 0.0))
    per_y = q * aspect / focal * float(steep)
    return Plane(per_x=0.0 * x, per_y=per_y, constant=q - per_y * y)
