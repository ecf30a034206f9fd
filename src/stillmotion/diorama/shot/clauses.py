"""Sentences to clauses, each with how it joins the one before, its slots (speed, side, times …) and its negation."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon, slots
from stillmotion.diorama.shot.outline import Passage, Role
from stillmotion.diorama.shot.words import Token, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARKS = frozenset(",;:()[]")
LONGEST = 40
"""Tokens in one clause. Readers look at a whole clause for each word that they know, so it may not be endless."""
_ENDS = frozenset(".!?\n")


class Joint(StrEnum):
    """How a clause joins the one before."""

    START = "start"
    COMMA = "comma"
    AND = "and"
    OR = "or"
    WITH = "with"
    WHILE = "while"
    THEN = "then"


@dataclass(slots=True)
class Clause:
    """A few words that say one thing. Filled in by the readers of camera, motion and sound."""

    tokens: tuple[Token, ...]
    joint: Joint
    role: Role
    sentence: int
    passage: Passage
    chain: int = 0
    beat: int = 0
    negated: bool = False
    used: set[int] = field(default_factory=set)
    """Positions of tokens that some reader has understood."""
    start_s: float | None = None
    end_s: float | None = None
    duration_s: float | None = None
    at_end: bool = False

    @property
    def words(self) -> str:
        """The clause as a person would write it."""
        return say(self.tokens).strip(" ,;:.")


def sentences(tokens: Sequence[Token], quotations: Sequence[str]) -> Iterator[tuple[Token, ...]]:
    """Split at full stops, and after a quotation that ends its own sentence."""
    current: list[Token] = []
    for index, token in enumerate(tokens):
        current.append(token)
        if token.key in _ENDS or _quote_ends(tokens, index, quotations):
            yield tuple(current)
            current = []
    if current:
        yield tuple(current)


def _quote_ends(tokens: Sequence[Token], index: int, quotations: Sequence[str]) -> bool:
    quote = tokens[index].quotation
    if quote is None or not quotations[quote].endswith((".", "!", "?")):
        return False
    following = [token.key for token in tokens[index + 1 : index + 3]]
    if following[:1] == ["in"] and any(token.key == "voice" for token in tokens[index + 2 : index + 6]):
        return False
    joins = following[:1] and following[0] in MARKS | lexicon.words("and") | lexicon.words("then") | _ENDS
    return not joins and not any(key in lexicon.words("speaking") for key in following)


def split(tokens: Sequence[Token]) -> Iterator[tuple[Joint, tuple[Token, ...]]]:
    """Clauses of one sentence with their joints."""
    joint = Joint.START
    current: list[Token] = []
    for index, token in enumerate(tokens):
        found = _joint(tokens, index)
        if found is None and len(current) < LONGEST:
            current.append(token)
            continue
        if found is None:
            yield joint, tuple(current)
            joint, current = Joint.COMMA, [token]
            continue
        if current:
            yield joint, tuple(current)
            joint, current = found, []
        joint = _stronger(joint, found)
    if current:
        yield joint, tuple(current)


_STRENGTH = {joint: rank for rank, joint in enumerate(Joint)}


def _stronger(one: Joint, other: Joint) -> Joint:
    return max(one, other, key=_STRENGTH.__getitem__)


def _joint(tokens: Sequence[Token], index: int) -> Joint | None:
    """The joint that a word makes; None for an ordinary word."""
    key = tokens[index].key
    following = tokens[index + 1].key if index + 1 < len(tokens) else ""
    before = tokens[index - 1].key if index else ""
    found = _joints().get(key)
    ordinary = {
        Joint.THEN: before in lexicon.words("time_unit") or following in {"to", "in"},
        Joint.WHILE: key == "as" and following in _NOT_WHILE | lexicon.adverbs(),
        Joint.AND: not index and key in {"y", "e"},
    }
    if key == "until" and slots.names_seconds(tokens[index + 1 : index + 4]):
        return None
    if key == "followed" and following == "by":
        return Joint.THEN
    return None if found is None or ordinary.get(found, False) else found


_NOT_WHILE = frozenset({"if", "well", "a", "though", "in"})


@cache
def _joints() -> dict[str, Joint]:
    groups = {
        Joint.COMMA: MARKS | _ENDS,
        Joint.AND: lexicon.words("and"),
        Joint.OR: {"or", "nor"},
        Joint.WITH: {"with", "mit", "avec", "con"},
        Joint.WHILE: lexicon.words("while"),
        Joint.THEN: lexicon.words("then") | {"before", "until"},
    }
    return {word: joint for joint, words in groups.items() for word in words}


def clauses(passages: Sequence[Passage], spoken: Sequence[tuple[Token, ...]]) -> list[Clause]:
    """Every clause of every passage; chains and beats are numbered.

    Args:
        passages: one for each sentence.
        spoken: the sentences without their speech, aligned with passages.
    """
    found: list[Clause] = []
    chain, beat = -1, 0
    for index, (passage, sentence) in enumerate(zip(passages, spoken, strict=True)):
        parts = list(split(sentence))
        continues = (
            bool(found) and bool(parts) and (parts[0][0] is Joint.THEN or _next_item(found[-1].passage, passage))
        )
        chain, beat = (chain, beat + 1) if continues else (chain + 1, 0)
        for order, (joint, tokens) in enumerate(parts):
            beat += order > 0 and joint is Joint.THEN
            clause = Clause(tokens, joint, passage.role, index, passage, chain, beat)
            clause.start_s, clause.end_s = passage.start_s, passage.end_s
            found.append(clause)
    return found


def _next_item(before: Passage, passage: Passage) -> bool:
    if passage.role is not Role.ACTION or before.role is not Role.ACTION or passage.item is None or before.item is None:
        return False
    return before.item < passage.item
