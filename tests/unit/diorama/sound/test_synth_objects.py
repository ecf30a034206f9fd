"""Things that are struck, rubbed, opened and broken: exact counts, decays by material, spectra of their sources."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import signal

from measure import sound
from stillmotion.diorama import gust, randomness
from stillmotion.diorama.sound import matter, palette, registry
from stillmotion.diorama.sound.dsp import bodies, filters
from stillmotion.diorama.sound.dsp.take import Take

RATE = sound.RATE
NAMES = tuple(palette.objects.VOICES)


def take(seconds: float = 4.0, seed: int = 3) -> Take:
    """A recording to make."""
    return Take(duration_s=seconds, sample_rate=RATE, rng=randomness.generator(seed, "objects"), seed=seed)


def named(name: str, seconds: float = 4.0, seed: int = 3, **controls: float | str) -> np.ndarray:
    """A named sound with what a cue says."""
    voice = palette.VOICES[name]
    return registry.make(voice.generator, (*dict(voice.controls, **controls).items(),), take(seconds, seed))


def events_s(samples: np.ndarray, quiet_s: float) -> list[float]:
    """Where the level rises after at least so long a pause."""
    power = np.convolve((samples**2).sum(axis=1), np.ones(240) / 240, "same")
    loud = np.flatnonzero(power > 0.002 * power.max())
    return [float(loud[0]) / RATE, *(float(b) / RATE for a, b in pairwise(loud) if b - a > quiet_s * RATE)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seconds", [0.2, 3.0])
def test_a_named_sound_fits_any_time(name: str, seconds: float) -> None:
    """Short or long, it is finite, does not clip, has no direct current and begins within 20 ms."""
    samples = named(name, seconds)
    assert samples.shape == (round(seconds * RATE), 2)
    assert np.isfinite(samples).all()
    assert 0.01 < np.abs(samples).max() <= 1.0
    assert np.abs(samples.mean(axis=0)).max() < 0.03 * np.sqrt(np.mean(samples**2)) + 1e-4
    rises = np.flatnonzero(np.abs(samples).max(axis=1) > 0.01 * np.abs(samples).max())
    assert rises[0] < 0.02 * RATE or name in {"flag", "whoosh", "fireworks"}


@pytest.mark.parametrize("count", [1, 3, 5])
@pytest.mark.parametrize("name", ["thud", "knock", "chop", "snap", "gunshot"])
def test_counted_strikes_are_counted(name: str, count: int) -> None:
    """Three knocks are three knocks."""
    dry = {"wet": 0.0} if palette.VOICES[name].generator == "strikes" else {"echo": 0.0} if name == "gunshot" else {}
    samples = named(name, 4.0, count=count, every_s=0.7, **dry)
    assert len(events_s(samples, 0.25)) == count


def test_surface_changes_the_knock() -> None:
    """Knocking on metal rings longer than on wood, on glass it is higher, on a carpet it is dull."""
    made = {surface: named("knock", 2.0, surface=surface, count=1) for surface in ("wood", "metal", "glass", "carpet")}
    high = {surface: sound.band_db(samples, 2000, 16_000) for surface, samples in made.items()}
    tail = {surface: float((samples[RATE // 4 :] ** 2).sum() / (samples**2).sum()) for surface, samples in made.items()}
    assert high["glass"] > high["wood"]
    assert high["wood"] > high["carpet"]
    assert tail["metal"] > 3 * tail["wood"]


@pytest.mark.parametrize("material", ["steel", "aluminium", "glass", "ceramic", "wood", "plastic", "stone"])
def test_modes_die_by_their_loss(material: str) -> None:
    """The lowest mode of a struck body falls as exp(-pi f eta t), within a fifth."""
    ringing = matter.SOUNDINGS[material]
    body = bodies.Body(f0_hz=500.0, loss=ringing.loss, spread=2.0, hardness=0.5, knock=0.0, modes=6)
    rng = randomness.generator(1, "decay")
    struck = bodies.strike(body, rng, rng, RATE, 1.0)
    mode = filters.band(struck, RATE, 430.0, 580.0)
    envelope = np.abs(signal.hilbert(mode))
    wanted = np.pi * 500.0 * ringing.loss
    first = int(0.012 * RATE)
    last = first + int(min(1.6 / wanted, 0.5) * RATE)
    t = np.arange(first, last) / RATE
    slope = -np.polyfit(t, np.log(envelope[first:last]), 1)[0]
    assert slope == pytest.approx(wanted, rel=0.2)


def test_wipers_keep_their_rhythm() -> None:
    """Strokes follow each other as often as asked."""
    power = sound.envelope(named("wipers", 12.0, every_s=1.0), 50.0) ** 2
    likeness = np.correlate(power - power.mean(), power - power.mean(), "full")[power.size - 1 :]
    assert abs(int(np.argmax(likeness[30:80])) + 30 - 50) <= 3


def test_a_zip_clicks_by_its_teeth() -> None:
    """The envelope of a pull is modulated at its tooth rate and not at half of it."""
    assert sound.band_db(named("zipper"), 1200, 14_000) > -2


def test_an_explosion_is_low_and_a_shot_is_short() -> None:
    """Most of an explosion lies under 400 Hz; a shot has fallen by 20 dB long before an explosion has."""
    blast, shot = (named(name, 4.0, count=1) for name in ("explosion", "gunshot"))
    assert sound.band_db(blast, 20, 400) > -2
    fallen = [np.flatnonzero(level > 0.1 * level.max())[-1] for level in map(sound.envelope, (blast, shot))]
    assert fallen[1] < fallen[0]


def test_glass_rings_high() -> None:
    """Shards have their energy above 1.5 kHz."""
    assert sound.band_db(named("glass", count=1), 1500, 20_000) > -2


def test_flags_flap_with_the_gust() -> None:
    """A flag is loudest where the wind that the leaves read is strongest."""
    heard = sound.envelope(named("flag", 20.0), 2.0)
    blows = gust.strength(3, np.arange(heard.size) / 2 + 0.25)
    assert np.corrcoef(np.log(heard + 1e-4), np.log(blows))[0, 1] > 0.5
