"""What a listener's instruments say about samples, independent of the code that made them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import av
import numpy as np
import pyloudnorm
from scipy import signal

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 48_000


def through_aac(samples: NDArray[np.float32], bit_rate: int = 192_000) -> NDArray[np.float32]:
    """Encode as AAC in an MP4 in memory and decode again, shape (count, 2)."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as container:
        return np.concatenate([part.to_ndarray() for part in container.decode(audio=0)], axis=1).T.copy()


def lufs(samples: NDArray[np.float32]) -> float:
    """Integrated loudness after BS.1770."""
    return float(pyloudnorm.Meter(RATE).integrated_loudness(samples.astype(np.float64)))


def dbtp(samples: NDArray[np.float32]) -> float:
    """True peak in decibels, by eightfold oversampling."""
    dense = signal.resample_poly(samples.astype(np.float64), 8, 1, axis=0)
    return float(20 * np.log10(np.abs(dense).max()))


def band_db(samples: NDArray[np.float32], low_hz: float, high_hz: float) -> float:
    """Power between two frequencies, relative to all of it, in decibels."""
    hz, power = signal.welch(samples.astype(np.float64), RATE, nperseg=8192, axis=0)
    inside = (hz >= low_hz) & (hz < high_hz)
    return float(10 * np.log10(power[inside].sum() / power.sum() + 1e-12))


def envelope(samples: NDArray[np.float32], rate_hz: float = 10.0) -> NDArray[np.float64]:
    """Root mean square of consecutive windows, `rate_hz` a second, over both channels."""
    step = int(RATE / rate_hz)
    count = len(samples) // step
    return np.sqrt(np.mean(samples[: count * step].reshape(count, -1).astype(np.float64) ** 2, axis=1))
