"""Sounds of people keep the rhythm, pitch and colour of what makes them."""

from __future__ import annotations

from functools import cache
from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import ndimage, signal

from measure import sound
from stillmotion.diorama import randomness
from stillmotion.diorama.sound import registry
from stillmotion.diorama.sound.dsp import grounds, vocal
from stillmotion.diorama.sound.dsp.take import Take

SURFACES = tuple(grounds.GROUNDS)
_FINE_HZ = 200.0


@cache
def made(name: str, seconds: float = 6.0, seed: int = 3, **controls: float | str) -> np.ndarray:
    """What a generator makes; read only."""
    rng = randomness.generator(seed, "people")
    take = Take(duration_s=seconds, sample_rate=sound.RATE, rng=rng, seed=seed)
    samples = registry.make(name, tuple(controls.items()), take)
    samples.setflags(write=False)
    return samples


def onsets_s(samples: np.ndarray, apart_s: float, share: float = 0.18) -> np.ndarray:
    """Instants of swells of strength that lie at least so far apart."""
    strength = ndimage.gaussian_filter1d(sound.envelope(samples, _FINE_HZ), 0.2 * apart_s * _FINE_HZ)
    strength = np.concatenate([[0.0], strength, [0.0]])
    peaks, _ = signal.find_peaks(strength, height=share * strength.max(), distance=int(0.6 * apart_s * _FINE_HZ))
    return (peaks - 1) / _FINE_HZ


def rate_hz(samples: np.ndarray, low_hz: float, high_hz: float) -> float:
    """The rate at which the strength comes and goes most, between two rates."""
    slow = sound.envelope(samples, _FINE_HZ)
    hz, power = signal.welch(slow - slow.mean(), _FINE_HZ, nperseg=min(slow.size, 512))
    inside = (hz >= low_hz) & (hz <= high_hz)
    return float(hz[inside][np.argmax(power[inside])])


