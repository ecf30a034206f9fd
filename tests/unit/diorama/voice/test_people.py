"""Whose voice fits whom."""

from __future__ import annotations

import pytest

from stillmotion.diorama import voice


@pytest.mark.parametrize(
    ("words", "sex", "age"),
    [
        ("she", "woman", "adult"),
        ("the old woman", "woman", "old"),
        ("a little girl", "woman", "child"),
        ("the boy", "man", "child"),
        ("officer", "man", "adult"),
        ("grandfather", "man", "old"),
        ("a young man", "man", "young"),
    ],
)
def test_words_about_a_speaker_choose_sex_and_age(words: str, sex: str, age: str) -> None:
    """The words decide, whatever stands around them."""
    found = voice.VOICES[voice.choose(words, (), ())]
    assert (found.sex, found.age) == (sex, age)


def test_accent_depth_and_narration_are_heard() -> None:
    """British speakers, deep voices and narrators get voices of their kind."""
    assert voice.VOICES[voice.choose("a British man")].accent == "British"
    assert voice.VOICES[voice.choose("deep voice")].character == "deep"
    assert voice.VOICES[voice.choose("narrator")].character == "narrator"
    assert voice.VOICES[voice.choose("cat", ("tiny",))].character == "tiny"


def test_speakers_get_different_voices() -> None:
    """Three men in one shot are three voices, all of them men."""
    taken: list[str] = []
    for _ in range(3):
        taken.append(voice.choose("man", (), tuple(taken)))
    assert len(set(taken)) == 3
    assert {voice.VOICES[name].sex for name in taken} == {"man"}


def test_there_are_enough_voices() -> None:
    """At least ten English voices, of both sexes, all ages and two accents."""
    voices = voice.VOICES.values()
    assert len(voices) >= 10
    assert {one.sex for one in voices} == {"woman", "man"}
    assert {one.age for one in voices} == {"child", "young", "adult", "old"}
    assert {one.accent for one in voices} == {"American", "British"}
