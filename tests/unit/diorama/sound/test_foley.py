"""What happens in the picture is heard: at its time, as loud as it was hard, from where it was, by what met."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import spearmanr

from stillmotion.diorama import randomness, sound
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion import materials
from stillmotion.diorama.motion.records import Event
from stillmotion.diorama.sound import matter, registry
from stillmotion.diorama.sound.dsp.take import Take
from stillmotion.diorama.sound.foley import foley
from stillmotion.diorama.sound.records import PlannedSound, SoundPlan
from stillmotion.diorama.sound.synth import impact, plunge, rolling

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 48_000
WHOLE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)


def contact(time_s: float, impulse: float = 1.0, **changes: object) -> Event:
    """Steel on wood in the middle of the picture."""
    given = {"kind": "contact", "x": 0.5, "y": 0.8, "speed": 3.0, "materials": ("steel", "wood")} | changes
    return Event(time_s=time_s, impulse=impulse, **given)  # type: ignore[arg-type]


def heard(*events: Event) -> NDArray[np.float32]:
    """The raw foley of a four-second shot, before any mastering."""
    return heard_of(tuple(foley(events, WHOLE, 4.0)))


def heard_of(sounds: tuple[PlannedSound, ...]) -> NDArray[np.float32]:
    """The sum of planned sounds at their own levels: a very quiet target is reached without the limiter."""
    plan = SoundPlan(duration_s=4.0, sample_rate=RATE, seed=1, loudness_lufs=-40.0, silent=False, sounds=sounds)
    return sound.mix(plan)


def take(duration_s: float = 1.0) -> Take:
    """A second to fill."""
    return Take(duration_s=duration_s, sample_rate=RATE, rng=randomness.generator(3, "test"), seed=3)


def centroid_hz(samples: NDArray[np.float32]) -> float:
    """Where the middle of the spectrum lies."""
    power = np.abs(np.fft.rfft(samples.mean(axis=1))) ** 2
    return float((np.fft.rfftfreq(len(samples), 1 / RATE) * power).sum() / power.sum())


def decay_s(samples: NDArray[np.float32]) -> float:
    """Time until all but a thousandth of the energy has passed."""
    energy = np.cumsum((samples**2).sum(axis=1))
    return float(np.searchsorted(energy, 0.999 * energy[-1]) / RATE)


@pytest.mark.parametrize("time_s", [0.25, 1.5, 3.1])
def test_a_contact_is_heard_when_it_happens(time_s: float) -> None:
    """The first sample above a tenth of the peak lies within 3 ms of the event, and nothing is heard before."""
    loud = np.abs(heard(contact(time_s))).max(axis=1)
    onset = int(np.argmax(loud > 0.1 * loud.max()))
    assert onset / RATE == pytest.approx(time_s, abs=0.003)
    assert loud[: onset - 200].max() < 0.01 * loud.max()


def test_harder_is_louder() -> None:
    """Ten contacts of rising impulse have rising energy."""
    impulses = np.geomspace(0.02, 4.0, 10)
    samples = heard(*(contact(0.1 + 0.38 * k, float(impulse)) for k, impulse in enumerate(impulses)))
    windows = [samples[int((0.1 + 0.38 * k) * RATE) :][: int(0.05 * RATE)] for k in range(10)]
    assert spearmanr(impulses, [float((window**2).sum()) for window in windows]).statistic >= 0.9


def test_left_is_left() -> None:
    """A contact at the left edge is louder on the left."""
    left, right = (np.abs(heard(contact(1.0, x=0.05))) ** 2).sum(axis=0)
    assert left > 2 * right


def test_far_is_quieter_and_duller() -> None:
    """The same contact at a tenth of the inverse depth is far away."""
    near, far = (next(foley([contact(1.0, q=q)], WHOLE, 4.0)) for q in (1.0, 0.1))
    assert far.distance_m > 5 * near.distance_m


@pytest.mark.parametrize(
    ("bright", "dull"), [("glass", "wood"), ("steel", "rubber"), ("ceramic", "rubber"), ("stone", "flesh")]
)
def test_materials_sound_as_they_should(bright: str, dull: str) -> None:
    """Glass is brighter than wood, steel rings longer than rubber, and so on."""
    one, two = (
        next(s for s in foley([contact(0.0, 0.3, materials=(name, name))], WHOLE, 4.0)) for name in (bright, dull)
    )
    sounds = [registry.make(planned.generator, planned.controls, take()) for planned in (one, two)]
    assert centroid_hz(sounds[0]) > 1.5 * centroid_hz(sounds[1])


def test_steel_rings_and_rubber_does_not() -> None:
    """Modes die by their loss factor."""
    steel, rubber = (
        impact.signal(
            impact.Impact(f0_hz=800.0, loss=matter.SOUNDINGS[name].loss, hardness=matter.SOUNDINGS[name].hardness),
            take(),
        )
        for name in ("steel", "rubber")
    )
    assert decay_s(steel) > 4 * decay_s(rubber)


def test_what_falls_into_water_splashes() -> None:
    """Water has no modes: the contact becomes a plunge, larger for a harder one."""
    (small,) = foley([contact(1.0, 0.01, materials=("stone", "water"))], WHOLE, 4.0)
    (large,) = foley([contact(1.0, 5.0, materials=("stone", "water"))], WHOLE, 4.0)
    assert small.generator == large.generator == "plunge"
    assert dict(large.controls)["size"] > dict(small.controls)["size"]
    sounds = [plunge.signal(plunge.Plunge(size=size), take(2.0)) for size in (0.1, 0.9)]
    assert decay_s(sounds[1]) > decay_s(sounds[0])


def test_rolls_and_slides_last_as_long_as_they_do() -> None:
    """A roll of a second is heard for a second; a slide is a scrape."""
    events = [contact(0.5, kind=kind, duration_s=1.0, speed=1.5) for kind in ("roll", "slide")]
    planned = list(foley(events, WHOLE, 4.0))
    assert [one.end_s - one.start_s for one in planned] == pytest.approx([1.0, 1.0])
    assert [dict(one.controls)["scrape"] for one in planned] == [0.0, 1.0]
    fast, slow = (rolling.signal(rolling.Rolling(speed_m_s=v, end_speed_m_s=v), take()) for v in (4.0, 0.3))
    assert centroid_hz(fast) > centroid_hz(slow)


def test_a_hailstorm_of_contacts_stays_bounded() -> None:
    """Of 5,000 contacts only the strongest are played, of 100 rolls only the longest."""
    rng = np.random.default_rng(0)
    events = [contact(float(t), float(i)) for t, i in zip(rng.uniform(0, 3.9, 5000), rng.random(5000), strict=True)]
    events += [contact(0.5, kind="roll", duration_s=0.2 + 0.01 * k, speed=1.0) for k in range(100)]
    planned = list(foley(events, WHOLE, 4.0))
    assert 2 <= len([one for one in planned if one.generator == "impact"]) <= 800
    assert len([one for one in planned if one.generator == "rolling"]) == 12


MATERIALS = (
    "steel", "aluminium", "glass", "ceramic", "wood", "plastic", "rubber",
    "stone", "flesh", "cloth", "paper", "water", "sand", "snow",
)  # fmt: skip
BANDS_HZ = (40, 200, 600, 1500, 3500, 7000, 16_000)


def features(material: str) -> NDArray[np.float64]:
    """Octave of the centroid, octave of the length, flatness, and six bands in steps of 6 dB."""
    samples = heard(contact(0.2, 0.3, materials=(material, material)))[int(0.2 * RATE) :]
    power = np.abs(np.fft.rfft(samples[: RATE // 2].mean(axis=1))) ** 2
    hz = np.fft.rfftfreq(RATE // 2, 1 / RATE)
    share = power / power.sum()
    bands = [10 * np.log10(share[(hz >= a) & (hz < b)].sum() + 1e-4) / 6 for a, b in itertools.pairwise(BANDS_HZ)]
    flatness = np.log2(np.exp(np.mean(np.log(power[10:] + 1e-20))) / power[10:].mean())
    return np.array([np.log2((hz * share).sum()), np.log2(decay_s(samples)), 0.5 * flatness, *bands])


def test_materials_are_told_apart() -> None:
    """Each of fourteen materials, struck equally hard, differs from each other one by more than 8 dB of some kind."""
    found = {material: features(material) for material in MATERIALS}
    apart = {(a, b): np.linalg.norm(found[a] - found[b]) for a, b in itertools.combinations(MATERIALS, 2)}
    assert min(apart.values()) > 1.3, min(apart, key=lambda pair: apart[pair])


def test_a_coin_does_not_make_the_table_boom() -> None:
    """What is light leaves the floor's low modes alone; what is heavy does not."""
    coin, anvil = (
        heard(contact(0.5, mass * 3.0, speed=3.0, materials=("steel", "wood"))).mean(axis=1) for mass in (0.005, 5.0)
    )
    low = [
        (np.abs(np.fft.rfft(samples))[: (400 * 4)] ** 2).sum() / (np.abs(np.fft.rfft(samples)) ** 2).sum()
        for samples in (coin, anvil)
    ]
    assert low[0] < 0.15 < low[1]