def pitch_hz(
    samples: np.ndarray, low_hz: float, high_hz: float, window_s: float = 0.05, sure: float = 0.3
) -> np.ndarray:
    """Pitch by autocorrelation in windows that are not quiet."""
    mono = signal.resample_poly(samples.mean(axis=1), 1, 2)
    rate, size = sound.RATE // 2, int(window_s * sound.RATE / 2)
    rows = mono[: mono.size // size * size].reshape(-1, size) * np.hanning(size)
    power = (rows**2).sum(axis=1)
    found = []
    for row in rows[power > 0.1 * power.max()]:
        likeness = signal.correlate(row, row)[size - 1 :]
        first, last = int(rate / high_hz), int(rate / low_hz)
        lag = first + int(np.argmax(likeness[first:last]))
        if likeness[lag] > sure * likeness[0]:
            found.append(rate / lag)
    return np.array(found)


def centroid_hz(samples: np.ndarray) -> float:
    """Centre of the spectrum, octave by octave."""
    hz, power = signal.welch(samples.mean(axis=1), sound.RATE, nperseg=4096)
    heard = (hz > 60) & (hz < 14_000)
    return float(np.exp(np.average(np.log(hz[heard]), weights=power[heard])))


class TestFootsteps:
    """Steps can be counted, and told by what is walked on."""

    @pytest.mark.parametrize("surface", SURFACES)
    @pytest.mark.parametrize(("pace", "count"), [(1.0, 4), (0.7, 3), (1.6, 7)])
    def test_so_many_steps_as_asked(self, surface: str, pace: float, count: int) -> None:
        """Four steps are four onsets, on every ground, slow, walking or running."""
        steps = made("footsteps", 5.0, surface=surface, count=count, pace=pace)
        assert onsets_s(steps, 1 / (1.9 * pace**0.8)).size == count

    @pytest.mark.parametrize("surface", SURFACES)
    def test_a_walk_has_the_cadence_of_a_walk(self, surface: str) -> None:
        """1.7 to 2.1 steps a second."""
        steps = onsets_s(made("footsteps", 10.0, surface=surface), 0.53)
        assert 1.65 <= 1 / np.median(np.diff(steps)) <= 2.15

    def test_a_run_is_faster(self) -> None:
        """At a pace of 1.6 there are more than 2.4 steps a second."""
        steps = onsets_s(made("footsteps", 8.0, pace=1.6), 0.36)
        assert 2.4 < 1 / np.median(np.diff(steps)) < 3.3

    @pytest.mark.parametrize("surface", SURFACES)
    def test_the_first_step_comes_at_once(self, surface: str) -> None:
        """Its contact lies within 20 ms of the start."""
        steps = made("footsteps", 3.0, surface=surface)
        strength = sound.envelope(steps, 100.0)
        assert strength[:6].max() > 0.25 * strength.max()
        assert np.abs(steps[: int(0.02 * sound.RATE)]).max() > 0.03 * np.abs(steps).max()

    def test_every_ground_has_its_own_colour(self) -> None:
        """Third-octave spectra and the shape of a step tell any two grounds apart."""
        edges = 80 * 2 ** (np.arange(23) / 3)
        spectra = {}
        for surface in SURFACES:
            steps = made("footsteps", 8.0, surface=surface)
            bands = [sound.band_db(steps, low, high) for low, high in pairwise(edges)]
            slow = np.sort(sound.envelope(steps, 100.0))[::-1]
            spectra[surface] = np.array([*np.maximum(bands, -40), *(20 * np.log10(slow[[80, 200]] / slow[8]))])
        apart = {pair: np.abs(spectra[pair[0]] - spectra[pair[1]]).mean() for pair in combinations(SURFACES, 2)}
        assert min(apart.values()) > 1.0, min(apart, key=apart.__getitem__)

    def test_soft_grounds_are_duller_than_brittle_ones(self) -> None:
        """Carpet and sand lie below gravel and leaves."""
        colour = {surface: centroid_hz(made("footsteps", 8.0, surface=surface)) for surface in SURFACES}
        assert max(colour["carpet"], colour["sand"]) < min(colour["gravel"], colour["leaves"], colour["grass"])

    def test_loose_grounds_go_on_longer_than_hard_ones(self) -> None:
        """Snow and leaves give way for longer than stone."""

        def sounding(surface: str) -> float:
            slow = sound.envelope(made("footsteps", 8.0, surface=surface), 100.0)
            return float((slow > 0.1 * np.percentile(slow, 99)).mean())

        assert min(sounding("snow"), sounding("leaves")) > 1.2 * sounding("stone")

    def test_metal_rings(self) -> None:
        """A grating keeps sounding at its modes after the foot has landed: its lines stand out from the noise."""

        def lines_db(surface: str) -> float:
            _, power = signal.welch(made("footsteps", 8.0, surface=surface).mean(axis=1), sound.RATE, nperseg=16384)
            near = power[50:1200]
            return float(np.percentile(10 * np.log10(near / ndimage.median_filter(near, 61)), 99))

        assert lines_db("metal") > max(lines_db("snow"), lines_db("stone")) + 3

    @pytest.mark.parametrize(("word", "ground"), [("concrete", "stone"), ("Puddle", "water"), ("moon dust", "stone")])
    def test_grounds_have_other_names(self, word: str, ground: str) -> None:
        """What sounds alike is the same ground; an unknown one is stone."""
        assert grounds.named(word) is grounds.GROUNDS[ground]


class TestBreathing:
    """Air moves at the rate of a chest."""

    def test_exactly_so_many(self) -> None:
        """Two breaths are two pairs of in and out."""
        assert onsets_s(made("breath", 6.0, count=2), 0.9).size == 4

    def test_panting_is_faster_than_calm_breath(self) -> None:
        """Panting takes more than 80 breaths a minute, calm breath fewer than 35."""
        pants = onsets_s(made("breath", 8.0, kind="pant"), 0.45, share=0.3).size
        calm = onsets_s(made("breath", 8.0), 1.0, share=0.2).size
        assert pants / 8 > 80 / 60
        assert calm / 2 / 8 < 35 / 60

    def test_breath_has_no_pitch(self) -> None:
        """It is air alone: hardly any window repeats itself."""
        assert pitch_hz(made("breath", 8.0), 90, 500, sure=0.6).size < 5

    def test_a_snore_flutters(self) -> None:
        """The strength of a snore beats 30 to 60 times a second while air is drawn in."""
        drawn = made("breath", 1.4, kind="snore", count=1, tract=1.0)
        strength = sound.envelope(drawn, 400.0)[120:500]
        hz, power = signal.welch(strength - strength.mean(), 400.0, nperseg=256)
        assert 28 <= hz[5:][np.argmax(power[5:])] <= 62


class TestHeart:
    """Lub-dub."""

    def test_pairs_at_rest(self) -> None:
        """About 66 beats a minute, each a pair 0.25 to 0.4 s apart."""
        beats = onsets_s(made("heartbeat", 10.0), 0.25, share=0.2)
        gaps = np.diff(beats)
        assert 0.25 < np.median(gaps[::2]) < 0.4
        assert 0.8 < np.median(gaps[::2]) + np.median(gaps[1::2]) < 1.02

    def test_so_many_beats_as_asked(self) -> None:
        """Three beats are six heart sounds."""
        assert onsets_s(made("heartbeat", 5.0, count=3), 0.25, share=0.2).size == 6

    def test_low(self) -> None:
        """Nearly all of it lies under 350 Hz."""
        assert sound.band_db(made("heartbeat"), 350, 20_000) < -15


class TestVoices:
    """Throats."""

    def test_laughter_has_four_to_six_calls_a_second(self) -> None:
        """Within a bout the strength comes and goes 4 to 6 times a second."""
        bout = made("laughter", 2.4, count=1)
        assert 3.9 <= rate_hz(bout, 2.5, 9.0) <= 6.3

    def test_a_giggle_is_faster_and_higher(self) -> None:
        """Controls of pitch and rate are heard."""
        laugh, giggle = made("laughter", 2.4, count=1), made("laughter", 2.4, count=1, f0_hz=600.0, rate_hz=6.0)
        assert np.median(pitch_hz(giggle, 200, 1000)) > 1.2 * np.median(pitch_hz(laugh, 200, 1000))

    def test_a_baby_cries_around_450_hertz(self) -> None:
        """Its wails rise and fall between 300 and 650 Hz."""
        pitches = pitch_hz(made("cry", 8.0), 200, 900)
        assert 380 < np.median(pitches) < 520
        assert np.percentile(pitches, 90) > 1.1 * np.percentile(pitches, 10)

    def test_a_scream_is_high_and_rough(self) -> None:
        """About 1 kHz, with more beats of 30 to 150 Hz than song has."""
        scream, song = made("scream", 2.0, count=1), made("singing", 2.0)
        assert 700 < np.median(pitch_hz(scream, 400, 1600)) < 1250

        def beats(samples: np.ndarray) -> float:
            slow = sound.envelope(samples[: int(1.2 * sound.RATE)], 500.0)[60:]
            hz, power = signal.welch(slow / slow.mean(), 500.0, nperseg=256)
            return float(power[(hz > 30) & (hz < 150)].sum())

        assert beats(scream) > beats(song)

    def test_coughs_burst(self) -> None:
        """Three coughs are three bursts, each at full strength within 60 ms."""
        coughs = made("cough", 4.0, count=3)
        assert onsets_s(coughs, 0.4, share=0.3).size == 3
        strength = sound.envelope(coughs, 100.0)
        assert strength[:7].max() > 0.5 * strength.max()

    def test_a_sneeze_draws_breath_first(self) -> None:
        """It is much louder in its second half, and brighter."""
        sneeze = made("cough", 1.0, kind="sneeze", count=1)
        half = len(sneeze) // 2
        drawn, out = sneeze[: int(0.9 * half)], sneeze[half:]
        assert np.mean(out**2) > 4 * np.mean(drawn**2)
        assert centroid_hz(out) > centroid_hz(drawn)

    def test_song_stays_in_its_key_and_trembles(self) -> None:
        """Notes lie on the scale of D within a third of a semitone, with a vibrato of 5 to 6.5 Hz."""
        song = made("singing", 12.0, key="D", f0_hz=290.0, note_s=1.2, vibrato=0.004)
        semitone = 12 * np.log2(pitch_hz(song, 200, 700, window_s=0.1) / 293.66)
        nearest = np.array([min(abs(value % 12 - step) for step in (0, 2, 4, 5, 7, 9, 11, 12)) for value in semitone])
        assert np.mean(nearest < 0.34) > 0.7

    def test_humming_is_darker_than_singing(self) -> None:
        """Closed lips keep back what lies above 1.5 kHz."""
        hummed, sung = made("singing", closed=1.0), made("singing")
        assert sound.band_db(hummed, 1500, 20_000) < sound.band_db(sung, 1500, 20_000) - 6

    def test_a_whistle_is_nearly_a_sine(self) -> None:
        """Nine tenths of it lie between 0.9 and 2.4 kHz, at one line at a time."""
        whistle = made("whistling")
        assert sound.band_db(whistle, 900, 2400) > -0.5
        assert onsets_s(made("whistling", 4.0, count=5), 0.35, share=0.3).size == 5

    def test_the_throat_sings_the_pitch_it_is_given(self) -> None:
        """The shared voice repeats as often as its curve says."""
        for hz in (90.0, 220.0, 700.0):
            voice = vocal.Voice(pitch_hz=np.full(200, hz), formants_hz=vocal.vowel("a"), jitter=0.0)
            mono = vocal.render(voice, sound.RATE, np.random.default_rng(1))
            found = pitch_hz(np.repeat(mono[:, None], 2, axis=1), 70, 900)
            assert abs(np.median(found) / hz - 1) < 0.03


class TestHands:
    """Clapping."""

    def test_so_many_claps_as_asked(self) -> None:
        """Five claps are five."""
        assert onsets_s(made("applause", 4.0, people=1.0, count=5), 0.28, share=0.25).size == 5

    def test_a_clap_is_short(self) -> None:
        """It has lost 20 dB after 60 ms."""
        strength = sound.envelope(made("applause", 1.0, people=1.0, count=1), 100.0)
        assert strength[:4].max() > 10 * strength[10:].max()

    def test_more_people_are_denser(self) -> None:
        """A hall is steadier than a handful of people."""

        def unrest(people: float) -> float:
            slow = sound.envelope(made("applause", 6.0, people=people), 50.0)
            return float(slow.std() / slow.mean())

        assert unrest(60.0) < 0.6 * unrest(3.0)


class TestCrowd:
    """Many voices."""

    def test_children_are_higher_than_grown_people(self) -> None:
        """Their voices lie higher, and so do their resonances."""
        assert centroid_hz(made("crowd", kind="play")) > 1.15 * centroid_hz(made("crowd"))

    def test_a_cheer_is_sustained(self) -> None:
        """Shouts are longer than syllables: less of the unrest of one voice lies above 2 Hz."""

        def quick(kind: str) -> float:
            slow = sound.envelope(made("crowd", 10.0, kind=kind, count=1), 50.0)
            hz, power = signal.welch(slow - slow.mean(), 50.0, nperseg=256)
            return float(power[hz > 2.5].sum() / power.sum())

        assert quick("cheer") < quick("murmur")


@pytest.mark.parametrize(
    ("name", "controls"),
    [
        ("footsteps", (("surface", "gravel"),)),
        *(("breath", (("kind", kind),)) for kind in ("calm", "pant", "gasp", "sigh", "snore")),
        *(("cough", (("kind", kind),)) for kind in ("cough", "sneeze")),
        *(("cry", (("kind", kind),)) for kind in ("baby", "sob")),
        *(("crowd", (("kind", kind),)) for kind in ("murmur", "cheer", "play")),
        ("laughter", ()),
        ("scream", ()),
        ("singing", (("closed", 1.0),)),
        ("whistling", ()),
        ("heartbeat", ()),
        ("applause", (("people", 1.0),)),
    ],
)
@pytest.mark.parametrize("seconds", [0.2, 0.7])
def test_short_times(name: str, controls: tuple[tuple[str, float | str], ...], seconds: float) -> None:
    """However short the time, there is something to hear and no step at the end."""
    samples = made(name, seconds, 5, **dict(controls))
    assert samples.shape == (round(seconds * sound.RATE), 2)
    assert 0 < np.abs(samples).max() <= 1.2
    if name not in {"crowd", "applause"}:
        assert np.abs(samples[-8:]).max() < 0.05 * np.abs(samples).max()


def test_heels_click_and_bare_feet_do_not() -> None:
    """On a hard floor a stiletto is brighter than a shoe, and a shoe than a bare foot."""
    bright = [centroid_hz(made("footsteps", surface="stone", kind=kind)) for kind in ("heels", "", "barefoot")]
    assert bright[0] > bright[1] > bright[2]


def test_a_choir_is_many() -> None:
    """Many who sing are wide; one who sings is in one place."""

    def width(samples: np.ndarray) -> float:
        return float(np.std(samples[:, 0] - samples[:, 1]) / np.std(samples.sum(axis=1)))

    assert width(made("singing", kind="choir")) > 2 * width(made("singing"))
