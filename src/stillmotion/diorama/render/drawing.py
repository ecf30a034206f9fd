"""What is drawn between layers: streaks, small pictures, veils, as the moving camera sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numba import njit

from stillmotion.diorama.geometry import frame_matrix
from stillmotion.diorama.motion.records import Overlay, Stamps, Strokes, Veil
from stillmotion.diorama.render.kernels import line_over
from stillmotion.diorama.render.visibility import TILE_PX, rectangles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Matrix

    Picture = NDArray[np.uint8]
    Rects = NDArray[np.int32]

_FINEST_PX = 0.6
"""Half the width of the finest line that is drawn at full strength; finer ones are drawn as wide, but fainter."""

_SMOOTH = 2.5
"""Magnification above which a veil has nothing that one output pixel could show and the next could not."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """How the camera sees points off the layers: (x, y, 1) at inverse depth q goes to turn @ (x, y, 1) + q shift."""

    turn: Matrix
    """Shape (3, 3); to output pixels."""
    shift: NDArray[np.float64]
    """Shape (3,)."""
    scale_px: float
    """Output pixels that a photo width spans where the camera has not moved."""

    def project(self, points: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Points (n, 3) of x, y, q: places in output pixels (n, 2) and how many pixels a photo width spans (n,)."""
        seen = points[:, :1] * self.turn[:, 0] + points[:, 1:2] * self.turn[:, 1] + self.turn[:, 2]
        seen += points[:, 2:] * self.shift
        depth = np.where(seen[:, 2] > 0.02, seen[:, 2], np.nan)
        return seen[:, :2] / depth[:, None], self.scale_px / depth


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawing:
    """An overlay at one time."""

    overlay: Overlay
    index: int
    """It is drawn before the layer of that index."""
    time_s: float
    shutter_s: float
    view: View


