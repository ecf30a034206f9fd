"""Plans without end are cut, in good order, and people are told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stillmotion.diorama.sound import bounded
from stillmotion.diorama.sound.records import PlannedSound, SoundPlan, Stem


def plan(*sounds: PlannedSound, seconds: float = 4.0) -> SoundPlan:
    """A plan of these sounds."""
    return SoundPlan(
        duration_s=seconds, sample_rate=48_000, seed=1, loudness_lufs=-16, silent=False, sounds=tuple(sounds)
    )


def bed(tone_hz: float, gain_db: float = 0.0, stem: Stem = Stem.AMBIENCE) -> PlannedSound:
    """A sound that lasts the whole film."""
    controls = (("mains_hz", tone_hz),)
    return PlannedSound(generator="hum", stem=stem, start_s=0.0, end_s=4.0, gain_db=gain_db, controls=controls)


def test_ordinary_plans_are_left_alone() -> None:
    """A dozen beds and a hundred strokes fit, and nothing is said."""
    strokes = [replace(bed(50, stem=Stem.FOLEY), start_s=0.03 * k, end_s=0.03 * k + 1) for k in range(100)]
    one = plan(*(bed(50 + k) for k in range(12)), *strokes)
    assert bounded(one) == (one, ())


def test_two_hundred_of_one_bed_are_two() -> None:
    """More of the same at once would only be louder."""
    cut, (words,) = bounded(plan(*[bed(50)] * 200))
    assert len(cut.sounds) == 2
    assert words.startswith("198 of 200 sounds are left out")


def test_the_quietest_go_first_and_speech_never() -> None:
    """Of 200 beds the loudest stay, in the order of the plan; a faint line stays as well."""
    gains = np.random.default_rng(1).permutation(200) / 10.0
    line = bed(49, gain_db=-30, stem=Stem.DIALOGUE)
    cut, _ = bounded(plan(*(bed(50 + k, gain_db=float(gains[k])) for k in range(200)), line))
    left = [sound.gain_db for sound in cut.sounds if sound.stem is Stem.AMBIENCE]
    assert 20 < len(left) < 40
    assert min(left) > sorted(gains)[-len(left) - 1]
    assert line in cut.sounds
    assert [gain for gain in gains if gain in left] == left


def test_short_sounds_cost_little() -> None:
    """200 doors that slam are all heard."""
    slams = [replace(bed(50), start_s=0.015 * k, end_s=0.015 * k + 0.6, stem=Stem.FOLEY) for k in range(200)]
    assert len(bounded(plan(*slams))[0].sounds) == 200


def knocks(count: int, seconds: float, start_s: float = 0.0) -> PlannedSound:
    """Knocks by number."""
    return replace(
        bed(50, stem=Stem.FOLEY),
        start_s=start_s,
        end_s=start_s + seconds,
        controls=(("count", count), ("hardness", 0.5)),
        caption="a knock",
    )


def test_a_count_ends_where_nobody_can_tell_strokes_apart() -> None:
    """A thousand knocks in two seconds are two dozen, and people are told; the other controls stay."""
    cut, (words,) = bounded(plan(knocks(1000, 2.0)))
    (sound,) = cut.sounds
    assert sound.controls == (("count", 24), ("hardness", 0.5))
    assert words == '"a knock" is heard 24 times, not 1000: nobody could tell more of them apart in its time.'


def test_the_end_of_the_film_bounds_a_count() -> None:
    """Only the time in which a sound is heard counts; a dozen strokes are made in any time."""
    cut, _ = bounded(plan(knocks(1000, 50.0, start_s=2.0), knocks(12, 0.001), knocks(1000, 0.001)))
    assert [dict(sound.controls)["count"] for sound in cut.sounds] == [24, 12, 12]


def test_many_counted_sounds_are_cut() -> None:
    """Strokes by number are work as beds are: 48 in four seconds are, twenty times, more than one film holds."""
    cut, words = bounded(plan(*[replace(knocks(48, 4.0), pan=k / 20) for k in range(20)]))
    assert 2 <= len(cut.sounds) <= 8
    assert words
    assert len(bounded(plan(*[replace(knocks(3, 4.0), pan=k / 2) for k in range(2)]))[0].sounds) == 2