def test_rubber_does_not_ring_glass() -> None:
    """A contact is as soft as the softer of the two."""
    hard, soft = (heard(contact(0.5, 0.3, materials=(mover, "glass"))) for mover in ("steel", "rubber"))
    assert centroid_hz(soft) < 0.6 * centroid_hz(hard)


def test_what_flies_past_is_heard_as_it_does() -> None:
    """A fast pass is a whoosh about its instant; a slow one is not heard."""
    fast, slow = contact(2.0, kind="pass", speed=20.0), contact(2.0, kind="pass", speed=2.0)
    (planned,) = foley([fast, slow], WHOLE, 4.0)
    assert planned.generator == "whoosh"
    assert planned.start_s < 2.0 < planned.end_s
    loud = np.convolve((heard(fast) ** 2).sum(axis=1), np.ones(2400), "same")
    assert int(np.argmax(loud)) / RATE == pytest.approx(2.0, abs=0.12)


@pytest.mark.parametrize(
    ("subject", "materials", "words"),
    [
        ("marble", ("glass", "wood"), "a glass marble hits wood"),
        ("ball_2", ("rubber", "stone"), "a rubber ball hits stone"),
        ("apple", ("food", "leaf"), "an apple hits leaves"),
        ("", ("wood", "wood"), "something hits wood"),
        ("cup", ("ceramic", ""), "a ceramic cup lands"),
    ],
)
def test_captions_are_words(subject: str, materials: tuple[str, str], words: str) -> None:
    """A caption says what hits what, of which stuff it is."""
    assert next(foley([contact(1.0, subject=subject, materials=materials)], WHOLE, 4.0)).caption == words


