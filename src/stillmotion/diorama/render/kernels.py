"""The loops that touch every pixel. Pixels are premultiplied RGBA packed into 32 bits, so four channels move as one.

Packed arithmetic works on 8-bit channels inside 16-bit halves: red and blue in one word, green and alpha in another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HALVES = np.uint32(0x00FF00FF)
_ROUND = np.uint32(0x00800080)
_8 = np.uint32(8)
_7 = np.uint32(7)
_ONE = np.uint32(256)


@njit(cache=True, nogil=True)
def lay_over(near: NDArray[np.uint8], canvas: NDArray[np.uint8], rect: tuple[int, int, int, int]) -> None:
    """Composite a rectangle of `near` over `canvas` in place: near + canvas (1 - alpha).

    Args:
        near: premultiplied RGBA, shape (height, width, 4).
        canvas: of the same shape.
        rect: left, top, right, bottom in pixels.
    """
    rows, columns = canvas.shape[0], canvas.shape[1]
    from_pixels = near.reshape(-1).view(np.uint32).reshape(rows, columns)
    to_pixels = canvas.reshape(-1).view(np.uint32).reshape(rows, columns)
    for y in range(rect[1], rect[3]):
        line_over(from_pixels[y, rect[0] : rect[2]], to_pixels[y, rect[0] : rect[2]])


@njit(cache=True, nogil=True)
def line_over(near: NDArray[np.uint32], canvas: NDArray[np.uint32]) -> None:
    """Composite a line of packed pixels over another in place."""
    for x in range(len(canvas)):
        n, c = near[x], canvas[x]
        alpha = np.uint32(n >> np.uint32(24))
        keep = np.uint32(_ONE - alpha - np.uint32(alpha >> _7))
        low = np.uint32(np.uint32(np.uint32((c & _HALVES) * keep) + _ROUND) >> _8) & _HALVES
        high = np.uint32(np.uint32(np.uint32((np.uint32(c >> _8) & _HALVES) * keep) + _ROUND) >> _8) & _HALVES
        canvas[x] = _add(n, np.uint32(low | np.uint32(high << _8)))


@njit(cache=True, nogil=True, inline="always")
def _add(one: np.uint32, two: np.uint32) -> np.uint32:
    """Channel-wise sum that stops at 255: rounding may overshoot by one."""
    low = np.uint32((one & _HALVES) + (two & _HALVES))
    high = np.uint32((np.uint32(one >> _8) & _HALVES) + (np.uint32(two >> _8) & _HALVES))
    low = np.uint32(low | np.uint32(np.uint32(low >> _8) & np.uint32(0x00010001)) * np.uint32(255)) & _HALVES
    high = np.uint32(high | np.uint32(np.uint32(high >> _8) & np.uint32(0x00010001)) * np.uint32(255)) & _HALVES
    return np.uint32(low | np.uint32(high << _8))


@njit(cache=True, nogil=True)
def mix(
    stack: NDArray[np.uint8], levels: NDArray[np.float32], to_depth: NDArray[np.float64], into: NDArray[np.uint8]
) -> None:
    """Pick between blurred copies of a layer by how far each pixel is out of focus.

    Args:
        stack: the same view of every copy, shape (copies, height, width, 4).
        levels: blur radius of each copy in output pixels, ascending.
        to_depth: six numbers of the radius r = |(n . p) / (d . p)| at pixel p = (x, y, 1).
        into: shape (height, width, 4).
    """
    copies, rows, columns, _ = stack.shape
    for y in range(rows):
        for x in range(columns):
            over = to_depth[0] * x + to_depth[1] * y + to_depth[2]
            under = to_depth[3] * x + to_depth[4] * y + to_depth[5]
            radius = abs(over / under) if under > 1e-9 else 0.0
            k = 0
            while k < copies - 2 and levels[k + 1] < radius:
                k += 1
            share = (radius - levels[k]) / (levels[k + 1] - levels[k])
            weight = np.int32(min(max(share, 0.0), 1.0) * 256.0)
            for c in range(4):
                a, b = np.int32(stack[k, y, x, c]), np.int32(stack[k + 1, y, x, c])
                into[y, x, c] = np.uint8(a + ((b - a) * weight + 128 >> 8))


@njit(cache=True, nogil=True)
def accumulate(canvas: NDArray[np.uint8], total: NDArray[np.uint16]) -> None:
    """Add a sub-frame to the sum of a motion-blurred frame."""
    for i in range(canvas.size):
        total[i] += canvas[i]


@njit(cache=True, nogil=True)
def divide(total: NDArray[np.uint16], count: int, canvas: NDArray[np.uint8]) -> None:
    """The mean of `count` sub-frames."""
    factor = np.uint32((1 << 16) // count + 1)
    for i in range(canvas.size):
        canvas[i] = np.uint8((np.uint32(total[i]) * factor + np.uint32(32767)) >> 16)


@njit(cache=True, nogil=True)
def spread(
    source: NDArray[np.uint8], first: NDArray[np.int32], weights: NDArray[np.float32], into: NDArray[np.float32]
) -> None:
    """Resample along rows: into[:, k] = sum over j of weights[k, j] source[:, clamp(first[k] + j)], 4 channels."""
    rows, last = source.shape[0], source.shape[1] - 1
    for y in range(rows):
        for k in range(len(first)):
            r = g = b = a = np.float32(0)
            for j in range(weights.shape[1]):
                w = weights[k, j]
                pixel = source[y, min(max(first[k] + j, 0), last)]
                r += w * pixel[0]
                g += w * pixel[1]
                b += w * pixel[2]
                a += w * pixel[3]
            into[y, k, 0], into[y, k, 1], into[y, k, 2], into[y, k, 3] = r, g, b, a


@njit(cache=True, nogil=True)
def spread_down(
    source: NDArray[np.float32], first: NDArray[np.int32], weights: NDArray[np.float32], into: NDArray[np.float32]
) -> None:
    """Resample along columns, rows of float32 values of any meaning, shape (height, values)."""
    last = source.shape[0] - 1
    values = source.shape[1]
    for k in range(len(first)):
        row = into[k]
        row[:] = 0
        for j in range(weights.shape[1]):
            w = weights[k, j]
            line = source[min(max(first[k] + j, 0), last)]
            for i in range(values):
                row[i] += w * line[i]


@njit(cache=True, nogil=True)
def to_bytes(pixels: NDArray[np.float32], into: NDArray[np.uint8]) -> None:
    """Round premultiplied float pixels (n, 4) to bytes; no colour exceeds its alpha, whatever the resampler rang."""
    for i in range(len(pixels)):
        alpha = min(max(pixels[i, 3] + np.float32(0.5), np.float32(0)), np.float32(255.0))
        into[i, 3] = np.uint8(alpha)
        for c in range(3):
            into[i, c] = np.uint8(min(max(pixels[i, c] + np.float32(0.5), np.float32(0)), alpha))


@njit(cache=True, nogil=True)
def flag_cells(pixels: NDArray[np.uint8], flags: NDArray[np.int32]) -> None:
    """Set a 1, one row and column further on, for each cell of 8 x 8 pixels that has a pixel of a kind.

    The kinds are not opaque, flags[0], and not transparent, flags[1]. A cell that hangs over the edge is not opaque.
    """
    rows, columns = pixels.shape[0], pixels.shape[1]
    for y in range(rows):
        for x in range(columns):
            alpha = pixels[y, x, 3]
            if alpha < 255:
                flags[0, y // 8 + 1, x // 8 + 1] = 1
            if alpha > 0:
                flags[1, y // 8 + 1, x // 8 + 1] = 1
    if rows % 8:
        flags[0, -1, 1:] = 1
    if columns % 8:
        flags[0, 1:, -1] = 1
