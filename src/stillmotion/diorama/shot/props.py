"""What can be drawn when a prompt moves it and the photo has none: names only. `motion.props` draws them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from stillmotion.diorama.shot import lexicon
from stillmotion.diorama.shot.words import fold, tokenize


@dataclass(frozen=True, slots=True, kw_only=True)
class PropWords:
    """What is known about a prop before it is drawn."""

    name: str
    """As `motion.props` calls it."""
    width_m: float


def prop_named(words: str) -> PropWords | None:
    """The prop that a noun phrase names, by its head: "a shiny glass marble"; None when there is none."""
    tokens = tokenize(words)
    found = [match for match in lexicon.prop_book().find(tokens) if match.end == len(tokens)]
    if not found:
        return None
    return PropWords(name=found[-1].entry.name, width_m=float(found[-1].entry.data["width_m"]))


@cache
def names() -> frozenset[str]:
    """Every prop that words can name."""
    return frozenset(fold(name) for name in lexicon.table("props"))
