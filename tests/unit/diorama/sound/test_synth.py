"""Each generator: stereo, alive, repeatable, with the spectrum of what it stands for."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import signal

from measure import sound
from stillmotion.diorama import gust, randomness, swell
from stillmotion.diorama.sound import registry
from stillmotion.diorama.sound.dsp.take import Take
from stillmotion.diorama.sound.registry import SoundUnknown

NAMES = tuple(sorted(registry.GENERATORS))


def take(seconds: float = 5.0, seed: int = 3) -> Take:
    """A recording to make."""
    rng = randomness.generator(seed, "test")
    return Take(duration_s=seconds, sample_rate=sound.RATE, rng=rng, seed=seed)


@cache
def made(name: str, seconds: float = 5.0, **controls: float) -> np.ndarray:
    """What a generator makes; read only."""
    samples = registry.make(name, tuple(controls.items()), take(seconds))
    samples.setflags(write=False)
    return samples


POINTS = {
    "bark",
    "bell",
    "bleat",
    "breath",
    "caw",
    "click",
    "clock",
    "cluck",
    "coo",
    "cough",
    "cowbell",
    "creak",
    "crowing",
    "crumple",
    "cry",
    "door",
    "drip",
    "engine",
    "flag",
    "footsteps",
    "growl",
    "hammer",
    "heartbeat",
    "hiss",
    "hoot",
    "hooves",
    "horn",
    "howl",
    "impact",
    "jingle",
    "keyboard",
    "laughter",
    "meow",
    "moo",
    "neigh",
    "oink",
    "passing",
    "phone",
    "plunge",
    "printer",
    "projector",
    "purr",
    "quack",
    "roar",
    "rolling",
    "rustle",
    "saw",
    "scrape",
    "scream",
    "shatter",
    "singing",
    "siren",
    "snap",
    "squeak",
    "strikes",
    "whimper",
    "whistling",
    "whoosh",
    "wings",
    "woodpecker",
    "zipper",
}
"""Generators of something that is somewhere."""


@pytest.mark.parametrize("name", NAMES)
class TestEveryGenerator:
    """Promises that hold for all of them."""

    def test_shape(self, name: str) -> None:
        """A generator gives exactly the samples asked for, in stereo, as finite 32-bit floats."""
        samples = registry.make(name, (), take(1.2345))
        assert samples.shape == (round(1.2345 * sound.RATE), 2)
        assert samples.dtype == np.float32
        assert np.isfinite(samples).all()

    def test_repeatable(self, name: str) -> None:
        """The same seed gives the same samples, bit for bit; another seed gives others."""
        assert np.array_equal(registry.make(name, (), take(1.5)), registry.make(name, (), take(1.5)))
        assert not np.array_equal(registry.make(name, (), take(1.5)), registry.make(name, (), take(1.5, seed=4)))

    def test_wide_or_at_a_point(self, name: str) -> None:
        """Beds differ left and right; what has a place of its own sounds almost alike in both; no side is empty."""
        samples = made(name)
        alike = abs(np.corrcoef(samples.T)[0, 1])
        assert alike > 0.6 if name in POINTS else alike < 0.9
        left, right = np.sqrt(np.mean(samples**2, axis=0))
        assert abs(20 * np.log10(left / right)) < 8

    def test_no_direct_current(self, name: str) -> None:
        """The mean is at least 40 dB under the level."""
        samples = made(name)
        assert np.abs(samples.mean(axis=0)).max() < 0.01 * np.sqrt(np.mean(samples**2))

    def test_no_loop(self, name: str) -> None:
        """Nothing repeats: no stretch of the waveform comes again after half a second or more."""
        if name in {"bell", "clock", "drone", "horn", "hum", "siren"}:
            pytest.skip("a steady tone resembles itself")
        mono = made(name).mean(axis=1)
        mono = signal.resample_poly(mono, 1, 3)
        size = len(mono) * 2
        power = np.abs(np.fft.rfft(mono, size)) ** 2
        likeness = np.fft.irfft(power, size)[: len(mono)] / power.sum() * size / 2
        apart = sound.RATE // 6
        assert np.abs(likeness[apart:]).max() / abs(likeness[0]) < 0.6


class TestSpectra:
    """Energy lies where the thing that sounds puts it."""

    def test_wind_is_low_rain_is_high(self) -> None:
        """Wind keeps its energy under 1 kHz; rain has most of it above."""
        assert sound.band_db(made("wind"), 20, 1000) > -1.5
        assert sound.band_db(made("rain"), 1000, 20_000) > -1.5

    def test_leaves_rustle_between_two_and_nine_kilohertz(self) -> None:
        """Three quarters of a rustle lie from 2 to 9 kHz."""
        assert sound.band_db(made("leaves"), 2000, 9000) > -1.3

    def test_crickets_sing_at_four_to_five_kilohertz(self) -> None:
        """Nine tenths of the song lie from 3.8 to 5.4 kHz."""
        assert sound.band_db(made("crickets"), 3800, 5400) > -0.5

    def test_birds_whistle_above_one_and_a_half_kilohertz(self) -> None:
        """Birdsong has nothing below 1.2 kHz."""
        assert sound.band_db(made("birds"), 0, 1200) < -25

    def test_thunder_far_away_is_a_rumble(self) -> None:
        """Distance leaves nearly nothing above 800 Hz."""
        assert sound.band_db(made("thunder"), 800, 20_000) < -20

    def test_farther_thunder_is_duller(self) -> None:
        """The air takes more of the highs over more kilometres."""
        near, far = (made("thunder", distance_km=d) for d in (1.5, 8.0))
        assert sound.band_db(far, 150, 20_000) < sound.band_db(near, 150, 20_000) - 3

    def test_traffic_roars_low(self) -> None:
        """A road has most of its energy under 1.5 kHz and hardly any above 5 kHz."""
        assert sound.band_db(made("traffic"), 20, 1500) > -1
        assert sound.band_db(made("traffic"), 5000, 20_000) < -15

    def test_stream_rings_like_its_bubbles(self) -> None:
        """Smaller bubbles sound higher, after Minnaert."""
        small, large = (made("stream", radius_mm=r) for r in (1.0, 3.0))
        assert sound.band_db(small, 2000, 20_000) > sound.band_db(large, 2000, 20_000) + 4

    def test_hum_stands_on_its_harmonics(self) -> None:
        """The strongest lines of a hum are whole multiples of its pitch."""
        hz, power = signal.welch(made("hum", f0_hz=100.0).mean(axis=1), sound.RATE, nperseg=1 << 16)
        loudest = hz[np.argmax(power)]
        assert min(loudest % 100, 100 - loudest % 100) < 1.5

    def test_fire_snaps(self) -> None:
        """A fire is made of peaks: its crest factor is far above that of noise of the same band."""
        samples = made("fire")
        crest_db = 20 * np.log10(np.abs(samples).max() / np.sqrt(np.mean(samples**2)))
        assert crest_db > 18

    def test_crowd_speaks_in_syllables(self) -> None:
        """The envelope of one voice moves mostly at 2 to 8 Hz, as speech does."""
        voice = signal.sosfilt(
            signal.butter(2, (300, 3000), "bandpass", fs=sound.RATE, output="sos"),
            made("crowd", 10.0, count=1.0)[:, 0],
        )
        slow = sound.envelope(voice[:, None], 50.0)
        hz, power = signal.welch(slow - slow.mean(), 50.0, nperseg=256)
        assert power[(hz > 1.5) & (hz < 9)].sum() > 2 * power[hz > 9].sum()

    def test_room_is_duller_than_open_air(self) -> None:
        """A closed room keeps more of its tone under 150 Hz than open air does."""
        room, air = (made("room_tone", openness=openness) for openness in (0.0, 1.0))
        assert sound.band_db(room, 20, 150) > sound.band_db(air, 20, 150) + 0.5

    def test_waves_crash_and_draw_back(self) -> None:
        """Sea rises and falls by at least 6 dB, at the pace of its swell."""
        level_db = 20 * np.log10(sound.envelope(made("waves", 20.0), 2.0))
        assert np.percentile(level_db, 95) - np.percentile(level_db, 5) > 6


class TestSharedProcesses:
    """What is heard follows what is seen."""

    def test_wind_follows_the_gust(self) -> None:
        """The loudness of the wind goes up and down with the gust that moves the leaves."""
        times_s = np.arange(0, 20, 0.25) + 0.125
        strength = gust.strength(3, times_s, x=0.5)
        heard = sound.envelope(made("wind", 20.0), 4.0)
        assert np.corrcoef(np.log(heard), np.log(strength))[0, 1] > 0.7

    def test_leaves_follow_the_same_gust(self) -> None:
        """Leaves and wind rise together."""
        both = np.corrcoef(np.log(sound.envelope(made("wind", 20.0))), np.log(sound.envelope(made("leaves", 20.0))))
        assert both[0, 1] > 0.6

    def test_gust_keeps_going_where_it_was(self) -> None:
        """A sound that starts late reads the gust of that moment: the process is a function of time alone."""
        times_s = np.linspace(0, 20, 200)
        assert np.array_equal(gust.strength(5, times_s)[100:], gust.strength(5, times_s[100:]))

    def test_gust_is_positive_with_mean_one(self) -> None:
        """Wind never blows backwards and its mean is what the caller asked for."""
        strength = np.concatenate([gust.strength(seed, np.arange(0, 60, 0.1)) for seed in range(12)])
        assert strength.min() > 0
        assert abs(strength.mean() - 1) < 0.15

    def test_gust_travels(self) -> None:
        """The right edge feels a moment later what the left edge felt."""
        times_s = np.arange(0, 20, 0.05)
        left, right = (gust.strength(2, times_s, x=x) for x in (0.0, 1.0))
        lags = [np.corrcoef(left[: -1 - k], right[k:-1])[0, 1] for k in range(60)]
        assert 1.0 < 0.05 * int(np.argmax(lags)) < 2.0

    def test_waves_break_when_the_swell_says(self) -> None:
        """The sea is loudest within a second and a half of the instants at which foam is drawn."""
        heard = signal.savgol_filter(sound.envelope(made("waves", 20.0)), 11, 2)
        crests = [wave.time_s for wave in swell.breakers(3, 20.0) if 1 < wave.time_s < 18]
        near = np.zeros(heard.size, dtype=bool)
        for time_s in crests:
            near[int((time_s - 0.5) * 10) : int((time_s + 2.0) * 10)] = True
        assert heard[near].mean() > 1.3 * heard[~near].mean()

    def test_longer_shots_begin_with_the_same_waves(self) -> None:
        """Making a shot longer adds waves at its end and moves none."""
        short, long = swell.breakers(1, 4.0), swell.breakers(1, 20.0)
        assert long[: len(short)] == short
        assert len(long) > len(short)


class TestRegistry:
    """Names and controls are checked in a person's words."""

    def test_unknown_generator(self) -> None:
        """An unknown generator is refused with its name and the ones that exist."""
        with pytest.raises(SoundUnknown, match=r'"kazoo".*birds, .*crickets'):
            registry.make("kazoo", (), take(0.1))

    def test_unknown_control(self) -> None:
        """An unknown control is refused with its name and the ones that exist."""
        with pytest.raises(SoundUnknown, match=r'"wind" has no control "colour".*gustiness'):
            registry.make("wind", (("colour", 1.0),), take(0.1))