def test_two_hundred_contacts_at_once_end_well() -> None:
    """They are played, bounded, and do not clip."""
    materials_of = [(a, b) for a in MATERIALS for b in MATERIALS]
    samples = heard(*(contact(1.0, 0.1 + 0.01 * k, materials=materials_of[k % 196]) for k in range(200)))
    assert np.isfinite(samples).all()
    assert 0 < np.abs(samples).max() <= 1


def test_every_material_has_a_sound() -> None:
    """What motion may report, sound knows; feathers and films are too light to be heard."""
    silent = {"feather", "film", "air", "water"}
    assert set(materials.table()) - silent <= set(matter.SOUNDINGS)
    assert set(matter.LOOSE) <= set(matter.SOUNDINGS)


def test_impacts_are_repeatable() -> None:
    """The same events give the same samples."""
    assert np.array_equal(heard(contact(1.0)), heard(contact(1.0)))


def test_what_is_soft_or_slow_rolls_quietly() -> None:
    """A rubber ball on soil is far under a steel one on stone, and a slow one under a quick one."""

    def gain_db(speed: float, *materials: str) -> float:
        rolls = contact(1.0, kind="roll", duration_s=1.0, speed=speed, materials=materials)
        return next(iter(foley([rolls], WHOLE, 4.0))).gain_db

    assert gain_db(2.0, "rubber", "soil") < gain_db(2.0, "steel", "stone") - 10
    assert gain_db(0.2, "steel", "stone") < gain_db(2.0, "steel", "stone") - 6
