"""Depth of field: masters blurred by the disc that a real aperture draws.

Premultiplied colours are blurred together with their alpha, and what lies behind a layer is complete, so a blurred edge
shows the true background and no halo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.render import kernels
from stillmotion.diorama.render.masters import DENSITY, Master, finished

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Matrix

RADII_PX = (0.0, 1.0, 2.0, 3.5, 5.5, 8.0, 11.5, 16.0, 22.0)
"""Radii of the blurred copies, in output pixels; what lies between is mixed."""
_FULL_SIZE_UP_TO_PX = 9.0
SHARP_PX = 0.35
"""A smaller blur radius is not drawn."""


def blurred(master: Master, radius_px: float) -> Master:
    """A master out of focus by `radius_px` output pixels, at half or quarter density where the blur hides that."""
    if radius_px < SHARP_PX:
        return master
    pixels, matrix, radius = master.pixels, master.from_photo, radius_px * DENSITY
    while radius > _FULL_SIZE_UP_TO_PX:
        pixels, matrix, radius = _halved(pixels), _half_matrix() @ matrix, radius / 2
    soft = cv2.filter2D(pixels, -1, disc(radius), borderType=cv2.BORDER_REPLICATE)
    return finished(soft.astype(np.uint8, copy=False), matrix)


def disc(radius: float) -> NDArray[np.float32]:
    """A disc with an anti-aliased edge that sums to 1."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0.0, 1.0).astype(np.float32)
    result: NDArray[np.float32] = kernel / kernel.sum()
    return result


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    even = pixels[: pixels.shape[0] // 2 * 2, : pixels.shape[1] // 2 * 2]
    return cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _half_matrix() -> Matrix:
    """Sample k of the half-size grid lies between samples 2 k and 2 k + 1."""
    return np.array([[0.5, 0.0, -0.25], [0.0, 0.5, -0.25], [0.0, 0.0, 1.0]])


def copies(master: Master, largest_px: float) -> list[tuple[float, Master]]:
    """Blurred copies with radii from 0 up to the first that reaches `largest_px`."""
    beyond = [radius for radius in RADII_PX if radius >= largest_px]
    radii = [radius for radius in RADII_PX if radius < largest_px] + (beyond[:1] or [RADII_PX[-1]])
    return [(radius, blurred(master, radius)) for radius in dict.fromkeys(radii)]


def baked(master: Master, radius_of_photo: NDArray[np.float64], largest_px: float) -> Master:
    """A master whose blur varies over it but not in time.

    Args:
        master: the sharp one.
        radius_of_photo: the blur radius in output pixels is |n . (x, y, 1)| at photo coordinates x, y; shape (3,).
        largest_px: the largest radius anywhere in it.
    """
    layers = copies(master, largest_px)
    if len(layers) < 2:
        return master
    height, width = master.pixels.shape[:2]
    stack = np.stack([_same_grid(copy, master, (width, height)) for _, copy in layers])
    to_photo = np.linalg.inv(master.from_photo)
    into = np.empty_like(master.pixels)
    radii = np.array([radius for radius, _ in layers], np.float32)
    kernels.mix(stack, radii, np.concatenate([radius_of_photo @ to_photo, [0.0, 0.0, 1.0]]), into)
    return finished(into, master.from_photo)


def _same_grid(copy: Master, master: Master, size: tuple[int, int]) -> NDArray[np.uint8]:
    if copy.pixels.shape == master.pixels.shape:
        return copy.pixels
    there = copy.from_photo @ np.linalg.inv(master.from_photo)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(copy.pixels, there[:2], size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return moved.astype(np.uint8, copy=False)
