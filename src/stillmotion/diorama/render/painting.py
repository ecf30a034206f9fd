"""Painting one layer into the picture at one instant."""

from __future__ import annotations

from dataclasses import dataclass
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
        show(sheet, instant, bounds(rects), scratch)
        for left, top, right, bottom in rects[0].tolist():
            canvas[top:bottom, left:right] = scratch[top:bottom, left:right]
        for rect in rects[1].tolist():
            kernels.lay_over(scratch, canvas, tuple(rect))
    _draw(moment, len(sheets), canvas, scratch)


def _draw(moment: Moment, index: int, canvas: Picture, scratch: Picture) -> None:
    for item in moment.drawings:
        if item.index == index:
            for rect in drawing.draw(item, scratch).tolist():
                kernels.lay_over(scratch, canvas, tuple(rect))


def _paint_plain(sheet: Sheet, instant: Instant, rects: tuple[NDArray[np.int32], ...], canvas: Picture) -> None:
    master = sheet.copies[0][1]
    for blend, those in enumerate(rects):
        for rect in those.tolist():
            sampling.paint(master.pixels, to_master(instant, master), tuple(rect), canvas, bool(blend))


def bounds(rects: tuple[NDArray[np.int32], ...]) -> Rect:
    """The rectangle around all rectangles of several lists; empty when there are none."""
    every = np.concatenate(rects)
    if not len(every):
        return (0, 0, 0, 0)
    left, top = every[:, :2].min(axis=0)
    right, bottom = every[:, 2:].max(axis=0)
    return int(left), int(top), int(right), int(bottom)


def show(sheet: Sheet, instant: Instant, rect: Rect, into: Picture) -> None:
    """Write what a layer shows in a rectangle of a picture as large as the output: bent, blurred, faded."""
    left, top, right, bottom = rect
    if right <= left or bottom <= top:
        return
    view = into[top:bottom, left:right]
    if instant.shutter:
        _smear(sheet, instant, rect, view)
    else:
        sample(sheet, instant, rect, view)
    if instant.opacity < 1.0:
        view[:] = cv2.convertScaleAbs(view, alpha=max(instant.opacity, 0.0))


def _smear(sheet: Sheet, instant: Instant, rect: Rect, into: Picture) -> None:
    """The mean over the open shutter."""
    piece = np.empty(into.shape, np.uint8)
    total = np.zeros(into.size, np.uint16)
    for place in instant.shutter:
        sample(sheet, place, rect, piece)
        kernels.accumulate(piece.reshape(-1), total)
    kernels.divide(total, len(instant.shutter), piece.reshape(-1))
    into[:] = piece


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
    motion = sheet.motion
    if sheet.layer.relief is not None or motion.warps or motion.flows or motion.lights:
        moving.sample(sheet, master, instant, rect, into)
        return
    border = cv2.BORDER_REPLICATE if sheet.backmost else cv2.BORDER_CONSTANT
    matrix = to_master(instant, master) @ _shifted(rect)
    size = (rect[2] - rect[0], rect[3] - rect[1])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cv2.warpPerspective(master.pixels, matrix, size, dst=into, flags=flags, borderMode=border)


def _blur_of_pixel(instant: Instant, rect: Rect) -> NDArray[np.float64]:
    to_photo = instant.to_photo @ _MIDDLE @ _shifted(rect)
    return np.concatenate([instant.blur @ to_photo, to_photo[2]])


def _shifted(rect: Rect) -> Matrix:
    return np.array([[1.0, 0.0, rect[0]], [0.0, 1.0, rect[1]], [0.0, 0.0, 1.0]])
