"""Prompts show what they ask for: measured on decoded films, each movement against a control without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from measure import asked
from stillmotion.engines import diorama

if TYPE_CHECKING:
    from pathlib import Path

    from measure.films import Studio

PROMPTS = [
    ("cat", "It blinks twice, then tilts its head to the left. Static camera."),
    ("china", "Clouds drift left, the trees sway in a strong wind. Slow truck right."),
    ("china", "A ball drops from the top of the frame, bounces three times and rolls off to the right."),
]
STRAY = 0.012
"""Share of what nobody named that may differ from the control: noise of the coder."""


@pytest.mark.parametrize(("photo", "words"), PROMPTS)
def test_prompts_show_what_they_ask_for(films: Studio, tmp_path: Path, photo: str, words: str) -> None:
    """Each named movement shows in its place, its direction, its time and its number; what nobody named keeps still."""
    pair = asked.filmed(films.photo(photo), words, diorama.scene_cache(), tmp_path)
    found = asked.findings(pair, tmp_path)
    assert found
    assert [one for one in found if not one.shown] == []
    assert (asked.elsewhere(pair) or 0.0) <= STRAY
