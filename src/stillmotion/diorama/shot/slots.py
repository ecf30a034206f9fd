"""Words that say how: speed, amount, direction, loudness, number, times. Each reader takes the tokens of one clause."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stillmotion.diorama.shot.words import Token

_SMALL = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_NUMBER = rf"(\d{{1,4}}(?:\.\d{{1,3}})?|half a|{'|'.join(_SMALL)}|a|couple of)"
_UNIT = r"(?:s|secs?|seconds?|sekunden?|secondes?|segundos?)"
_TIME_RULES = {
    "first": re.compile(rf"\b(?:for|in|during|over)? ?(?:the )?first (?:{_NUMBER} )?{_UNIT}\b"),
    "last": re.compile(rf"\b(?:for|in|during|over)? ?(?:the )?(?:last|final) (?:{_NUMBER} )?{_UNIT}\b"),
    "span": re.compile(
        rf"\b(?:from|between) (?:second )?{_NUMBER}(?: {_UNIT})? (?:to|and|until|-) {_NUMBER} {_UNIT}\b"
    ),
    "later": re.compile(rf"\b{_NUMBER} {_UNIT} (?:later|after)\b"),
    "after": re.compile(
        rf"\b(?:after|at|from|starting at|nach) (?:second )?(?:about )?{_NUMBER} {_UNIT}\b|\bat second {_NUMBER}\b"
    ),
    "until": re.compile(rf"\buntil (?:second )?{_NUMBER} {_UNIT}(?: in)?\b"),
    "every": re.compile(rf"\b(?:every|each) (?:{_NUMBER} )?{_UNIT}\b|\b(?:once|twice|times) (?:a|per) second\b"),
    "clock": re.compile(r"\bat (\d{1,2}):(\d{2})\b"),
    "for": re.compile(rf"\b(?:for|over|within|in|lasting|during|fur|pendant) (?:about )?{_NUMBER}(?: full)? {_UNIT}\b"),
    "end": re.compile(
        r"\b(?:at|in|towards?) the (?:very )?end\b(?! of)|\bat the end of the (?:shot|clip|video)\b"
        r"|\bam ende\b|\ba la fin\b"
    ),
    "start": re.compile(r"\bat the (?:very )?(?:beginning|start)\b|\bat first\b|\binitially\b"),
}


_FAR_DB = -9.0
"""So much quieter is what words put far away."""
_SECONDS = re.compile(rf"(?:second )?{_NUMBER} {_UNIT}\b")


@dataclass(frozen=True, slots=True)
class Times:
    """What the words of a clause say about time, in seconds."""

    start_s: float | None = None
    end_s: float | None = None
    duration_s: float | None = None
    later_s: float | None = None
    """After the thing before."""
    at_end: bool = False

    @property
    def said(self) -> bool:
        """Whether anything was said."""
        return self != Times()


def joined(tokens: Sequence[Token]) -> str:
    """The folded words with single blanks."""
    return " ".join(token.key for token in tokens)


def times(tokens: Sequence[Token]) -> Times:
    """Read time expressions: "for the first two seconds", "after 3 seconds", "at the end"."""
    text = joined(tokens)
    found = {name: rule.search(text) for name, rule in _TIME_RULES.items()}
    until = _number(found["until"].group(1)) if found["until"] else None
    for name, read in _READERS.items():
        if match := found[name]:
            said = read(match)
            later = until is not None and said.end_s is None and said.start_s is not None and until > said.start_s
            return replace(said, end_s=until) if later else said
    if until is not None:
        return _span(0.0, until)
    start = 0.0 if found["start"] else None
    duration = _number(found["for"].group(1)) if found["for"] else None
    return Times(start_s=start, duration_s=duration, at_end=found["end"] is not None)


def names_seconds(tokens: Sequence[Token]) -> bool:
    """Whether words begin with a number of seconds: "two seconds", "3 s"."""
    return _SECONDS.match(joined(tokens)) is not None


def every_s(tokens: Sequence[Token]) -> float | None:
    """After how many seconds something happens again: "every second", "every two seconds"; None when nothing says."""
    match = _TIME_RULES["every"].search(joined(tokens))
    return None if match is None else max(_number(match.group(1)), 0.1)


def _span(start_s: float, end_s: float) -> Times:
    return Times(start_s=start_s, end_s=end_s if end_s > start_s else None)


_READERS: dict[str, Callable[[re.Match[str]], Times]] = {
    "first": lambda match: Times(start_s=0.0, end_s=_number(match.group(1))),
    "last": lambda match: Times(duration_s=_number(match.group(1)), at_end=True),
    "span": lambda match: _span(_number(match.group(1)), _number(match.group(2))),
    "later": lambda match: Times(later_s=_number(match.group(1))),
    "clock": lambda match: Times(start_s=60.0 * int(match.group(1)) + int(match.group(2))),
    "after": lambda match: Times(start_s=_number(match.group(1) or match.group(2))),
}


def _number(text: str | None) -> float:
    if text is None or text == "a":
        return 1.0
    if text == "half a":
        return 0.5
    return 2.0 if text == "couple of" else float(_SMALL.get(text, 0) or text)


def without_times(tokens: Sequence[Token]) -> str:
    """The folded words after time expressions were taken out."""
    text = joined(tokens)
    for rule in _TIME_RULES.values():
        text = rule.sub(" ", text)
    return " ".join(text.split())


def without_sides(tokens: Sequence[Token]) -> str:
    """The folded words after "from the left" and its like were taken out."""
    gone = {index for match in lexicon.slot_book("side").find(tokens) for index in range(match.start, match.end)}
    return joined([token for index, token in enumerate(tokens) if index not in gone])


def value(book: str, tokens: Sequence[Token]) -> str | None:
    """The longest of the first words that the slot book knows; None when there are none."""
    matches = list(lexicon.slot_book(book).find(tokens))
    return max(matches, key=lambda match: (match.end - match.start, -match.start)).entry.name if matches else None


def speed(tokens: Sequence[Token]) -> float:
    """Speed factor; 1 when nothing is said."""
    return float(value("speed", tokens) or 1.0)


def amount(tokens: Sequence[Token]) -> float:
    """Amount factor; 1 when nothing is said."""
    return float(value("amount", tokens) or 1.0)


def level_db(tokens: Sequence[Token]) -> float:
    """How much louder or quieter than usual. Heavy rain outside is outside: what is far is quiet however strong."""
    far = [float(match.entry.name) for match in lexicon.slot_book("level_db").find(tokens)]
    if min(far, default=0.0) <= _FAR_DB:
        return min(far)
    found = value("level_db", tokens)
    return float(found) if found else 0.0


def pan(tokens: Sequence[Token]) -> float:
    """Where a sound comes from, -1 left to 1 right."""
    return {"left": -0.6, "right": 0.6}.get(value("side", tokens) or "", 0.0)


def directions(tokens: Sequence[Token]) -> list[tuple[int, int, str]]:
    """Every direction word with the positions of its tokens."""
    found = lexicon.slot_book("direction").find(tokens)
    return [
        (m.start, m.end, m.entry.name)
        for m in found
        if m.entry.name != "none" and not _is_preposition(tokens, m.start, m.end)
    ]


def corners(tokens: Sequence[Token]) -> list[tuple[int, int, str]]:
    """Every corner of the frame that the words go to, as directions: "up right"; not those that they come from."""
    found = lexicon.slot_book("corner").find(tokens)
    return [(m.start, m.end, m.entry.name) for m in found if not _comes_from(tokens, m.start)]


def _comes_from(tokens: Sequence[Token], start: int) -> bool:
    return any(token.key in {"from", "in", "on", "at"} for token in tokens[max(start - 2, 0) : start])


_AFTER_IN = frozenset(
    ["from", "on", "closer", "toward", "towards", "over", "fast", "to", "slowly", "quickly", "gently", "smoothly"]
)


def _is_preposition(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a bare "in" or "up" leads a place ("in the garden") and is no direction."""
    following = tokens[end].key if end < len(tokens) else ""
    return end - start == 1 and tokens[start].key == "in" and following.isalpha() and following not in _AFTER_IN


