"""Where a sound is: side, distance, and the place around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import signal

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAN_LIMIT = 0.7
_NEAR_M = 8.0
_REFLECTIONS_MS = ((11.3, 17.9, 29.1, 41.7), (13.7, 19.3, 31.9, 37.3))


def reverberate(
    samples: NDArray[np.float32], sample_rate: int, rng: np.random.Generator, *, decay_s: float, wet: float
) -> NDArray[np.float32]:
    """Add a diffuse tail: noise that fades, duller as it ages, independent left and right.

    The tail is Moorer's model (1979, "About this reverberation business"): exponentially decaying Gaussian noise.

    Args:
        samples: shape (count, 2).
        sample_rate: samples per second.
        rng: random numbers.
        decay_s: time to fall by 60 dB.
        wet: energy of the tail over the energy of the direct sound.
    """
    return samples + tail(samples, sample_rate, rng, decay_s=decay_s) * np.float32(np.sqrt(wet))


def tail(
    samples: NDArray[np.float32], sample_rate: int, rng: np.random.Generator, *, decay_s: float
) -> NDArray[np.float32]:
    """Only the diffuse tail of `reverberate`, as loud as the direct sound."""
    count = int(decay_s * sample_rate)
    t = np.arange(count)[:, None] / sample_rate
    noise = rng.standard_normal((count, 2))
    dull = signal.lfilter([0.25], [1, -0.75], noise, axis=0)
    blend = np.minimum(t / decay_s * 2, 1)
    response = (noise * (1 - blend) + dull * 1.5 * blend) * np.exp(-6.91 * t / decay_s)
    response[: int(0.012 * sample_rate)] = 0
    response /= np.sqrt(np.sum(response**2, axis=0))
    out = np.empty(samples.shape, np.float32)
    # One channel at a time: spectra take several times the room of the samples.
    for channel in range(samples.shape[1]):
        out[:, channel] = signal.oaconvolve(samples[:, channel], response[:, channel].astype(np.float32))[: len(out)]
    return out


def place(samples: NDArray[np.float32], sample_rate: int, *, pan: float, distance_m: float) -> NDArray[np.float32]:
    """Put a stereo recording somewhere: equal-power balance, 1 / r, air, early reflections.

    A distance of 0 leaves level and colour alone. Air absorbs about 1 dB per kilohertz and 100 m, drawn five times
    stronger.
    """
    placed = samples
    if distance_m > 0:
        placed = _air(placed, sample_rate, distance_m) * np.float32(distance_gain(distance_m))
    if distance_m > 2 * _NEAR_M:
        placed = _reflect(placed, sample_rate, min(distance_m / 400, 0.25))
    return placed * _balance(pan)


def distance_gain(distance_m: float) -> float:
    """1 / r from 8 m on, at most 18 dB down and 6 dB up."""
    return float(np.clip(_NEAR_M / max(distance_m, 0.1), 10 ** (-18 / 20), 10 ** (6 / 20)))


def _balance(pan: float) -> NDArray[np.float32]:
    angle = (np.clip(pan, -PAN_LIMIT, PAN_LIMIT) + 1) * np.pi / 4
    return np.array([np.cos(angle), np.sin(angle)], dtype=np.float32) * np.float32(np.sqrt(2))


def _air(samples: NDArray[np.float32], sample_rate: int, distance_m: float) -> NDArray[np.float32]:
    # One pole that is 3 dB down where the exaggerated absorption reaches 3 dB.
    corner_hz = 3.0 / (5 * distance_m / 100) * 1000
    if corner_hz > 0.4 * sample_rate:
        return samples
    fall = float(np.exp(-2 * np.pi * corner_hz / sample_rate))
    coefficients = np.array([1 - fall], dtype=np.float32), np.array([1, -fall], dtype=np.float32)
    return np.asarray(signal.lfilter(*coefficients, samples, axis=0), dtype=np.float32)


def _reflect(samples: NDArray[np.float32], sample_rate: int, share: float) -> NDArray[np.float32]:
    out = samples.copy()
    for channel, delays_ms in enumerate(_REFLECTIONS_MS):
        for order, delay_ms in enumerate(delays_ms):
            delay = round(delay_ms * sample_rate / 1000)
            gain = np.float32(share * 0.8**order)
            out[delay:, channel] += gain * samples[: len(samples) - delay, 1 - channel if order % 2 else channel]
    return out
