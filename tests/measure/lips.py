"""What a viewer sees of a mouth in a decoded film, and how it goes with what is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.perception.faces import faces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Curve = NDArray[np.float64]

_INNER = (13, 14)
_WINDOW_S = 0.1


def openings(frames: Sequence[NDArray[np.uint8]]) -> Curve:
    """How far the lips of the largest face are apart in each frame, in face widths; NaN where no face is found."""
    return np.array([_opening(frame) for frame in frames])


def _opening(frame: NDArray[np.uint8]) -> float:
    found = faces(frame)
    if not found:
        return float("nan")
    height, width = frame.shape[:2]
    upper, lower = found[0].landmarks[list(_INNER), :2].astype(np.float64) * (width, height)
    return float(np.linalg.norm(upper - lower)) / (found[0].box.width * width)


def envelope(audio: NDArray[np.float32], rate: int, times_s: Curve) -> Curve:
    """Root mean square of the sound about each time."""
    power = (audio.astype(np.float64) ** 2).mean(axis=1)
    kernel = np.hanning(int(_WINDOW_S * rate))
    smooth = np.sqrt(np.convolve(power, kernel / kernel.sum(), mode="same"))
    return np.asarray(np.interp(times_s, np.arange(len(audio)) / rate, smooth))


def together(seen: Curve, heard: Curve, most: int = 5) -> tuple[int, float]:
    """How many frames what is seen lags what is heard where both agree best, and their correlation there."""
    middle = slice(most, len(heard) - most)
    agree = [float(np.corrcoef(np.roll(seen, -lag)[middle], heard[middle])[0, 1]) for lag in range(-most, most + 1)]
    best = int(np.argmax(agree))
    return best - most, agree[best]
