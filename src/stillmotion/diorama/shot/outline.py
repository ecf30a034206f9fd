"""The prompt's outline: labelled blocks, bullets, timed lines and lifted quotations, before any sentence is read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from stillmotion.diorama.shot import lexicon
from stillmotion.diorama.shot.words import QUOTE_CLOSE, QUOTE_OPEN, fold, tidy


class Role(StrEnum):
    """What a passage is about, as its label says."""

    PLAIN = "plain"
    ACTION = "action"
    SOUND = "sound"
    MUSIC = "music"
    DIALOGUE = "dialogue"
    CAMERA = "camera"
    LOOK = "look"
    NEGATIVE = "negative"
    META = "meta"
    """Not for us: duration, aspect ratio, resolution."""


_ROLES = {fold(label): role for role in Role for label in lexicon.table("labels")[role]}
_WORDS = "|".join(re.escape(label) for label in sorted(_ROLES, key=len, reverse=True))
_PAIRS = "|".join(re.escape(label) for label in sorted(_ROLES, key=len, reverse=True) if re.search(r"[ -]", label))
_CLOCK = r"\d{1,2}:\d{2}(?:[.:]\d{1,3})?"
_SECOND = r"\d{1,3}(?:\.\d{1,3})?"
_UNIT = r" ?(?:seconds?|secs?|s)\b"
_TIMES = (
    rf"(?<![\w.])(?:from |at |seconds? |time )?(?P<r0>{_CLOCK}|{_SECOND})(?:{_UNIT})? ?(?:-|to) ?"
    rf"(?:(?P<r1>{_CLOCK})|(?P<r2>{_SECOND}){_UNIT}|(?P<r3>\d{{1,3}}\.\d{{1,3}}))(?: ?[:;,-])?"
    rf"|(?<![\w.])(?:at )?(?P<s0>{_CLOCK}|{_SECOND}{_UNIT}) ?[:;-]"
)
_BRACKETED = (
    rf"[\[(] ?(?:(?P<b0>{_CLOCK}|{_SECOND})(?:{_UNIT})? ?(?:-|to) ?(?P<b1>{_CLOCK}|{_SECOND})(?:{_UNIT})?"
    rf"|(?P<c0>{_CLOCK}|{_SECOND}(?={_UNIT}))(?:{_UNIT})?) ?[\])](?: ?[:;,-])?"
)
_MARK = re.compile(
    rf"{_BRACKETED}|"
    rf"(?:(?<=[.;!?,)\]{QUOTE_CLOSE}] )|(?<=[\[(])|^)(?:{_TIMES})"
    rf"|(?:(?:(?<=[.;!?)\]{QUOTE_CLOSE}] )|^)(?P<label>{_WORDS}|(?:shot|scene|beat|part|clip|segment) ?#?\d{{1,2}})"
    rf"|(?<![\w'-])(?P<pair>{_PAIRS}))"
    rf"(?: ?[\[(] ?(?P<l0>{_CLOCK}|{_SECOND})(?:{_UNIT})?(?: ?(?:-|to) ?(?P<l1>{_CLOCK}|{_SECOND})(?:{_UNIT})?)?"
    r" ?[\])])? ?:(?!\d)",
    re.IGNORECASE,
)
_NEXT_SPAN = re.compile(
    r"(?<=[^\W\d]) (?=\d{1,3}(?:\.\d{1,2})? ?s? ?- ?\d{1,3}(?:\.\d{1,2})? ?s(?:ec|econds)?:)", re.IGNORECASE
)
"""A timed line that begins where another one ended without a full stop: "0-1s: she nods 1-2s: she blinks"."""
_ITEM = re.compile(r"^(?:-+|\d{1,2}[.)]|;)(?= |[^\W\d]) ?")
_QUOTED = re.compile(r"\"([^\"\n]*)(?:\"|$)|(?<!\w)'(?=\w)((?:[^'\n]|'(?=\w)){1,300})'(?!\w)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of text with one label and one time window."""

    role: Role
    text: str
    start_s: float | None = None
    end_s: float | None = None
    item: int | None = None
    """Position among the bullets of its block; None for running text."""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """Passages in order and the quotations that were lifted out of them."""

    passages: tuple[Passage, ...]
    quotations: tuple[str, ...]


