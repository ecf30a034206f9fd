"""Composing: keys are read, voices are led, a piece fits its time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from stillmotion.diorama import randomness
from stillmotion.diorama.sound.score import composing, keys, moods


@pytest.mark.parametrize(
    ("words", "root", "minor"),
    [
        ("C", 0, False),
        ("A minor", 9, True),
        ("Am", 9, True),
        ("f# minor", 6, True),
        ("B flat major", 10, False),
        ("E♭", 3, False),
        ("d moll", 2, True),
        ("G dur", 7, False),
        ("CM", 0, False),
    ],
)
def test_keys_are_read(words: str, root: int, minor: bool) -> None:  # noqa: FBT001
    """Letters, signs and modes in the usual ways of writing them."""
    assert keys.parse(words) == (root, minor)


@pytest.mark.parametrize("words", ["", "loud", "H2O", "A minor seventh", "x" * 5000])
def test_what_is_no_key_is_none(words: str) -> None:
    """Anything else names no key, and music without a key still plays."""
    assert keys.parse(words) is None
    assert composing.compose(randomness.generator(1, "x"), 5.0, moods.PLAIN, key=words).bass


@pytest.mark.parametrize("name", sorted(moods.MOODS))
@pytest.mark.parametrize("seconds", [0.2, 1.0, 4.0, 20.0])
def test_a_piece_fits_its_time(name: str, seconds: float) -> None:
    """Nothing begins after the end, the final chord is the tonic, and it has time to ring."""
    piece = composing.compose(randomness.generator(2, "x"), seconds, moods.mood(name))
    notes = [*piece.melody, *piece.chords, *piece.broken, *piece.bass]
    assert all(0 <= note.start_s <= seconds for note in notes)
    last = {int(note.pitch) % 12 for note in piece.chords if note.start_s == piece.last_s}
    assert last == set(keys.chord(0, piece.root, minor=piece.minor))
    assert seconds - piece.last_s >= min(2.0, 0.3 * seconds)


def test_voices_move_little() -> None:
    """From chord to chord each inner voice moves by less than a fourth in the mean."""
    piece = composing.compose(randomness.generator(4, "x"), 20.0, moods.mood("calm"), key="C")
    starts = sorted({note.start_s for note in piece.chords})
    chords = [sorted(note.pitch for note in piece.chords if note.start_s == start) for start in starts]
    moves = [abs(a - b) for one, two in pairwise(chords) for a, b in zip(one, two, strict=True)]
    assert len(chords) > 3
    assert np.mean(moves) < 4


def test_the_last_but_one_chord_leads_home() -> None:
    """The piece ends with the dominant and the tonic."""
    piece = composing.compose(randomness.generator(4, "x"), 20.0, moods.mood("sad"), key="A minor")
    before, last = [int(note.pitch) % 12 for note in piece.bass][-2:]
    assert (before, last) == (4, 9)


def test_seeds_differ() -> None:
    """Another seed writes another tune."""
    one, two = (composing.compose(randomness.generator(k, "x"), 12.0, moods.PLAIN, key="C") for k in (1, 2))
    assert [note.pitch for note in one.melody] != [note.pitch for note in two.melody]
