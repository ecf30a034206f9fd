"""The limiter, tested by physics."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from measure import sound
from stillmotion.diorama.sound import limiter

CEILING = 10 ** (-3 / 20)


def tone(hz: float, amplitude: float, seconds: float = 1.0, phase: float = 0.0) -> np.ndarray:
    """A stereo sine that fades in and out over 50 ms."""
    t = np.arange(int(seconds * sound.RATE)) / sound.RATE
    amplitude = amplitude * np.clip(20 * np.minimum(t, seconds - t), 0, 1)
    return np.repeat((amplitude * np.sin(2 * np.pi * hz * t + phase)).astype(np.float32)[:, None], 2, axis=1)


def limited(samples: np.ndarray) -> np.ndarray:
    """Samples under the ceiling."""
    return samples * limiter.gain(samples, sound.RATE, ceiling=CEILING)[:, None]


def true_peak(samples: np.ndarray) -> float:
    """The highest value that the limiter's own meter sees."""
    return float(limiter.envelope(samples, floor=0.0).max())


def test_no_distortion_below_the_ceiling() -> None:
    """What is under the ceiling passes bit for bit."""
    samples = tone(997, 0.7 * CEILING)
    assert np.array_equal(limited(samples), samples)


def test_no_overshoot() -> None:
    """Bursts of white noise, twelve decibels too loud, stay under the ceiling but for what fourfold sampling misses."""
    rng = np.random.default_rng(1)
    samples = (0.1 * rng.standard_normal((sound.RATE, 2))).astype(np.float32)
    samples[10_000:14_000] *= 12
    samples[30_000:30_003] = 3.0
    assert sound.dbtp(limited(samples)) < -3 + 0.2


@pytest.mark.parametrize("hz", [60.0, 997.0, 7999.0, 15_001.0])
def test_a_full_scale_burst_does_not_overshoot(hz: float) -> None:
    """A sine that starts at once, six decibels over, never exceeds the ceiling, not even in its first wave."""
    samples = np.zeros((sound.RATE, 2), dtype=np.float32)
    t = np.arange(sound.RATE // 2) / sound.RATE
    samples[12_000 : 12_000 + t.size] = (2 * CEILING * np.cos(2 * np.pi * hz * t)).astype(np.float32)[:, None]
    # Where a wave is cut on and off, sampling itself rings beyond its crest: the limiter's own meter sees that too.
    assert true_peak(limited(samples)) <= CEILING * 1.01


def test_gain_is_exactly_one_away_from_peaks() -> None:
    """Before the look-ahead and long after the release nothing is touched: sample for sample."""
    samples = tone(220, 0.3 * CEILING, seconds=6.0)
    samples[96_000] = 2.0
    gain = limiter.gain(samples, sound.RATE, ceiling=CEILING)
    assert (gain[: 96_000 - 400] == 1.0).all()
    assert np.abs(1 - gain[-48_000:]).max() < 1e-6


def test_release_is_an_exponential() -> None:
    """What is held back falls to 1 / e in the release time: 120 ms, or what is asked for."""
    samples = np.zeros((2 * sound.RATE, 2), dtype=np.float32)
    samples[10_000] = 1.0
    for release_s in (0.04, 0.12):
        held = 1 - limiter.gain(samples, sound.RATE, ceiling=0.5, release_s=release_s)
        one, later = held[14_000], held[14_000 + round(release_s * sound.RATE)]
        assert later / one == pytest.approx(np.exp(-1), abs=0.02)


def test_silence_and_nothing() -> None:
    """Silence is not touched; no samples are no gain."""
    assert (limiter.gain(np.zeros((100, 2), np.float32), sound.RATE, ceiling=CEILING) == 1).all()
    assert limiter.gain(np.zeros((0, 2), np.float32), sound.RATE, ceiling=CEILING).shape == (0,)


def test_peaks_between_samples_count() -> None:
    """A quarter-rate sine whose crests fall between samples is measured 3 dB above its samples and held."""
    samples = tone(sound.RATE / 4, 1.0, phase=np.pi / 4)
    assert np.abs(samples).max() < 0.72
    assert abs(true_peak(samples) - 1.0) < 0.1
    assert sound.dbtp(limited(samples)) < -3 + 0.1


def test_true_peak_agrees_with_oversampling() -> None:
    """The four-times meter reads within 0.3 dB of an eightfold one on noise of a narrow band."""
    rng = np.random.default_rng(2)
    spectrum = np.zeros(sound.RATE // 2 + 1, complex)
    spectrum[200:9000] = rng.standard_normal(8800) + 1j * rng.standard_normal(8800)
    wave = np.fft.irfft(spectrum)
    samples = np.repeat((wave / np.abs(wave).max()).astype(np.float32)[:, None], 2, axis=1)
    assert abs(20 * np.log10(true_peak(samples)) - sound.dbtp(samples)) < 0.3


def test_looks_five_milliseconds_ahead() -> None:
    """The gain starts to fall about 5 ms before a peak, not with it, and nothing happens earlier."""
    samples = np.zeros((sound.RATE, 2), dtype=np.float32)
    samples[20_000] = 1.0
    gain = limiter.gain(samples, sound.RATE, ceiling=0.5)
    first = int(np.argmax(gain < 1))
    assert 0.004 < (20_000 - first) / sound.RATE < 0.0065
    assert gain[20_000] < 0.501


def test_recovers() -> None:
    """Half a second after a peak the gain is back within a tenth of a decibel."""
    samples = np.zeros((sound.RATE, 2), dtype=np.float32)
    samples[10_000] = 1.0
    gain = limiter.gain(samples, sound.RATE, ceiling=0.5)
    assert gain[10_000 + sound.RATE // 2 + 5000] > 0.985
    assert np.all(np.diff(gain[10_500:]) >= -1e-6)


def test_both_sides_move_together() -> None:
    """A peak on the left turns the right down as well, so the picture of the stage stays."""
    samples = tone(440, 0.3)
    samples[24_000, 0] = 2.0
    gain = limiter.gain(samples, sound.RATE, ceiling=CEILING)
    assert gain.shape == (sound.RATE,)
    assert gain[24_000] < 0.4


def test_what_was_louder_stays_louder() -> None:
    """With a knee, strokes that exceed the ceiling keep their order and some distance; the highest comes to it."""
    ceiling = 0.5
    samples = np.zeros((48_000, 2), np.float32)
    heights = (0.6, 1.2, 2.4, 4.8)
    for place, height in zip((6_000, 18_000, 30_000, 42_000), heights, strict=True):
        samples[place : place + 400] = height * np.sin(np.arange(400) * 0.3)[:, None]
    held = samples * limiter.gain(samples, 48_000, ceiling=ceiling, knee=0.1)[:, None]
    peaks = [np.abs(held[place : place + 400]).max() for place in (6_000, 18_000, 30_000, 42_000)]
    assert limiter.envelope(held, floor=0.0).max() <= ceiling * 1.0001
    assert all(louder > 1.2 * softer for softer, louder in itertools.pairwise(peaks))
    assert peaks[-1] > 0.9 * ceiling
