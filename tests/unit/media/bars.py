"""A film without an engine: bars that wander, and a click at each half second."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.clip import Clip, Recorded

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLICK_SAMPLES = 480


class Bars:
    """A FrameSource whose luma is known exactly: bars of eight pixels, each frame four pixels further."""

    def __init__(self, count: int, width: int, height: int) -> None:
        self._count, self._width, self._height = count, width, height

    def __len__(self) -> int:
        return self._count

    def luma(self, index: int) -> NDArray[np.uint8]:
        """The Y plane."""
        columns = (np.arange(self._width) + 4 * index) // 8 % 2
        return np.broadcast_to((60 + 120 * columns).astype(np.uint8), (self._height, self._width))

    def rgb(self, index: int) -> NDArray[np.uint8]:
        """Grey, so one plane thrice."""
        return np.repeat(self.luma(index)[..., np.newaxis], 3, axis=2)

    def i420(self, index: int) -> NDArray[np.uint8]:
        """Luma above, neutral chroma below."""
        frame = np.full((self._height * 3 // 2, self._width), 128, np.uint8)
        frame[: self._height] = self.luma(index)
        return frame


def clicks(seconds: float, rate: int = 48_000) -> NDArray[np.float32]:
    """A 1 kHz burst of 10 ms at each half second."""
    samples = np.zeros((round(seconds * rate), 2), np.float32)
    burst = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(CLICK_SAMPLES) / rate)
    for start in range(0, len(samples) - CLICK_SAMPLES, rate // 2):
        samples[start : start + CLICK_SAMPLES] = burst[:, np.newaxis]
    return samples


def bars_clip(
    *, seconds: int = 1, size_px: tuple[int, int] = (64, 64), rate: Fraction = Fraction(30), recipe: str = "{}"
) -> Clip:
    """A small clip of bars and clicks."""
    return Clip(
        source=Bars(int(seconds * rate), *size_px),
        size_px=size_px,
        rate=rate,
        sound=Recorded(clicks(seconds)),
        sample_rate=48_000,
        recipe=recipe,
        engine="bars",
    )
