"""The shape of a layer as a body: convex pieces of its matte, or a circle when it is round."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from pymunk import BB, autogeometry

from stillmotion.diorama.motion.rigid.ears import triangles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.motion.rigid.records import Points
    from stillmotion.diorama.scene.records import Layer

ROUND = 0.85
"""A matte that overlaps its circle by more than this, intersection over union, is a circle (PhysGen, ECCV 2024)."""
_LONGEST_PX = 160
_SOLID, _EDGE_PX = 128, 9
_TOLERANCE = 0.012
"""Largest error of the simplified outline, as a share of the square root of the area."""
_AREA_ERROR = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A layer's shape. Lengths are in photo widths, relative to the centre of mass, y up."""

    centre: tuple[float, float]
    """Centre of mass in photo coordinates."""
    radius: float | None
    """Of the circle; None when it is not round."""
    pieces: tuple[Points, ...]
    """Convex, counter-clockwise."""
    area: float
    gyration: float
    left: float
    right: float
    bottom: float
    top: float
    """Farthest points of the shape; left and bottom are negative."""

    def as_circle(self) -> Outline:
        """The circle of the same area: what is asked to roll is round."""
        radius = math.sqrt(self.area / math.pi)
        return Outline(
            centre=self.centre, radius=radius, pieces=(), area=self.area, gyration=self.gyration,
            left=-radius, right=radius, bottom=-radius, top=radius,
        )  # fmt: skip

    def as_box(self) -> Outline:
        """The box around it: what slides does not roll."""
        corners = (
            (self.left, self.bottom),
            (self.right, self.bottom),
            (self.right, self.top),
            (self.left, self.top),
        )
        return replace(self, radius=None, pieces=(corners,))


def outline(layer: Layer, photo_width_px: int, aspect: float) -> Outline | None:
    """The shape of a layer's matte; None when it shows nothing.

    Args:
        layer: its largest connected part counts.
        photo_width_px: width of the scene, whose pixels the layer's box is in.
        aspect: height of the photo over its width.
    """
    alpha = _largest_part(layer.rgba[..., 3])
    total = float(alpha.sum())
    if total <= 0:
        return None
    rows, columns = np.indices(alpha.shape, dtype=np.float64) + 0.5
    x, y = float((alpha * columns).sum()) / total, float((alpha * rows).sum()) / total
    spread = float((alpha * ((columns - x) ** 2 + (rows - y) ** 2)).sum()) / total
    pixel = 1.0 / photo_width_px
    centre = ((layer.left_px + x) * pixel, (layer.top_px + y) * pixel / aspect)
    radius_px = math.sqrt(total / math.pi)
    round_one = _overlap(alpha, x, y, radius_px) > ROUND
    pieces_px = () if round_one else (_pieces(alpha, x, y) or _box(alpha, x, y))
    pieces = tuple(tuple((px * pixel, py * pixel) for px, py in piece) for piece in pieces_px)
    every = np.array([point for piece in pieces for point in piece]) if pieces else radius_px * pixel * _DIAMOND
    return Outline(
        centre=centre,
        radius=radius_px * pixel if round_one else None,
        pieces=pieces,
        area=total * pixel * pixel,
        gyration=math.sqrt(spread) * pixel,
        left=float(every[:, 0].min()),
        right=float(every[:, 0].max()),
        bottom=float(every[:, 1].min()),
        top=float(every[:, 1].max()),
    )


_DIAMOND = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])


