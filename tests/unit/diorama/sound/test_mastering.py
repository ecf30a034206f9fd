"""The master: loudness of every kind of sound, peaks after decoding, beds that stay where they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from measure import sound
from stillmotion.diorama.sound import mastering
from stillmotion.diorama.sound.dsp import level
from stillmotion.diorama.sound.records import Stem


def noise(seconds: float, lufs: float, seed: int = 1) -> np.ndarray:
    """A steady bed of a loudness, different on both sides, without the highs that a codec drops."""
    samples = np.random.default_rng(seed).standard_normal((round(seconds * sound.RATE), 2))
    low = signal.butter(2, 4000, fs=sound.RATE, output="sos")
    samples = 0.1 * signal.sosfilt(low, samples, axis=0).astype(np.float32)
    return samples * np.float32(10 ** ((lufs - level.loudness_lufs(samples, sound.RATE)) / 20))


def blows(seconds: float, times_s: list[float], decay_s: float = 0.05, peak: float = 0.5) -> np.ndarray:
    """Damped tones with a crack, at these times."""
    samples = np.zeros((round(seconds * sound.RATE), 2), np.float32)
    t = np.arange(round(0.5 * sound.RATE)) / sound.RATE
    crack = np.random.default_rng(2).standard_normal(t.size) * np.exp(-t / 0.004)
    one = (np.sin(2 * np.pi * 420 * t) + crack) * np.exp(-t / decay_s)
    one *= peak / np.abs(one).max()
    for time_s in times_s:
        first = round(time_s * sound.RATE)
        room = samples[first : first + t.size]
        room += one[: len(room), None].astype(np.float32)
    return samples


def made(raw: dict[Stem, np.ndarray], lufs: float) -> dict[Stem, np.ndarray]:
    """The mastered stems."""
    return mastering.master(raw, sound.RATE, loudness_lufs=lufs, tick=lambda: None)


SCENES = {
    "a bed": {Stem.AMBIENCE: noise(6, -23)},
    "a bed with blows": {Stem.AMBIENCE: noise(6, -30), Stem.FOLEY: blows(6, [0.5, 1.1, 2.0, 3.3, 4.9])},
    "one blow in a bed": {Stem.AMBIENCE: noise(6, -26), Stem.FOLEY: blows(6, [2.0], peak=8.0)},
    "music": {Stem.MUSIC: noise(6, -20), Stem.AMBIENCE: noise(6, -50, 2)},
    "steps": {Stem.AMBIENCE: noise(6, -59), Stem.FOLEY: blows(6, list(np.arange(0.3, 5.8, 0.5)))},
}


@pytest.mark.parametrize("lufs", [-14.0, -16.0, -18.0, -23.0])
@pytest.mark.parametrize("name", ["a bed", "a bed with blows", "one blow in a bed", "music"])
def test_every_preset_is_reached(name: str, lufs: float) -> None:
    """After AAC the loudness is within 0.5 LU and no true peak is above -1 dBTP, whatever the mix is made of."""
    heard = sound.through_aac(sum(made(SCENES[name], lufs).values()))
    assert sound.lufs(heard) == pytest.approx(lufs, abs=0.5)
    assert sound.dbtp(heard) <= -1.0


@pytest.mark.parametrize("lufs", [-24.0, -30.0, -34.0])
def test_strokes_alone_reach_a_quiet_scene(lufs: float) -> None:
    """Steps over the tone of a room are as loud as the scene plans; the tone stays a tone, at its floor at least."""
    stems = made(SCENES["steps"], lufs)
    heard = sound.through_aac(sum(stems.values()))
    assert sound.lufs(heard) == pytest.approx(lufs, abs=0.5)
    assert sound.dbtp(heard) <= -1.0
    assert -50.5 <= sound.lufs(stems[Stem.AMBIENCE]) <= -40


def test_the_tone_of_a_room_is_not_raised_for_a_click() -> None:
    """Clicks that cannot be that loud are held at the ceiling; the room under them is not pulled up to the target."""
    stems = made({Stem.AMBIENCE: noise(6, -59), Stem.FOLEY: blows(6, [2.0], decay_s=0.01)}, -16.0)
    assert sound.lufs(stems[Stem.AMBIENCE]) < -38
    assert sound.dbtp(sum(stems.values())) <= mastering.CEILING_DBTP + 0.2


def test_one_blow_does_not_keep_the_film_quiet() -> None:
    """With a blow that is 20 dB over everything, the bed is as loud as without it, to 1.5 LU."""
    alone = made({Stem.AMBIENCE: SCENES["one blow in a bed"][Stem.AMBIENCE]}, -16.0)
    beside = made(SCENES["one blow in a bed"], -16.0)
    assert sound.lufs(beside[Stem.AMBIENCE]) == pytest.approx(sound.lufs(alone[Stem.AMBIENCE]), abs=1.5)


def test_the_bed_does_not_duck_under_a_blow() -> None:
    """A tenth of a second after a blow that is 20 dB too loud, the bed is where it was, to 2 dB."""
    stems = made(SCENES["one blow in a bed"], -20.0)
    bed_db = 20 * np.log10(sound.envelope(stems[Stem.AMBIENCE], 20.0))
    assert bed_db[42] == pytest.approx(np.median(bed_db), abs=2.0)


def test_what_is_under_the_ceiling_is_only_scaled() -> None:
    """A quiet target changes nothing but the level: every stem is its raw self times one number."""
    stems = made(SCENES["a bed with blows"], -35.0)
    for stem, raw in SCENES["a bed with blows"].items():
        factor = np.vdot(stems[stem], raw) / np.vdot(raw, raw)
        assert np.abs(stems[stem] - raw * factor).max() < 1e-6


def test_silence_is_never_raised() -> None:
    """What can hardly be heard stays as it is; nothing stays nothing."""
    faint = {Stem.AMBIENCE: noise(4, -65)}
    assert np.array_equal(made(faint, -16.0)[Stem.AMBIENCE], faint[Stem.AMBIENCE])
    assert made({}, -16.0) == {}
    empty = {Stem.MUSIC: np.zeros((sound.RATE, 2), np.float32)}
    assert not made(empty, -16.0)[Stem.MUSIC].any()


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.9])
def test_short_films_are_measured_without_gates(seconds: float) -> None:
    """Under 3 s the highest short-term loudness counts: half of silence costs 3 LU instead of nothing."""
    half = noise(seconds, -20.0)
    half[: len(half) // 2] = 0
    stems = made({Stem.AMBIENCE: half}, -23.0)
    heard = stems[Stem.AMBIENCE][len(half) // 2 :]
    assert level.film_loudness_lufs(stems[Stem.AMBIENCE], sound.RATE) == pytest.approx(-23.0, abs=0.1)
    assert sound.lufs(np.tile(heard, (10, 1))) == pytest.approx(-20.0, abs=0.3)


def test_loudness_is_that_of_the_standard() -> None:
    """The own meter and pyloudnorm agree on noise with pauses; a full-scale 997 Hz sine on one side is -3.01 LUFS."""
    samples = noise(5, -20)
    samples[60_000:110_000] *= 0.01
    assert level.loudness_lufs(samples, sound.RATE) == pytest.approx(sound.lufs(samples), abs=1e-3)
    sine = np.zeros((2 * sound.RATE, 2), np.float32)
    sine[:, 0] = np.sin(2 * np.pi * 997 * np.arange(len(sine)) / sound.RATE)
    assert level.loudness_lufs(sine, sound.RATE) == pytest.approx(-3.01, abs=0.05)


def test_raising_from_the_tick_stops_the_work() -> None:
    """Cancelling need not wait for the master."""

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mastering.master(SCENES["a bed"], sound.RATE, loudness_lufs=-16.0, tick=stop)


@pytest.mark.parametrize("lufs", [-14.0, -16.0, -18.0, -23.0])
def test_long_rings_reach_every_preset(lufs: float) -> None:
    """Strokes that ring, over the tone of a room, also where the limiter answers less and less to a lift."""
    raw = {Stem.AMBIENCE: noise(4, -59), Stem.FOLEY: blows(4, [0.3, 1.3, 2.3, 3.3], decay_s=0.12, peak=0.1)}
    stems = made(raw, lufs)
    assert sound.lufs(sum(stems.values())) == pytest.approx(lufs, abs=0.3)
    assert sound.dbtp(sum(stems.values())) <= mastering.CEILING_DBTP + 0.2
    assert sound.lufs(stems[Stem.AMBIENCE]) < -35
