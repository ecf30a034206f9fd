"""Words to the phonemes that the network reads, in pieces that it can take at once.

The reading (numbers, abbreviations, parts of speech, words that no lexicon holds) is hibari's, a port of misaki, the
reader that Kokoro was trained with.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from hibari.g2p import G2P
from hibari.g2p.normalize import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_SYMBOLS = 400
"""In one piece; the network takes 509, and sounds hurried near that."""
_PIECE_SYMBOLS = 220
"""A piece ends with the first sentence after so many."""
_ENDS = (".", "!", "?", "\u2026")
_PAUSES = (*_ENDS, ",", ";", ":", "\u2014")
_reading = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word or mark with its phonemes."""

    text: str
    phonemes: str
    spaced: bool
    """Whether a space follows."""


@lru_cache(maxsize=2)
def _reader(*, british: bool) -> G2P:
    return G2P(british=british)


@lru_cache(maxsize=1)
def symbols() -> Mapping[str, int]:
    """The network's number of every phoneme."""
    text = resources.files("hibari").joinpath("assets", "vocab.json").read_text(encoding="utf-8")
    return {str(symbol): int(number) for symbol, number in json.loads(text).items()}


@lru_cache(maxsize=256)
def pieces(text: str, *, british: bool) -> tuple[tuple[Word, ...], ...]:
    """The words of a cleaned text in pieces of whole sentences, or parts of very long ones."""
    with _reading:
        reader = _reader(british=british)
        tokens = reader.phonemize_tokens(reader.tokenize(normalize(text)))
    known = symbols()
    return tuple(_pieces([_word(token, known) for token in tokens]))


def _word(token: Any, known: Mapping[str, int]) -> Word:  # noqa: ANN401 - hibari is untyped
    phonemes = "".join(symbol for symbol in token.phonemes or "" if symbol in known)
    return Word(text=str(token.text), phonemes=phonemes[:MOST_SYMBOLS], spaced=bool(token.whitespace))


def _pieces(words: list[Word]) -> Iterator[tuple[Word, ...]]:
    piece: list[Word] = []
    count = 0
    for word in words:
        length = len(word.phonemes) + word.spaced
        if piece and count + length > MOST_SYMBOLS:
            cut = _last_pause(piece)
            yield tuple(piece[:cut])
            piece = piece[cut:]
            count = sum(len(one.phonemes) + one.spaced for one in piece)
        piece.append(word)
        count += length
        if count >= _PIECE_SYMBOLS and word.phonemes.endswith(_ENDS):
            yield tuple(piece)
            piece, count = [], 0
    if any(word.phonemes.strip() for word in piece):
        yield tuple(piece)


def _last_pause(words: list[Word]) -> int:
    """Where a sentence that is too long is parted: after its last mark, else at its end."""
    marks = [index for index, word in enumerate(words) if word.phonemes.endswith(_PAUSES)]
    return marks[-1] + 1 if marks else len(words)
