"""The hottest loop: sampling a flat layer through its homography, and compositing it, a line at a time.

Each line is done in three short loops (where to sample, fetch, blend) because a compiler turns loops that do one thing
into vector code. Pixels are premultiplied RGBA packed into 32 bits; see kernels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from stillmotion.diorama.render.kernels import line_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HALVES = np.uint32(0x00FF00FF)
_OTHERS = np.uint32(0xFF00FF00)
_ROUND = np.uint32(0x00800080)
_8 = np.uint32(8)
_32 = np.uint64(32)
_LOW = np.int32(255)
_HALF = np.float32(0.5)


@njit(cache=True, nogil=True)
def paint(
    master: NDArray[np.uint8],
    to_master: NDArray[np.float64],
    rect: tuple[int, int, int, int],
    canvas: NDArray[np.uint8],
    blend: bool,  # noqa: FBT001  # kernels take no keywords
) -> None:
    """Sample a master bilinearly into a rectangle of the canvas. Beyond its edge the edge repeats.

    Positions are exact to 1/256 of a master's sample, so slow moves do not stutter.

    Args:
        master: premultiplied RGBA, shape (height, width, 4).
        to_master: canvas pixel indices to master indices, shape (3, 3).
        rect: left, top, right, bottom.
        canvas: RGBA, shape (height, width, 4).
        blend: composite over what is there, instead of replacing it.
    """
    height, width = master.shape[0], master.shape[1]
    source = master.reshape(-1).view(np.uint32)
    target = canvas.reshape(-1).view(np.uint32).reshape(canvas.shape[0], canvas.shape[1])
    count = rect[2] - rect[0]
    start, across, down = np.empty(count, np.uint32), np.empty(count, np.uint32), np.empty(count, np.uint32)
    upper, lower, line = np.empty(count, np.uint64), np.empty(count, np.uint64), np.empty(count, np.uint32)
    for y in range(rect[1], rect[3]):
        line_places(to_master, (rect[0], y), (width, height), count, (start, across, down))
        _fetch(source, width, start, upper, lower)
        if blend:
            _interpolate(upper, lower, across, down, line)
            line_over(line, target[y, rect[0] : rect[2]])
        else:
            _interpolate(upper, lower, across, down, target[y, rect[0] : rect[2]])


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def line_places(
    matrix: NDArray[np.float64],
    first: tuple[int, int],
    size: tuple[int, int],
    count: int,
    places: tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]],
) -> None:
    """For each pixel of a line: the index of the upper left of four samples, and weights of 0 to 255 to the others."""
    start, across, down = places
    a, d, g = np.float32(matrix[0, 0]), np.float32(matrix[1, 0]), np.float32(matrix[2, 0])
    b = np.float32(matrix[0, 0] * first[0] + matrix[0, 1] * first[1] + matrix[0, 2])
    e = np.float32(matrix[1, 0] * first[0] + matrix[1, 1] * first[1] + matrix[1, 2])
    k = np.float32(matrix[2, 0] * first[0] + matrix[2, 1] * first[1] + matrix[2, 2])
    right, bottom = np.float32((size[0] - 1) * 256 - 1), np.float32((size[1] - 1) * 256 - 1)
    width = np.int32(size[0])
    for x in range(count):
        step = np.float32(np.int32(x))
        scale = np.float32(256.0) / max(g * step + k, np.float32(1e-6))
        u = np.int32(min(max((a * step + b) * scale + _HALF, np.float32(0)), right))
        v = np.int32(min(max((d * step + e) * scale + _HALF, np.float32(0)), bottom))
        start[x] = np.uint32(np.int32((v >> np.int32(8)) * width) + (u >> np.int32(8)))
        across[x] = np.uint32(u & _LOW)
        down[x] = np.uint32(v & _LOW)


@njit(cache=True, nogil=True)
def _fetch(
    source: NDArray[np.uint32],
    width: int,
    start: NDArray[np.uint32],
    upper: NDArray[np.uint64],
    lower: NDArray[np.uint64],
) -> None:
    """Two neighbours at a time: unsigned indices let the compiler join their loads."""
    one, stride = np.uintp(1), np.uintp(width)
    for x in range(len(start)):
        here = np.uintp(start[x])
        below = here + stride
        upper[x] = np.uint64(source[here]) | (np.uint64(source[here + one]) << _32)
        lower[x] = np.uint64(source[below]) | (np.uint64(source[below + one]) << _32)


@njit(cache=True, nogil=True)
def _interpolate(
    upper: NDArray[np.uint64],
    lower: NDArray[np.uint64],
    across: NDArray[np.uint32],
    down: NDArray[np.uint32],
    into: NDArray[np.uint32],
) -> None:
    """Weighted sums of four samples, two channels at a time; the four weights add up to exactly 256."""
    for x in range(len(into)):
        p, q, r, s = np.uint32(upper[x]), np.uint32(upper[x] >> _32), np.uint32(lower[x]), np.uint32(lower[x] >> _32)
        i, j = across[x], down[x]
        ws = np.uint32(np.uint32(i * j + np.uint32(128)) >> _8)
        wr, wq = np.uint32(j - ws), np.uint32(i - ws)
        wp = np.uint32(np.uint32(256) - i - j + ws)
        low = np.uint32(np.uint32((p & _HALVES) * wp) + np.uint32((q & _HALVES) * wq))
        low = np.uint32(low + np.uint32((r & _HALVES) * wr) + np.uint32((s & _HALVES) * ws) + _ROUND)
        high = np.uint32(np.uint32(((p >> _8) & _HALVES) * wp) + np.uint32(((q >> _8) & _HALVES) * wq))
        high = np.uint32(high + np.uint32(((r >> _8) & _HALVES) * wr) + np.uint32(((s >> _8) & _HALVES) * ws) + _ROUND)
        into[x] = np.uint32((np.uint32(low >> _8) & _HALVES) | (high & _OTHERS))
