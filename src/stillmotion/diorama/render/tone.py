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
    )


def numbers(tone: Tone) -> NDArray[np.float32]:
    """What the kernels need: factor on brightness, added brightness, factor on colour, blue and red of white."""
    rest = 1.0 - tone.flash
    return np.array(
        [
            tone.exposure * rest,
            255.0 * tone.flash,
            tone.exposure * tone.saturation * rest,
            _WARM[0] * tone.warmth / 255.0,
            _WARM[1] * tone.warmth / 255.0,
        ],
        np.float32,
    )


@njit(cache=True, nogil=True)
def on_planes(luma: NDArray[np.uint8], chroma: NDArray[np.uint8], tone: NDArray[np.float32]) -> None:
    """Apply `numbers` in place to planes of 256 levels; see planes."""
    table = np.empty(256, np.uint8)
    for level in range(256):
        table[level] = np.uint8(min(max(tone[0] * level + tone[1] + 0.5, 0.0), 255.0))
    for y in range(luma.shape[0]):
        for x in range(luma.shape[1]):
            luma[y, x] = table[luma[y, x]]
    for y in range(chroma.shape[0]):
        for x in range(chroma.shape[1]):
            light = np.float32(luma[2 * y, 2 * x])
            for c in range(2):
                value = np.float32(128) + (chroma[y, x, c] - np.float32(128)) * tone[2] + tone[3 + c] * light
                chroma[y, x, c] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))


@njit(cache=True, nogil=True)
def on_rgba(canvas: NDArray[np.uint8], tone: NDArray[np.float32]) -> None:
    """The same for an opaque RGBA picture (BT.709)."""
    for y in range(canvas.shape[0]):
        for x in range(canvas.shape[1]):
            r, g, b = np.float32(canvas[y, x, 0]), np.float32(canvas[y, x, 1]), np.float32(canvas[y, x, 2])
            luma = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
            light = min(max(luma * tone[0] + tone[1], np.float32(0)), np.float32(255))
            blue, red = tone[3] * light, tone[4] * light
            one = light + (r - luma) * tone[2] + np.float32(1.5748) * red
            two = light + (g - luma) * tone[2] - np.float32(0.1873) * blue - np.float32(0.4681) * red
            three = light + (b - luma) * tone[2] + np.float32(1.8556) * blue
            canvas[y, x, 0] = np.uint8(min(max(one + np.float32(0.5), np.float32(0)), np.float32(255)))
            canvas[y, x, 1] = np.uint8(min(max(two + np.float32(0.5), np.float32(0)), np.float32(255)))
            canvas[y, x, 2] = np.uint8(min(max(three + np.float32(0.5), np.float32(0)), np.float32(255)))