def _largest_part(alpha: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Alpha 0..1 of the largest connected solid part, with its soft edge."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha >= _SOLID).astype(np.uint8))
    if count < 2:
        return np.zeros(alpha.shape)
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    near = cv2.dilate((labels == best).astype(np.uint8), np.ones((_EDGE_PX, _EDGE_PX), np.uint8))
    return np.where(near > 0, alpha, 0).astype(np.float64) / 255.0


def _overlap(alpha: NDArray[np.float64], x: float, y: float, radius: float) -> float:
    """Intersection over union of a matte and a disc with a soft edge of one pixel."""
    rows, columns = np.indices(alpha.shape, dtype=np.float64) + 0.5
    disc = np.clip(radius - np.hypot(columns - x, rows - y) + 0.5, 0.0, 1.0)
    outside = math.pi * radius * radius - float(disc.sum())
    return float(np.minimum(alpha, disc).sum()) / (float(np.maximum(alpha, disc).sum()) + max(outside, 0.0))


def _pieces(alpha: NDArray[np.float64], x: float, y: float) -> tuple[Points, ...]:
    """Convex pieces in pixels about (x, y), y up."""
    scale = min(1.0, _LONGEST_PX / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    small = np.pad(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), 1)
    fit_x, fit_y = alpha.shape[1] / size[0], alpha.shape[0] / size[1]
    line = _contour(np.asarray(small, np.float64))
    placed = [((px - 0.5) * fit_x - x, y - (py - 0.5) * fit_y) for px, py in line]
    tolerance = max(_TOLERANCE * math.sqrt(float(alpha.sum())), 0.35)
    return decompose(placed, tolerance)


def _box(alpha: NDArray[np.float64], x: float, y: float) -> tuple[Points, ...]:
    """The box around what is too thin to have an outline."""
    rows, columns = np.flatnonzero(alpha.max(axis=1) > 0), np.flatnonzero(alpha.max(axis=0) > 0)
    left, right = float(columns[0]) - x, float(columns[-1] + 1) - x
    low, high = y - float(rows[-1] + 1), y - float(rows[0])
    return (((left, low), (right, low), (right, high), (left, high)),)


def _contour(alpha: NDArray[np.float64]) -> list[tuple[float, float]]:
    """The outer half-alpha line of a padded matte in pixels, found where it crosses between pixel centres."""
    height, width = alpha.shape

    def sample(point: tuple[float, float]) -> float:
        column, row = min(max(round(point[0]), 0), width - 1), min(max(round(point[1]), 0), height - 1)
        return float(alpha[row, column])

    lines = autogeometry.march_soft(BB(0, 0, width - 1, height - 1), width, height, 0.5, sample)
    corners = ([(point[0], point[1]) for point in line] for line in lines)
    return max(corners, key=lambda line: abs(_area(line)), default=[])


def decompose(line: Sequence[tuple[float, float]], tolerance: float) -> tuple[Points, ...]:
    """Convex pieces, counter-clockwise, that together cover a closed line; concave parts stay concave.

    Args:
        line: corners in order, the first may be repeated at the end; y up.
        tolerance: how far the pieces may stray from the line, in its unit.
    """
    if len(line) < 3:
        return ()
    closed = [*line, line[0]] if line[0] != line[-1] else list(line)
    if _area(closed) < 0:
        closed.reverse()
    simple = [(point[0], point[1]) for point in autogeometry.simplify_curves(closed, tolerance)]
    if len(simple) < 4 or abs(_area(simple)) < 1e-12:
        return ()
    simple = sharpened(closed, simple, tolerance)
    found = _convex(simple, tolerance)
    error = abs(sum(abs(_area([*piece, piece[0]])) for piece in found) - abs(_area(simple))) / abs(_area(simple))
    return found if found and error < _AREA_ERROR else triangles(simple[:-1])


def sharpened(
    closed: Sequence[tuple[float, float]], simple: list[tuple[float, float]], tolerance: float
) -> list[tuple[float, float]]:
    """Corners put where the edges meet: a traced corner is cut off, and a box on cut-off corners would lean.

    Args:
        closed: every traced point, the first one repeated at the end.
        simple: some of them, closed as well: the corners that were kept.
        tolerance: a corner moves by no more than three times this.
    """
    where = {point: index for index, point in enumerate(closed[:-1])}
    corners = simple[:-1]
    if any(corner not in where for corner in corners):
        return simple
    edges = [_edge(closed[:-1], where, corners[n - 1], corners[n]) for n in range(len(corners))]
    moved = [_meeting(edges[n], edges[(n + 1) % len(corners)], corners[n], 3 * tolerance) for n in range(len(corners))]
    return [*moved, moved[0]]


def _edge(
    line: Sequence[tuple[float, float]],
    where: dict[tuple[float, float], int],
    first: tuple[float, float],
    last: tuple[float, float],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """A point and a direction of the straight line through the traced points between two corners."""
    start, count = where[first], (where[last] - where[first]) % len(line)
    inner = [line[(start + step) % len(line)] for step in range(count // 8 + 1, count - count // 8)]
    if len(inner) < 5:
        return first, (last[0] - first[0], last[1] - first[1])
    points = np.array(inner)
    middle = points.mean(axis=0)
    direction = np.linalg.svd(points - middle, full_matrices=False)[2][0]
    return (float(middle[0]), float(middle[1])), (float(direction[0]), float(direction[1]))


def _meeting(
    one: tuple[tuple[float, float], tuple[float, float]],
    two: tuple[tuple[float, float], tuple[float, float]],
    corner: tuple[float, float],
    farthest: float,
) -> tuple[float, float]:
    """Where two lines cross; the corner itself when they hardly do, or do so far away."""
    (ax, ay), (ux, uy) = one
    (bx, by), (vx, vy) = two
    across = ux * vy - uy * vx
    if abs(across) < 0.05 * math.hypot(ux, uy) * math.hypot(vx, vy):
        return corner
    along = ((bx - ax) * vy - (by - ay) * vx) / across
    x, y = ax + along * ux, ay + along * uy
    return (x, y) if math.hypot(x - corner[0], y - corner[1]) <= farthest else corner


def _convex(simple: list[tuple[float, float]], tolerance: float) -> tuple[Points, ...]:
    """Convex pieces of a counter-clockwise line."""
    found = autogeometry.convex_decomposition(simple, tolerance)
    return tuple(_counter_clockwise(tuple((p[0], p[1]) for p in piece[:-1])) for piece in found if len(piece) > 3)


def _counter_clockwise(piece: Points) -> Points:
    return piece if _area([*piece, piece[0]]) > 0 else piece[::-1]


def _area(closed: Sequence[tuple[float, float]]) -> float:
    """Signed area of a closed line, positive when counter-clockwise with y up."""
    if len(closed) < 3:
        return 0.0
    points = np.array(closed, np.float64)
    return float(np.sum(points[:-1, 0] * points[1:, 1] - points[1:, 0] * points[:-1, 1])) / 2