class Paper:
    """An empty picture that things are drawn on; only the tiles that they touch are ever cleared or looked at."""

    def __init__(self, scratch: Picture) -> None:
        rows, columns = scratch.shape[:2]
        self.picture = scratch
        self._size_px = (columns, rows)
        self._tiles = np.zeros((-(-rows // TILE_PX[1]), -(-columns // TILE_PX[0])), np.uint8)

    @property
    def rects(self) -> Rects:
        """What was drawn on: left, top, right, bottom, all even."""
        return np.asarray(rectangles(self._tiles, 1, self._size_px))

    def open(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> bool:
        """Make the tiles ready that boxes touch; corners in pixels, shape (n, 2). True when nothing was on them yet."""
        touched = np.zeros_like(self._tiles)
        boxes = np.concatenate([low, high], axis=1) / [TILE_PX[0], TILE_PX[1], TILE_PX[0], TILE_PX[1]]
        mark(np.floor(np.clip(boxes, -1e6, 1e6)).astype(np.int64), touched)
        fresh = (touched > self._tiles).astype(np.uint8)
        empty = int(fresh.sum()) == int(touched.sum())
        for left, top, right, bottom in np.asarray(rectangles(fresh, 1, self._size_px)).tolist():
            self.picture[top:bottom, left:right] = 0
        self._tiles |= touched
        return empty


def draw(drawings: Sequence[Drawing], scratch: Picture) -> Rects:
    """Draw things over each other on a picture as large as the output; premultiplied RGBA.

    Returns:
        The rectangles that were cleared and drawn on: left, top, right, bottom, all even.
    """
    paper = Paper(scratch)
    for drawing in drawings:
        what = drawing.overlay.at(drawing.time_s, drawing.shutter_s)
        if isinstance(what, Strokes):
            _strokes(what, drawing.view, paper)
        elif isinstance(what, Stamps):
            _stamps(what, drawing.view, paper)
        elif what is not None:
            _veil(what, drawing.view, paper)
    return paper.rects


def _strokes(strokes: Strokes, view: View, paper: Paper) -> None:
    heads, scale = view.project(strokes.heads)
    tails, _ = view.project(strokes.tails)
    radius = strokes.radius * scale
    good = np.isfinite(scale) & np.isfinite(tails).all(axis=1) & (strokes.alpha > 0.002)
    good &= radius < paper.picture.shape[1]
    if not good.any():
        return
    thick = np.maximum(radius, _FINEST_PX)
    alpha = strokes.alpha * np.minimum(radius / thick, 1.0)
    lines = np.concatenate([heads, tails, thick[:, None], alpha[:, None]], axis=1)[good].astype(np.float32)
    reach = (thick * (1.0 + (strokes.softness if strokes.adds else 0.0)) + 1.0)[good]
    paper.open(np.minimum(heads, tails)[good] - reach[:, None], np.maximum(heads, tails)[good] + reach[:, None])
    colour = np.ascontiguousarray(strokes.colour[good], np.float32)
    draw_lines(lines, colour, np.float32(strokes.softness), strokes.adds, paper.picture)


def _stamps(stamps: Stamps, view: View, paper: Paper) -> None:
    rows, columns = paper.picture.shape[:2]
    places, scale = view.project(stamps.places)
    width = stamps.size * scale
    good = np.isfinite(scale) & (stamps.alpha > 0.002) & (width > 0.3) & (width < 2 * columns)
    aspect = np.array([picture.shape[0] / picture.shape[1] for picture in stamps.pictures])[stamps.which]
    reach = 0.5 * width * np.hypot(1.0, aspect) + 2.0
    good &= (places + reach[:, None] > 0).all(axis=1) & (places[:, 0] - reach < columns)
    good &= places[:, 1] - reach < rows
    if not good.any():
        return
    paper.open((places - reach[:, None])[good], (places + reach[:, None])[good])
    halved = [[picture] for picture in stamps.pictures]
    for k in np.nonzero(good)[0]:
        turned = np.radians(float(stamps.turn_deg[k]))
        shape = (float(width[k]), float(width[k] * aspect[k] * stamps.squash[k]), turned)
        tint = np.append(stamps.tint[k], 1.0).astype(np.float32) * np.float32(stamps.alpha[k])
        picture = _shrunk(halved[int(stamps.which[k])], float(width[k]))
        stamp(picture, (float(places[k, 0]), float(places[k, 1])), shape, tint, paper.picture)


def _shrunk(halved: list[Picture], width_px: float) -> Picture:
    """The copy that is less than twice as large as it will be drawn, so that it does not sparkle.

    Args:
        halved: the picture, and as many copies, each half as large, as were needed so far; grown here.
        width_px: how wide it will be drawn.
    """
    level = 0
    while halved[level].shape[1] > 2 * width_px and min(halved[level].shape[:2]) >= 4:
        level += 1
        if level == len(halved):
            last = halved[-1]
            small = cv2.resize(last, (last.shape[1] // 2, last.shape[0] // 2), interpolation=cv2.INTER_AREA)
            halved.append(np.asarray(small, np.uint8))
    return halved[level]


def _veil(veil: Veil, view: View, paper: Paper) -> None:
    rows, columns = veil.rgba.shape[:2]
    height, width = paper.picture.shape[:2]
    plane, box = veil.plane, veil.box
    lifted = view.turn + np.outer(view.shift, [plane.per_x, plane.per_y, plane.constant])
    corners = np.array([[box.x0, box.y0, 1], [box.x1, box.y0, 1], [box.x1, box.y1, 1], [box.x0, box.y1, 1]])
    seen = corners @ lifted.T
    if (seen[:, 2] < 0.02).any():
        return
    places = seen[:, :2] / seen[:, 2:]
    left, top = (int(value) for value in np.clip(np.floor(places.min(axis=0)), 0, (width, height)))
    right, bottom = (int(value) for value in np.clip(np.ceil(places.max(axis=0)), 0, (width, height)))
    if right <= left or bottom <= top:
        return
    empty = paper.open(np.array([[left, top]], float), np.array([[right - 1, bottom - 1]], float))
    half = np.array([[1.0, 0.0, -0.5], [0.0, 1.0, -0.5], [0.0, 0.0, 1.0]])
    matrix = half @ frame_matrix(box, (columns, rows)) @ np.linalg.inv(lifted)
    # What is magnified is smooth: half of its pixels are looked up, the others lie between them.
    coarse = 2 if (right - left) > _SMOOTH * columns and (bottom - top) > _SMOOTH * rows else 1
    size = (-(-(right - left) // coarse), -(-(bottom - top) // coarse))
    middle = np.array([[coarse, 0.0, left + coarse / 2], [0.0, coarse, top + coarse / 2], [0.0, 0.0, 1.0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    near = np.asarray(cv2.warpPerspective(veil.rgba, matrix @ middle, size, flags=flags), np.uint8)
    if coarse > 1:
        near = np.asarray(cv2.resize(near, (coarse * size[0], coarse * size[1]), interpolation=cv2.INTER_LINEAR))
        near = np.ascontiguousarray(near[: bottom - top, : right - left])
    if empty:
        paper.picture[top:bottom, left:right] = near
    else:
        lay_on(near, left, top, paper.picture)


@njit(cache=True, nogil=True)
def lay_on(near: NDArray[np.uint8], left: int, top: int, canvas: NDArray[np.uint8]) -> None:
    """Composite premultiplied RGBA over a part of a larger picture of the same kind, in place."""
    rows, columns = near.shape[0], near.shape[1]
    from_pixels = near.reshape(-1).view(np.uint32).reshape(rows, columns)
    to_pixels = canvas.reshape(-1).view(np.uint32).reshape(canvas.shape[0], canvas.shape[1])
    for y in range(rows):
        line_over(from_pixels[y], to_pixels[top + y, left : left + columns])


@njit(cache=True, nogil=True)
def mark(boxes: NDArray[np.int64], touched: NDArray[np.uint8]) -> None:
    """Set every tile that a box (first column, first row, last column, last row) touches."""
    rows, columns = touched.shape
    for k in range(len(boxes)):
        for j in range(max(boxes[k, 1], 0), min(boxes[k, 3] + 1, rows)):
            for i in range(max(boxes[k, 0], 0), min(boxes[k, 2] + 1, columns)):
                touched[j, i] = 1


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def draw_lines(
    lines: NDArray[np.float32],
    colour: NDArray[np.float32],
    softness: np.float32,
    adds: bool,  # noqa: FBT001  # kernels take no keywords
    canvas: NDArray[np.uint8],
) -> None:
    """Soft-edged line segments over premultiplied RGBA.

    Args:
        lines: x and y of both ends, half width, alpha; shape (n, 6).
        colour: sRGB 0..255, (n, 3).
        softness: share of the half width over which the edge fades.
        adds: light that is added instead of covering.
        canvas: shape (height, width, 4).
    """
    height, width = canvas.shape[0], canvas.shape[1]
    for k in range(len(lines)):
        x0, y0, x1, y1, radius, alpha = lines[k]
        dx, dy = x1 - x0, y1 - y0
        over = np.float32(1) / max(dx * dx + dy * dy, np.float32(1e-6))
        reach = radius * (np.float32(1) + softness if adds else np.float32(1)) + np.float32(1)
        left, right = int(max(min(x0, x1) - reach, 0)), int(min(max(x0, x1) + reach + 1, width))
        top, bottom = int(max(min(y0, y1) - reach, 0)), int(min(max(y0, y1) + reach + 1, height))
        inner = radius * (np.float32(1) - softness)
        band = max(reach - np.float32(0.5) - inner, np.float32(1)) if softness > 0 else np.float32(1)
        start = inner if softness > 0 else radius - np.float32(0.5)
        for y in range(top, bottom):
            py = np.float32(y) + np.float32(0.5) - y0
            for x in range(left, right):
                px = np.float32(x) + np.float32(0.5) - x0
                t = min(max((px * dx + py * dy) * over, np.float32(0)), np.float32(1))
                ax, ay = px - t * dx, py - t * dy
                away = (np.sqrt(ax * ax + ay * ay) - start) / band
                if away >= 1:
                    continue
                share = np.float32(1) - max(away, np.float32(0))
                if softness > 0:
                    share = share * share * (np.float32(3) - np.float32(2) * share)
                _put(canvas[y, x], colour[k], share * alpha, adds)


@njit(cache=True, nogil=True, inline="always")
def _put(
    pixel: NDArray[np.uint8],
    colour: NDArray[np.float32],
    share: np.float32,
    adds: bool,  # noqa: FBT001  # kernels take no keywords
) -> None:
    keep = np.float32(1) if adds else np.float32(1) - share
    for c in range(3):
        value = colour[c] * share + pixel[c] * keep + np.float32(0.5)
        pixel[c] = np.uint8(min(value, np.float32(255)))
    if not adds:
        pixel[3] = np.uint8(min(np.float32(255) * share + pixel[3] * keep + np.float32(0.5), np.float32(255)))


@njit(cache=True, nogil=True)
def stamp(
    picture: NDArray[np.uint8],
    place: tuple[float, float],
    shape: tuple[float, float, float],
    tint: NDArray[np.float32],
    canvas: NDArray[np.uint8],
) -> None:
    """One small picture over premultiplied RGBA.

    Args:
        picture: premultiplied RGBA, (height, width, 4).
        place: centre in pixels.
        shape: width and height in pixels (negative is mirrored), and the turn in radians, clockwise.
        tint: factors on red, green, blue, alpha; the first three include the alpha's.
        canvas: shape (height, width, 4).
    """
    rows, columns = picture.shape[0], picture.shape[1]
    wide, high = shape[0], shape[1]
    if abs(high) < 0.7:
        high = 0.7 if high >= 0 else -0.7
    cosine, sine = np.cos(shape[2]), np.sin(shape[2])
    reach_x = (abs(wide * cosine) + abs(high * sine)) / 2 + 1.5
    reach_y = (abs(wide * sine) + abs(high * cosine)) / 2 + 1.5
    left, right = int(max(place[0] - reach_x, 0)), int(min(place[0] + reach_x + 1, canvas.shape[1]))
    top, bottom = int(max(place[1] - reach_y, 0)), int(min(place[1] + reach_y + 1, canvas.shape[0]))
    near = np.empty(4, np.float32)
    for y in range(top, bottom):
        for x in range(left, right):
            px, py = x + 0.5 - place[0], y + 0.5 - place[1]
            u = (px * cosine + py * sine) / wide * columns + columns / 2 - 0.5
            v = (py * cosine - px * sine) / high * rows + rows / 2 - 0.5
            if u <= -1 or v <= -1 or u >= columns or v >= rows:
                continue
            _bilinear(picture, u, v, near)
            keep = np.float32(1) - near[3] * tint[3] / np.float32(255)
            for c in range(4):
                value = near[c] * tint[c] + canvas[y, x, c] * keep + np.float32(0.5)
                canvas[y, x, c] = np.uint8(min(value, np.float32(255)))


@njit(cache=True, nogil=True, inline="always")
def _bilinear(picture: NDArray[np.uint8], u: float, v: float, into: NDArray[np.float32]) -> None:
    """Beyond the picture there is nothing."""
    rows, columns = picture.shape[0], picture.shape[1]
    i, j = int(np.floor(u)), int(np.floor(v))
    for c in range(4):
        into[c] = 0
    for b in range(2):
        for a in range(2):
            y, x = j + b, i + a
            if 0 <= y < rows and 0 <= x < columns:
                weight = (u - i if a else 1 - (u - i)) * (v - j if b else 1 - (v - j))
                for c in range(4):
                    into[c] += np.float32(weight * picture[y, x, c])
