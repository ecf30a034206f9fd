"""Animals: pitch, pulses, beats, gaits and counts of the real ones, and none that could be another."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy import signal

from measure import sound
from stillmotion.diorama import randomness
from stillmotion.diorama.sound import registry
from stillmotion.diorama.sound.dsp.take import Take
from stillmotion.diorama.sound.palette import animals

COUNTED = {
    "meow": 1.6, "cat_hiss": 2.2, "dog": 0.6, "growl": 2.8, "howl": 5.0, "whimper": 1.0, "horse": 3.2, "cow": 3.0,
    "sheep": 1.8, "pig": 0.8, "crow": 1.0, "gulls": 1.2, "owl": 1.4, "dove": 2.2, "rooster": 3.2, "chicken": 0.8,
    "duck": 0.8, "frogs": 1.2, "woodpecker": 1.8, "lion": 3.4,
}  # fmt: skip
"""Sounds that are counted, and a distance in seconds at which one has ended before the next."""
POINTS = sorted(set(animals.VOICES) - {"birds", "crickets", "cicadas", "gulls", "frogs", "buzz", "mosquito"})


def take(seconds: float, seed: int = 5) -> Take:
    """A recording to make."""
    return Take(duration_s=seconds, sample_rate=sound.RATE, rng=randomness.generator(seed, "animals"), seed=seed)


@cache
def made(name: str, seconds: float, seed: int = 5, **controls: float | str) -> np.ndarray:
    """A named sound with these controls on top; read only."""
    voice = animals.VOICES[name]
    samples = registry.make(voice.generator, voice.controls + tuple(controls.items()), take(seconds, seed))
    samples.setflags(write=False)
    return np.asarray(samples)


def mono(samples: np.ndarray) -> np.ndarray:
    """Both channels in one."""
    return samples.mean(axis=1).astype(np.float64)


def pitches(samples: np.ndarray, low_hz: float, high_hz: float, *, share: float = 1.0) -> np.ndarray:
    """Pitch in hertz every 10 ms by autocorrelation, where there is sound; NaN elsewhere.

    A rough voice is often more like itself two or three periods on. With a `share` below 1 the period is the shortest
    time after which it is that much as alike as after the best one.
    """
    x, width, hop = mono(samples), sound.RATE // 25, sound.RATE // 100
    frames = np.lib.stride_tricks.sliding_window_view(x, width)[::hop] * np.hanning(width)
    power = np.abs(np.fft.rfft(frames, 2 * width)) ** 2
    likeness = np.fft.irfft(power)[:, :width]
    first, last = int(sound.RATE / high_hz), int(sound.RATE / low_hz)
    inside = likeness[:, first:last]
    before, after = likeness[:, first - 1 : last - 1], likeness[:, first + 1 : last + 1]
    alike = (inside >= share * inside.max(axis=1, keepdims=True)) & (
        (inside >= np.maximum(before, after)) | (share == 1)
    )
    lag = first + np.argmax(alike, axis=1)
    loud = likeness[:, 0] > 0.01 * likeness[:, 0].max()
    return np.where(loud, sound.RATE / lag, np.nan)


def runs(samples: np.ndarray, *, under_db: float, shortest_gap_s: float) -> list[tuple[float, float]]:
    """Start and end in seconds of every stretch that is not so far under the loudest."""
    level = sound.envelope(samples, 200.0)
    at = np.flatnonzero(level > level.max() * 10 ** (-under_db / 20)) / 200.0
    breaks = np.flatnonzero(np.diff(at) > shortest_gap_s)
    starts, ends = at[np.r_[0, breaks + 1]], at[np.r_[breaks, at.size - 1]]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def onsets(samples: np.ndarray, shortest_s: float) -> np.ndarray:
    """When the envelope leaps, at least so far apart."""
    level = np.log(sound.envelope(samples, 400.0) + 1e-4)
    rise = np.maximum(level[4:] - level[:-4], 0)
    peaks, _ = signal.find_peaks(np.r_[0, rise, 0], height=1.2, distance=int(shortest_s * 400))
    return np.asarray(peaks / 400.0)


class TestCat:
    """The animal of most photos."""

    @pytest.mark.parametrize("seed", [1, 2, 3, 4])
    def test_meow_is_an_arch(self, seed: int) -> None:
        """A meow lasts 0.4 to 1.2 s; its pitch climbs to 500 to 800 Hz before two thirds of it and comes down again."""
        samples = made("meow", 2.0, seed, count=1)
        ((start_s, end_s),) = runs(samples, under_db=30, shortest_gap_s=0.1)
        assert 0.4 < end_s - start_s < 1.2
        hz = pitches(samples, 250, 1000)
        hz = hz[np.isfinite(hz)]
        smooth = signal.medfilt(hz, 7)[3:-3]
        top = int(np.argmax(smooth))
        assert 500 < smooth[top] < 800
        assert 0.1 * smooth.size < top < 0.67 * smooth.size
        assert smooth[:4].mean() < 0.88 * smooth[top]
        assert smooth[-4:].mean() < 0.88 * smooth[top]

    def test_mouth_opens(self) -> None:
        """The middle of a meow is brighter than its beginning and its end: the mouth opens and closes."""
        samples = made("meow", 2.0, count=1)
        ((start_s, end_s),) = runs(samples, under_db=30, shortest_gap_s=0.1)
        edges = np.linspace(start_s, end_s, 6) * sound.RATE
        parts = [samples[int(a) : int(b)] for a, b in pairwise(edges)]
        bright = [sound.band_db(part, 2000, 8000) for part in parts]
        assert max(bright[1:4]) > bright[0] + 6
        assert max(bright[1:4]) > bright[-1] + 6

    def test_no_two_meows_are_alike(self) -> None:
        """Length and pitch differ from call to call."""
        samples = made("meow", 8.0, count=4, every_s=2.0)
        lengths = [end - start for start, end in runs(samples, under_db=30, shortest_gap_s=0.1)]
        assert len(lengths) == 4
        assert np.ptp(lengths) > 0.03

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_purr_pulses(self, seed: int) -> None:
        """Out and in, the pulses of a purr come 20.9 to 27.2 times a second, in phases of half a second to 1.1 s."""
        samples = made("purr", 8.0, seed)
        low = signal.sosfilt(signal.butter(2, (80, 600), "bandpass", fs=sound.RATE, output="sos"), mono(samples))
        smooth = signal.sosfiltfilt(signal.butter(2, 45, fs=sound.RATE, output="sos"), np.abs(low))
        peaks, _ = signal.find_peaks(smooth, distance=int(0.026 * sound.RATE), height=0.12 * smooth.max())
        gaps = np.diff(peaks) / sound.RATE
        breaks = np.flatnonzero(gaps > 0.07)
        phases = np.split(gaps, breaks)
        rates = [1 / np.median(phase[1:]) for phase in phases if phase.size > 8]
        assert len(rates) >= 5
        assert all(20.5 < rate < 27.6 for rate in rates)
        lengths = np.diff(peaks[breaks]) / sound.RATE
        assert 0.45 < np.median(lengths) < 1.15

    def test_purr_comes_from_the_chest(self) -> None:
        """More than half of a purr lies from 80 to 600 Hz."""
        assert sound.band_db(made("purr", 6.0), 80, 600) > -3

    def test_hiss_has_no_voice(self) -> None:
        """A hiss is noise above 1 kHz: no frame of it repeats itself."""
        samples = made("cat_hiss", 2.0, count=1)
        assert sound.band_db(samples, 1000, 20_000) > -0.5
        x = mono(samples)[4800:14_400]
        likeness = np.correlate(x, x, "full")[x.size - 1 :]
        assert likeness[100:2000].max() < 0.3 * likeness[0]


class TestVoices:
    """Pitch and course of the others."""

    @pytest.mark.parametrize(
        ("name", "low_hz", "high_hz"),
        [("howl", 300, 750), ("cow", 70, 200), ("owl", 250, 450), ("dove", 350, 650), ("sheep", 130, 400)],
    )
    def test_pitch(self, name: str, low_hz: float, high_hz: float) -> None:
        """The pitch lies where the animal's does."""
        hz = pitches(made(name, 5.0, count=1), 0.6 * low_hz, 1.8 * high_hz)
        assert low_hz < np.nanmedian(hz) < high_hz

    def test_neigh_comes_down_shaking(self) -> None:
        """A neigh ends far under its height, and its loudness shakes 8 to 14 times a second."""
        samples = made("horse", 3.0, count=1)
        hz = pitches(samples, 250, 2200, share=0.5)
        hz = signal.medfilt(hz[np.isfinite(hz)], 5)
        assert np.median(hz[-15:]) < 0.55 * np.percentile(hz, 90)
        level = sound.envelope(samples, 100.0)[30:150]
        rate, power = signal.periodogram(level / signal.savgol_filter(level, 41, 2), 100.0, nfft=1024)
        assert 7.5 < rate[rate >= 4][np.argmax(power[rate >= 4])] < 15

    def test_bleat_trembles(self) -> None:
        """A bleat trembles 6 to 10 times a second."""
        level = sound.envelope(made("sheep", 2.0, count=1, length_s=1.5), 100.0)[10:110]
        rate, power = signal.periodogram(level / signal.savgol_filter(level, 41, 2), 100.0, nfft=1024)
        assert 6 < rate[rate >= 4][np.argmax(power[rate >= 4])] < 10.5

    def test_rooster_says_four_syllables(self) -> None:
        """A crow has four loud parts, and the last is the longest."""
        level = signal.savgol_filter(sound.envelope(made("rooster", 3.5, count=1), 100.0), 5, 1)
        parts = level > 0.3 * level.max()
        edges = np.flatnonzero(np.diff(np.r_[0, parts.astype(int), 0]))
        lengths = edges[1::2] - edges[::2]
        assert lengths[lengths > 5].size == 4
        assert np.argmax(lengths) == lengths.size - 1

    def test_owl_is_pure(self) -> None:
        """A hoot has less than a tenth of its power outside its first harmonic."""
        assert sound.band_db(made("owl", 4.0), 250, 480) > -0.5

    def test_large_animals_are_lower(self) -> None:
        """A lion's and a cow's voice lie under a sheep's, a sheep's under a crow's."""
        centre = {}
        for name in ("lion", "cow", "sheep", "crow"):
            hz, power = signal.welch(mono(made(name, 5.0)), sound.RATE, nperseg=4096)
            centre[name] = float((hz * power).sum() / power.sum())
        assert max(centre["lion"], centre["cow"]) < centre["sheep"] < centre["crow"]