def count(tokens: Sequence[Token], anchor: int) -> int | None:
    """How often: "twice", "three times", or a number just before the anchor ("two bounces")."""
    for match in lexicon.slot_book("number").find(tokens):
        last = tokens[match.end - 1].key
        if names_seconds(tokens[match.start : match.end + 1]):
            continue
        if last in {"once", "twice", "thrice", "times", "time"} or anchor <= match.end < anchor + 3:
            return int(match.entry.name)
    for index, token in enumerate(tokens):
        following = tokens[index + 1].key if index + 1 < len(tokens) else ""
        if token.key.isdecimal() and len(token.key) < 3 and (following in {"times", "x"} or index + 1 == anchor):
            return int(token.key) or None
    return None


_QUANTITY = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,2})?) ?(degrees?|deg|°|x\b|times|percent|%)")


def quantity(tokens: Sequence[Token]) -> tuple[float, str] | None:
    """A number with a unit: (30, "deg"), (2, "x"), (20, "%")."""
    match = _QUANTITY.search(joined(tokens))
    if match is None:
        return None
    unit = {"d": "deg", "°": "deg", "x": "x", "t": "x", "p": "%", "%": "%"}[match.group(2)[0]]
    return float(match.group(1)), unit


@cache
def _filler() -> frozenset[str]:
    return lexicon.words("article") | {
        "very",
        "to",
        "but",
        "yet",
        "in",
        "motion",
        "speed",
        "pace",
        "movement",
        "way",
        "at",
        "manner",
        "more",
    }


def is_slots_only(tokens: Sequence[Token]) -> bool:
    """Whether the words only say how: "very slow", "to the left", "smooth"."""
    rest = set(range(len(tokens)))
    for book in ("speed", "amount", "direction"):
        for match in lexicon.slot_book(book).find(tokens):
            if match.entry.name == "none":
                return False
            rest -= set(range(match.start, match.end))
    return len(rest) < len(tokens) and all(tokens[index].key in _filler() for index in rest)


def is_side_only(tokens: Sequence[Token]) -> bool:
    """Whether the words only say from where something is heard: "coming from the left"."""
    words = without_sides(tokens).split()
    return len(words) < len(tokens) and set(words) <= {"coming", "heard", "approaching", "off", "screen", "offscreen"}


def is_time_only(tokens: Sequence[Token]) -> bool:
    """Whether the words only say when."""
    return times(tokens).said and not without_times(tokens).strip()
