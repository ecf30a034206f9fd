"""Layers that move inside themselves: where each pixel comes from, and how two copies of a flow are blended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np
from numba import njit

from stillmotion.diorama.motion.records import Inlay, LayerMotion
from stillmotion.diorama.render.relief import STEP_PX, behind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box, Matrix
    from stillmotion.diorama.motion.records import Floats, Flow, Points
    from stillmotion.diorama.render.masters import Master
    from stillmotion.diorama.render.painting import Instant, Sheet

    Picture = NDArray[np.uint8]
    Values = TypeVar("Values", NDArray[np.float32], NDArray[np.uint8], NDArray[np.int16])
    Rect = tuple[int, int, int, int]

STILL = LayerMotion(layer="")
"""The motion of a layer that does not move."""
_MEAN_SIGMA = 16.0
"""Radius, in output pixels, of the local mean that a flow keeps its contrast about."""
_SHRINK = 8
_ROUNDS = 2
"""Of looking for where warps carry a detail."""
_LEAST_LIGHT = 0.002
"""Light that differs by less changes no level of a picture."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Photo coordinates, on the layer at rest, behind every `step_px` pixels of a rectangle."""

    points: Points
    step_px: int
    first: tuple[int, int]
    """Column and row of the first node, in steps."""

    def over(self, values: Values, rect: Rect) -> Values:
        """The values at the nodes of a rectangle and around it."""
        _, _, right, bottom = rect
        step = self.step_px
        column, row = self._corner(rect)
        return values[
            row - self.first[1] : -(-bottom // step) + 1 - self.first[1],
            column - self.first[0] : -(-right // step) + 1 - self.first[0],
        ]

    def _corner(self, rect: Rect) -> tuple[int, int]:
        step = self.step_px
        return max(rect[0] // step - 1, self.first[0]), max(rect[1] // step - 1, self.first[1])

    def fine(self, values: Values, rect: Rect) -> Values:
        """Values at the nodes, (rows, columns) or (rows, columns, n), for each pixel of a rectangle that they span."""
        left, top, right, bottom = rect
        step = self.step_px
        column, row = self._corner(rect)
        part = self.over(values, rect)
        if step > 1:
            size = (part.shape[1] * step, part.shape[0] * step)
            part = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
        return part[top - row * step : bottom - row * step, left - column * step : right - column * step]


def grid(sheet: Sheet, instant: Instant, rect: Rect, step_px: int = STEP_PX) -> Grid:
    """The nodes for a rectangle of the output, by the layer's plane, its relief and the track that carries it."""
    left, top, right, bottom = rect
    across = np.arange(left // step_px - 1, -(-right // step_px) + 1)
    down = np.arange(top // step_px - 1, -(-bottom // step_px) + 1)
    columns, lines = (np.asarray((at + 0.5) * step_px, np.float32) for at in (across, down))
    if sheet.layer.relief is None:
        points: Points | Matrix = nodes_through(np.ascontiguousarray(instant.to_photo, np.float64), columns, lines)
    else:
        x, y = np.meshgrid(columns, lines)
        points = behind(sheet.layer, sheet.scene_px, instant.eye, np.stack([x, y, np.ones_like(x)], axis=-1))
        if instant.settled is not None:
            points = _through(instant.settled, np.concatenate([points, np.ones_like(points[..., :1])], axis=-1))
    return Grid(
        points=np.ascontiguousarray(points, np.float32),
        step_px=step_px,
        first=(int(across[0]), int(down[0])),
    )


@njit(cache=True, nogil=True)
def nodes_through(matrix: Matrix, columns: Points, lines: Points) -> Points:
    """Where a matrix (3, 3) sends the nodes at columns (n,) and lines (m,); shape (m, n, 2)."""
    out = np.empty((len(lines), len(columns), 2), np.float32)
    for r in range(len(lines)):
        start = matrix[:, 1] * lines[r] + matrix[:, 2]
        for c in range(len(columns)):
            depth = max(matrix[2, 0] * columns[c] + start[2], 1e-9)
            out[r, c, 0] = np.float32((matrix[0, 0] * columns[c] + start[0]) / depth)
            out[r, c, 1] = np.float32((matrix[1, 0] * columns[c] + start[1]) / depth)
    return out


def _through(matrix: Matrix, points: Matrix) -> Matrix:
    seen = points @ matrix.T
    result: Matrix = seen[..., :2] / np.maximum(seen[..., 2:], 1e-9)
    return result


def step_of(motion: LayerMotion) -> int:
    """The finest grid that a layer's warps and flow ask for."""
    return min([STEP_PX, *(one.step_px for one in motion.warps), *(one.step_px for one in motion.flows[:1])])


def sample(sheet: Sheet, master: Master, instant: Instant, rects: Sequence[Rect], into: Picture) -> None:
    """Write what a layer shows of one master in rectangles of the output, bent and flowing as it is at the time.

    What is asked of warps and flows is asked once, on the coarse grid around all rectangles, and again at every pixel
    in the layer's details.

    Args:
        sheet: the layer.
        master: one of its copies.
        instant: the layer at the time wanted.
        rects: left, top, right, bottom of each.
        into: RGBA as large as the output.
    """
    _bent((sheet, master, instant), rects, into, step_of(sheet.motion))
    close = [part for box in sheet.motion.details for part in _inside(_seen(box, sheet.motion, instant), rects)]
    for rect in close:
        _bent((sheet, master, instant), [rect], into, 1)
    _light(sheet, instant, rects, into)


def _bent(of: tuple[Sheet, Master, Instant], rects: Sequence[Rect], into: Picture, step_px: int) -> None:
    sheet, master, instant = of
    nodes = grid(sheet, instant, _around(rects), step_px)
    points, openings = _sources(sheet.motion, nodes, instant.time_s)
    border = cv2.BORDER_REPLICATE if sheet.backmost else cv2.BORDER_CONSTANT
    if sheet.motion.flows:
        _flow(sheet.motion.flows[0], (master, nodes, points), (instant.time_s, border), rects, into)
        return
    places = _on_master(master, points)
    for rect in rects:
        _part(into, rect)[:] = _remap(master.pixels, nodes.fine(places, rect), border)
        for opening in openings:
            inlay(np.ascontiguousarray(nodes.fine(opening, rect)), _part(into, rect))


def _sources(motion: LayerMotion, nodes: Grid, time_s: float) -> tuple[Points, list[Picture]]:
    """Where the colour of each node comes from, and what is seen through what the warps open at every pixel."""
    points, openings = nodes.points, []
    for warp in motion.warps:
        if nodes.step_px == 1 and isinstance(warp, Inlay):
            opening = warp.opening(points, time_s)
            openings += [opening] if opening is not None else []
        points = warp.source(points, time_s)
    return points, openings


@njit(cache=True, nogil=True)
def inlay(opening: NDArray[np.uint8], into: NDArray[np.uint8]) -> None:
    """Composite premultiplied RGBA, in place, over a picture of the same kind and size that keeps its alpha."""
    for y in range(into.shape[0]):
        for x in range(into.shape[1]):
            if opening[y, x, 3] == 0:
                continue
            keep, whole = np.int32(255) - opening[y, x, 3], np.int32(into[y, x, 3])
            for c in range(3):
                value = np.int32(opening[y, x, c]) * whole + np.int32(into[y, x, c]) * keep
                into[y, x, c] = np.uint8((value + np.int32(127)) // np.int32(255))


def _light(sheet: Sheet, instant: Instant, rects: Sequence[Rect], into: Picture) -> None:
    for light in sheet.motion.lights:
        lit = grid(sheet, instant, _around(rects), light.step_px)
        factor = light.factor(lit.points, instant.time_s).astype(np.float32, copy=False)
        for rect in rects:
            if np.abs(lit.over(factor, rect) - np.float32(1)).max(initial=0) > _LEAST_LIGHT:
                brighten(np.ascontiguousarray(lit.fine(factor, rect)), _part(into, rect))


def _around(rects: Sequence[Rect]) -> Rect:
    left, top = np.min(rects, axis=0)[:2].tolist()
    right, bottom = np.max(rects, axis=0)[2:].tolist()
    return left, top, right, bottom


def _seen(box: Box, motion: LayerMotion, instant: Instant) -> Rect:
    """Where the layer's plane shows a box, in output pixels; nothing where it is behind the camera."""
    x, y = np.meshgrid(np.linspace(box.x0, box.x1, 3), np.linspace(box.y0, box.y1, 3))
    still = np.stack([x, y], axis=-1).astype(np.float32)
    moved = still
    for _ in range(_ROUNDS if len(motion.warps) > 1 else 0):
        back = moved
        for warp in motion.warps:
            back = warp.source(back, instant.time_s)
        moved = moved + (still - back)
    corners = np.concatenate([moved.reshape(-1, 2), still.reshape(-1, 2)]).astype(np.float64)
    seen = np.concatenate([corners, np.ones((len(corners), 1))], axis=1) @ np.linalg.inv(instant.to_photo).T
    if seen[:, 2].min() <= 1e-6:
        return (0, 0, 0, 0)
    places = seen[:, :2] / seen[:, 2:]
    (left, top), (right, bottom) = np.floor(places.min(axis=0)), np.ceil(places.max(axis=0))
    return int(left), int(top), int(right), int(bottom)


def _inside(rect: Rect, rects: Sequence[Rect]) -> list[Rect]:
    """The parts of a rectangle that lie in others."""
    parts = [(max(rect[0], one[0]), max(rect[1], one[1]), min(rect[2], one[2]), min(rect[3], one[3])) for one in rects]
    return [part for part in parts if part[2] > part[0] and part[3] > part[1]]


def _part(picture: Picture, rect: Rect) -> Picture:
    return picture[rect[1] : rect[3], rect[0] : rect[2]]


def _on_master(master: Master, points: Points) -> Points:
    """Photo coordinates to indices of a master, where the points are still few."""
    scale = np.array([master.from_photo[0, 0], master.from_photo[1, 1]], np.float32)
    shift = np.array([master.from_photo[0, 2], master.from_photo[1, 2]], np.float32)
    return points * scale + shift


def _remap(pixels: Picture, places: Points, border: int) -> Picture:
    return cv2.remap(pixels, places, None, cv2.INTER_LINEAR, borderMode=border)  # type: ignore[call-overload,no-any-return]


def _flow(
    flow: Flow, source: tuple[Master, Grid, Points], how: tuple[float, int], rects: Sequence[Rect], into: Picture
) -> None:
    master, nodes, points = source
    time_s, border = how
    one, two, second, share = flow.sources(points, time_s)
    places = [_on_master(master, where) for where in ((points, one) if two is one else (points, one, two))]
    mean, shares = _local_mean(master, points), _shares(second, share)
    for rect in rects:
        if nodes.over(share, rect).max(initial=0) < _LEAST_LIGHT:
            _part(into, rect)[:] = _remap(master.pixels, nodes.fine(places[0], rect), border)
            continue
        still, a, *other = (_remap(master.pixels, nodes.fine(where, rect), border) for where in places)
        b = other[0] if other else a
        smooth, factors = np.ascontiguousarray(nodes.fine(mean, rect)), np.ascontiguousarray(nodes.fine(shares, rect))
        blend_flow(still, (a, b, smooth), factors, _part(into, rect))


def _shares(second: Floats, share: Floats) -> NDArray[np.int16]:
    """Factors of the still layer, the two copies and their mean, (rows, columns, 4), 256 is one.

    mu + (wA (A - mu) + wB (B - mu)) / sqrt(wA^2 + wB^2), mixed with the still layer by the share that flows.
    """
    keep = share / np.sqrt(second**2 + (1.0 - second) ** 2)
    factors = np.stack([1.0 - share, (1.0 - second) * keep, second * keep, share - keep], axis=-1)
    return (256.0 * factors).astype(np.int16)


def _local_mean(master: Master, points: Points) -> Picture:
    """The layer's colours averaged over their neighbourhood, opaque, at the nodes: transparency is divided out."""
    small = master.pixels if master.mean is None else master.mean
    scale = np.array([master.from_photo[0, 0], master.from_photo[1, 1]]) / _SHRINK
    shift = (np.array([master.from_photo[0, 2], master.from_photo[1, 2]]) + 0.5) / _SHRINK - 0.5
    return _remap(small, (points * scale + shift).astype(np.float32), cv2.BORDER_REPLICATE)


def mean_of(pixels: Picture) -> Picture:
    """The local mean of a master, an eighth of its size, with transparency divided out."""
    size = (max(pixels.shape[1] // _SHRINK, 1), max(pixels.shape[0] // _SHRINK, 1))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(small, (0, 0), 2 * _MEAN_SIGMA / _SHRINK)
    colours = soft[..., :3] * (255.0 / np.maximum(soft[..., 3:], 1.0))
    opaque = np.full_like(colours[..., :1], 255.0)
    return np.clip(np.concatenate([colours, opaque], axis=-1) + 0.5, 0, 255).astype(np.uint8)


@njit(cache=True, nogil=True)
def blend_flow(
    still: NDArray[np.uint8],
    copies: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]],
    shares: NDArray[np.int16],
    into: NDArray[np.uint8],
) -> None:
    """Two advected copies about a local mean with their variance kept, where the layer flows; else the still layer.

    Args:
        still: premultiplied RGBA, (height, width, 4). Its alpha is kept.
        copies: the two copies and the local mean, of that shape.
        shares: 256 times the factors of the still layer, the copies and the mean, (height, width, 4).
        into: of the shape of `still`; written.
    """
    one, two, mean = copies
    for y in range(still.shape[0]):
        for x in range(still.shape[1]):
            alpha, first, second = np.int32(still[y, x, 3]), np.int32(one[y, x, 3]), np.int32(two[y, x, 3])
            if alpha + first + second < 765:
                _blend_soft(still[y, x], (one[y, x], two[y, x], mean[y, x]), shares[y, x], into[y, x])
                continue
            ws, wa = np.int32(shares[y, x, 0]), np.int32(shares[y, x, 1])
            wb = np.int32(shares[y, x, 2])
            wm = np.int32(256) - ws - wa - wb
            for c in range(3):
                value = ws * np.int32(still[y, x, c]) + wa * np.int32(one[y, x, c]) + wb * np.int32(two[y, x, c])
                value = (value + wm * np.int32(mean[y, x, c]) + np.int32(128)) >> 8
                into[y, x, c] = np.uint8(min(max(value, np.int32(0)), np.int32(255)))
            into[y, x, 3] = np.uint8(255)


@njit(cache=True, nogil=True)
def _blend_soft(
    still: NDArray[np.uint8],
    copies: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]],
    shares: NDArray[np.int16],
    into: NDArray[np.uint8],
) -> None:
    """One pixel where the layer or what flows into it is transparent; a copy from outside the layer is left out."""
    alpha, first, second = np.float32(still[3]), np.float32(copies[0][3]), np.float32(copies[1][3])
    into[:] = still
    if alpha == 0 or first < 16 or second < 16:
        return
    for c in range(3):
        a, b = copies[0][c] * (alpha / first), copies[1][c] * (alpha / second)
        value = shares[0] * still[c] + shares[1] * a + shares[2] * b + shares[3] * copies[2][c] * (alpha / 255)
        into[c] = np.uint8(min(max(value / 256 + np.float32(0.5), np.float32(0)), alpha))


@njit(cache=True, nogil=True)
def brighten(factor: NDArray[np.float32], into: NDArray[np.uint8]) -> None:
    """Multiply premultiplied colours by factors (height, width, 3), in place; none exceeds its alpha."""
    for y in range(into.shape[0]):
        for x in range(into.shape[1]):
            alpha = np.float32(into[y, x, 3])
            for c in range(3):
                value = into[y, x, c] * factor[y, x, c] + np.float32(0.5)
                into[y, x, c] = np.uint8(min(max(value, np.float32(0)), alpha))
