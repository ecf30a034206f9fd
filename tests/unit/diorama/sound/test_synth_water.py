"""Water: drops, bubbles, vessels and splashes behave as physics says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from measure import sound
from stillmotion.diorama import randomness
from stillmotion.diorama.sound import registry
from stillmotion.diorama.sound.dsp import pings
from stillmotion.diorama.sound.dsp.take import Take


def made(name: str, seconds: float = 5.0, seed: int = 3, **controls: float | str) -> np.ndarray:
    """What a generator makes."""
    rng = randomness.generator(seed, "test")
    take = Take(duration_s=seconds, sample_rate=sound.RATE, rng=rng, seed=seed)
    return registry.make(name, tuple(controls.items()), take)


def onsets_s(samples: np.ndarray, apart_s: float) -> np.ndarray:
    """When something begins: peaks of the rise of the envelope."""
    rate = 500.0
    level = sound.envelope(samples, rate)
    rise = np.diff(level, prepend=0.0)
    peaks, _ = signal.find_peaks(rise, height=0.15 * rise.max(), distance=max(int(apart_s * rate), 1))
    first = [0] if rise[0] > 0.15 * rise.max() and (not peaks.size or peaks[0] > apart_s * rate) else []
    return np.concatenate([first, peaks]) / rate


def loudest_hz(samples: np.ndarray, low_hz: float = 60.0) -> float:
    """Where the spectrum peaks."""
    hz, power = signal.welch(samples.mean(axis=1), sound.RATE, nperseg=8192)
    return float(hz[(hz > low_hz)][np.argmax(power[hz > low_hz])])


@pytest.mark.parametrize("count", [1, 3, 7])
def test_drops_are_counted(count: int) -> None:
    """A drip with a count falls exactly that often."""
    assert onsets_s(made("drip", 6.0, count=count, hollow=0.0), 0.25).size == count


def test_drops_keep_their_interval() -> None:
    """Asked for every 0.8 s, the drops come 0.8 s apart, the first at once."""
    at_s = onsets_s(made("drip", 6.0, every_s=0.8, hollow=0.0), 0.3)
    assert at_s[0] < 0.05
    assert abs(np.diff(at_s).mean() - 0.8) < 0.04
    assert np.diff(at_s).std() < 0.06


@pytest.mark.parametrize("radius_mm", [1.5, 3.0])
def test_a_drop_rings_by_the_radius_of_its_bubble(radius_mm: float) -> None:
    """The tone of a drop lies at 3 Hz m over the radius of its bubble (Minnaert), within a quarter."""
    heard_hz = loudest_hz(made("drip", 4.0, radius_mm=radius_mm, hollow=0.0), 400)
    assert heard_hz == pytest.approx(3000 / radius_mm, rel=0.25)


def test_bubbles_of_one_size_ring_at_minnaerts_pitch() -> None:
    """A cloud of bubbles of 4 mm peaks at 750 Hz."""
    rng = randomness.generator(1, "bubbles")
    onset_s = np.sort(rng.uniform(0, 2, 300))
    tones = pings.bubbles(rng, onset_s, np.full(300, 0.004))
    assert loudest_hz(pings.render(tones, 2 * sound.RATE, sound.RATE)) == pytest.approx(750, rel=0.06)


def test_larger_bubbles_boil_lower() -> None:
    """Bubbles of 8 mm bubble at half the pitch of those of 4 mm."""
    large, small = (loudest_hz(made("bubbling", radius_mm=r, rolling=0.0)) for r in (8.0, 4.0))
    assert 1.4 < small / large < 2.8


def ringing_hz(parts: list[np.ndarray]) -> float:
    """Where the mean spectrum of several takes stands out most over its own slope."""
    hz, powers = signal.welch(np.stack([part.mean(axis=1) for part in parts]), sound.RATE, nperseg=4096)
    inside = (hz > 350) & (hz < 2000)
    smooth = signal.savgol_filter(np.log(powers.mean(axis=0)[inside]), 7, 2)
    slope = np.polyval(np.polyfit(np.log(hz[inside]), smooth, 1), np.log(hz[inside]))
    return float(hz[inside][np.argmax(smooth - slope)])


def test_a_vessel_that_fills_sounds_higher() -> None:
    """The resonance of the air above the liquid climbs by more than half an octave, as a closed pipe that shortens."""
    takes = [made("pour", 6.0, seed) for seed in range(4)]
    early, late = (
        ringing_hz([x[int(at * sound.RATE) : int((at + 0.9) * sound.RATE)] for x in takes]) for at in (0.2, 4.3)
    )
    assert early == pytest.approx(500, rel=0.2)
    assert late == pytest.approx(1150, rel=0.25)


def test_a_jet_breaks_off_before_the_end() -> None:
    """Pouring ends inside its time: the last twentieth of a second is 20 dB under the rest."""
    level = sound.envelope(made("pour", 4.0), 20.0)
    assert level[-1] < 0.1 * np.median(level[10:60])


def test_splashes_are_counted_and_one_for_contacts() -> None:
    """Two splashes are two; a contact event, which says nothing, is one."""
    for count in (1, 2):
        samples = made("plunge", 6.0, count=count, every_s=2.5, size=0.5)
        level = sound.envelope(samples, 10.0)
        loud = signal.find_peaks(level, height=0.3 * level.max(), distance=12)[0]
        heard = loud.size + (level[0] > 0.3 * level.max() and (loud.size == 0 or loud[0] > 12))
        assert heard == count


def test_larger_splashes_last_longer() -> None:
    """A fist of stone throws water up for longer than a drop does."""
    lasting = []
    for size in (0.1, 0.9):
        power = np.cumsum(sound.envelope(made("plunge", 3.0, size=size), 200.0) ** 2)
        lasting.append(int(np.searchsorted(power, 0.95 * power[-1])) / 200.0)
    assert lasting[1] > 2 * lasting[0]


def test_under_water_the_highs_are_gone() -> None:
    """Nearly nothing is left above 4 kHz, and less the deeper it is."""
    shallow, deep = (made("underwater", depth_m=depth) for depth in (0.5, 6.0))
    assert sound.band_db(shallow, 4000, 20_000) < -25
    assert sound.band_db(deep, 1500, 20_000) < sound.band_db(shallow, 1500, 20_000) - 3


def test_a_waterfall_is_steadier_and_broader_than_a_stream() -> None:
    """Its level hardly moves, and it has lows that a stream has not."""
    fall, brook = made("waterfall", 6.0), made("stream", 6.0)
    level_db = 20 * np.log10(sound.envelope(fall, 5.0))
    assert level_db.std() < 1.5
    assert sound.band_db(fall, 40, 300) > sound.band_db(brook, 40, 300) + 6


def test_fizz_lies_higher_than_frying() -> None:
    """The tiny bubbles of soda sound above fat in a pan, and a pan spits more."""
    pan = made("sizzle", 4.0)
    soda = made("sizzle", 4.0, pitch_hz=7600.0, rate_per_s=1600.0, pops=0.1)
    assert sound.band_db(soda, 7000, 20_000) > sound.band_db(pan, 7000, 20_000) + 1.5
    crest = [np.abs(x).max() / np.sqrt(np.mean(x**2)) for x in (pan, soda)]
    assert crest[0] > 1.2 * crest[1]
