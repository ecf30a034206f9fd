"""Weather: thunder near and far, rain on what it falls on, jets of steam."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import pytest

from measure import sound
from stillmotion.diorama import gust, randomness, swell
from stillmotion.diorama.sound import registry
from stillmotion.diorama.sound.dsp.take import Take


@cache
def made(name: str, seconds: float = 6.0, seed: int = 3, **controls: float | str) -> np.ndarray:
    """What a generator makes; read only."""
    rng = randomness.generator(seed, "test")
    samples = registry.make(
        name, tuple(controls.items()), Take(duration_s=seconds, sample_rate=sound.RATE, rng=rng, seed=seed)
    )
    samples.setflags(write=False)
    return samples


def rise_s(samples: np.ndarray) -> float:
    """From a tenth to nine tenths of the first maximum of the loudness over half a second."""
    level = np.convolve(sound.envelope(samples, 100.0), np.ones(10) / 10, mode="same")
    top = level[: int(level.size * 0.6)].max()
    return float((np.argmax(level > 0.7 * top) - np.argmax(level > 0.1 * top)) / 100)


def test_near_thunder_cracks_and_far_thunder_swells() -> None:
    """The first clap of a near strike is there at once; a far one takes longer to come, over several strikes."""
    near, far = (np.mean([rise_s(made("thunder", 8.0, s, distance_km=d)) for s in range(4)]) for d in (0.4, 8.0))
    assert far > near + 0.2


def test_distance_takes_the_highs_of_thunder() -> None:
    """Above 500 Hz a strike at 600 m has at least 15 dB more than one at 6 km."""
    near, far = (sound.band_db(made("thunder", distance_km=d), 500, 20_000) for d in (0.6, 6.0))
    assert near > far + 15


def test_thunder_rolls_for_seconds() -> None:
    """It is not a bang: four fifths of its energy take longer than 1.5 s."""
    power = np.cumsum(sound.envelope(made("thunder", 12.0, distance_km=2.0, every_s=60.0), 50.0) ** 2)
    first, last = (np.searchsorted(power, share * power[-1]) / 50 for share in (0.1, 0.9))
    assert last - first > 1.5


def test_thunder_strikes_as_often_as_asked() -> None:
    """One strike every minute is one in ten seconds, and it comes within the first second."""
    level = sound.envelope(made("thunder", 10.0, every_s=60.0, distance_km=1.0), 20.0)
    assert np.argmax(level > 0.1 * level.max()) / 20 < 1.0
    assert level[-20:].mean() < 0.35 * level.max()


SURFACES = ("", "glass", "metal", "wood", "leaves")


@pytest.mark.parametrize(("one", "two"), list(combinations(SURFACES, 2)))
def test_rain_sounds_of_what_it_falls_on(one: str, two: str) -> None:
    """Each surface colours rain in its own way: octave spectra differ by at least 1.2 dB in the mean."""
    spectra = []
    for surface in (one, two):
        samples = made("rain", 4.0, surface=surface)
        spectra.append([sound.band_db(samples, hz, 2 * hz) for hz in (125, 250, 500, 1000, 2000, 4000, 8000)])
    assert np.mean(np.abs(np.subtract(*spectra))) > 1.2


def test_unknown_ground_is_open_ground() -> None:
    """Rain on something that we do not know is plain rain."""
    assert np.array_equal(made("rain", 2.0, surface="marzipan"), made("rain", 2.0))


def test_rain_behind_glass_is_duller_than_outside() -> None:
    """A window keeps the highs out."""
    assert sound.band_db(made("rain", surface="glass"), 6000, 20_000) < sound.band_db(made("rain"), 6000, 20_000) - 4


def test_steam_is_a_jet() -> None:
    """A narrower nozzle and more pressure hiss higher, as a Strouhal number of 0.2 says."""
    wide, narrow = (sound.band_db(made("steam", nozzle_mm=mm), 6000, 20_000) for mm in (10.0, 3.0))
    assert narrow > wide + 2
    soft, hard = (sound.band_db(made("steam", pressure=p, nozzle_mm=8.0), 5000, 20_000) for p in (0.0, 1.0))
    assert hard > soft + 1


def test_wind_reads_the_gusts_of_its_own_time() -> None:
    """A wind that starts ten seconds into the shot follows the gusts of those ten seconds, not of the first."""
    rng = randomness.generator(3, "test")
    take = Take(duration_s=10.0, sample_rate=sound.RATE, rng=rng, seed=3, start_s=10.0)
    heard = np.log(sound.envelope(registry.make("wind", (), take), 4.0))
    times_s = np.arange(0, 10, 0.25) + 0.125
    right, wrong = (np.corrcoef(heard, np.log(gust.strength(3, times_s + late)))[0, 1] for late in (10.0, 0.0))
    assert right > 0.6
    assert right > wrong + 0.2


def test_waves_read_the_swell_of_their_own_time() -> None:
    """A sea that is heard from the tenth second on breaks when the foam of that time does."""
    rng = randomness.generator(3, "test")
    take = Take(duration_s=20.0, sample_rate=sound.RATE, rng=rng, seed=3, start_s=10.0)
    level = sound.envelope(registry.make("waves", (), take), 10.0)
    crests = [wave.time_s - 10 for wave in swell.breakers(3, 30.0) if 11 < wave.time_s < 27]
    near = np.zeros(level.size, dtype=bool)
    for time_s in crests:
        near[int((time_s - 0.5) * 10) : int((time_s + 2.0) * 10)] = True
    assert level[near].mean() > 1.3 * level[~near].mean()
