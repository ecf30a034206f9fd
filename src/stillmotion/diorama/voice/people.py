"""Which voices there are, and whose voice fits the words about a speaker."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_FILE = Path(__file__).with_name("people.toml")
_WEIGHTS = MappingProxyType({"sex": 8.0, "age": 4.0, "character": 2.0, "accent": 3.0})
_TAKEN = 5.0
"""Another voice of the same sex is better than one that somebody else has."""
_CHILDREN_AGE, _ADULT = "child", "adult"
_TINY = "tiny"
_MANNERS = MappingProxyType({"narrated": "narrator", "tiny": _TINY, "squeaky": _TINY, "deep": "deep"})
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One voice: a person as the ear imagines them."""

    name: str
    style: str
    """The network's style vectors that it starts from."""
    sex: str
    """"woman" or "man"; of children, girl or boy."""
    age: str = _ADULT
    """"child", "young", "adult" or "old"."""
    accent: str
    character: str
    size: float = 1.0
    """Factor on pitch and formants together, as a smaller body has it."""
    pace: float = 1.0
    tremor: float = 0.0
    """0..1, as age has it."""

    @property
    def british(self) -> bool:
        """Whether words are pronounced the British way."""
        return self.accent == "British"


@cache
def _data() -> Mapping[str, Any]:
    return MappingProxyType(tomllib.loads(_FILE.read_text(encoding="utf-8")))


VOICES: Mapping[str, Voice] = MappingProxyType(
    {name: Voice(name=name, **row) for name, row in _data()["voices"].items()}
)
"""Every voice by name, the best recorded first."""


def traits(words: str) -> dict[str, set[str]]:
    """What words say about a voice: "an old British lady" is a woman, old, British."""
    said = {word.casefold() for word in _WORD.findall(words)}
    table: Mapping[str, Mapping[str, list[str]]] = _data()["words"]
    return {
        kind: {value for value, known in values.items() if said.intersection(known)} for kind, values in table.items()
    }


def choose(speaker_words: str, manner: Collection[str] = (), taken: Collection[str] = ()) -> str:
    """The name of the voice that fits best.

    Args:
        speaker_words: words that name or describe who speaks; nothing known in them gives a neutral adult.
        manner: how it is said: what is narrated gets a narrator, a tiny voice is that of somebody tiny.
        taken: voices that other speakers of the same shot have.
    """
    wanted = traits(speaker_words)
    carried = {_MANNERS[word] for word in manner if word in _MANNERS}
    if carried and not any(wanted.values()):
        wanted["character"] |= carried
    return max(VOICES.values(), key=lambda voice: _score(voice, wanted, taken)).name


def _score(voice: Voice, wanted: Mapping[str, set[str]], taken: Collection[str]) -> float:
    """How well a voice fits; equal ones keep the order of the list, because `max` takes the first."""
    score = -_TAKEN * (voice.name in taken)
    for kind, weight in _WEIGHTS.items():
        values = wanted[kind]
        if values:
            score += weight if getattr(voice, kind) in values else -weight
    if not wanted["age"] and voice.age != _ADULT and not (voice.character == _TINY and _TINY in wanted["character"]):
        score -= 6.0 if voice.age == _CHILDREN_AGE else 2.0
    if not wanted["character"] and voice.character in {"huge", "tiny", "deep"}:
        score -= 2.0
    return score
