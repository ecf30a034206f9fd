"""Captions: few words, at the right time, never crowded."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from stillmotion.clip import Caption
from stillmotion.diorama.shot.records import DialogueLine
from stillmotion.diorama.sound import captions
from stillmotion.diorama.sound.records import PlannedSound, SoundPlan, Stem


def sound(words: str, start_s: float, end_s: float, **changes: object) -> PlannedSound:
    """A sound with a caption."""
    one = PlannedSound(generator="hum", stem=Stem.AMBIENCE, start_s=start_s, end_s=end_s, caption=words)
    return replace(one, **changes)  # type: ignore[arg-type]


def plan(*sounds: PlannedSound, seconds: float = 12.0, **changes: object) -> SoundPlan:
    """A plan of these sounds."""
    whole = SoundPlan(duration_s=seconds, sample_rate=48_000, seed=1, loudness_lufs=-16, silent=False, sounds=sounds)
    return replace(whole, **changes)  # type: ignore[arg-type]


def line(text: str, start_s: float | None, end_s: float | None, **changes: object) -> DialogueLine:
    """A line that is spoken."""
    return replace(
        DialogueLine(speaker="woman", text=text, start_s=start_s, end_s=end_s, performed=True),
        **changes,  # type: ignore[arg-type]
    )


def most_rows(shown: tuple[Caption, ...]) -> int:
    """Rows on screen when there are most of them."""
    instants = [one.start_s for one in shown]
    return max(sum(c.text.count("\n") + 1 for c in shown if c.start_s <= t < c.end_s) for t in instants)


def test_a_bed_is_named_once_at_its_start() -> None:
    """Waves that go on for the whole film are named for a few seconds."""
    assert captions(plan(sound("waves break", 0, 12))) == (Caption(start_s=0, end_s=4, text="[waves break]"),)


def test_a_short_sound_is_named_when_it_is_heard() -> None:
    """From its start, for a second at least and three at most."""
    shown = captions(plan(sound("a dog barks", 2.0, 2.3), sound("a bell rings", 6.0, 9.9)))
    assert [(one.start_s, one.end_s) for one in shown] == [(2.0, 3.0), (6.0, 9.0)]


def test_what_comes_again_is_one_caption() -> None:
    """Ten contacts in a row are one caption; the same sound long after is another."""
    hits = [sound("the ball lands", 1 + 0.3 * k, 1.2 + 0.3 * k, stem=Stem.FOLEY) for k in range(10)]
    shown = captions(plan(*hits, sound("the ball lands", 9.0, 9.2, stem=Stem.FOLEY)))
    assert [one.text for one in shown] == ["[the ball lands]"] * 2
    assert [one.start_s for one in shown] == [1.0, 9.0]


def test_a_last_sound_can_still_be_read() -> None:
    """A bang in the last moment is shown for a second before the film ends."""
    assert captions(plan(sound("bang", 11.9, 12))) == (Caption(start_s=11, end_s=12, text="[bang]"),)


def test_lines_carry_their_speaker() -> None:
    """As they are heard: what was cut off a line is not shown."""
    cut = line("Did you find the bug? I did not.", 1.0, 3.0, said="Did you find the bug?")
    assert captions(plan(), [cut]) == (Caption(start_s=1, end_s=3, text="Woman: Did you find the bug?"),)


@pytest.mark.parametrize("changes", [{"performed": False}, {"start_s": None}, {"text": " "}, {"start_s": 99.0}])
def test_lines_that_are_not_heard_are_not_shown(changes: dict) -> None:
    """Not spoken, without a time, without words, after the end."""
    assert captions(plan(), [replace(line("Hello.", 1.0, 2.0), **changes)]) == ()


def test_long_lines_are_cut_into_pieces() -> None:
    """Two rows of 42 characters at most, in their order and one after another, all words of them."""
    words = " ".join(f"word{k}" for k in range(60))
    shown = captions(plan(), [line(words, 1.0, 11.0)])
    assert " ".join(" ".join(one.text for one in shown).split()) == f"Woman: {words}"
    assert max(len(row) for one in shown for row in one.text.split("\n")) <= 42
    assert all(earlier.end_s <= later.start_s for earlier, later in pairwise(shown))
    assert shown[-1].end_s == pytest.approx(11.0)


def test_five_thousand_characters_end_well() -> None:
    """A word without end is broken; everything stays inside the film."""
    shown = captions(plan(), [line("x" * 5000, 1.0, 11.0)])
    assert shown
    assert all(one.end_s <= 12 for one in shown)
    assert most_rows(shown) <= 2


def test_never_more_than_two_rows() -> None:
    """However much is heard at once, and every caption stays for a second at least."""
    crowd = [sound(f"sound {k}", 0.1 * k, 12 if k % 3 else 0.1 * k + 0.5) for k in range(60)]
    said = [line("One two three four five six seven eight nine ten eleven twelve.", 2.0, 5.0), line("Yes.", 4.5, 6.0)]
    shown = captions(plan(*crowd), said)
    assert most_rows(shown) <= 2
    assert min(one.end_s - one.start_s for one in shown) >= 1.0
    assert list(shown) == sorted(shown, key=lambda one: one.start_s)


def test_speech_comes_first() -> None:
    """Beds wait for a free row; lines do not."""
    shown = captions(plan(sound("rain", 0, 12), sound("wind", 0, 12), sound("traffic", 0, 12)), [line("Hi.", 0.2, 1.4)])
    assert [(one.start_s, one.text) for one in shown if one.text.startswith("Woman")] == [(0.2, "Woman: Hi.")]
    assert {one.text for one in shown} == {"[rain]", "[wind]", "[traffic]", "Woman: Hi."}


def test_what_is_not_heard_is_not_named() -> None:
    """Muted tracks, sounds after the end, the tone of a place, what is far under the rest, all of a silent film."""
    sounds = (
        sound("music plays", 0, 12, stem=Stem.MUSIC),
        sound("too late", 12.5, 14),
        sound("", 0, 12),
        sound("a far hum", 0, 12, gain_db=-40.0),
        sound("rain", 0, 12),
    )
    assert [one.text for one in captions(plan(*sounds, muted=(Stem.MUSIC,)))] == ["[rain]"]
    assert captions(plan(*sounds, silent=True)) == ()
    assert captions(plan(muted=(Stem.DIALOGUE,)), [line("Hello.", 1.0, 2.0)]) == ()


def test_speech_that_lines_show_is_not_named_again() -> None:
    """The sound of a line has no caption beside its words; a voice without lines has."""
    voice = sound("a voice", 1, 2, stem=Stem.DIALOGUE)
    assert [one.text for one in captions(plan(voice), [line("Hello.", 1.0, 2.0)])] == ["Woman: Hello."]
    assert [one.text for one in captions(plan(voice))] == ["[a voice]"]


def test_a_short_film_names_everything_that_goes_on() -> None:
    """Three beds in four seconds take turns instead of one being left out."""
    shown = captions(plan(*(sound(words, 0, 4) for words in ("rain", "wind", "traffic")), seconds=4.0))
    assert {one.text for one in shown} == {"[rain]", "[wind]", "[traffic]"}
    assert most_rows(shown) == 2
    assert all(one.end_s <= 4 for one in shown)


def test_what_nobody_hears_is_not_named() -> None:
    """Sixty decibels down, or cut off after ten microseconds, also when nothing else is named."""
    assert captions(plan(sound("a knock", 1.0, 2.0, gain_db=-60.0))) == ()
    assert captions(plan(sound("a knock", 1.0, 1.000_01))) == ()
    assert captions(plan(sound("a far bell", 1.0, 2.0, gain_db=-30.0)))
