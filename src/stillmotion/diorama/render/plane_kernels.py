"""The loops of painting in planes. Four neighbouring bytes travel as one 32-bit word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from stillmotion.diorama.render.finish import grain_of
from stillmotion.diorama.render.sampling import line_places, paint

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EVEN = np.uint32(0x00FF00FF)
_LOW = np.uint32(0xFFFF)
_8 = np.uint32(8)
_16 = np.uint32(16)
_24 = np.uint32(24)
_ONE = np.uint32(256)
_ROUND_16 = np.uint32(32768)


@njit(cache=True, nogil=True)
def brightness(rgba: NDArray[np.uint8], into: NDArray[np.uint8]) -> None:
    """BT.709 luma of premultiplied RGBA, 0 to 255."""
    for y in range(rgba.shape[0]):
        for x in range(rgba.shape[1]):
            r, g, b = np.int32(rgba[y, x, 0]), np.int32(rgba[y, x, 1]), np.int32(rgba[y, x, 2])
            into[y, x] = np.uint8((13933 * r + 46871 * g + 4732 * b + 32768) >> 16)


@njit(cache=True, nogil=True)
def colour(rgba: NDArray[np.uint8], into: NDArray[np.uint8]) -> None:
    """BT.709 colour differences of premultiplied RGBA about 128 times alpha: (blue, red, 0, alpha)."""
    for y in range(rgba.shape[0]):
        for x in range(rgba.shape[1]):
            r, g, b = np.int32(rgba[y, x, 0]), np.int32(rgba[y, x, 1]), np.int32(rgba[y, x, 2])
            alpha = np.int32(rgba[y, x, 3])
            middle = (alpha * 32897 + 32768) >> 16
            blue = middle + ((32768 * b - 7509 * r - 25259 * g + 32768) >> 16)
            red = middle + ((32768 * r - 29763 * g - 3005 * b + 32768) >> 16)
            into[y, x, 0] = np.uint8(min(max(np.int32(blue), np.int32(0)), np.int32(255)))
            into[y, x, 1] = np.uint8(min(max(np.int32(red), np.int32(0)), np.int32(255)))
            into[y, x, 2], into[y, x, 3] = 0, np.uint8(alpha)


@njit(cache=True, nogil=True)
def cover(
    plate: NDArray[np.uint8], to_plate: NDArray[np.float64], rects: NDArray[np.int32], canvas: NDArray[np.uint8]
) -> None:
    """Sample a plane bilinearly into rectangles. Beyond its edge the edge repeats.

    Args:
        plate: shape (height, width).
        to_plate: canvas indices to plate indices, shape (3, 3).
        rects: left, top, right, bottom; shape (n, 4).
        canvas: shape (height, width).
    """
    height, width = plate.shape
    source, target = plate.reshape(-1), canvas.reshape(-1)
    most = canvas.shape[1]
    start, across, down = np.empty(most, np.uint32), np.empty(most, np.uint32), np.empty(most, np.uint32)
    four = np.empty(most, np.uint32)
    for k in range(len(rects)):
        left, top, right, bottom = rects[k, 0], rects[k, 1], rects[k, 2], rects[k, 3]
        n = right - left
        for y in range(top, bottom):
            line_places(to_plate, (left, y), (width, height), n, (start, across, down))
            _fetch(source, width, start, n, four)
            _interpolate(four, across, down, n, target, y * most + left)


@njit(cache=True, nogil=True)
def blend(
    plate: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    to_plate: NDArray[np.float64],
    rects: NDArray[np.int32],
    canvas: NDArray[np.uint8],
) -> None:
    """Like `cover`, for a premultiplied plane that is laid over what is there by its alpha."""
    height, width = plate.shape
    source, mask, target = plate.reshape(-1), alpha.reshape(-1), canvas.reshape(-1)
    most = canvas.shape[1]
    start, across, down = np.empty(most, np.uint32), np.empty(most, np.uint32), np.empty(most, np.uint32)
    four, near, share = np.empty(most, np.uint32), np.empty(most, np.uint8), np.empty(most, np.uint8)
    for k in range(len(rects)):
        left, top, right, bottom = rects[k, 0], rects[k, 1], rects[k, 2], rects[k, 3]
        n = right - left
        for y in range(top, bottom):
            line_places(to_plate, (left, y), (width, height), n, (start, across, down))
            _fetch(mask, width, start, n, four)
            _interpolate(four, across, down, n, share, 0)
            _fetch(source, width, start, n, four)
            _interpolate(four, across, down, n, near, 0)
            _over(near, share, n, target, y * most + left)


@njit(cache=True, nogil=True)
def paint_all(
    master: NDArray[np.uint8],
    to_master: NDArray[np.float64],
    rects: NDArray[np.int32],
    canvas: NDArray[np.uint8],
    blended: bool,  # noqa: FBT001  # kernels take no keywords
) -> None:
    """`sampling.paint` for several rectangles."""
    for k in range(len(rects)):
        rect = (rects[k, 0], rects[k, 1], rects[k, 2], rects[k, 3])
        paint(master, to_master, rect, canvas, blended)


@njit(cache=True, nogil=True)
def lay_rgba(
    near: NDArray[np.uint8],
    rects: NDArray[np.int32],
    luma: NDArray[np.uint8],
    chroma: NDArray[np.uint8],
    blended: bool,  # noqa: FBT001  # kernels take no keywords
) -> None:
    """Split rectangles of premultiplied RGBA into planes, over what is there or in its place.

    Args:
        near: shape (height, width, 4).
        rects: left, top, right, bottom, all even; shape (n, 4).
        luma: shape (height, width).
        chroma: shape (height / 2, width / 2, 4).
        blended: over what is there, by alpha.
    """
    rows, columns = luma.shape
    pixels = near.reshape(-1).view(np.uint32).reshape(rows, columns)
    pairs = near.reshape(-1).view(np.uint64).reshape(rows, columns // 2)
    colours = chroma.reshape(-1).view(np.uint32).reshape(rows // 2, columns // 2)
    for k in range(len(rects)):
        left, top, right, bottom = rects[k, 0], rects[k, 1], rects[k, 2], rects[k, 3]
        for y in range(top, bottom):
            _lay_luma(pixels[y, left:right], luma[y, left:right], np.int32(blended))
        left, right = left // 2, right // 2
        for y in range(top // 2, bottom // 2):
            both = pairs[2 * y, left:right], pairs[2 * y + 1, left:right]
            _lay_chroma(both[0], both[1], colours[y, left:right], np.int32(blended))


@njit(cache=True, nogil=True)
def _lay_luma(near: NDArray[np.uint32], luma: NDArray[np.uint8], blended: np.int32) -> None:
    """In 32-bit integers throughout and without a branch, so that the compiler makes vector code of it."""
    for x in range(len(luma)):
        pixel = near[x]
        r, g = np.int32(pixel & np.uint32(255)), np.int32(np.uint32(pixel >> _8) & np.uint32(255))
        b, alpha = np.int32(np.uint32(pixel >> _16) & np.uint32(255)), np.int32(pixel >> _24)
        own = np.int32(np.int32(13933) * r + np.int32(46871) * g + np.int32(4732) * b + np.int32(32768)) >> np.int32(16)
        keep = np.int32(np.int32(256) - alpha - np.int32(alpha >> np.int32(7))) * blended
        level = own + np.int32(np.int32(np.int32(luma[x]) * keep + np.int32(128)) >> np.int32(8))
        luma[x] = np.uint8(min(level, np.int32(255)))


@njit(cache=True, nogil=True)
def _lay_chroma(
    upper: NDArray[np.uint64], lower: NDArray[np.uint64], chroma: NDArray[np.uint32], blended: np.int32
) -> None:
    """Means of 2 x 2 pixels: each 64-bit word holds two neighbours of a row, four channels each."""
    spaced, word = np.uint64(0x00FF00FF00FF00FF), np.uint64(0xFFFF)
    for x in range(len(chroma)):
        low = np.uint64((upper[x] & spaced) + (lower[x] & spaced))
        high = np.uint64(((upper[x] >> np.uint64(8)) & spaced) + ((lower[x] >> np.uint64(8)) & spaced))
        low, high = np.uint64(low + (low >> np.uint64(32))), np.uint64(high + (high >> np.uint64(32)))
        r, b = np.int32(low & word), np.int32((low >> np.uint64(16)) & word)
        g, a = np.int32(high & word), np.int32((high >> np.uint64(16)) & word)
        alpha = np.int32(np.int32(a + np.int32(2)) >> np.int32(2))
        middle = np.int32(np.int32(alpha * np.int32(32897) + np.int32(32768)) >> np.int32(16)) + np.int32(512)
        blue = np.int32(8192) * b - np.int32(1877) * r - np.int32(6315) * g
        red = np.int32(8192) * r - np.int32(7441) * g - np.int32(751) * b
        keep = np.int32(np.int32(256) - alpha - np.int32(alpha >> np.int32(7))) * blended
        old = chroma[x]
        one, two = np.int32(old & np.uint32(255)), np.int32(np.uint32(old >> _8) & np.uint32(255))
        blue = middle + np.int32(np.int32(blue + np.int32(32768)) >> np.int32(16)) - np.int32(512)
        red = middle + np.int32(np.int32(red + np.int32(32768)) >> np.int32(16)) - np.int32(512)
        blue += np.int32(np.int32(one * keep + np.int32(128)) >> np.int32(8))
        red += np.int32(np.int32(two * keep + np.int32(128)) >> np.int32(8))
        blue = min(max(blue, np.int32(0)), np.int32(255))
        red = min(max(red, np.int32(0)), np.int32(255))
        covered = np.int32(255) * blended + alpha * np.int32(np.int32(1) - blended)
        chroma[x] = np.uint32(blue) | np.uint32(np.uint32(red) << _8) | np.uint32(np.uint32(covered) << _24)


@njit(cache=True, nogil=True)
def _fetch(
    source: NDArray[np.uint8], width: int, start: NDArray[np.uint32], count: int, four: NDArray[np.uint32]
) -> None:
    """Two neighbours and the two below them; unsigned indices let the compiler join their loads."""
    one, stride = np.uintp(1), np.uintp(width)
    for x in range(count):
        here = np.uintp(start[x])
        below = here + stride
        upper = np.uint32(source[here]) | (np.uint32(source[here + one]) << _8)
        four[x] = upper | (np.uint32(source[below]) << _16) | (np.uint32(source[below + one]) << _24)


@njit(cache=True, nogil=True)
def _interpolate(  # noqa: PLR0917  # kernels take no keywords
    four: NDArray[np.uint32],
    across: NDArray[np.uint32],
    down: NDArray[np.uint32],
    count: int,
    into: NDArray[np.uint8],
    first: int,
) -> None:
    """Across in both rows at once, without loss, then down with one rounding."""
    at = np.uintp(first)
    for x in range(count):
        word, i, j = four[x], across[x], down[x]
        left, right = np.uint32(word & _EVEN), np.uint32(np.uint32(word >> _8) & _EVEN)
        rows = np.uint32(np.uint32(left * np.uint32(_ONE - i)) + np.uint32(right * i))
        upper, lower = np.uint32(rows & _LOW), np.uint32(rows >> _16)
        both = np.uint32(np.uint32(upper * np.uint32(_ONE - j)) + np.uint32(lower * j) + _ROUND_16)
        into[at + np.uintp(x)] = np.uint8(both >> _16)


@njit(cache=True, nogil=True)
def _over(near: NDArray[np.uint8], share: NDArray[np.uint8], count: int, canvas: NDArray[np.uint8], first: int) -> None:
    at = np.uintp(first)
    for x in range(count):
        alpha = np.uint32(share[x])
        keep = np.uint32(_ONE - alpha - np.uint32(alpha >> np.uint32(7)))
        rest = np.uint32(np.uint32(np.uint32(canvas[at + np.uintp(x)]) * keep + np.uint32(128)) >> _8)
        canvas[at + np.uintp(x)] = np.uint8(min(np.uint32(near[x] + rest), np.uint32(255)))


@njit(cache=True, nogil=True)
def shade(luma: NDArray[np.uint8], chroma: NDArray[np.uint8], amount: float) -> None:
    """The vignette of `finish.shade`, on planes."""
    rows, columns = luma.shape
    reach = np.float32(amount * 0.9 / (rows * rows + columns * columns) * 4.0)
    for y in range(rows):
        dy = np.float32(y + 0.5 - rows / 2)
        for x in range(columns):
            dx = np.float32(x + 0.5 - columns / 2)
            fall = np.float32(1) / (np.float32(1) + reach * (dx * dx + dy * dy))
            luma[y, x] = np.uint8(luma[y, x] * fall * fall + np.float32(0.5))
    for y in range(rows // 2):
        dy = np.float32(2 * y + 1 - rows / 2)
        for x in range(columns // 2):
            dx = np.float32(2 * x + 1 - columns / 2)
            fall = np.float32(1) / (np.float32(1) + reach * (dx * dx + dy * dy))
            fall *= fall
            rest = np.float32(128) * (np.float32(1) - fall) + np.float32(0.5)
            for c in range(2):
                chroma[y, x, c] = np.uint8(chroma[y, x, c] * fall + rest)


@njit(cache=True, nogil=True)
def to_i420(  # noqa: PLR0917  # kernels take no keywords
    luma: NDArray[np.uint8],
    chroma: NDArray[np.uint8],
    tile: NDArray[np.int8],
    origin: tuple[int, int],
    strength: int,
    into: NDArray[np.uint8],
) -> None:
    """Write limited-range 4:2:0 with grain added to the luma; see `finish.to_i420`."""
    rows, columns = luma.shape
    half = columns // 2
    flat = into[rows:].reshape(-1)
    pixels = chroma.reshape(-1).view(np.uint32).reshape(rows // 2, half)
    for y in range(rows):
        grains = tile[(y + origin[0]) % 1024, origin[1] :]
        _luma_line(luma[y], grains, np.int32(strength), into[y])
    for y in range(rows // 2):
        red = rows // 2 + y
        _chroma_line(pixels[y], flat[y * half : (y + 1) * half], flat[red * half : (red + 1) * half])


@njit(cache=True, nogil=True)
def _luma_line(line: NDArray[np.uint8], grains: NDArray[np.int8], strength: np.int32, into: NDArray[np.uint8]) -> None:
    for x in range(len(into)):
        luma = np.int32(np.int32(line[x]) * np.int32(56284))
        noise = grain_of(np.int32(luma >> np.int32(16)), np.int32(grains[x]), strength)
        level = np.int32(np.int32(luma + noise + np.int32(16 * 65536 + 32768)) >> np.int32(16))
        into[x] = np.uint8(min(max(level, np.int32(16)), np.int32(235)))


@njit(cache=True, nogil=True)
def _chroma_line(line: NDArray[np.uint32], blue: NDArray[np.uint8], red: NDArray[np.uint8]) -> None:
    """From 255 steps about 128 to 224 steps about 128."""
    rest = np.int32(128 * 65536 + 32768 - 128 * 57569)
    for x in range(len(blue)):
        pixel = line[x]
        one, two = np.int32(pixel & np.uint32(255)), np.int32(np.uint32(pixel >> _8) & np.uint32(255))
        blue[x] = np.uint8(np.int32(np.int32(one * np.int32(57569)) + rest) >> np.int32(16))
        red[x] = np.uint8(np.int32(np.int32(two * np.int32(57569)) + rest) >> np.int32(16))
