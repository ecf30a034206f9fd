"""Words that the lexicon misses, by meaning."""

from __future__ import annotations

import pytest

from stillmotion.diorama.shot.nearest import nearest, stand_ins
from stillmotion.diorama.shot.parse import parse


@pytest.mark.parametrize(
    ("clause", "verb"),
    [
        ("her eyelids shut for a moment", "blink"),
        ("mist creeps across the valley", "fog"),
        ("the lantern gleams on and off", "flicker"),
        ("the banner flaps about", "flutter"),
    ],
)
def test_paraphrases_are_understood(clause: str, verb: str) -> None:
    """A clause without a known word finds the behaviour that it means."""
    known, unknown = nearest([clause])
    assert unknown == []
    assert verb in {cue.verb for cue in parse(known[0].phrase).motion}


def test_other_words_stay_unknown() -> None:
    """What means no move, behaviour or sound is not read as one."""
    clauses = ["three red apples on a plate", "the year is 1987", "wearing a blue coat", "she pans for gold"]
    assert nearest(clauses) == ([], clauses)


def test_every_stand_in_is_read_by_the_lexicon() -> None:
    """The phrases that meanings are compared with are themselves understood."""
    for phrase in stand_ins():
        intent = parse(phrase)
        assert intent.camera or intent.motion or intent.sounds, phrase