class TestBeats:
    """Wings, hooves, bills and drums."""

    @pytest.mark.parametrize(("name", "wing_hz"), [("buzz", 230.0), ("mosquito", 535.0)])
    def test_wing_beats(self, name: str, wing_hz: float) -> None:
        """The strongest low line of one insect lies within a tenth of its wing beats."""
        hz, power = signal.welch(mono(made(name, 6.0, count=1, wing_hz=wing_hz)), sound.RATE, nperseg=8192)
        inside = (hz > 0.7 * wing_hz) & (hz < 1.5 * wing_hz)
        assert abs(hz[inside][np.argmax(power[inside])] / wing_hz - 1) < 0.12

    def test_flaps(self) -> None:
        """Wings beat as often a second as they are told."""
        level = sound.envelope(made("wings", 6.0, beats_per_s=7.0), 100.0)
        rate, power = signal.periodogram(level - level.mean(), 100.0)
        inside = (rate > 3) & (rate < 12)
        assert abs(rate[inside][np.argmax(power[inside])] - 7.0) < 0.7

    def test_gaits(self) -> None:
        """A walk has four even beats a stride, a trot two quick even ones, a gallop a pause after every four."""
        beats = {gait: np.diff(onsets(made("hooves", 8.0, gait=gait), 0.05)) for gait in ("walk", "trot", "gallop")}
        assert np.median(beats["walk"]) == pytest.approx(0.262, abs=0.03)
        assert np.median(beats["trot"]) == pytest.approx(0.35, abs=0.03)
        assert np.std(beats["walk"]) < 0.2 * np.mean(beats["walk"])
        gallop = beats["gallop"]
        long = gallop > 1.8 * np.median(gallop)
        assert 0.2 < long.mean() < 0.3

    def test_pace_picks_the_gait(self) -> None:
        """A horse that hurries has more beats a second."""
        beats = [onsets(made("hooves", 6.0, pace=pace), 0.05).size for pace in (1.0, 2.2)]
        assert beats[1] > 1.4 * beats[0]

    def test_soft_ground(self) -> None:
        """On grass hooves thud: little is left above 800 Hz."""
        assert (
            sound.band_db(made("hooves", 5.0, surface="grass"), 800, 20_000)
            < sound.band_db(made("hooves", 5.0), 800, 20_000) - 6
        )

    def test_hoof_beats_are_counted(self) -> None:
        """Six beats are six."""
        assert onsets(np.pad(made("hooves", 4.0, count=6), ((480, 0), (0, 0))), 0.08).size == 6

    def test_drumming(self) -> None:
        """A woodpecker strikes 8 to 22 times a second."""
        at = onsets(made("woodpecker", 1.0, count=1, loss=0.2), 0.025)
        assert 8 < 1 / np.median(np.diff(at)) < 22


