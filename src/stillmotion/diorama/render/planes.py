"""Films are painted in the planes that a codec takes: brightness at full size, colour at half.

A frame of a film needs no more: brightness is sampled from a master of one byte a sample, colour for a quarter of the
pixels, transparency only where a layer ends. That is about half of the work of painting RGBA; what is not flat, or
bends, or is drawn between layers, is painted as RGBA and split on the way to the canvas.

Between master and codec, brightness and colour difference use all 256 levels (BT.709, as JPEG scales them), so that
rounding twice costs nothing that shows. Everything is premultiplied by alpha.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.render import drawing, kernels, plane_kernels, visibility
from stillmotion.diorama.render.painting import kinds_of_tiles, show, wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.render.masters import Master
    from stillmotion.diorama.render.painting import Instant, Moment, Sheet

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
    sheets: tuple[Sheet, ...],
    plated: tuple[Plates | None, ...],
    moment: Moment,
    canvas: Canvas,
    scratch: Plane8,
) -> None:
    """Paint the layers, far to near, each only where it can be seen.

    Args:
        sheets: far to near.
        plated: their planes; None for a layer that is not plain.
        moment: the layers at the time wanted, and what is drawn between them.
        canvas: written.
        scratch: RGBA as large as the canvas, overwritten.
    """
    size = (canvas.luma.shape[1], canvas.luma.shape[0])
    kinds = kinds_of_tiles(sheets, moment.instants, size)
    for index, (sheet, plate, instant) in enumerate(zip(sheets, plated, moment.instants, strict=True)):
        _draw(moment, index, canvas, scratch)
        rects = tuple(visibility.rectangles(kinds[index], kind, size) for kind in (visibility.COVER, visibility.BLEND))
        if plate is not None and instant.solid:
            _paint_plates(plate, instant, rects, canvas)
            continue
        show(sheet, instant, wanted(kinds[index], size), scratch)
        for blended, those in enumerate(rects):
            plane_kernels.lay_rgba(scratch, those, canvas.luma, canvas.chroma, bool(blended))
    _draw(moment, len(sheets), canvas, scratch)


def _draw(moment: Moment, index: int, canvas: Canvas, scratch: Plane8) -> None:
    mine = [item for item in moment.drawings if item.index == index]
    if mine:
        rects = drawing.draw(mine, scratch)
        plane_kernels.lay_rgba(scratch, rects, canvas.luma, canvas.chroma, True)  # noqa: FBT003 - a kernel


def _paint_plates(plate: Plates, instant: Instant, rects: tuple[NDArray[np.int32], ...], canvas: Canvas) -> None:
    fine = plate.from_photo @ instant.to_photo @ _PIXEL
    coarse = _HALF @ plate.from_photo @ instant.to_photo @ _PAIR
    covered, blended = rects
    if len(covered):
        plane_kernels.cover(plate.luma, fine, covered, canvas.luma)
        plane_kernels.paint_all(plate.chroma, coarse, covered // 2, canvas.chroma, False)  # noqa: FBT003 - a kernel
    if len(blended):
        plane_kernels.blend(plate.luma, plate.alpha, fine, blended, canvas.luma)
        plane_kernels.paint_all(plate.chroma, coarse, blended // 2, canvas.chroma, True)  # noqa: FBT003 - a kernel


def expose(
    sheets: tuple[Sheet, ...],
    plated: tuple[Plates | None, ...],
    moments: list[Moment],
    canvas: Canvas,
    scratch: Plane8,
) -> None:
    """The mean of what the layers show at one or more moments."""
    if len(moments) == 1:
        compose(sheets, plated, moments[0], canvas, scratch)
        return
    flat = canvas.luma.reshape(-1), canvas.chroma.reshape(-1)
    totals = [np.zeros(plane.size, np.uint16) for plane in flat]
    for moment in moments:
        compose(sheets, plated, moment, canvas, scratch)
        for plane, total in zip(flat, totals, strict=True):
            kernels.accumulate(plane, total)
    for plane, total in zip(flat, totals, strict=True):
        kernels.divide(total, len(moments), plane)
