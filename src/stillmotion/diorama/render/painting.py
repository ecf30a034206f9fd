"""Painting one layer into the picture at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.render import drawing, kernels, moving, sampling, visibility
from stillmotion.diorama.render.moving import STILL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.motion.records import LayerMotion
    from stillmotion.diorama.render.drawing import Drawing
    from stillmotion.diorama.render.masters import Master
    from stillmotion.diorama.render.relief import Eye
    from stillmotion.diorama.scene.records import Layer

    Picture = NDArray[np.uint8]
    Rect = tuple[int, int, int, int]

_MOST_RECTS = 5
_WASTE_PX = 12_000
"""Pixels that may be sampled in vain to have a rectangle less."""
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
    """How far relief and warps carry its content away from the plane, in output pixels."""
    motion: LayerMotion = STILL

    @property
    def plain(self) -> bool:
        """Flat, unbent, and equally sharp all the time: one homography and one master."""
        motion = self.motion
        bends = bool(motion.warps or motion.flows or motion.lights)
        return len(self.copies) == 1 and self.layer.relief is None and not bends

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
    time_s: float = 0.0
    settled: Matrix | None = None
    """For a layer that travels: photo coordinates back to where they are on the layer at rest, shape (3, 3)."""
    opacity: float = 1.0
    shutter: tuple[Instant, ...] = ()
    """The places of a fast mover while the shutter is open; their mean is drawn. Empty for a single one."""
    smear_px: float = 0.0
    """How far it travels while the shutter is open."""

    @property
    def solid(self) -> bool:
        """Whether it hides what is behind it as its alpha says, at one place."""
        return self.opacity >= 1.0 and not self.shutter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """Everything that a picture is painted from, at one time."""

    instants: tuple[Instant, ...]
    """The layers, far to near."""
    drawings: tuple[Drawing, ...] = ()
    """What is drawn between them."""


def to_master(instant: Instant, master: Master) -> Matrix:
    """Output pixel indices to master indices, by the layer's plane."""
    matrix: Matrix = master.from_photo @ instant.to_photo @ _MIDDLE
    return matrix


def compose(sheets: tuple[Sheet, ...], moment: Moment, canvas: Picture, scratch: Picture) -> None:
    """Paint all layers, far to near, into `canvas`; each only where it can be seen.

    Args:
        sheets: far to near.
        moment: the same layers at the time wanted, and what is drawn between them.
        canvas: RGBA, shape (height, width, 4), written.
        scratch: of the same shape, overwritten.
    """
    size = (canvas.shape[1], canvas.shape[0])
    kinds = kinds_of_tiles(sheets, moment.instants, size)
    for index, (sheet, instant) in enumerate(zip(sheets, moment.instants, strict=True)):
        _draw(moment, index, canvas, scratch)
        rects = tuple(visibility.rectangles(kinds[index], kind, size) for kind in (visibility.COVER, visibility.BLEND))
        if sheet.plain and instant.solid:
            _paint_plain(sheet, instant, rects, canvas)
            continue
        show(sheet, instant, wanted(kinds[index], size), scratch)
        for left, top, right, bottom in rects[0].tolist():
            canvas[top:bottom, left:right] = scratch[top:bottom, left:right]
        for rect in rects[1].tolist():
            kernels.lay_over(scratch, canvas, tuple(rect))
    _draw(moment, len(sheets), canvas, scratch)


def _draw(moment: Moment, index: int, canvas: Picture, scratch: Picture) -> None:
    mine = [item for item in moment.drawings if item.index == index]
    for rect in drawing.draw(mine, scratch).tolist() if mine else []:
        kernels.lay_over(scratch, canvas, tuple(rect))


def _paint_plain(sheet: Sheet, instant: Instant, rects: tuple[NDArray[np.int32], ...], canvas: Picture) -> None:
    master = sheet.copies[0][1]
    for blend, those in enumerate(rects):
        for rect in those.tolist():
            sampling.paint(master.pixels, to_master(instant, master), tuple(rect), canvas, bool(blend))


def wanted(kinds: NDArray[np.uint8], size_px: tuple[int, int]) -> list[Rect]:
    """Where a layer is to be sampled: the tiles that it is seen in, in few rectangles."""
    seen: list[Rect] = [
        tuple(rect) for rect in visibility.rectangles((kinds > 0).astype(np.uint8), 1, size_px).tolist()
    ]
    while len(seen) > 1:
        waste, one, two = min(
            (_area(_around(one, two)) - _area(one) - _area(two), one, two) for one, two in combinations(seen, 2)
        )
        if len(seen) <= _MOST_RECTS and waste > _WASTE_PX:
            break
        seen = [rect for rect in seen if rect not in (one, two)] + [_around(one, two)]
    return seen