class TestAllAnimals:
    """Promises of every one."""

    @pytest.mark.parametrize("name", sorted(COUNTED))
    @pytest.mark.parametrize("count", [1, 3])
    def test_exactly_so_many(self, name: str, count: int) -> None:
        """A sound with a count is heard exactly that often."""
        every_s = COUNTED[name]
        samples = made(name, every_s * count + 0.2, count=count, every_s=every_s)
        gap_s = 0.35 if name in {"dove", "rooster", "woodpecker", "owl"} else 0.16
        assert len(runs(samples, under_db=21, shortest_gap_s=gap_s)) == count

    @pytest.mark.parametrize("name", POINTS)
    def test_begins_at_once(self, name: str) -> None:
        """The first call begins with the cue: it is above a hundredth of its height within 60 ms."""
        level = np.abs(made(name, 5.0)).max(axis=1)
        assert level[: int(0.06 * sound.RATE)].max() > 0.01 * level.max()

    @pytest.mark.parametrize("name", sorted(set(animals.VOICES) - {"birds", "crickets"}))
    def test_any_length(self, name: str) -> None:
        """A fifth of a second is heard, unclipped, and ends without a step."""
        samples = made(name, 0.2)
        assert 0.02 < np.abs(samples).max() < 1
        assert np.isfinite(samples).all()

    def test_pairwise_distinct(self) -> None:
        """No two are alike: their spectra or the way their loudness moves differ plainly."""
        traits = {name: _trait(mono(made(name, 6.0))) for name in animals.VOICES}
        names = sorted(traits)
        close = [
            (one, two)
            for k, one in enumerate(names)
            for two in names[k + 1 :]
            if np.sqrt(np.mean((traits[one] - traits[two]) ** 2)) < 3.0
        ]
        assert close == []


def _trait(samples: np.ndarray) -> np.ndarray:
    """Level in decibels of third-octave bands from 60 Hz to 12 kHz and of six bands of modulation."""
    hz, power = signal.welch(samples, sound.RATE, nperseg=4096)
    edges = 60 * 2 ** (np.arange(25) / 3)
    colour = [power[(hz >= a) & (hz < b)].sum() for a, b in pairwise(edges)]
    level = np.sqrt(np.mean(samples[: samples.size // 480 * 480].reshape(-1, 480) ** 2, axis=1))
    rate, moving = signal.welch(level / level.mean(), 100.0, nperseg=256)
    motion = [moving[(rate >= a) & (rate < b)].sum() for a, b in pairwise((0.3, 1, 2, 4, 8, 16, 32))]
    colour_db, motion_db = (10 * np.log10(np.array(part) / np.sum(part) + 1e-5) for part in (colour, motion))
    return np.concatenate([colour_db, 2 * motion_db])
