"""The last pass: vignette, grain, and colours as a codec wants them, in one walk over the picture."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numba import njit

from stillmotion.diorama.randomness import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

TILE_PX = 1024
_WIDEST_PX = 1920
_TILE_SIGMA = 28.0
SIGMA = 1.0
"""Standard deviation of grain in the mid-tones at `Look.grain` 1, in 255ths of luma."""


@lru_cache(maxsize=2)
def grain_tile(seed: int) -> NDArray[np.int8]:
    """A square of film grain that repeats in both directions, widened so that any window of a row is contiguous.

    The noise is Gaussian, softened to grains a little over a pixel wide; sigma is 28 steps.
    """
    noise = generator(seed, "grain", "tile").standard_normal((TILE_PX, TILE_PX)).astype(np.float32)
    soft = cv2.GaussianBlur(np.tile(noise, (3, 3)), (0, 0), 0.55)[TILE_PX : 2 * TILE_PX, TILE_PX : 2 * TILE_PX]
    steps = np.clip(np.round(soft / soft.std() * _TILE_SIGMA), -127, 127).astype(np.int8)
    return np.ascontiguousarray(np.concatenate([steps, steps[:, :_WIDEST_PX]], axis=1))


def grain_offset(seed: int, frame: int) -> tuple[int, int]:
    """Where in the tile a frame's grain starts: (row, column)."""
    row, column = generator(seed, "grain", frame).integers(0, TILE_PX, 2)
    return int(row), int(column)


@njit(cache=True, nogil=True)
def shade(canvas: NDArray[np.uint8], amount: float) -> None:
    """Darken the corners in place: light falls off with the fourth power of the cosine of the field angle."""
    rows, columns, _ = canvas.shape
    reach = np.float32(amount * 0.9 / (rows * rows + columns * columns) * 4.0)
    for y in range(rows):
        dy = np.float32(y + 0.5 - rows / 2)
        for x in range(columns):
            dx = np.float32(x + 0.5 - columns / 2)
            fall = np.float32(1) / (np.float32(1) + reach * (dx * dx + dy * dy))
            fall = fall * fall
            for c in range(3):
                canvas[y, x, c] = np.uint8(canvas[y, x, c] * fall + np.float32(0.5))


@njit(cache=True, nogil=True, inline="always")
def grain_of(luma: np.int32, step: np.int32, strength: np.int32) -> np.int32:
    """Grain in 1/65536 of a luma level: strongest in the mid-tones, a third of that in black and white."""
    away = np.int32(luma - np.int32(110))
    weight = np.int32(np.int32(16384) - np.int32(np.int32(np.int32(away * away) * np.int32(11)) >> np.int32(4)))
    return np.int32(np.int32(np.int32(step * weight) >> np.int32(12)) * strength)


