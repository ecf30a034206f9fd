"""The words that prompts are made of, as data: one TOML file a subject, read once, matched longest phrase first."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from stillmotion.diorama.shot.words import Token, fold, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_FOLDER = Path(__file__).parent
_VOWELS = "aeiou"
_SKIP_LIMIT = 2
IRREGULAR = {
    "fly": ("flies", "flying", "flew", "flown"),
    "fall": ("falls", "falling", "fell", "fallen"),
    "rise": ("rises", "rising", "rose", "risen"),
    "run": ("runs", "running", "ran"),
    "swing": ("swings", "swinging", "swung"),
    "spin": ("spins", "spinning", "spun"),
    "swim": ("swims", "swimming", "swam"),
    "sing": ("sings", "singing", "sang"),
    "take": ("takes", "taking", "took"),
    "blow": ("blows", "blowing", "blew", "blown"),
    "break": ("breaks", "breaking", "broke", "broken"),
    "throw": ("throws", "throwing", "threw", "thrown"),
    "eat": ("eats", "eating", "ate"),
    "drive": ("drives", "driving", "drove"),
    "come": ("comes", "coming", "came"),
    "go": ("goes", "going", "went"),
    "hit": ("hits", "hitting", "hit"),
    "sink": ("sinks", "sinking", "sank"),
    "shake": ("shakes", "shaking", "shook"),
    "slide": ("slides", "sliding", "slid"),
    "creep": ("creeps", "creeping", "crept"),
    "hold": ("holds", "holding", "held"),
    "ski": ("skis", "skiing", "skied"),
    "do": ("does", "doing", "did"),
    "catch": ("catches", "catching", "caught"),
    "sweep": ("sweeps", "sweeping", "swept"),
    "draw": ("draws", "drawing", "drew"),
    "stand": ("stands", "standing", "stood"),
    "bend": ("bends", "bending", "bent"),
    "speak": ("speaks", "speaking", "spoke"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One phrase of the lexicon."""

    name: str
    form: str
    """"" as written; "base", "third", "ing" or "past" when its first word is an inflected verb."""
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found in a sentence: tokens start..end-1."""

    start: int
    end: int
    entry: Entry


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    entry: Entry | None = None


class Phrasebook:
    """Phrases in a tree of words, found longest first in one pass."""

    def __init__(self, skippable: frozenset[str] = frozenset()) -> None:
        """Make an empty book.

        Args:
            skippable: adverbs that may stand inside a phrase: "pushes slowly in".
        """
        self._root = _Node()
        self._skippable = skippable

    def add(self, phrase: str, name: str, data: Mapping[str, Any]) -> None:
        """Add a phrase; "~" inflects the word before it. The first meaning of a phrase stays."""
        if "~" not in phrase:
            self._insert(phrase, Entry(name, "", data))
            return
        head, _, rest = phrase.partition("~")
        before, _, verb = head.rpartition(" ")
        for form, word in forms(verb):
            self._insert(f"{before} {word} {rest}", Entry(name, form, data))

    def _insert(self, phrase: str, entry: Entry) -> None:
        node = self._root
        for token in tokenize(phrase):
            node = node.children.setdefault(token.key, _Node())
        node.entry = node.entry or entry

    def _may_skip(self, key: str) -> bool:
        return key in self._skippable or (bool(self._skippable) and _is_adverb(key))

    def find(self, tokens: Sequence[Token]) -> Iterator[Match]:
        """Every match, left to right, without overlap."""
        index = 0
        while index < len(tokens):
            match = self.at(tokens, index)
            if match:
                yield match
            index = match.end if match else index + 1

    def at(self, tokens: Sequence[Token], start: int) -> Match | None:
        """The longest match that begins there."""
        node, index, skipped, best = self._root, start, 0, None
        while index < len(tokens):
            child = node.children.get(tokens[index].key)
            if child is None:
                if index == start or skipped == _SKIP_LIMIT or not self._may_skip(tokens[index].key):
                    break
                skipped += 1
            else:
                node = child
                best = Match(start, index + 1, node.entry) if node.entry else best
            index += 1
        return best


def _is_adverb(key: str) -> bool:
    return key.endswith("ly") and len(key) > 4


def forms(verb: str) -> Iterator[tuple[str, str]]:
    """The verb with its inflected forms, each with its name."""
    yield "base", verb
    if verb in IRREGULAR:
        third, ing, *past = IRREGULAR[verb]
        yield from (("third", third), ("ing", ing), *(("past", word) for word in past))
        return
    yield "third", _third(verb)
    stem = _stem(verb)
    yield "ing", stem + "ing"
    yield "past", (verb[:-1] + "ied" if _ends_consonant_y(verb) else stem + "ed")


def _third(verb: str) -> str:
    if _ends_consonant_y(verb):
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def _ends_consonant_y(verb: str) -> bool:
    return verb.endswith("y") and verb[-2:-1] not in _VOWELS


def _stem(verb: str) -> str:
    if verb.endswith("ie"):
        return verb[:-2] + "y"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1]
    short = sum(char in _VOWELS for char in verb) == 1
    if short and verb[-1] not in "aeiouwxy" and verb[-2] in _VOWELS:
        return verb + verb[-1]
    return verb


@cache
def table(name: str) -> Mapping[str, Any]:
    """A lexicon file as it is."""
    return MappingProxyType(tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8")))


def _book(rows: Iterable[tuple[str, Mapping[str, Any], Iterable[str]]]) -> Phrasebook:
    book = Phrasebook(adverbs())
    for name, data, phrases in rows:
        for phrase in phrases:
            book.add(phrase, name, data)
    return book


@cache
def adverbs() -> frozenset[str]:
    """Single words of speed and amount."""
    rows = [*table("slots")["speed"].values(), *table("slots")["amount"].values()]
    return frozenset(fold(word) for words in rows for word in words if " " not in word)


@cache
def words(name: str) -> frozenset[str]:
    """A plain word list of slots.toml: camera, negation, preposition, article, pronoun, auxiliary, adjective."""
    return frozenset(fold(word) for word in table("slots")["words"][name])


@cache
def camera_book() -> Phrasebook:
    """Camera moves and looks share one book, so that "wide angle" never hides in a move."""
    moves = [(row["kind"], row, row["phrases"]) for row in table("camera")["move"]]
    looks = [("look", {"look": name}, row["phrases"]) for name, row in table("looks").items()]
    return _book([*moves, *looks])


@cache
def motion_book() -> Phrasebook:
    """Behaviours by verb and noun."""
    rows = table("motion").items()
    nouns = [(name, {**row, "noun": True}, row.get("nouns", [])) for name, row in rows]
    verbs = [(name, {**row, "noun": False}, row.get("verbs", [])) for name, row in rows]
    return _book([*nouns, *verbs])


@cache
def sounds() -> Mapping[str, Any]:
    """Every sound by name: the files of `sounds/` together.

    A row has `stem` (ambience, foley, voice or music), `phrases`, in which "~" inflects the verb before it, `lufs` (how
    loud a film with this sound alone is planned), `lasts_s` (how long it takes when it happens once; without it, it
    goes on), and `made = false` as long as no generator makes it.
    """
    files = sorted((_FOLDER / "sounds").glob("*.toml"))
    rows = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return MappingProxyType({name: row for one in rows for name, row in one.items()})


@cache
def sound_book() -> Phrasebook:
    """Sounds by name."""
    return _book((name, row, row["phrases"]) for name, row in sounds().items())


@cache
def slot_book(name: str) -> Phrasebook:
    """Speed, amount, direction, side, level_db or number words; the entry's name is the value."""
    book = Phrasebook()
    for value, phrases in table("slots")[name].items():
        for phrase in phrases:
            book.add(phrase, value, {})
    return book


@cache
def thing_book() -> Phrasebook:
    """What people call the things in a photo; the entry's name is the group."""
    return _book((name, row, row["words"]) for name, row in table("things")["things"].items())


@cache
def prop_book() -> Phrasebook:
    """Things that can be drawn when the photo has none; the entry's name is the prop."""
    return _book((name, row, [name, *row["words"]]) for name, row in table("props").items())


@cache
def place_book() -> Phrasebook:
    """Places that suggest an ambience; the entry's name is the sound. One place may suggest several."""
    suggested: dict[str, list[str]] = {}
    for sound, places in table("things")["places"].items():
        for place in places:
            suggested.setdefault(fold(place), []).append(sound)
    return _book((place, {"sounds": sounds}, [place]) for place, sounds in suggested.items())
