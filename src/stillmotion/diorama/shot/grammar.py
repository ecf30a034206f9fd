"""A little grammar that needs no tagger: subjects, objects and negation by where articles and prepositions stand."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon
from stillmotion.diorama.shot.clauses import MARKS, Clause
from stillmotion.diorama.shot.outline import Role
from stillmotion.diorama.shot.words import Token, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def subject(clause: Clause, anchor: int) -> tuple[Token, ...]:
    """The words before a verb that name who does it; empty when nobody is named."""
    before = clause.tokens[:anchor]
    segments = _by_preposition(before)
    if not segments:
        return ()
    starts, head = segments[0]
    if not starts or (len(segments) == 1 and not _is_preposition(before[:1])):
        return _trim(head)
    return _trim(_after_last_article(segments[-1][1]))


def _is_preposition(tokens: Sequence[Token]) -> bool:
    return bool(tokens) and tokens[0].key in lexicon.words("preposition")


def _by_preposition(tokens: Sequence[Token]) -> list[tuple[bool, tuple[Token, ...]]]:
    """Runs between prepositions; the flag says that a preposition leads the run."""
    runs: list[tuple[bool, tuple[Token, ...]]] = []
    current: list[Token] = []
    leads = False
    for token in tokens:
        if token.key in lexicon.words("preposition"):
            if current:
                runs.append((leads, tuple(current)))
            current, leads = [], True
        else:
            current.append(token)
    if current:
        runs.append((leads, tuple(current)))
    return runs


def _after_last_article(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    places = [
        i for i, token in enumerate(tokens) if token.key in lexicon.words("article") | lexicon.words("nominative")
    ]
    return tokens[places[-1] :] if len(places) > 1 or (places and places[0] > 0) else ()


def _trim(tokens: Iterable[Token]) -> tuple[Token, ...]:
    drop = lexicon.words("auxiliary") | lexicon.adverbs() | {"'s", "as", "if", "though", "like"} | MARKS
    kept = [token for token in tokens if _stays(token.key, drop)]
    while kept and kept[0].key in lexicon.words("article") - lexicon.words("possessive"):
        kept.pop(0)
    while kept and (kept[-1].key == "'s" or not (kept[-1].is_word or kept[-1].key.isdigit())):
        kept.pop()
    return tuple(kept)


def _stays(key: str, drop: frozenset[str]) -> bool:
    if key.endswith("ly") and len(key) > 5:
        return bool(lexicon.thing_book().at((Token(key, key),), 0))
    return key not in drop or key in {"'s", "little"}


def content(tokens: Iterable[Token]) -> list[Token]:
    """Tokens that can name something: no articles, auxiliaries, adverbs or plain adjectives."""
    empty = _empty()
    return [token for token in tokens if token.is_word and token.key not in empty]


@cache
def _empty() -> frozenset[str]:
    words = ("negation", "article", "auxiliary", "adjective")
    return frozenset({"'s"}).union(lexicon.adverbs(), *map(lexicon.words, words)) - lexicon.words("nominative")


def names_camera(tokens: Iterable[Token]) -> bool:
    """Whether the words name the camera."""
    return any(token.key in lexicon.words("camera") for token in tokens)


def is_negated(clause: Clause, anchor: int) -> bool:
    """Whether a word before the anchor, or the block, turns it around."""
    if clause.negated or clause.role is Role.NEGATIVE:
        return True
    keys = [token.key for token in clause.tokens[:anchor]]
    if any(key in lexicon.words("negation") for key in keys):
        return True
    return any(pair in lexicon.words("negation") for pair in map(" ".join, pairwise(keys)))


def phrase_after(clause: Clause, start: int, leads: frozenset[str], skip: Iterable[int] = ()) -> str:
    """The noun phrase behind the first of the leading prepositions: "to the rocket" gives "rocket"."""
    barred = set(skip)
    for index in range(start, len(clause.tokens)):
        following = clause.tokens[index + 1].key if index + 1 < len(clause.tokens) else ""
        if clause.tokens[index].key in leads and index not in barred and following not in lexicon.words("purpose"):
            run = _run(clause, index + 1, barred)
            if run:
                return say(run).casefold()
    return ""


def _run(clause: Clause, start: int, barred: set[int]) -> tuple[Token, ...]:
    found: list[Token] = []
    for index in range(start, len(clause.tokens)):
        token = clause.tokens[index]
        stops = token.key in lexicon.words("preposition") - {"of"} or token.key in MARKS
        if (stops and found) or index in barred:
            break
        if not stops:
            found.append(token)
    return _trim(found)
