"""Layers that are not flat: where each output pixel comes from when inverse depth varies smoothly inside a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.scene.records import Layer

STEP_PX = 8
_ROUNDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Eye:
    """One pose of the camera, as the numbers that a ray needs."""

    to_photo_ray: Matrix
    """Output pixels to directions in the photo camera's axes, shape (3, 3)."""
    place: NDArray[np.float64]
    """Right, down, forward, shape (3,)."""
    camera: Matrix
    """K, from rays to photo coordinates."""


def behind(layer: Layer, scene_px: tuple[int, int], eye: Eye, pixels: Matrix) -> Matrix:
    """Photo coordinates behind output pixels (rows, columns, 3), homogeneous; the result is (rows, columns, 2).

    The point behind a pixel with direction d lies at ray(p) = (1 - q C_z) / d_z d + q C. Since q itself depends on p it
    is found by a few rounds of substitution, on a coarse grid because relief is smooth.
    """
    rays = pixels @ eye.to_photo_ray.T
    rays = rays / rays[..., 2:]
    q = np.full(rays.shape[:2], layer.plane.inverse_depth(0.5, 0.5) + float(np.median(_relief(layer))))
    points = np.empty((*q.shape, 2))
    for _ in range(_ROUNDS):
        from_photo = (1.0 - q * eye.place[2])[..., None] * rays + q[..., None] * eye.place
        points = (from_photo @ eye.camera.T)[..., :2]
        q = total_depth(layer, scene_px, points)
    return points


def total_depth(layer: Layer, scene_px: tuple[int, int], points: Matrix) -> Matrix:
    """Inverse depth of plane and relief at photo coordinates (rows, columns, 2)."""
    relief = _relief(layer)
    rows, columns = relief.shape
    x = (points[..., 0] * scene_px[0] - layer.left_px) / layer.size_px[0] * columns - 0.5
    y = (points[..., 1] * scene_px[1] - layer.top_px) / layer.size_px[1] * rows - 0.5
    bump = cv2.remap(
        relief, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    plane = layer.plane
    total: Matrix = plane.per_x * points[..., 0] + plane.per_y * points[..., 1] + plane.constant + bump
    return total


def _relief(layer: Layer) -> NDArray[np.float32]:
    return np.zeros((1, 1), np.float32) if layer.relief is None else layer.relief
