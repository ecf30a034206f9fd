"""Boxes, planes and the pinhole camera: the coordinates that every room shares.

Photo coordinates: x and y run from 0 to 1 over the photo, y downwards, (0, 0) the outer corner of the first pixel.
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
        """Q at a point in photo coordinates."""
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


def photo_matrix(focal: float, aspect: float) -> Matrix:
    """The pinhole matrix K from camera rays to photo coordinates, shape (3, 3).

    Args:
        focal: focal length in photo widths.
        aspect: height of the photo over its width.
    """
    return np.array([[focal, 0.0, 0.5], [0.0, focal / aspect, 0.5], [0.0, 0.0, 1.0]])


def turn(yaw_deg: Matrix, pitch_deg: Matrix, roll_deg: Matrix) -> Matrix:
    """Rotations from the photo's camera axes to those of turned cameras, shape (n, 3, 3).

    The camera first yaws, then pitches about its own x axis, then rolls about its own view axis.
    """
    yaw, pitch, roll = (np.radians(np.atleast_1d(angle)) for angle in (yaw_deg, pitch_deg, roll_deg))
    to_world = _about_y(yaw) @ _about_x(pitch) @ _about_z(roll)
    return np.swapaxes(to_world, 1, 2)


def _rotation(angle: Matrix, axis: int) -> Matrix:
    """Right-handed rotations about one axis, shape (n, 3, 3)."""
    one, two = (axis + 1) % 3, (axis + 2) % 3
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix = np.zeros((len(angle), 3, 3))
    matrix[:, axis, axis] = 1.0
    matrix[:, one, one] = cosine
    matrix[:, two, two] = cosine
    matrix[:, one, two] = -sine
    matrix[:, two, one] = sine
    return matrix


def _about_y(angle: Matrix) -> Matrix:
    """Yaw: takes the view axis z towards x, the right."""
    return _rotation(angle, 1)


def _about_x(angle: Matrix) -> Matrix:
    """Pitch: takes the view axis z towards -y, up."""
    return _rotation(angle, 0)


def _about_z(angle: Matrix) -> Matrix:
    """Roll: takes x, the right, towards y, down: clockwise as the camera sees it."""
    return _rotation(angle, 2)


def plane_homographies(plane: Plane, rotations: Matrix, places: Matrix, camera: Matrix) -> Matrix:
    """How moved cameras with the photo's lens see a plane: photo coordinates to photo coordinates, shape (n, 3, 3).

    A point P of the plane satisfies m . P = 1 with m = K^T (per_x, per_y, constant), because q = 1 / Z is linear in
    the photo. A camera at C turned by R sees R (P - C) = R (I - C m^T) P, so H = K R (I - C m^T) K^-1
    (Hartley and Zisserman 2004, section 13.1).

    Args:
        plane: inverse depth over the photo.
        rotations: R, shape (n, 3, 3), see `turn`.
        places: C, shape (n, 3), in subject distances.
        camera: K, see `photo_matrix`.
    """
    q_of_ray = camera.T @ np.array([plane.per_x, plane.per_y, plane.constant])
    seen = np.eye(3) - places[:, :, None] * q_of_ray[None, None, :]
    homographies: Matrix = camera @ rotations @ seen @ np.linalg.inv(camera)
    return homographies


def project(homographies: Matrix, points: Matrix) -> Matrix:
    """Points (n, 2) through homographies (..., 3, 3), shape (..., n, 2). Points behind the camera become NaN."""
    homogeneous = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    seen = homogeneous @ np.swapaxes(homographies, -1, -2)
    ahead = np.where(seen[..., 2:] > 1e-9, seen[..., 2:], np.nan)
    result: Matrix = seen[..., :2] / ahead
    return result


def frame_matrix(framing: Box, size_px: tuple[int, int]) -> Matrix:
    """From photo coordinates to output pixels (outer corner of the first pixel at 0, 0), shape (3, 3)."""
    across, down = size_px[0] / framing.width, size_px[1] / framing.height
    return np.array([[across, 0.0, -across * framing.x0], [0.0, down, -down * framing.y0], [0.0, 0.0, 1.0]])
