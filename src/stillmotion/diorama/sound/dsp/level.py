"""Loudness and fades."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyloudnorm

if TYPE_CHECKING:
    from numpy.typing import NDArray

REFERENCE_LUFS = -23.0
"""Loudness of every bed at 0 dB of gain: the plan's gains are then comparable."""
SILENCE_LUFS = -70.0


def loudness_lufs(samples: NDArray[np.float32], sample_rate: int) -> float:
    """Integrated loudness after ITU-R BS.1770-4; -70 for what is quieter or shorter than one gate block."""
    if len(samples) < 0.4 * sample_rate or not np.any(samples):
        return SILENCE_LUFS
    measured = pyloudnorm.Meter(sample_rate).integrated_loudness(samples)
    return float(max(measured, SILENCE_LUFS)) if np.isfinite(measured) else SILENCE_LUFS


def to_reference(samples: NDArray[np.float32], sample_rate: int, *, gain_db: float = 0.0) -> NDArray[np.float32]:
    """The same sound at the reference loudness plus `gain_db`; silence stays silence."""
    measured = loudness_lufs(samples, sample_rate)
    if measured <= SILENCE_LUFS:
        return samples
    return samples * np.float32(10 ** ((REFERENCE_LUFS + gain_db - measured) / 20))


def fade(samples: NDArray[np.float32], sample_rate: int, *, in_s: float, out_s: float) -> NDArray[np.float32]:
    """Raised-cosine fades at both ends, at most half the length each."""
    out = samples.copy()
    for seconds, ramp_end in ((in_s, 1), (out_s, -1)):
        count = min(int(seconds * sample_rate), len(samples) // 2)
        if count > 0:
            ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count)).astype(np.float32)[:, None]
            out[::ramp_end][:count] *= ramp
    return out
