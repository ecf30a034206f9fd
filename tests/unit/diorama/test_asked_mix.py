"""What is asked for beside the prompt, and what is said of films that are silent."""

from __future__ import annotations

import pytest

from stillmotion.diorama import pipeline
from stillmotion.diorama.brief import LOUDNESS_LUFS, STEMS, Brief, loudness_of
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.shot import records
from stillmotion.diorama.shot.records import Mix, Shot
from stillmotion.errors import InputRefused


def test_what_is_asked_wins_over_the_plan() -> None:
    """A loudness replaces the planned one, mutes add up; without a word the plan stays."""
    mix = Mix(loudness_lufs=-24.0, muted=("music",))
    planned = Shot(size_px=(640, 360), framing=Box(x0=0, y0=0, x1=1, y1=1), mix=mix)
    asked = Brief(prompt="x", loudness_lufs=-14.0, muted=("foley", "music"))
    assert pipeline._asked(planned, asked) == Mix(loudness_lufs=-14.0, muted=("music", "foley"))
    assert pipeline._asked(planned, Brief(prompt="x")) == mix


def test_silence_is_said() -> None:
    """Silent by the prompt, or with every track left out; otherwise nothing is said."""
    for mix in (Mix(silent=True), Mix(muted=STEMS)):
        (words,) = pipeline._silence(mix)
        assert "silent, as asked" in words
    assert pipeline._silence(Mix(muted=STEMS[1:])) == ()


def test_tracks_have_the_same_names_everywhere() -> None:
    """The Shot and the brief know the same tracks."""
    assert set(STEMS) == set(records.STEMS)


@pytest.mark.parametrize("text", ["loud", " Standard ", "-18", "-23.0"])
def test_loudness_is_read(text: str) -> None:
    """Names in any case, numbers as text."""
    assert loudness_of(text) in LOUDNESS_LUFS.values()


@pytest.mark.parametrize("lufs", [-40.1, -9.9, float("nan"), float("inf")])
def test_impossible_loudness_is_refused(lufs: float) -> None:
    """Before any work, with the limits."""
    with pytest.raises(InputRefused, match="-40 to -10"):
        Brief(prompt="x", loudness_lufs=lufs)