def _around(one: Rect, two: Rect) -> Rect:
    return min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])


def _area(rect: Rect) -> int:
    return (rect[2] - rect[0]) * (rect[3] - rect[1])


def show(sheet: Sheet, instant: Instant, rects: list[Rect], into: Picture) -> None:
    """Write what a layer shows in rectangles of a picture as large as the output: bent, blurred, faded."""
    if not rects:
        return
    if instant.shutter:
        _smear(sheet, instant, rects, into)
    else:
        sample(sheet, instant, rects, into)
    if instant.opacity < 1.0:
        for left, top, right, bottom in rects:
            view = into[top:bottom, left:right]
            view[:] = cv2.convertScaleAbs(view, alpha=max(instant.opacity, 0.0))


def _smear(sheet: Sheet, instant: Instant, rects: list[Rect], into: Picture) -> None:
    """The mean over the open shutter."""
    totals = [np.zeros((bottom - top) * (right - left) * 4, np.uint16) for left, top, right, bottom in rects]
    for place in instant.shutter:
        sample(sheet, place, rects, into)
        for (left, top, right, bottom), total in zip(rects, totals, strict=True):
            kernels.accumulate(np.ascontiguousarray(into[top:bottom, left:right]).reshape(-1), total)
    for (left, top, right, bottom), total in zip(rects, totals, strict=True):
        piece = np.empty((bottom - top, right - left, 4), np.uint8)
        kernels.divide(total, len(instant.shutter), piece.reshape(-1))
        into[top:bottom, left:right] = piece


def kinds_of_tiles(
    sheets: tuple[Sheet, ...], instants: tuple[Instant, ...], size_px: tuple[int, int]
) -> list[NDArray[np.uint8]]:
    """What each layer does in each tile, found from the nearest layer to the farthest."""
    across, down = (-(-extent // tile) for extent, tile in zip(size_px, visibility.TILE_PX, strict=True))
    hidden = np.zeros((down, across), np.bool_)
    found = []
    for sheet, instant in zip(reversed(sheets), reversed(instants), strict=True):
        kinds = np.zeros((down, across), np.uint8)
        if sheet.backmost:
            kinds[:] = np.where(hidden, visibility.NOTHING, visibility.COVER)
        elif instant.opacity > 0.0:
            master = sheet.widest
            matrix = to_master(instant, master)
            reach = (float(size_px[0]), float(size_px[1]), sheet.stray_px + instant.smear_px)
            visibility.look(matrix, master.cells, reach, hidden if instant.solid else hidden.copy(), kinds)
            if not instant.solid:
                kinds[kinds == visibility.COVER] = visibility.BLEND
        found.append(kinds)
    return found[::-1]


def sample(sheet: Sheet, instant: Instant, rects: list[Rect], into: Picture) -> None:
    """Write what a layer shows in rectangles of a picture as large as the output."""
    if len(sheet.copies) == 1:
        _sample_one(sheet, sheet.copies[0][1], instant, rects, into)
        return
    stack = np.empty((len(sheet.copies), *into.shape), np.uint8)
    for (_, master), view in zip(sheet.copies, stack, strict=True):
        _sample_one(sheet, master, instant, rects, view)
    radii = np.array([radius for radius, _ in sheet.copies], np.float32)
    for rect in rects:
        left, top, right, bottom = rect
        mixed = np.empty((bottom - top, right - left, 4), np.uint8)
        views = np.ascontiguousarray(stack[:, top:bottom, left:right])
        kernels.mix(views, radii, _blur_of_pixel(instant, rect), mixed)
        into[top:bottom, left:right] = mixed


def _sample_one(sheet: Sheet, master: Master, instant: Instant, rects: list[Rect], into: Picture) -> None:
    motion = sheet.motion
    if sheet.layer.relief is not None or motion.warps or motion.flows or motion.lights:
        moving.sample(sheet, master, instant, rects, into)
        return
    border = cv2.BORDER_REPLICATE if sheet.backmost else cv2.BORDER_CONSTANT
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for rect in rects:
        left, top, right, bottom = rect
        matrix = to_master(instant, master) @ _shifted(rect)
        view = cv2.warpPerspective(master.pixels, matrix, (right - left, bottom - top), flags=flags, borderMode=border)
        into[top:bottom, left:right] = view


def _blur_of_pixel(instant: Instant, rect: Rect) -> NDArray[np.float64]:
    to_photo = instant.to_photo @ _MIDDLE @ _shifted(rect)
    return np.concatenate([instant.blur @ to_photo, to_photo[2]])


def _shifted(rect: Rect) -> Matrix:
    return np.array([[1.0, 0.0, rect[0]], [0.0, 1.0, rect[1]], [0.0, 0.0, 1.0]])
