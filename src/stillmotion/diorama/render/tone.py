"""The light of the whole picture as it changes: dusk, lightning, flicker."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from stillmotion.diorama.motion.records import Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import Grade

_PLAIN = Tone()
_LAMP = np.float32(232.0)
"""Level above which a place begins to shine by itself, where there are lamps."""
_WARM = (-30.0, 24.0)
"""Blue and red colour difference that a warmth of 1 adds to white."""


def tone_at(grades: Sequence[Grade], time_s: float) -> Tone:
    """What several changes of light make together."""
    return reduce(_both, (grade.at(time_s) for grade in grades), _PLAIN)


def _both(one: Tone, two: Tone) -> Tone:
    return Tone(
        exposure=one.exposure * two.exposure,
        saturation=one.saturation * two.saturation,
        warmth=one.warmth + two.warmth,
        flash=1.0 - (1.0 - one.flash) * (1.0 - two.flash),
        lamps=max(one.lamps, two.lamps),
    )


def numbers(tone: Tone) -> NDArray[np.float32]:
    """What the kernels need: factors on brightness and colour, blue and red of white, what lamps get back of both.

    The second number is added brightness, the last two are the shares of brightness and of colour that lamps regain.
    """
    rest = 1.0 - tone.flash
    return np.array(
        [
            tone.exposure * rest,
            255.0 * tone.flash,
            tone.exposure * tone.saturation * rest,
            _WARM[0] * tone.warmth / 255.0,
            _WARM[1] * tone.warmth / 255.0,
            tone.lamps * max(1.0 - tone.exposure, 0.0) * rest,
            tone.lamps * max(1.0 - tone.exposure * tone.saturation, 0.0) * rest,
        ],
        np.float32,
    )


@njit(cache=True, nogil=True, inline="always")
def _shines(level: float) -> np.float32:
    share = min(max((np.float32(level) - _LAMP) / (np.float32(252) - _LAMP), np.float32(0)), np.float32(1))
    return np.float32(share * share * (np.float32(3) - np.float32(2) * share))


@njit(cache=True, nogil=True)
def on_planes(luma: NDArray[np.uint8], chroma: NDArray[np.uint8], tone: NDArray[np.float32]) -> None:
    """Apply `numbers` in place to planes of 256 levels; see planes."""
    table = np.empty(256, np.uint8)
    colour = np.empty(256, np.float32)
    for level in range(256):
        shines = _shines(level)
        table[level] = np.uint8(min(max((tone[0] + shines * tone[5]) * level + tone[1] + 0.5, 0.0), 255.0))
        colour[level] = tone[2] + shines * tone[6]
    for y in range(chroma.shape[0]):
        for x in range(chroma.shape[1]):
            level = luma[2 * y, 2 * x]
            light = np.float32(table[level])
            for c in range(2):
                value = np.float32(128) + (chroma[y, x, c] - np.float32(128)) * colour[level] + tone[3 + c] * light
                chroma[y, x, c] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))
    for y in range(luma.shape[0]):
        for x in range(luma.shape[1]):
            luma[y, x] = table[luma[y, x]]


@njit(cache=True, nogil=True)
def on_rgba(canvas: NDArray[np.uint8], tone: NDArray[np.float32]) -> None:
    """The same for an opaque RGBA picture (BT.709)."""
    for y in range(canvas.shape[0]):
        for x in range(canvas.shape[1]):
            r, g, b = np.float32(canvas[y, x, 0]), np.float32(canvas[y, x, 1]), np.float32(canvas[y, x, 2])
            luma = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
            shines = _shines(float(luma))
            light = min(max(luma * (tone[0] + shines * tone[5]) + tone[1], np.float32(0)), np.float32(255))
            colour = tone[2] + shines * tone[6]
            blue, red = tone[3] * light, tone[4] * light
            one = light + (r - luma) * colour + np.float32(1.5748) * red
            two = light + (g - luma) * colour - np.float32(0.1873) * blue - np.float32(0.4681) * red
            three = light + (b - luma) * colour + np.float32(1.8556) * blue
            canvas[y, x, 0] = np.uint8(min(max(one + np.float32(0.5), np.float32(0)), np.float32(255)))
            canvas[y, x, 1] = np.uint8(min(max(two + np.float32(0.5), np.float32(0)), np.float32(255)))
            canvas[y, x, 2] = np.uint8(min(max(three + np.float32(0.5), np.float32(0)), np.float32(255)))
