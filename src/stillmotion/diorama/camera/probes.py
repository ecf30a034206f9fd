"""Where a scene would show that it is only layers: borders of the photo, silhouettes, inclined planes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.camera.smoothness import room_before
from stillmotion.diorama.geometry import Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Layer, Scene

    Points = NDArray[np.float64]

_SOLID = 24
_EDGE = 128
_POINTS = 120
_GRID = 8
_EVERYWHERE = 16
_WORK_PX = 512
_INCLINED = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """A stretch of the photo's border on which a layer has something to show."""

    plane: Plane
    ends: Points
    """Its two ends in photo coordinates, shape (2, 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silhouette:
    """Points on the edges of layers, with what lies on both sides."""

    points: Points
    """Photo coordinates, shape (n, 2)."""
    inwards: Points
    """Unit vectors towards the inside of the nearer layer, in pixels of the photo, shape (n, 2)."""
    near_q: NDArray[np.float64]
    far_q: NDArray[np.float64]
    room: NDArray[np.float64]
    """How much wider than usual a band may come into view: 1 before detail, more before a smooth fill such as sky."""
    outline: NDArray[np.int64]
    """Which outline each point belongs to: the index of its layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """Points on an inclined plane, where a moving camera stretches the picture."""

    plane: Plane
    points: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Points all over the photo with the depth of what is seen there."""

    points: Points
    """Photo coordinates, shape (n, 2)."""
    q: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """Everything that is checked along a camera path."""

    borders: tuple[Border, ...]
    silhouette: Silhouette
    slopes: tuple[Slope, ...]
    ground: Ground
    nearest_q: float


def probes(scene: Scene) -> Probes:
    """Find what to check in a scene."""
    borders = [border for index, layer in enumerate(scene.layers) for border in _borders(scene, layer, index == 0)]
    slopes = [slope for layer in scene.layers if (slope := _slope(scene, layer)) is not None]
    edges = [_silhouette(scene, index) for index in range(1, len(scene.layers))]
    edges += [_relief_points(scene, layer) for layer in scene.layers if layer.relief is not None]
    edge = _joined(edges)
    return Probes(
        borders=tuple(borders),
        silhouette=edge,
        slopes=tuple(slopes),
        ground=_ground(scene),
        nearest_q=max([1.0, *edge.near_q.tolist()]),
    )


def _ground(scene: Scene) -> Ground:
    places = (np.arange(_EVERYWHERE) + 0.5) / _EVERYWHERE
    points = np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)
    return Ground(points=points, q=np.array([_behind(scene, len(scene.layers), x, y) for x, y in points]))


def _borders(scene: Scene, layer: Layer, backmost: bool) -> list[Border]:  # noqa: FBT001  # one caller, next door
    """Each side of the photo that the layer touches, over the stretch where it is not transparent."""
    found = []
    for ends in _touched(scene, layer, backmost=backmost):
        for bump in _bumps(layer):
            plane = Plane(per_x=layer.plane.per_x, per_y=layer.plane.per_y, constant=layer.plane.constant + bump)
            found.append(Border(plane=plane, ends=np.array(ends)))
    return found


def _touched(scene: Scene, layer: Layer, *, backmost: bool) -> list[list[tuple[float, float]]]:
    width, height = scene.size_px
    alpha, left, top = layer.rgba[..., 3], layer.left_px, layer.top_px
    right, bottom = left + alpha.shape[1], top + alpha.shape[0]
    if backmost:
        return [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, 0), (1, 0)], [(0, 1), (1, 1)]]
    sides = []
    for at_border, x, line in ((left <= 0, 0.0, alpha[:, 0]), (right >= width, 1.0, alpha[:, -1])):
        if at_border and (line > _SOLID).any():
            low, high = _reach(line, top, height)
            sides.append([(x, low), (x, high)])
    for at_border, y, line in ((top <= 0, 0.0, alpha[0]), (bottom >= height, 1.0, alpha[-1])):
        if at_border and (line > _SOLID).any():
            low, high = _reach(line, left, width)
            sides.append([(low, y), (high, y)])
    return sides


def _reach(line: NDArray[np.uint8], start_px: int, extent_px: int) -> tuple[float, float]:
    solid = np.flatnonzero(line > _SOLID)
    return float((solid[0] + start_px) / extent_px), float((solid[-1] + 1 + start_px) / extent_px)


def _bumps(layer: Layer) -> tuple[float, ...]:
    if layer.relief is None:
        return (0.0,)
    return float(layer.relief.min()), float(layer.relief.max())


def _slope(scene: Scene, layer: Layer) -> Slope | None:
    if abs(layer.plane.per_x) + abs(layer.plane.per_y) < _INCLINED:
        return None
    step_y, step_x = (max(size // _GRID, 1) for size in layer.rgba.shape[:2])
    rows, columns = np.nonzero(layer.rgba[::step_y, ::step_x, 3] > _EDGE)
    points = np.stack([columns * step_x + layer.left_px, rows * step_y + layer.top_px], axis=1) + 0.5
    return Slope(plane=layer.plane, points=points / np.array(scene.size_px)) if len(points) else None


def _silhouette(scene: Scene, index: int) -> Silhouette:
    """The outline of a layer inside the photo, thinned to a few hundred points."""
    layer = scene.layers[index]
    scale = min(1.0, _WORK_PX / max(layer.size_px))
    alpha = _padded(scene, layer, scale)
    across, down = cv2.Sobel(alpha, cv2.CV_32F, 1, 0), cv2.Sobel(alpha, cv2.CV_32F, 0, 1)
    steepness = np.hypot(across, down)
    rows, columns = np.nonzero((np.abs(alpha - _EDGE) < 64) & (steepness > 80))
    keep = np.linspace(0, len(rows) - 1, min(_POINTS, len(rows))).astype(int)
    rows, columns = rows[keep], columns[keep]
    inwards = np.stack([across[rows, columns], down[rows, columns]], axis=1) / steepness[rows, columns, None]
    pixels = (np.stack([columns, rows], axis=1) - 1 + 0.5) / scale + np.array([layer.left_px, layer.top_px])
    points = pixels / np.array(scene.size_px)
    far_q = np.array([_behind(scene, index, x, y) for x, y in points])
    return Silhouette(
        points=points,
        inwards=inwards,
        near_q=_depths(scene, layer, points),
        far_q=far_q,
        room=room_before(scene, index, points, inwards),
        outline=np.full(len(points), index),
    )


def _padded(scene: Scene, layer: Layer, scale: float) -> NDArray[np.float32]:
    """A layer's alpha, blurred a little, with a rim: transparent, or repeated where the photo itself ends."""
    small = cv2.resize(layer.rgba[..., 3], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32)
    padded = np.pad(small, 1)
    edges = (layer.left_px <= 0, layer.left_px + layer.size_px[0] >= scene.size_px[0])
    padded[:, 0] = padded[:, 1] if edges[0] else 0
    padded[:, -1] = padded[:, -2] if edges[1] else 0
    edges = (layer.top_px <= 0, layer.top_px + layer.size_px[1] >= scene.size_px[1])
    padded[0] = padded[1] if edges[0] else 0
    padded[-1] = padded[-2] if edges[1] else 0
    return cv2.GaussianBlur(padded, (0, 0), 1.0).astype(np.float32, copy=False)


