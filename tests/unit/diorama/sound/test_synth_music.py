"""Music: the key, the tempo, the mood and the end that were asked for are in the samples."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import signal

from measure import sound
from stillmotion.diorama import randomness
from stillmotion.diorama.sound import registry
from stillmotion.diorama.sound.dsp.take import Take
from stillmotion.diorama.sound.score import composing, keys, moods

INSTRUMENTS = ("", "piano", "strings", "flute", "guitar", "brass", "music_box", "drums", "lofi")
TUNED = tuple(name for name in INSTRUMENTS if name != "drums")


@cache
def made(seconds: float = 6.0, seed: int = 3, **controls: float | str) -> np.ndarray:
    """What the music generator makes; read only."""
    take = Take(duration_s=seconds, sample_rate=sound.RATE, rng=randomness.generator(seed, "test"), seed=seed)
    samples = registry.make("music", tuple(controls.items()), take)
    samples.setflags(write=False)
    return samples


def chroma(samples: np.ndarray) -> np.ndarray:
    """Energy of each pitch class from 110 Hz to 2 kHz, sum 1."""
    hz, _, power = signal.spectrogram(samples.mean(axis=1), sound.RATE, nperseg=16_384, noverlap=8192)
    total = np.sqrt(power).sum(axis=1)
    inside = (hz > 110) & (hz < 2000)
    pitch = 69 + 12 * np.log2(hz[inside] / 440)
    # What lies between two keys is the skirt of a tone, not a tone.
    near = np.abs(pitch - np.round(pitch)) < 0.25
    classes = np.round(pitch[near]).astype(int) % 12
    out = np.bincount(classes, weights=total[inside][near], minlength=12)
    return np.asarray(out / out.sum())


def pulse_bpm(samples: np.ndarray, low: float = 50.0, high: float = 180.0) -> float:
    """The strongest pulse of the onsets, in beats a minute."""
    rate = 200.0
    count = len(samples) // int(sound.RATE / rate)
    _, _, spectra = signal.spectrogram(samples.mean(axis=1), sound.RATE, nperseg=1024, noverlap=1024 - 240)
    onset = np.maximum(np.diff(np.log(spectra + 1e-8), axis=1), 0).sum(axis=0)[:count]
    onset -= onset.mean()
    size = 1 << 15
    likeness = np.fft.irfft(np.abs(np.fft.rfft(onset, size)) ** 2)[: onset.size]
    tempos = np.arange(low, high, 0.25)
    lags = 60 * rate / tempos
    return float(tempos[np.argmax([likeness[np.round([lag, 2 * lag, 4 * lag]).astype(int)].sum() for lag in lags])])


@pytest.mark.parametrize("key", ["C", "A minor", "F# minor", "Eb major"])
@pytest.mark.parametrize("instrument", ["piano", "strings", "guitar"])
def test_the_key_is_heard(key: str, instrument: str) -> None:
    """Most of the energy lies on the scale of the key that was asked for, and less on any key a tritone away."""
    parsed = keys.parse(key)
    assert parsed is not None
    root, minor = parsed
    heard = chroma(made(instrument=instrument, key=key))
    inside = list(keys.scale(root, minor=minor))
    far = [(tone + 6) % 12 for tone in inside]
    assert heard[inside].sum() > 0.7
    assert heard[inside].sum() > heard[far].sum() + 0.2


@pytest.mark.parametrize("tempo_bpm", [72.0, 100.0, 130.0])
@pytest.mark.parametrize("instrument", ["drums", "guitar"])
def test_the_tempo_is_heard(tempo_bpm: float, instrument: str) -> None:
    """Onsets come at the tempo that was asked for, within two beats a minute, or at its half or double."""
    heard = pulse_bpm(made(10.0, instrument=instrument, tempo_bpm=tempo_bpm))
    assert min(abs(heard * factor - tempo_bpm) for factor in (0.5, 1.0, 2.0)) < 2.0


@pytest.mark.parametrize(("name", "minor"), [("sad", True), ("tense", True), ("happy", False), ("playful", False)])
def test_moods_are_minor_or_major(name: str, minor: bool) -> None:  # noqa: FBT001
    """Sad and tense music has the minor third over its tonic, happy and playful music the major one."""
    seed = 5
    piece = composing.compose(randomness.generator(seed, "test"), 8.0, moods.mood(name))
    assert piece.minor is minor
    heard = chroma(made(8.0, seed, instrument="strings", mood=name))
    low, high = heard[(piece.root + 3) % 12], heard[(piece.root + 4) % 12]
    assert (low > 2 * high) if minor else (high > 2 * low)


def test_moods_have_their_pace_and_weight() -> None:
    """Happy music is quicker than sad music; epic music is played louder than calm music."""
    assert moods.mood("happy").tempo_bpm > 1.5 * moods.mood("sad").tempo_bpm
    assert moods.mood("epic").loudness > moods.mood("calm").loudness + 0.2
    brightness = [sound.band_db(made(instrument="brass", mood=name), 1500, 20_000) for name in ("sad", "epic")]
    assert brightness[1] > brightness[0] + 1


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_it_dies_away_with_the_shot(instrument: str) -> None:
    """No cut at the end: the last twentieth of a second is 30 dB under the piece, and a chord rang before it."""
    samples = made(6.0, instrument=instrument)
    level = sound.envelope(samples, 20.0)
    assert level[-1] < 0.03 * level.mean()
    assert level[-40:-25].max() > 0.1 * level.mean()


@pytest.mark.parametrize("instrument", INSTRUMENTS)
@pytest.mark.parametrize("seconds", [0.2, 1.0, 2.5])
def test_short_shots_have_music_too(instrument: str, seconds: float) -> None:
    """Even a blink is filled: finite samples that are not silent."""
    samples = made(seconds, instrument=instrument)
    assert samples.shape == (round(seconds * sound.RATE), 2)
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() > 1e-3


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_nothing_clips(instrument: str) -> None:
    """At its reference loudness every instrument stays below full scale."""
    assert np.abs(made(6.0, instrument=instrument)).max() < 1.0


def test_instruments_are_told_apart() -> None:
    """No two instruments have the same spectrum and the same envelope."""
    marks = []
    for name in INSTRUMENTS:
        samples = made(5.0, instrument=name, key="C", tempo_bpm=80.0)
        bands = [sound.band_db(samples, hz, 2 * hz) for hz in (62, 125, 250, 500, 1000, 2000, 4000, 8000)]
        level_db = 20 * np.log10(sound.envelope(samples, 50.0)[20:170] + 1e-6)
        marks.append([*bands, 2 * level_db.std(), 20 * np.abs(np.diff(level_db)).mean()])
    apart = [np.abs(np.subtract(a, b)).mean() for k, a in enumerate(marks) for b in marks[:k]]
    assert min(apart) > 1.3


def test_a_music_box_decays_and_strings_hold() -> None:
    """Struck and bowed tones differ in how their level moves."""
    moving = {
        name: np.std(np.log(sound.envelope(made(instrument=name, mood="calm"), 20.0)[20:90]))
        for name in ("music_box", "strings")
    }
    assert moving["music_box"] > 1.5 * moving["strings"]


def test_a_drone_takes_key_and_mood() -> None:
    """The root of a drone is the key's, and a tense one rubs: it has the semitone over its root."""
    take = Take(duration_s=4.0, sample_rate=sound.RATE, rng=randomness.generator(1, "x"), seed=1)
    heard = chroma(registry.make("drone", (("key", "D minor"),), take))
    assert heard[[2, 5, 9]].sum() > 0.5
    assert heard[5] > 2 * heard[6]
    rub, plain = (chroma(registry.make("drone", (("mood", mood),), take)) for mood in ("tense", "calm"))
    assert rub[1] > 2 * plain[1]