@njit(cache=True, nogil=True)
def to_i420(
    canvas: NDArray[np.uint8], tile: NDArray[np.int8], origin: tuple[int, int], strength: int, into: NDArray[np.uint8]
) -> None:
    """Write BT.709 limited-range 4:2:0 with grain added to the luma.

    Args:
        canvas: RGBA, shape (height, width, 4); both even.
        tile: see `grain_tile`.
        origin: where in the tile this frame starts.
        strength: see `grain_strength`.
        into: shape (height * 3 // 2, width): the luma plane, then the two chroma planes.
    """
    rows, columns, _ = canvas.shape
    pixels = canvas.reshape(-1).view(np.uint32).reshape(rows, columns)
    pairs = canvas.reshape(-1).view(np.uint64).reshape(rows, columns // 2)
    luma, chroma = into[:rows].reshape(-1), into[rows:].reshape(-1)
    half = columns // 2
    blue, red = chroma[: rows // 2 * half], chroma[rows // 2 * half :]
    for y in range(rows):
        grains = tile[(y + origin[0]) % 1024, origin[1] :]
        _luma_line(pixels[y], grains, np.int32(strength), luma[y * columns : (y + 1) * columns])
    for y in range(rows // 2):
        _chroma_line(pairs[2 * y], pairs[2 * y + 1], blue[y * half : (y + 1) * half], red[y * half : (y + 1) * half])


@njit(cache=True, nogil=True)
def _luma_line(line: NDArray[np.uint32], grains: NDArray[np.int8], strength: np.int32, into: NDArray[np.uint8]) -> None:
    """Kept apart and in 32-bit integers throughout, so that the compiler makes vector code of it."""
    for x in range(len(into)):
        pixel = line[x]
        r = np.int32(pixel & np.uint32(255))
        g = np.int32(np.uint32(pixel >> np.uint32(8)) & np.uint32(255))
        b = np.int32(np.uint32(pixel >> np.uint32(16)) & np.uint32(255))
        luma = np.int32(np.int32(np.int32(11966) * r) + np.int32(np.int32(40254) * g) + np.int32(np.int32(4064) * b))
        noise = grain_of(np.int32(luma >> np.int32(16)), np.int32(grains[x]), strength)
        level = np.int32(np.int32(luma + noise + np.int32(16 * 65536 + 32768)) >> np.int32(16))
        into[x] = np.uint8(min(max(level, np.int32(16)), np.int32(235)))


@njit(cache=True, nogil=True)
def _chroma_line(
    one: NDArray[np.uint64], two: NDArray[np.uint64], blue: NDArray[np.uint8], red: NDArray[np.uint8]
) -> None:
    """Means of 2 x 2 pixels: each 64-bit word holds two neighbours of a row, four channels each."""
    spaced = np.uint64(0x00FF00FF00FF00FF)
    word = np.uint64(0xFFFF)
    for x in range(len(blue)):
        a, b = one[x], two[x]
        low = np.uint64((a & spaced) + (b & spaced))
        high = np.uint64(((a >> np.uint64(8)) & spaced) + ((b >> np.uint64(8)) & spaced))
        low = np.uint64(low + (low >> np.uint64(32)))
        high = np.uint64(high + (high >> np.uint64(32)))
        r, g, bl = np.int32(low & word), np.int32(high & word), np.int32((low >> np.uint64(16)) & word)
        to_blue = np.int32(np.int32(7196) * bl - np.int32(1649) * r - np.int32(5547) * g)
        to_red = np.int32(np.int32(7196) * r - np.int32(6536) * g - np.int32(660) * bl)
        blue[x] = np.uint8(np.int32(to_blue + np.int32(128 * 65536 + 32768)) >> np.int32(16))
        red[x] = np.uint8(np.int32(to_red + np.int32(128 * 65536 + 32768)) >> np.int32(16))


@njit(cache=True, nogil=True)
def to_rgb(
    canvas: NDArray[np.uint8], tile: NDArray[np.int8], origin: tuple[int, int], strength: int, into: NDArray[np.uint8]
) -> None:
    """Write sRGB with the same grain as `to_i420`, added equally to the three channels."""
    rows, columns, _ = canvas.shape
    for y in range(rows):
        grains = tile[(y + origin[0]) % 1024, origin[1] :]
        for x in range(columns):
            r, g, b = np.int32(canvas[y, x, 0]), np.int32(canvas[y, x, 1]), np.int32(canvas[y, x, 2])
            luma = np.int32(11966 * r + 40254 * g + 4064 * b) >> 16
            noise = np.int32(grain_of(np.int32(luma), np.int32(grains[x]), np.int32(strength)) * 1.164)
            for c in range(3):
                level = np.int32((np.int32(canvas[y, x, c]) * 65536 + noise + 32768) >> 16)
                into[y, x, c] = np.uint8(min(max(level, np.int32(0)), np.int32(255)))


def grain_strength(amount: float) -> int:
    """The kernels' integer for an amount of grain: a step of the tile times this is grain in 1/65536 of a level."""
    mid_tone = 4.0
    return round(amount * SIGMA * (219 / 255) * 65536 / (_TILE_SIGMA * mid_tone))