def _behind(scene: Scene, index: int, x: float, y: float) -> float:
    """Inverse depth of what a moving layer would uncover at a point."""
    for layer in reversed(scene.layers[:index]):
        column, row = int(x * scene.size_px[0]) - layer.left_px, int(y * scene.size_px[1]) - layer.top_px
        inside = 0 <= column < layer.size_px[0] and 0 <= row < layer.size_px[1]
        if inside and layer.rgba[row, column, 3] > _EDGE:
            return float(_depths(scene, layer, np.array([[x, y]]))[0])
    return float(_depths(scene, scene.layers[0], np.array([[x, y]]))[0])


def _depths(scene: Scene, layer: Layer, points: Points) -> NDArray[np.float64]:
    plane = layer.plane
    q = plane.per_x * points[:, 0] + plane.per_y * points[:, 1] + plane.constant
    if layer.relief is None:
        return np.asarray(q, np.float64)
    rows, columns = layer.relief.shape
    x = (points[:, 0] * scene.size_px[0] - layer.left_px) / layer.size_px[0] * columns
    y = (points[:, 1] * scene.size_px[1] - layer.top_px) / layer.size_px[1] * rows
    row, column = np.clip(y.astype(int), 0, rows - 1), np.clip(x.astype(int), 0, columns - 1)
    return np.asarray(q + layer.relief[row, column], np.float64)


def _relief_points(scene: Scene, layer: Layer) -> Silhouette:
    """Points all over a layer with relief, each against the layer's middle depth: it must not be bent too far."""
    x, y = np.meshgrid((np.arange(_GRID) + 0.5) / _GRID, (np.arange(_GRID) + 0.5) / _GRID)
    points = np.stack(
        [x.ravel() * layer.size_px[0] + layer.left_px, y.ravel() * layer.size_px[1] + layer.top_px], axis=1
    )
    points = points / np.array(scene.size_px)
    q = _depths(scene, layer, points)
    return Silhouette(
        points=points,
        inwards=np.zeros_like(points),
        near_q=q,
        far_q=np.full_like(q, np.median(q)),
        room=np.ones_like(q),
        outline=np.zeros(len(q), np.int64),
    )


def _joined(parts: list[Silhouette]) -> Silhouette:
    empty = np.zeros((0, 2))
    return Silhouette(
        points=np.concatenate([empty, *(part.points for part in parts)]),
        inwards=np.concatenate([empty, *(part.inwards for part in parts)]),
        near_q=np.concatenate([empty[:, 0], *(part.near_q for part in parts)]),
        far_q=np.concatenate([empty[:, 0], *(part.far_q for part in parts)]),
        room=np.concatenate([empty[:, 0], *(part.room for part in parts)]),
        outline=np.concatenate([empty[:, 0].astype(np.int64), *(part.outline for part in parts)]),
    )
