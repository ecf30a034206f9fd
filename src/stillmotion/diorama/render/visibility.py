"""Which tiles of the picture each layer must paint: none where it is transparent, none where it is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

TILE_PX = (64, 36)
"""Width and height of a tile in output pixels, both even. The kernels below hold the numbers as literals."""
NOTHING, BLEND, COVER = 0, 1, 2
"""What a layer does in a tile: not seen; seen in part, over something; hides everything behind it."""


@njit(cache=True, nogil=True)
def look(
    to_master: NDArray[np.float64],
    cells: NDArray[np.int32],
    reach_px: tuple[float, float, float],
    hidden: NDArray[np.bool_],
    kinds: NDArray[np.uint8],
) -> None:
    """Fill `kinds` for one layer and update `hidden`; call it for the nearest layer first.

    Args:
        to_master: output pixel indices to master indices, shape (3, 3).
        cells: see Master.
        reach_px: width and height of the output, and how far the layer's content may stray from the homography.
        hidden: which tiles a nearer layer covers, shape (tile rows, tile columns).
        kinds: NOTHING, BLEND or COVER per tile, written.
    """
    width, height, margin_px = reach_px
    for j in range(hidden.shape[0]):
        for i in range(hidden.shape[1]):
            kinds[j, i] = 0
            if hidden[j, i]:
                continue
            x0, y0 = i * 64 - 1.0 - margin_px, j * 36 - 1.0 - margin_px
            x1 = min((i + 1) * 64, width) + margin_px
            y1 = min((j + 1) * 36, height) + margin_px
            kinds[j, i] = _kind(to_master, cells, (x0, y0, x1, y1))
            hidden[j, i] = kinds[j, i] == 2


@njit(cache=True, nogil=True)
def _kind(to_master: NDArray[np.float64], cells: NDArray[np.int32], tile: tuple[float, float, float, float]) -> int:
    """What a layer does in the box of master samples that the corners of a tile span."""
    left, top, right, bottom = 1e18, 1e18, -1e18, -1e18
    for corner in range(4):
        x = tile[0] if corner % 2 == 0 else tile[2]
        y = tile[1] if corner < 2 else tile[3]
        w = to_master[2, 0] * x + to_master[2, 1] * y + to_master[2, 2]
        if w <= 1e-9:
            return 1
        u = (to_master[0, 0] * x + to_master[0, 1] * y + to_master[0, 2]) / w
        v = (to_master[1, 0] * x + to_master[1, 1] * y + to_master[1, 2]) / w
        left, right, top, bottom = min(left, u), max(right, u), min(top, v), max(bottom, v)
    rows, columns = cells.shape[1] - 1, cells.shape[2] - 1
    a, b = int(np.floor(left / 8.0)), int(np.floor((right + 1.0) / 8.0)) + 1
    c, d = int(np.floor(top / 8.0)), int(np.floor((bottom + 1.0) / 8.0)) + 1
    inside = a >= 0 and c >= 0 and b <= columns and d <= rows
    a, b, c, d = max(a, 0), min(b, columns), max(c, 0), min(d, rows)
    if a >= b or c >= d or cells[1, d, b] - cells[1, c, b] - cells[1, d, a] + cells[1, c, a] == 0:
        return 0
    if inside and cells[0, d, b] - cells[0, c, b] - cells[0, d, a] + cells[0, c, a] == 0:
        return 2
    return 1


@njit(cache=True, nogil=True)
def rectangles(kinds: NDArray[np.uint8], wanted: int, size_px: tuple[int, int]) -> NDArray[np.int32]:
    """The tiles of one kind as few rectangles of pixels (left, top, right, bottom), shape (n, 4)."""
    rows, columns = kinds.shape
    found = np.empty((rows * columns, 4), np.int32)
    count = 0
    for j in range(rows):
        i = 0
        while i < columns:
            if kinds[j, i] != wanted:
                i += 1
                continue
            start = i
            while i < columns and kinds[j, i] == wanted:
                i += 1
            box = (start * 64, j * 36, min(i * 64, size_px[0]), min((j + 1) * 36, size_px[1]))
            count = _join(found, count, box)
    return found[:count]


@njit(cache=True, nogil=True)
def _join(found: NDArray[np.int32], count: int, box: tuple[int, int, int, int]) -> int:
    """Grow the rectangle right above when it is just as wide, else begin a new one."""
    left, top, right, bottom = box
    for k in range(count):
        if found[k, 0] == left and found[k, 2] == right and found[k, 3] == top:
            found[k, 3] = bottom
            return count
    found[count, 0], found[count, 1], found[count, 2], found[count, 3] = left, top, right, bottom
    return count + 1
