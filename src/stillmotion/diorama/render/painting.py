"""Painting one layer into the picture at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.render import kernels, sampling, visibility
from stillmotion.diorama.render.relief import Eye, photo_map

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.render.masters import Master
    from stillmotion.diorama.scene.records import Layer

    Picture = NDArray[np.uint8]
    Rect = tuple[int, int, int, int]

_MIDDLE = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
"""Pixel indices to output coordinates, whose origin is the outer corner of the first pixel."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """A layer ready to be painted."""

    layer: Layer
    scene_px: tuple[int, int]
    copies: tuple[tuple[float, Master], ...]
    """Blur radius in output pixels and master; a single one unless the focus moves."""
    backmost: bool
    """The farthest layer: everything that it is asked for it covers."""
    stray_px: float = 0.0
    """How far relief carries its content away from the plane, in output pixels."""

    @property
    def plain(self) -> bool:
        """Flat, and equally sharp all the time: one homography and one master."""
        return len(self.copies) == 1 and self.layer.relief is None

    @property
    def widest(self) -> Master:
        """The copy that decides where the layer is seen: the most blurred reaches farthest and hides least."""
        return self.copies[-1][1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instant:
    """One layer at one time."""

    to_photo: Matrix
    """Output coordinates to photo coordinates by the layer's plane, shape (3, 3)."""
    eye: Eye
    blur: NDArray[np.float64]
    """n of the blur radius |n . (x, y, 1)| in output pixels at photo coordinates, shape (3,)."""


def to_master(instant: Instant, master: Master) -> Matrix:
    """Output pixel indices to master indices, by the layer's plane."""
    matrix: Matrix = master.from_photo @ instant.to_photo @ _MIDDLE
    return matrix


def compose(sheets: tuple[Sheet, ...], instants: tuple[Instant, ...], canvas: Picture, scratch: Picture) -> None:
    """Paint all layers, far to near, into `canvas`; each only where it can be seen.

    Args:
        sheets: far to near.
        instants: the same layers at the time wanted.
        canvas: RGBA, shape (height, width, 4), written.
        scratch: of the same shape, overwritten.
    """
    size = (canvas.shape[1], canvas.shape[0])
    for sheet, instant, kinds in zip(sheets, instants, kinds_of_tiles(sheets, instants, size), strict=True):
        for kind in (visibility.COVER, visibility.BLEND):
            for rect in visibility.rectangles(kinds, kind, size).tolist():
                _paint(sheet, instant, tuple(rect), (canvas, scratch), blend=kind == visibility.BLEND)


def _paint(sheet: Sheet, instant: Instant, rect: Rect, papers: tuple[Picture, Picture], *, blend: bool) -> None:
    """Paint a rectangle of a layer into the first picture, through the second where the layer is not plain."""
    canvas, scratch = papers
    if sheet.plain:
        master = sheet.copies[0][1]
        sampling.paint(master.pixels, to_master(instant, master), rect, canvas, blend)
        return
    left, top, right, bottom = rect
    sample(sheet, instant, rect, (scratch if blend else canvas)[top:bottom, left:right])
    if blend:
        kernels.lay_over(scratch, canvas, rect)


def kinds_of_tiles(
    sheets: tuple[Sheet, ...], instants: tuple[Instant, ...], size_px: tuple[int, int]
) -> list[NDArray[np.uint8]]:
    """What each layer does in each tile, found from the nearest layer to the farthest."""
    across, down = (-(-extent // tile) for extent, tile in zip(size_px, visibility.TILE_PX, strict=True))
    hidden = np.zeros((down, across), np.bool_)
    found = []
    for sheet, instant in zip(reversed(sheets), reversed(instants), strict=True):
        kinds = np.empty((down, across), np.uint8)
        if sheet.backmost:
            kinds[:] = np.where(hidden, visibility.NOTHING, visibility.COVER)
        else:
            master = sheet.widest
            matrix = to_master(instant, master)
            reach = (float(size_px[0]), float(size_px[1]), sheet.stray_px)
            visibility.look(matrix, master.cells, reach, hidden, kinds)
        found.append(kinds)
    return found[::-1]


def sample(sheet: Sheet, instant: Instant, rect: Rect, into: Picture) -> None:
    """Write what a layer shows in a rectangle of the output."""
    if len(sheet.copies) == 1:
        _sample_one(sheet, sheet.copies[0][1], instant, rect, into)
        return
    stack = np.empty((len(sheet.copies), *into.shape), np.uint8)
    for (_, master), view in zip(sheet.copies, stack, strict=True):
        _sample_one(sheet, master, instant, rect, view)
    radii = np.array([radius for radius, _ in sheet.copies], np.float32)
    mixed = np.empty(into.shape, np.uint8)
    kernels.mix(stack, radii, _blur_of_pixel(instant, rect), mixed)
    into[:] = mixed


def _sample_one(sheet: Sheet, master: Master, instant: Instant, rect: Rect, into: Picture) -> None:
    border = cv2.BORDER_REPLICATE if sheet.backmost else cv2.BORDER_CONSTANT
    if sheet.layer.relief is None:
        matrix = to_master(instant, master) @ _shifted(rect)
        size = (rect[2] - rect[0], rect[3] - rect[1])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cv2.warpPerspective(master.pixels, matrix, size, dst=into, flags=flags, borderMode=border)
        return
    points = photo_map(sheet.layer, sheet.scene_px, instant.eye, rect)
    scale = master.from_photo
    x = points[..., 0] * np.float32(scale[0, 0]) + np.float32(scale[0, 2])
    y = points[..., 1] * np.float32(scale[1, 1]) + np.float32(scale[1, 2])
    cv2.remap(master.pixels, x, y, cv2.INTER_LINEAR, dst=into, borderMode=border)


def _blur_of_pixel(instant: Instant, rect: Rect) -> NDArray[np.float64]:
    to_photo = instant.to_photo @ _MIDDLE @ _shifted(rect)
    return np.concatenate([instant.blur @ to_photo, to_photo[2]])


def _shifted(rect: Rect) -> Matrix:
    return np.array([[1.0, 0.0, rect[0]], [0.0, 1.0, rect[1]], [0.0, 0.0, 1.0]])
