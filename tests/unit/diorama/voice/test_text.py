"""What can be said, and what of it is read."""

from __future__ import annotations

import pytest

from stillmotion.diorama import voice
from stillmotion.diorama.voice.pronouncing import MOST_SYMBOLS, pieces


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Привет, мир", "Cyrillic"),
        ("你好", "Chinese"),
        ("مرحبا", "Arabic"),
        ("😀😀", "no words"),
        ("...", "no words"),
        ("", "no words"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(text: str, part: str) -> None:
    """Other scripts, and lines without words, say why they are not spoken."""
    assert part in voice.refusal(text)


@pytest.mark.parametrize("text", ["Hello", "Ça va bien, señor", "42", "OK 👍", "Dr. Smith paid $5 at 9:30 a.m."])
def test_latin_letters_and_numbers_are_tried(text: str) -> None:
    """Foreign words in Latin letters, numbers and lines with pictures in them are spoken."""
    assert voice.refusal(text) == ""
    assert any(word.phonemes for piece in pieces(voice.clean(text), british=False) for word in piece)


def test_shouted_capitals_are_words() -> None:
    """A line in capitals is not spelt letter by letter."""
    assert voice.clean("HELP ME") == "help me"


@pytest.mark.parametrize("text", ["word " * 1000, "x" * 5000, "one, two. " * 500])
def test_long_lines_are_read_in_pieces_that_the_network_takes(text: str) -> None:
    """No piece has more symbols than fit at once."""
    found = pieces(voice.clean(text), british=False)
    assert found
    assert max(sum(len(word.phonemes) + word.spaced for word in piece) for piece in found) <= MOST_SYMBOLS + 1
