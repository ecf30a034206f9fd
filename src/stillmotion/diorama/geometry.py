"""Boxes, planes and the pinhole camera: the coordinates that every room shares.

Photo coordinates: x and y run from 0 to 1 over the whole photo, y downwards, (0, 0) the outer corner of the first pixel.
Inverse depth q is 1 at the subject (or the reference) and 0 at infinity. Distances are in subject distances.
Camera axes: x right, y down, z forward. Angles are in degrees; yaw turns right, pitch tilts up, roll turns clockwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An axis-aligned box in photo coordinates."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Extent along x."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Extent along y."""
        return self.y1 - self.y0

    @property
    def centre(self) -> tuple[float, float]:
        """The middle point."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Inverse depth over the photo, q = per_x * x + per_y * y + constant: an exact plane in space."""

    per_x: float = 0.0
    per_y: float = 0.0
    constant: float = 0.0

    def inverse_depth(self, x: float, y: float) -> float:
        """q at a point in photo coordinates."""
        return self.per_x * x + self.per_y * y + self.constant


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraState:
    """The camera at one instant, relative to the one that took the photo. The default is that camera."""

    right: float = 0.0
    """Position along x, in subject distances."""
    down: float = 0.0
    """Position along y, in subject distances."""
    forward: float = 0.0
    """Position along z, in subject distances."""
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    zoom: float = 1.0
    """Focal length as a factor of the photo's."""
    zoom_centre: tuple[float, float] | None = None
    """Point in photo coordinates that a zoom keeps in place; the middle of the framing when None."""
    focus: float = 1.0
    """Inverse depth that is sharp."""
    aperture: float = 0.0
    """Blur radius in fractions of the picture width for one unit of inverse depth away from focus."""