@dataclass(slots=True)
class _State:
    role: Role = Role.PLAIN
    label: str = ""
    start_s: float | None = None
    end_s: float | None = None
    items: int = 0
    whole: frozenset[str] = frozenset()
    """Labels that stand once beside a list of times: they are about the whole shot."""
    used: bool = False
    """Something stood under the present label or time already."""


def outline(prompt: str) -> Outline:
    """Split a prompt into passages. Total: any text has an outline."""
    quotations: list[str] = []

    def lift(match: re.Match[str]) -> str:
        quotations.append(" ".join((match.group(1) or match.group(2) or "").split()))
        return f" {QUOTE_OPEN}{len(quotations) - 1}{QUOTE_CLOSE} "

    text = _NEXT_SPAN.sub(". ", re.sub(r"[^\S\n]+", " ", _QUOTED.sub(lift, tidy(prompt))))
    passages: list[Passage] = []
    state = _State(whole=_whole_shot(text))
    for line in text.split("\n"):
        passages.extend(_line(line.strip(), state))
    return Outline(tuple(_close_windows(passages)), tuple(quotations))


def _line(line: str, state: _State) -> list[Passage]:
    if not line:
        if state.used:
            state.role, state.label, state.items = Role.PLAIN, "", 0
        return []
    bullet = _ITEM.match(line)
    if bullet:
        line = line[bullet.end() :]
        state.items += 1
    marks = list(_MARK.finditer(line))
    if state.used and (marks and marks[0].start() == 0):
        state.start_s = state.end_s = None
    found = [_passage(line[: marks[0].start() if marks else None], state, bullet is not None)]
    for index, mark in enumerate(marks):
        _enter(mark, state)
        end = marks[index + 1].start() if index + 1 < len(marks) else None
        found.append(_passage(line[mark.end() : end], state, bullet is not None))
    return [passage for passage in found if passage]


def _passage(text: str, state: _State, bullet: bool) -> Passage | None:  # noqa: FBT001 - private, one caller
    text = text.strip(" ;:,-")
    if not text:
        return None
    state.used = True
    item = state.items if bullet else None
    return Passage(state.role, text, state.start_s, state.end_s, item, state.label)


def _enter(mark: re.Match[str], state: _State) -> None:
    label = mark.group("label") or mark.group("pair")
    first = mark.group("b0") or mark.group("c0") or mark.group("r0") or mark.group("s0") or mark.group("l0")
    last = mark.group("b1") or mark.group("r1") or mark.group("r2") or mark.group("r3") or mark.group("l1")
    if label:
        state.label = " ".join(fold(label).split())
        state.role = _ROLES.get(state.label, Role.PLAIN)
        state.items = 0
        if state.label in state.whole:
            state.start_s = state.end_s = None
    if first:
        state.start_s, state.end_s = _seconds(first), _seconds(last) if last else None
        if state.end_s is not None and state.end_s <= (state.start_s or 0.0):
            state.end_s = None
    state.used = False


def _whole_shot(text: str) -> frozenset[str]:
    marks = list(_MARK.finditer(text))
    labels = Counter(" ".join(fold(mark.group("label") or mark.group("pair") or "").split()) for mark in marks)
    times = sum(mark.group("label") is None and mark.group("pair") is None for mark in marks)
    return frozenset(label for label, count in labels.items() if count == 1) if times > 1 else frozenset()


def _seconds(text: str) -> float:
    parts = re.findall(r"\d+(?:\.\d+)?", text)
    if ":" not in text:
        return float(parts[0])
    minutes, seconds, *frames = parts
    return int(float(minutes)) * 60 + float(seconds) + (float(f"0.{int(float(frames[0]))}") if frames else 0.0)


def _close_windows(passages: list[Passage]) -> list[Passage]:
    """Give a passage that has only a start the start of the next timed one as its end."""
    closed: list[Passage] = []
    following: float | None = None
    for passage in reversed(passages):
        start, end = passage.start_s, passage.end_s
        if start is not None and end is None and following is not None and following > start:
            end = following
        closed.append(Passage(passage.role, passage.text, start, end, passage.item, passage.label))
        following = start if start is not None else following
    return closed[::-1]
