"""Films are painted in the planes that a codec takes: brightness at full size, colour at half.

A frame of a film needs no more: brightness is sampled from a master of one byte a sample, colour for a quarter of the
pixels, transparency only where a layer ends. That is about half of the work of painting RGBA; see painting for the
pictures that people and programs ask for as RGB, and for what is not flat.

Between master and codec, brightness and colour difference use all 256 levels (BT.709, as JPEG scales them), so that
rounding twice costs nothing that shows. Everything is premultiplied by alpha.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.render import kernels, plane_kernels, visibility
from stillmotion.diorama.render.painting import kinds_of_tiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.render.masters import Master
    from stillmotion.diorama.render.painting import Instant, Sheet

    Plane8 = NDArray[np.uint8]
    Rect = tuple[int, int, int, int]

_PIXEL = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
"""Pixel indices to output coordinates."""
_PAIR = np.array([[2.0, 0.0, 1.0], [0.0, 2.0, 1.0], [0.0, 0.0, 1.0]])
"""Indices of 2 x 2 pixels to output coordinates: a colour sample lies in the middle of its four pixels."""
_HALF = np.array([[0.5, 0.0, -0.25], [0.0, 0.5, -0.25], [0.0, 0.0, 1.0]])
"""Sample k of a half-size grid lies between samples 2 k and 2 k + 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plates:
    """A master split into planes."""

    luma: Plane8
    """Shape (height, width)."""
    alpha: Plane8
    """Of the same shape; empty when the layer is opaque wherever it is asked for."""
    chroma: Plane8
    """Blue difference, red difference, nothing, alpha: shape (height / 2, width / 2, 4)."""
    from_photo: Matrix
    """Photo coordinates to indices of `luma`, shape (3, 3)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canvas:
    """The planes of a frame that is being painted."""

    luma: Plane8
    """Shape (height, width)."""
    chroma: Plane8
    """As in `Plates`, shape (height / 2, width / 2, 4)."""

    @classmethod
    def blank(cls, size_px: tuple[int, int]) -> Canvas:
        """An empty canvas for an output of that width and height, both even."""
        width, height = size_px
        return cls(luma=np.zeros((height, width), np.uint8), chroma=np.zeros((height // 2, width // 2, 4), np.uint8))


def plates(master: Master, *, backmost: bool) -> Plates:
    """Split a master into planes.

    Args:
        master: premultiplied RGBA.
        backmost: the layer covers everything it is asked for, so its transparency is never needed.
    """
    rgba = master.pixels[: master.pixels.shape[0] // 2 * 2, : master.pixels.shape[1] // 2 * 2]
    luma = np.empty(rgba.shape[:2], np.uint8)
    plane_kernels.brightness(rgba, luma)
    small = cv2.resize(rgba, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    chroma = np.empty(small.shape, np.uint8)
    plane_kernels.colour(small.astype(np.uint8, copy=False), chroma)
    alpha = np.zeros((0, 0), np.uint8) if backmost else np.ascontiguousarray(rgba[..., 3])
    return Plates(luma=luma, alpha=alpha, chroma=chroma, from_photo=master.from_photo)


def compose(
    sheets: tuple[Sheet, ...], plated: tuple[Plates, ...], instants: tuple[Instant, ...], canvas: Canvas
) -> None:
    """Paint flat layers, far to near, each only where it can be seen."""
    size = (canvas.luma.shape[1], canvas.luma.shape[0])
    kinds = kinds_of_tiles(sheets, instants, size)
    for plate, instant, of_tile in zip(plated, instants, kinds, strict=True):
        fine = plate.from_photo @ instant.to_photo @ _PIXEL
        coarse = _HALF @ plate.from_photo @ instant.to_photo @ _PAIR
        for kind in (visibility.COVER, visibility.BLEND):
            rects = visibility.rectangles(of_tile, kind, size)
            if len(rects) and kind == visibility.COVER:
                plane_kernels.cover(plate.luma, fine, rects, canvas.luma)
            elif len(rects):
                plane_kernels.blend(plate.luma, plate.alpha, fine, rects, canvas.luma)
            plane_kernels.paint_all(plate.chroma, coarse, rects // 2, canvas.chroma, kind == visibility.BLEND)


def expose(
    sheets: tuple[Sheet, ...], plated: tuple[Plates, ...], moments: list[tuple[Instant, ...]], canvas: Canvas
) -> None:
    """The mean of what the layers show at one or more moments."""
    if len(moments) == 1:
        compose(sheets, plated, moments[0], canvas)
        return
    flat = canvas.luma.reshape(-1), canvas.chroma.reshape(-1)
    totals = [np.zeros(plane.size, np.uint16) for plane in flat]
    for instants in moments:
        compose(sheets, plated, instants, canvas)
        for plane, total in zip(flat, totals, strict=True):
            kernels.accumulate(plane, total)
    for plane, total in zip(flat, totals, strict=True):
        kernels.divide(total, len(moments), plane)
