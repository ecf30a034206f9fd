"""The things that words can add are those that can be drawn."""

from __future__ import annotations

import pytest

from stillmotion.diorama.motion.props import catalogue
from stillmotion.diorama.shot import lexicon
from stillmotion.diorama.shot.props import names, prop_named


def test_names_and_sizes_are_those_that_are_drawn() -> None:
    """Every drawn thing can be named, every name can be drawn, and both know its size."""
    assert names() == frozenset(catalogue.KNOWN)
    sizes = {name: row["width_m"] for name, row in lexicon.table("props").items()}
    assert sizes == {name: prop.width_m for name, prop in catalogue.KNOWN.items()}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("ball", "ball"),
        ("shiny glass marble", "marble"),
        ("two red balloons", "balloon"),
        ("hot air balloon", "hot-air balloon"),
        ("small boat", "sailing boat"),
        ("tumbleweed", "tumbleweed"),
        ("ball gown", None),
        ("zebra", None),
        ("", None),
    ],
)
def test_things_are_named_by_their_head(words: str, name: str | None) -> None:
    """The last noun says what it is."""
    found = prop_named(words)
    assert (found.name if found else None) == name
