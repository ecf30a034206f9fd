"""Noise of any colour and slow random curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_PIECE = 65_536


def white(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Two independent channels of white noise, variance 1, shape (count, 2)."""
    return rng.standard_normal((count, 2), dtype=np.float32)


def shaped(
    rng: np.random.Generator, count: int, sample_rate: int, curve: Sequence[tuple[float, float]]
) -> NDArray[np.float32]:
    """Two independent channels of Gaussian noise whose spectrum follows a curve, RMS 1, shape (count, 2).

    Args:
        rng: random numbers.
        count: samples.
        sample_rate: samples per second.
        curve: (frequency in hertz, level in decibels) with rising frequencies; straight lines over log frequency
        between them,
            steep falls outside.
    """
    size = fft.next_fast_len(count + sample_rate // 4, real=True)
    samples = fft.irfft(_bins(rng, size, sample_rate, curve), size)[:, :count]
    samples /= np.sqrt(np.mean(samples**2) + 1e-20)
    return np.ascontiguousarray(samples.T, dtype=np.float32)


def _bins(
    rng: np.random.Generator, size: int, sample_rate: int, curve: Sequence[tuple[float, float]]
) -> NDArray[np.complex64]:
    """Two random spectra that follow a curve, for `size` samples."""
    bins = rng.standard_normal((2, size // 2 + 1, 2), dtype=np.float32).view(np.complex64)[..., 0]
    step_hz = 1.0 / (size * (1 / sample_rate))
    # In pieces: the curve is worked out in double precision, and a film has half a million frequencies.
    for first in range(0, bins.shape[1], _PIECE):
        part = bins[:, first : first + _PIECE]
        part *= _gain(np.arange(first, first + part.shape[1]) * step_hz, curve).astype(np.float32)
    return bins


def _gain(hz: NDArray[np.float64], curve: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    corner = np.log2([point[0] for point in curve])
    level_db = [point[1] for point in curve]
    octave = np.log2(np.maximum(hz, 1.0))
    gain_db = np.interp(octave, corner, level_db)
    gain_db -= 24 * np.maximum(0.0, corner[0] - octave) + 24 * np.maximum(0.0, octave - corner[-1])
    gain = 10 ** (gain_db / 20)
    gain[hz < 1] = 0.0
    return gain


def wander(rng: np.random.Generator, count: int, rate_hz: float, corner_hz: float) -> NDArray[np.float64]:
    """A slow random curve with variance about 1: white noise through two one-pole low-passes.

    Args:
        rng: random numbers.
        count: values.
        rate_hz: values per second.
        corner_hz: how fast it moves.
    """
    lead = int(4 * rate_hz / corner_hz)
    drive = rng.standard_normal(count + lead)
    size = fft.next_fast_len(count + lead, real=True)
    hz = fft.rfftfreq(size, 1 / rate_hz)
    curve = fft.irfft(fft.rfft(drive, size) / (1 + (hz / corner_hz) ** 2), size)[lead : lead + count]
    # Divide by the deviation in the limit, not by this stretch's own: short stretches may be calm.
    scale = np.sqrt(np.sum(1 / (1 + (hz / corner_hz) ** 2) ** 2) / hz.size)
    return np.asarray(curve / scale, dtype=np.float64)
