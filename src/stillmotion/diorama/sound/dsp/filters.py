"""Filters: fixed ones by scipy, moving ones as compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import signal

if TYPE_CHECKING:
    from numpy.typing import NDArray


def band(samples: NDArray[np.float32], sample_rate: int, low_hz: float, high_hz: float) -> NDArray[np.float32]:
    """Second-order Butterworth band-pass along the first axis."""
    return _run(
        signal.butter(2, (low_hz, min(high_hz, 0.49 * sample_rate)), "bandpass", fs=sample_rate, output="sos"), samples
    )


def high(samples: NDArray[np.float32], sample_rate: int, corner_hz: float) -> NDArray[np.float32]:
    """Second-order Butterworth high-pass along the first axis."""
    return _run(signal.butter(2, corner_hz, "highpass", fs=sample_rate, output="sos"), samples)


def low(samples: NDArray[np.float32], sample_rate: int, corner_hz: float) -> NDArray[np.float32]:
    """Second-order Butterworth low-pass along the first axis."""
    return _run(signal.butter(2, min(corner_hz, 0.49 * sample_rate), "lowpass", fs=sample_rate, output="sos"), samples)


def below(samples: NDArray[np.float32], sample_rate: int, edge_hz: float) -> NDArray[np.float32]:
    """What is below an edge as it is (to 0.1 dB), what is 8 % above it or more 40 dB down: elliptic, 7th order."""
    return _run(signal.ellip(7, 0.1, 40, edge_hz, "lowpass", fs=sample_rate, output="sos"), samples)


def _run(sections: NDArray[np.float64], samples: NDArray[np.float32]) -> NDArray[np.float32]:
    out = np.empty(samples.shape, np.float32)
    # One channel at a time: the filter works in double precision, and a film's sound is long.
    for channel in np.ndindex(samples.shape[1:]):
        out[:, *channel] = signal.sosfilt(sections, samples[:, *channel])
    return out


def moving_band(
    samples: NDArray[np.float32], sample_rate: int, centre_hz: NDArray[np.float32], q: float
) -> NDArray[np.float32]:
    """Band-pass with a moving centre, unit gain at the centre.

    Args:
        samples: shape (count, channels).
        sample_rate: samples per second.
        centre_hz: shape (count, channels).
        q: centre over bandwidth.
    """
    out = np.empty_like(samples)
    for channel in range(samples.shape[1]):
        _state_variable(samples[:, channel], centre_hz[:, channel], float(sample_rate), q, out[:, channel])
    return out


@njit(cache=True, nogil=True)
def _state_variable(
    x: NDArray[np.float32], centre_hz: NDArray[np.float32], sample_rate: float, q: float, out: NDArray[np.float32]
) -> None:
    """Trapezoidal state-variable filter (Zavalishin 2012, "The Art of VA Filter Design", ch. 4): safe to modulate."""
    one = 0.0
    two = 0.0
    k = 1.0 / q
    g = 0.0
    a1 = 0.0
    for n in range(x.size):
        if n & 15 == 0:
            g = np.tan(np.pi * min(centre_hz[n], 0.45 * sample_rate) / sample_rate)
            a1 = 1.0 / (1.0 + g * (g + k))
        v3 = x[n] - two
        v1 = a1 * (one + g * v3)
        v2 = two + g * v1
        one = 2.0 * v1 - one
        two = 2.0 * v2 - two
        out[n] = k * v1
