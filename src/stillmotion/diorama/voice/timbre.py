"""What a body, age, breath and effort do to spoken samples."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

Samples = NDArray[np.float32]
_WINDOW, _HOP = 1024, 256
_LIFTER_S = 0.0021
"""Shorter than the period of any voice: what is kept of the cepstrum is the vocal tract, not the pitch."""
_TREMOR_HZ, _TREMOR_PITCH, _TREMOR_LEVEL = 5.2, 0.012, 0.12
_WHISPER_LOW_HZ = 350.0
_EFFORT_HZ = 1500.0


def resample(samples: Samples, rate: int, out_rate: int, size: float) -> Samples:
    """At another rate, as a body `size` times smaller would sound: pitch and formants up, and shorter, by `size`.

    Vocal tract and vocal folds scale together with a body, so plain resampling is the right change from an adult to a
    child; the caller reads more slowly to keep the pace (Fant 1960, Acoustic Theory of Speech Production).
    """
    ratio = Fraction(out_rate / (rate * size)).limit_denominator(200)
    return np.asarray(signal.resample_poly(samples, ratio.numerator, ratio.denominator), np.float32)


def whisper(samples: Samples, rate: int, share: float) -> Samples:
    """Breath instead of voice: noise through the same vocal tract.

    The envelope of every short spectrum is its smoothed cepstrum (Oppenheim and Schafer 1968); noise takes it over,
    without the lows that only vocal folds make. The noise is always the same.
    """
    if share <= 0 or len(samples) < _WINDOW:
        return samples
    transform = signal.ShortTimeFFT(np.hanning(_WINDOW), _HOP, rate)
    spectrum = transform.stft(samples)
    noise = transform.stft(np.random.Generator(np.random.PCG64(82)).standard_normal(len(samples)))
    envelope = _envelope(np.abs(spectrum), rate)
    tilt = 1 / (1 + (_WHISPER_LOW_HZ / np.maximum(transform.f, 1.0)) ** 2)
    breath = noise / np.sqrt(np.mean(np.abs(noise) ** 2)) * envelope * tilt[:, None]
    power = np.sqrt((np.abs(spectrum) ** 2).sum(axis=0) / np.maximum((np.abs(breath) ** 2).sum(axis=0), 1e-12))
    # Where nothing is said there is no breath either.
    made = spectrum * np.sqrt(1 - share) + breath * np.minimum(power, 20.0) * np.sqrt(share)
    return np.asarray(transform.istft(made, k1=len(samples)), np.float32)


def _envelope(magnitudes: NDArray[np.floating], rate: int) -> NDArray[np.floating]:
    cepstrum = fft.irfft(np.log(magnitudes + 1e-6), axis=0)
    kept = round(_LIFTER_S * rate)
    cepstrum[kept : -kept + 1] = 0
    return np.asarray(np.exp(fft.rfft(cepstrum, axis=0).real))


def tremble(samples: Samples, rate: int, amount: float) -> Samples:
    """The unsteady pitch and level of an old voice, slow and small."""
    if amount <= 0:
        return samples
    turn = 2 * np.pi * _TREMOR_HZ
    at = np.arange(len(samples))
    wobble = np.sin(turn * at / rate) + 0.4 * np.sin(1.63 * turn * at / rate + 1.0)
    warped = np.interp(at + wobble * amount * _TREMOR_PITCH / turn * rate, at, samples)
    level = 1 + amount * _TREMOR_LEVEL * np.sin(turn * at / rate + 0.7)
    return np.asarray(warped * level, np.float32)


def brighten(samples: Samples, rate: int, gain_db: float) -> Samples:
    """More or less above 1.5 kHz: a first-order shelf."""
    if gain_db == 0:
        return samples
    b, a = signal.butter(1, _EFFORT_HZ, "highpass", fs=rate)
    high = signal.lfilter(b, a, samples)
    return np.asarray(samples + (10 ** (gain_db / 20) - 1) * high, np.float32)
