"""Where in a photo something moves: masks on a coarse grid, distance from where things are held, smooth noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer

Grid = NDArray[np.float32]
Mask = NDArray[np.bool_]
Point = NDArray[np.float64]
COLUMNS = 160
"""Cells across the photo."""
_SIDES = 0.045
_OPAQUE = 0.5


def grid_size(aspect: float) -> tuple[int, int]:
    """Rows and columns of the grid over a photo of that height over width, cells about square."""
    return max(2, round(COLUMNS * aspect)), COLUMNS


def places(aspect: float) -> tuple[Grid, Grid]:
    """Photo coordinates x and y of the cell centres, each (rows, columns)."""
    rows, columns = grid_size(aspect)
    x = (np.arange(columns, dtype=np.float32) + np.float32(0.5)) / np.float32(columns)
    y = (np.arange(rows, dtype=np.float32) + np.float32(0.5)) / np.float32(rows)
    return np.broadcast_to(x, (rows, columns)).copy(), np.broadcast_to(y[:, None], (rows, columns)).copy()


def coverage(stage: Stage, layer: Layer) -> Grid:
    """How opaque a layer is in each cell, 0..1."""
    width, height = stage.scene.size_px
    full = np.zeros((height, width), np.uint8)
    wide, tall = layer.size_px
    full[layer.top_px : layer.top_px + tall, layer.left_px : layer.left_px + wide] = layer.rgba[..., 3]
    rows, columns = grid_size(stage.aspect)
    return np.asarray(cv2.resize(full, (columns, rows), interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)


def visible(stage: Stage, layer: Layer) -> Grid:
    """Share of each cell in which the layer is seen: its own cover, less that of every nearer layer."""
    layers = stage.scene.layers
    index = next(k for k, one in enumerate(layers) if one.name == layer.name)
    seen = coverage(stage, layer)
    for nearer in layers[index + 1 :]:
        seen = seen * (1 - coverage(stage, nearer))
    return seen


def smoothed(grid: Grid, share: float) -> Grid:
    """Gaussian blur with a standard deviation in photo widths."""
    return np.asarray(cv2.GaussianBlur(grid, (0, 0), max(share * COLUMNS, 0.3), borderType=cv2.BORDER_REPLICATE))


def noise(rng: np.random.Generator, aspect: float, size: float) -> Grid:
    """A smooth random field of mean 0 and variance 1 whose features are about that many photo widths large."""
    rows, columns = grid_size(aspect)
    margin = int(3 * size * COLUMNS) + 1
    white = rng.standard_normal((rows + 2 * margin, columns + 2 * margin)).astype(np.float32)
    soft = cv2.GaussianBlur(white, (0, 0), max(size * COLUMNS / 2, 0.5))[margin:-margin, margin:-margin]
    return np.asarray((soft - soft.mean()) / max(float(soft.std()), 1e-6), np.float32)


def window(aspect: float, *, top: float = _SIDES, bottom: float = 0.0, sides: float = _SIDES) -> Grid:
    """1 inside, falling to 0 at the photo's borders, so that nothing is pulled in from where there is no picture.

    Args:
        aspect: height of the photo over its width.
        top: how far the fall reaches in, in photo widths; 0 is none. The same for the other sides.
        bottom: ...
        sides: ...
    """
    x, y = places(aspect)
    fall = np.ones_like(x)
    for distance, reach in ((x, sides), (1 - x, sides), (y * aspect, top), ((1 - y) * aspect, bottom)):
        if reach > 0:
            share = np.clip(distance / reach, 0, 1)
            fall *= share * share * (3 - 2 * share)
    return np.asarray(fall, np.float32)


def geodesic(mask: NDArray[np.bool_], anchors: NDArray[np.bool_]) -> Grid:
    """Distance in photo widths from the anchors to each cell of the mask, going through the mask only.

    Cells that no path reaches are infinitely far. Chamfer steps (Borgefors 1986) until nothing changes.
    """
    distance = np.where(anchors & mask, 0.0, np.inf).astype(np.float32)
    for _ in range(64):
        if not _sweep(distance, mask):
            break
    return np.asarray(distance / np.float32(COLUMNS), np.float32)


@njit(cache=True, nogil=True)
def _sweep(distance: Grid, mask: NDArray[np.bool_]) -> bool:
    """One pass down and one up; whether anything came nearer."""
    rows, columns = distance.shape
    changed = False
    for sign in (1, -1):
        for a in range(rows):
            i = a if sign > 0 else rows - 1 - a
            for b in range(columns):
                j = b if sign > 0 else columns - 1 - b
                if not mask[i, j]:
                    continue
                best = distance[i, j]
                for di, dj, cost in ((0, -sign, 1.0), (-sign, 0, 1.0), (-sign, -sign, 1.414), (-sign, sign, 1.414)):
                    p, q = i + di, j + dj
                    if 0 <= p < rows and 0 <= q < columns and distance[p, q] + cost < best - 1e-4:
                        best = distance[p, q] + cost
                if best < distance[i, j]:
                    distance[i, j] = best
                    changed = True
    return changed


def spread(grid: Grid, known: NDArray[np.bool_], share: float = 0.02) -> Grid:
    """Values carried from known cells to their surroundings, so that what lies beside a thing moves with it."""
    weight = smoothed(known.astype(np.float32), share)
    carried = smoothed(np.where(known, grid, np.float32(0)).astype(np.float32), share)
    return np.asarray(np.where(known, grid, carried / np.maximum(weight, np.float32(1e-3))), np.float32)


def shown(stage: Stage, layer: Layer, x: NDArray[np.floating], y: NDArray[np.floating]) -> Mask:
    """Whether a layer has something at points, or right beside them, photo coordinates; shape of `x`."""
    cover = (coverage(stage, layer) > 0).astype(np.uint8)
    near = cv2.dilate(cover, np.ones((3, 3), np.uint8))
    rows, columns = near.shape
    across = np.clip((x * columns).astype(np.int64), 0, columns - 1)
    return np.asarray(near[np.clip((y * rows).astype(np.int64), 0, rows - 1), across] > 0)


def pieces(cover: Grid, least_cells: int = 30) -> list[NDArray[np.bool_]]:
    """Connected parts of what is opaque, largest first."""
    count, numbers, stats, _ = cv2.connectedComponentsWithStats((cover > _OPAQUE).astype(np.uint8), connectivity=8)
    order = sorted(range(1, count), key=lambda k: -int(stats[k, cv2.CC_STAT_AREA]))
    return [numbers == k for k in order if stats[k, cv2.CC_STAT_AREA] >= least_cells]
