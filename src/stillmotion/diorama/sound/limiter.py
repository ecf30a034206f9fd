"""A look-ahead limiter on true peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOK_AHEAD_S = 0.005
RELEASE_S = 0.12
_PHASES = 4
_TAPS = 12
"""Samples on either side that a point between samples is worked out from."""


def envelope(samples: NDArray[np.float32], *, floor: float) -> NDArray[np.float32]:
    """Highest absolute value over the channels from each sample up to the next, oversampled four times.

    Args:
        samples: shape (count, channels).
        floor: where no sample in reach exceeds this, only samples themselves are looked at: quick and safe for a
        limiter.
    """
    out = np.zeros(len(samples), dtype=np.float32)
    for channel in range(samples.shape[1]):
        padded = np.pad(samples[:, channel], _TAPS)
        _peaks(padded, _kernels(), np.float32(floor), out)
    return out


def gain(
    samples: NDArray[np.float32],
    sample_rate: int,
    *,
    ceiling: float,
    release_s: float = RELEASE_S,
    knee: float | None = None,
) -> NDArray[np.float32]:
    """The factor for each sample that keeps true peaks under the ceiling; exactly 1 away from peaks. Shape (count,).

    The smallest factor within the look-ahead is averaged over the same window, so the gain has arrived when the peak
    does and can never overshoot; it recovers exponentially.

    Args:
        samples: shape (count, channels).
        sample_rate: samples per second.
        ceiling: highest true peak that is let through.
        release_s: time in which what is held back falls to 1 / e.
        knee: when the highest peak exceeds the ceiling, all peaks above the knee are drawn together, in decibels alike,
            so that the highest comes to the ceiling: what was louder stays louder. None holds only what is too loud.
    """
    # In double precision: a gain that recovers in smaller and smaller steps would otherwise never arrive.
    need = _need(envelope(samples, floor=0.6 * (knee or ceiling)).astype(np.float64), ceiling, knee)
    if need.min(initial=1.0) >= 1.0:
        return np.ones(len(samples), dtype=np.float32)
    # The hold and the average each reach half of the look-ahead.
    reach = int(LOOK_AHEAD_S * sample_rate) // 4 * 2
    # One more on each side: a value between samples belongs to both its neighbours.
    # All in one place: a film's sound in double precision is long.
    ndimage.minimum_filter1d(need, 2 * reach + 3, output=need, mode="nearest")
    _release(need, float(np.exp(-1.0 / (release_s * sample_rate))))
    for _ in range(2):
        ndimage.uniform_filter1d(need, reach + 1, output=need, mode="nearest")
    return np.minimum(need, 1.0, out=need).astype(np.float32)


def _need(peaks: NDArray[np.float64], ceiling: float, knee: float | None) -> NDArray[np.float64]:
    """The factor that each peak asks for, written over the peaks."""
    highest = peaks.max(initial=0.0)
    if knee is None or highest <= ceiling:
        loud = peaks > ceiling
        np.divide(ceiling, peaks, out=peaks, where=loud)
        peaks[~loud] = 1.0
        return peaks
    slope = np.log(ceiling / knee) / np.log(highest / knee)
    peaks /= knee
    np.maximum(peaks, 1.0, out=peaks)
    np.power(peaks, slope - 1.0, out=peaks)
    return peaks


def _kernels() -> NDArray[np.float32]:
    """Windowed-sinc interpolators for the three points between two samples, shape (3, 2 * taps)."""
    place = np.arange(-_TAPS + 1, _TAPS + 1, dtype=np.float64)
    rows = []
    for phase in range(1, _PHASES):
        row = np.sinc(place - phase / _PHASES) * np.kaiser(2 * _TAPS * 64 + 1, 6.0)[_window_at(place - phase / _PHASES)]
        rows.append(row / row.sum())
    return np.array(rows, dtype=np.float32)


def _window_at(offset: NDArray[np.floating]) -> NDArray[np.int64]:
    return np.clip(np.round((offset + _TAPS) * 64), 0, 2 * _TAPS * 64).astype(np.int64)


@njit(cache=True, nogil=True)
def _peaks(
    padded: NDArray[np.float32], kernels: NDArray[np.float32], floor: np.float32, out: NDArray[np.float32]
) -> None:
    taps = kernels.shape[1] // 2
    for n in range(out.size):
        here = abs(padded[n + taps])
        best = max(here, out[n])
        if max(here, abs(padded[n + taps + 1 if n + taps + 1 < padded.size else n + taps])) > floor:
            for phase in range(kernels.shape[0]):
                total = np.float32(0.0)
                for k in range(2 * taps):
                    at = n + 1 + k
                    if at < padded.size:
                        total += padded[at] * kernels[phase, k]
                best = max(best, abs(total))
        out[n] = best


@njit(cache=True, nogil=True)
def _release(need: NDArray[np.float64], keep: float) -> None:
    """Let the factor rise slowly, in place."""
    for n in range(1, need.size):
        slow = 1.0 - (1.0 - need[n - 1]) * keep
        need[n] = min(need[n], slow)
