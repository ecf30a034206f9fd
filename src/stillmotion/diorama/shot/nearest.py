"""What the lexicon misses, by meaning: the nearest phrase in a small sentence-embedding space, above a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.shot import lexicon
from stillmotion.progress import ignore_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.progress import Progress

THRESHOLD = 0.5
"""Measured on paraphrases and on unrelated sentences; see docs/explanation/prompts.md."""
_LONGEST_CLAUSES = 24
_COMPARISONS = frozenset(("louder", "quieter", "softer", "fainter", "noisier"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Unknown words with the known phrase nearest in meaning."""

    words: str
    phrase: str
    score: float


def nearest(clauses: Sequence[str], progress: Progress = ignore_progress) -> tuple[list[Reading], list[str]]:
    """Read clauses that hold no known word.

    Returns:
        What was understood, and what was not.

    Raises:
        AssetError: the network is not on this machine and cannot be fetched.
    """
    kept = [clause for clause in clauses if clause and not _compares(clause)][:_LONGEST_CLAUSES]
    if not kept:
        return [], [clause for clause in clauses if clause]
    from stillmotion.diorama.perception.embeddings import ready  # noqa: PLC0415 - heavy, and seldom needed

    ready(progress)
    phrases, vectors = _known()
    scores = _embed(kept) @ vectors.T
    best = scores.argmax(axis=1)
    found = [Reading(words=w, phrase=phrases[b], score=float(s[b])) for w, b, s in zip(kept, best, scores, strict=True)]
    known = [reading for reading in found if reading.score >= THRESHOLD]
    return known, [clause for clause in clauses if clause not in {reading.words for reading in known}]


def _compares(clause: str) -> bool:
    """Louder, quieter: a change of what is heard, and no sound of its own."""
    return bool(_COMPARISONS & set(clause.casefold().split()))


def _embed(texts: Sequence[str]) -> NDArray[np.float32]:
    from stillmotion.diorama.perception.embeddings import embed_texts  # noqa: PLC0415 - heavy, and seldom needed

    return np.asarray(embed_texts(list(texts)), dtype=np.float32)


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, ...], NDArray[np.float32]]:
    phrases = tuple(dict.fromkeys(stand_ins()))
    return phrases, _embed(phrases)


def stand_ins() -> list[str]:
    """A few full phrases for every move, behaviour and sound, each of which the lexicon reads by itself."""
    moves = lexicon.table("camera")["examples"]
    verbs = [
        f"it {_third(verb)}"
        for row in lexicon.table("motion").values()
        for verb in row.get("verbs", [])[:3]
        if "~" in verb
    ]
    nouns = [noun for row in lexicon.table("motion").values() for noun in row.get("nouns", [])[:2]]
    sounds = [f"sound of {_third(row['phrases'][0])}" for name, row in lexicon.sounds().items() if name != "echo"]
    return [*moves, *verbs, *nouns, *sounds]


def _third(verb: str) -> str:
    """The phrase with its verb in the third person; a phrase without a verb stays."""
    if "~" not in verb:
        return verb
    head, _, rest = verb.partition("~")
    before, _, word = head.rpartition(" ")
    third = next(text for form, text in lexicon.forms(word) if form == "third")
    return " ".join(f"{before} {third} {rest}".split())


__all__ = ["THRESHOLD", "Reading", "nearest", "stand_ins"]
