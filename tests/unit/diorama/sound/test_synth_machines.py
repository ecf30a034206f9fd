"""Machines keep their rates: ticks, firings, blades, rings, strokes, sweeps, and what passing does to them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy import signal

from measure import sound
from stillmotion.diorama import randomness
from stillmotion.diorama.sound import palette, registry
from stillmotion.diorama.sound.dsp import resonators
from stillmotion.diorama.sound.dsp.take import Take
from stillmotion.diorama.sound.synth import passing

MADE = [
    "bell",
    "click",
    "clock",
    "engine",
    "hammer",
    "horn",
    "jet",
    "keyboard",
    "passing",
    "phone",
    "printer",
    "projector",
    "radio",
    "rotor",
    "saw",
    "siren",
    "train",
    "whir",
]


def made(name: str, seconds: float = 5.0, **controls: Any) -> np.ndarray:
    """What a generator makes, both channels together."""
    rng = randomness.generator(3, "test")
    take = Take(duration_s=seconds, sample_rate=sound.RATE, rng=rng, seed=3)
    return np.asarray(registry.make(name, tuple(controls.items()), take).mean(axis=1), dtype=np.float64)


def onsets_s(mono: np.ndarray, apart_s: float, share: float = 0.25) -> np.ndarray:
    """When blows begin: local peaks of the envelope, `apart_s` from each other at least."""
    level = np.convolve(np.abs(mono), np.ones(96) / 96, "same")
    peaks, _ = signal.find_peaks(level, height=share * level.max(), distance=int(apart_s * sound.RATE))
    return np.asarray(peaks / sound.RATE)


def strongest_hz(mono: np.ndarray, low_hz: float, high_hz: float) -> float:
    """The highest line of the spectrum between two frequencies."""
    power = np.abs(np.fft.rfft(mono * np.hanning(mono.size), 4 * mono.size)) ** 2
    hz = np.fft.rfftfreq(4 * mono.size, 1 / sound.RATE)
    inside = (hz >= low_hz) & (hz <= high_hz)
    return float(hz[inside][np.argmax(power[inside])])


class TestClock:
    """A clock keeps time."""

    def test_ticks_are_a_second_apart(self) -> None:
        """The same side of the escapement is heard every two seconds to within half a millisecond."""
        mono = made("clock", 8.0)
        step = 2 * sound.RATE
        ticks = [mono[k * step : k * step + sound.RATE // 5] for k in range(4)]
        for one in ticks[1:]:
            loud = [np.convolve(np.abs(part), np.ones(24), "same") for part in (ticks[0], one)]
            lag = np.argmax(np.correlate(loud[0], loud[1], "full")) - (len(one) - 1)
            assert abs(lag) < 0.0005 * sound.RATE

    def test_the_first_tick_comes_at_once(self) -> None:
        """Within a fiftieth of a second, and the next one a second later."""
        at_s = onsets_s(made("clock", 4.0), 0.5)
        assert at_s[0] < 0.03
        assert np.diff(at_s) == pytest.approx(1.0, abs=0.004)

    def test_tick_is_louder_than_tock(self) -> None:
        """By two to three decibels, as far as rough contacts allow."""
        mono = made("clock", 20.0)
        power = [np.mean(mono[k * sound.RATE : k * sound.RATE + 4800] ** 2) for k in range(20)]
        assert 1.2 < 10 * np.log10(np.mean(power[::2]) / np.mean(power[1::2])) < 4.0

    def test_metronome(self) -> None:
        """120 beats a minute are half a second apart."""
        at_s = onsets_s(made("clock", 4.0, tempo_bpm=120.0), 0.3)
        assert np.diff(at_s) == pytest.approx(0.5, abs=0.004)

    def test_ticks_are_short(self) -> None:
        """A tenth of a second after a tick 30 decibels are gone: it does not ding."""
        mono = made("clock", 2.0)
        early, late = (np.mean(mono[int(a * 48_000) : int(b * 48_000)] ** 2) for a, b in ((0.015, 0.035), (0.13, 0.2)))
        assert 10 * np.log10(early / late) > 30


@pytest.mark.parametrize(
    ("name", "controls", "apart_s"),
    [
        ("clock", {"every_s": 0.5}, 0.3),
        ("hammer", {"every_s": 0.8}, 0.4),
        ("bell", {"every_s": 0.9, "ring_s": 0.6}, 0.5),
        ("horn", {"every_s": 0.8, "length_s": 0.3}, 0.5),
        ("phone", {"every_s": 1.2}, 0.9),
        ("click", {"every_s": 0.7}, 0.6),
    ],
)
class TestCounts:
    """What has a count is made exactly that often."""

    @pytest.mark.parametrize("count", [1, 3])
    def test_exactly(self, name: str, controls: dict[str, float], apart_s: float, count: int) -> None:
        """As many blows as asked; what stays under 0.35 of the level of the loudest is none."""
        mono = made(name, 5.0, count=count, **controls)
        slow = np.convolve(mono**2, np.ones(4800) / 4800, "same")
        sounding = slow > 0.35**2 * slow.max()
        starts = np.flatnonzero(np.diff(np.concatenate([[False], sounding]).astype(int)) == 1) / sound.RATE
        heard = [at_s for k, at_s in enumerate(starts) if k == 0 or at_s - starts[k - 1] > 0.5 * apart_s]
        assert len(heard) == count


class TestEngines:
    """Engines fire as often as their crank says."""

    @pytest.mark.parametrize(("rpm", "cylinders"), [(900.0, 4), (1500.0, 6), (2400.0, 2)])
    def test_firing_rate(self, rpm: float, cylinders: int) -> None:
        """The strongest line near rpm / 60 x cylinders / 2 lies there."""
        firing_hz = rpm / 60 * cylinders / 2
        mono = made("engine", 6.0, rpm=rpm, cylinders=cylinders, uneven=0.02, intake=0.0, clatter=0.0)
        assert strongest_hz(mono, 0.7 * firing_hz, 1.4 * firing_hz) == pytest.approx(firing_hz, rel=0.05)

    def test_pace_is_the_revolutions(self) -> None:
        """Twice the pace fires twice as often."""
        slow, fast = (made("engine", 6.0, rpm=900.0, pace=pace, uneven=0.02, clatter=0.0) for pace in (1.0, 2.0))
        assert strongest_hz(fast, 45, 80) == pytest.approx(2 * strongest_hz(slow, 22, 40), rel=0.06)

    def test_throttle_opens_the_highs(self) -> None:
        """A wide throttle is brighter."""
        closed, wide = (made("engine", throttle=throttle, clatter=0.0, intake=0.0) for throttle in (0.05, 1.0))
        assert sound.band_db(wide[:, None], 700, 5000) > sound.band_db(closed[:, None], 700, 5000) + 3

    def test_blades(self) -> None:
        """The envelope of a helicopter beats at its blade-pass rate, and at twice that with twice the pace."""
        for pace in (1.0, 1.5):
            mono = made("rotor", 6.0, blades_per_s=12.0, pace=pace)
            slow = signal.resample_poly(np.abs(mono), 1, 480)
            hz, power = signal.welch(slow - slow.mean(), 100.0, nperseg=512)
            inside = (hz > 6) & (hz < 22)
            assert hz[inside][np.argmax(power[inside])] == pytest.approx(12.0 * pace, abs=0.4)


class TestPassing:
    """What passes obeys Doppler and distance."""

    def test_doppler(self) -> None:
        """The ratio of the pitches of coming and going is (c + v) / (c - v) for a car far along its lane."""
        speed = 30.0
        mono = made("passing", 10.0, speed_m_s=speed, count=1, tyres=0.0, engine_hz=400.0, engine=1.0, distance_m=3.0)
        coming, going = (strongest_hz(part, 300, 520) for part in (mono[: 2 * sound.RATE], mono[-2 * sound.RATE :]))
        wanted = (passing.SPEED_OF_SOUND + speed) / (passing.SPEED_OF_SOUND - speed)
        assert coming / going == pytest.approx(wanted, rel=0.03)

    def test_louder_when_near(self) -> None:
        """A car is heard rising by more than 12 decibels, loudest in the middle third, and sinking."""
        level_db = 20 * np.log10(sound.envelope(made("passing", 9.0, count=1, speed_m_s=20.0)[:, None], 3.0))
        assert 9 < np.argmax(level_db) < 18
        assert level_db.max() - max(level_db[0], level_db[-1]) > 12


class TestBells:
    """Bells have the partials of their shape."""

    def test_church_partials(self) -> None:
        """Hum, prime, tierce, quint and nominal stand at 0.5, 1, 1.2, 1.5 and 2 of the note."""
        mono = made("bell", 6.0, count=1, prime_hz=400.0)
        for ratio in (0.5, 1.0, 1.2, 1.5, 2.0):
            assert strongest_hz(mono, 380 * ratio, 420 * ratio) == pytest.approx(400 * ratio, rel=0.004)

    def test_the_hum_rings_longest(self) -> None:
        """What is left after five seconds is lower than the stroke."""
        mono = made("bell", 8.0, count=1, prime_hz=400.0, ring_s=9.0)[:, None]
        assert sound.band_db(mono[-2 * sound.RATE :], 100, 300) > sound.band_db(mono[: sound.RATE], 100, 300) + 3

    def test_decay_time(self) -> None:
        """A mode falls by 60 decibels in the time that it is given."""
        drive = np.zeros(sound.RATE, np.float32)
        drive[0] = 1.0
        rung = resonators.ring(drive, sound.RATE, resonators.modes((1000.0, 0.5, 1.0)))
        early, late = (np.abs(rung[int(t * sound.RATE) :][:480]).max() for t in (0.05, 0.55))
        assert 20 * np.log10(early / late) == pytest.approx(60, abs=1)


class TestSignals:
    """Sirens sweep, alarms beep, telephones keep their cadence."""

    def test_siren_sweeps(self) -> None:
        """The pitch of a wail goes over an octave up and down, at its period."""
        mono = made("siren", 9.0, low_hz=600.0, high_hz=1400.0, sweep_s=4.0)
        hz = np.array([strongest_hz(mono[k : k + 4800], 400, 1600) for k in range(0, mono.size - 4800, 4800)])
        assert hz.min() < 680
        assert hz.max() > 1300
        assert np.corrcoef(hz[:40], hz[40:80])[0, 1] > 0.9

    def test_alarm_beeps_in_threes(self) -> None:
        """Three beeps of half a second, then a pause, as a smoke alarm does."""
        mono = made("siren", 6.0, beep_s=0.5, gap_s=0.5, sweep_s=0.0, high_hz=3100.0, group=3)
        on = sound.envelope(mono[:, None], 20.0)
        on = on > 0.4 * on.max()
        assert np.count_nonzero(np.diff(on.astype(int)) == 1) + on[0] == 5

    def test_phone_rings_two_seconds_of_six(self) -> None:
        """Two seconds on, four off."""
        level = sound.envelope(made("phone", 12.0)[:, None], 10.0)
        assert level[3:18].min() > 10 * level[35:58].max()
        assert level[63:78].min() > 10 * level[95:118].max()

    def test_train_clatters_by_wagons(self) -> None:
        """Twice as fast, the joints come twice as often."""
        rates = []
        for pace in (1.0, 2.0):
            mono = made("train", 10.0, speed_m_s=10.0, pace=pace, rumble=0.0, squeal=0.0, joints=1.0)
            slow = signal.resample_poly(np.abs(mono), 1, 480)
            size = 2 * slow.size
            likeness = np.fft.irfft(np.abs(np.fft.rfft(slow - slow.mean(), size)) ** 2)[: slow.size]
            window = slice(int(100 * 1.5 / pace), int(100 * 2.6 / pace))
            rates.append((window.start + np.argmax(likeness[window])) / 100)
        assert rates[0] == pytest.approx(2.0, abs=0.05)
        assert rates[1] == pytest.approx(1.0, abs=0.05)


class TestAll:
    """Promises for every machine."""

    @pytest.mark.parametrize("name", MADE)
    def test_short_and_long(self, name: str) -> None:
        """A fifth of a second is as good as several: finite, not clipped, not silent."""
        for seconds in (0.2, 3.3):
            mono = made(name, seconds)
            assert np.isfinite(mono).all()
            assert 1e-4 < np.abs(mono).max() < 1.5

    def test_distinct(self) -> None:
        """No two machines share their spectrum and their rhythm."""
        voices = {name: voice for name, voice in palette.VOICES.items() if voice.generator in MADE}
        features = {
            name: _features(made(voice.generator, 2.6, **dict(voice.controls))) for name, voice in voices.items()
        }
        for one, two in combinations(features, 2):
            assert np.abs(features[one] - features[two]).mean() > 0.5, (one, two)


def _features(mono: np.ndarray) -> np.ndarray:
    """Levels in thirds of octaves and of the envelope's rates, in decibels."""
    hz, power = signal.welch(mono, sound.RATE, nperseg=4096)
    edges = 50 * 2 ** (np.arange(27) / 3)
    bands = [power[(hz >= a) & (hz < b)].mean() for a, b in zip(edges[:-1:2], edges[2::2], strict=True)]
    slow = signal.resample_poly(np.abs(mono), 1, 480)
    rate, motion = signal.welch(slow, 100.0, nperseg=256)
    rates = [motion[(rate >= a) & (rate < b)].mean() for a, b in ((0.5, 2), (2, 5), (5, 12), (12, 25), (25, 50))]
    return 10 * np.log10(np.concatenate([np.array(bands) / power.sum(), np.array(rates) / slow.mean() ** 2]) + 1e-9)
