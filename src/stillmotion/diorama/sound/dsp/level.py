"""Loudness and fades."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from pyloudnorm.iirfilter import IIRfilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

REFERENCE_LUFS = -23.0
"""Loudness of every bed at 0 dB of gain: the plan's gains are then comparable."""
SILENCE_LUFS = -70.0
SHORT_TERM_S = 3.0
_HOPS_PER_S = 10
_BLOCK_HOPS = 4
"""Gate blocks last 400 ms and overlap by three quarters."""
_RELATIVE_LU = -10.0


def loudness_lufs(samples: NDArray[np.float32], sample_rate: int) -> float:
    """Integrated loudness after ITU-R BS.1770-4; that of the whole for what is shorter than one gate block.

    Args:
        samples: shape (count, 2).
        sample_rate: samples per second.

    Returns:
        LUFS, -70 for silence.
    """
    hops = _energies(samples, sample_rate)
    if hops.size < _BLOCK_HOPS:
        return _lufs(_mean(samples, sample_rate, hops))
    blocks = np.convolve(hops, np.full(_BLOCK_HOPS, 1 / _BLOCK_HOPS), mode="valid")
    blocks = blocks[blocks > _power(SILENCE_LUFS)]
    if blocks.size == 0:
        return SILENCE_LUFS
    return _lufs(float(blocks[blocks > _power(_lufs(float(blocks.mean())) + _RELATIVE_LU)].mean()))


def film_loudness_lufs(samples: NDArray[np.float32], sample_rate: int) -> float:
    """How loud a film is: integrated; the highest short-term loudness, without gates, when it is shorter than 3 s."""
    if len(samples) >= SHORT_TERM_S * sample_rate:
        return loudness_lufs(samples, sample_rate)
    # A window as long as the film is the only one that fits.
    return _lufs(_mean(samples, sample_rate, _energies(samples, sample_rate)))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _lufs(power: float) -> float:
    return max(-0.691 + 10 * float(np.log10(max(power, 1e-12))), SILENCE_LUFS)


def _mean(samples: NDArray[np.float32], sample_rate: int, hops: NDArray[np.float64]) -> float:
    """Mean power, the rest after the last hop included."""
    if len(samples) == 0:
        return 0.0
    hop = sample_rate // _HOPS_PER_S
    rest = samples[hops.size * hop :]
    power = float(np.sum(_hop_powers(rest, _weighting(sample_rate), max(len(rest), 1)))) * len(rest)
    return (float(hops.sum()) * hop + power) / len(samples)


def _energies(samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float64]:
    """K-weighted power of consecutive 100 ms, summed over the channels."""
    return _hop_powers(samples, _weighting(sample_rate), sample_rate // _HOPS_PER_S)


@cache
def _weighting(sample_rate: int) -> NDArray[np.float64]:
    """The two filters of K-weighting as b0 b1 b2 a1 a2, shape (2, 5)."""
    shelf = IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, sample_rate, "high_shelf")
    high = IIRfilter(0.0, 0.5, 38.0, sample_rate, "high_pass")
    return np.array([[*one.b, *one.a[1:]] for one in (shelf, high)], dtype=np.float64)


@njit(cache=True, nogil=True)
def _hop_powers(samples: NDArray[np.float32], weighting: NDArray[np.float64], hop: int) -> NDArray[np.float64]:
    powers = np.zeros(samples.shape[0] // hop)
    for channel in range(samples.shape[1]):
        s0 = s1 = t0 = t1 = 0.0
        f, g = weighting[0], weighting[1]
        for block in range(powers.size):
            total = 0.0
            for n in range(block * hop, (block + 1) * hop):
                x = float(samples[n, channel])
                y = f[0] * x + s0
                s0 = f[1] * x - f[3] * y + s1
                s1 = f[2] * x - f[4] * y
                z = g[0] * y + t0
                t0 = g[1] * y - g[3] * z + t1
                t1 = g[2] * y - g[4] * z
                total += z * z
            powers[block] += total / hop
    return powers


def to_reference(samples: NDArray[np.float32], sample_rate: int, *, gain_db: float = 0.0) -> NDArray[np.float32]:
    """The same sound at the reference loudness plus `gain_db`; silence stays silence."""
    measured = loudness_lufs(samples, sample_rate)
    if measured <= SILENCE_LUFS:
        return samples
    return samples * np.float32(10 ** ((REFERENCE_LUFS + gain_db - measured) / 20))


def fade(samples: NDArray[np.float32], sample_rate: int, *, in_s: float, out_s: float) -> NDArray[np.float32]:
    """Raised-cosine fades at both ends, at most half the length each."""
    out = samples.copy()
    fade_in_place(out, sample_rate, in_s=in_s, out_s=out_s)
    return out


def fade_in_place(samples: NDArray[np.float32], sample_rate: int, *, in_s: float, out_s: float) -> None:
    """The same, written over the samples: for what is as long as a film."""
    for seconds, ramp_end in ((in_s, 1), (out_s, -1)):
        count = min(int(seconds * sample_rate), len(samples) // 2)
        if count > 0:
            ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count)).astype(np.float32)[:, None]
            samples[::ramp_end][:count] *= ramp
