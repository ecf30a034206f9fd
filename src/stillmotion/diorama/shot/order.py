"""When cues of one subject follow each other, and what ends what."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.shot.records import MotionCue

ENDS = "settle"
LASTS = "breathe"
"""It goes on while something else begins."""
_TRAVELS = frozenset({"rise", "fly", "float", "drive", "sail", "move"})
"""What one thing does after the other; falls, bounces and rolls follow from each other by themselves."""
_FADE_S = 0.6
_STAGGER = 0.28
_EVERYTHING = frozenset({"everything", "all", "everyone", "it all"})


def in_order(cues: Sequence[MotionCue], total_s: float) -> tuple[MotionCue, ...]:
    """Cues with their times: travels one after the other, gestures a little apart, ended by what comes to rest.

    Cues that another makes needless are left out: the same behaviour of the same thing at the same time.
    """
    spread = [one for group in _together(_distinct(cues)) for one in _apart(group, total_s)]
    return _settled(spread)


def _distinct(cues: Sequence[MotionCue]) -> list[MotionCue]:
    kept: dict[tuple[object, ...], MotionCue] = {}
    for cue in (replace(cue, end_s=None) if cue.verb == LASTS else cue for cue in cues):
        key = (cue.verb, cue.layer, cue.box, cue.prop, _named(cue), cue.start_s)
        before = kept.get(key)
        kept[key] = cue if before is None else _joined(before, cue)
    return list(kept.values())


def _named(cue: MotionCue) -> str:
    """What tells two cues apart that no layer does; mist is mist, whoever sprays it."""
    field = lexicon.table("motion")[cue.verb]["category"] == "weather"
    return "" if field or cue.layer is not None else cue.subject


def _joined(one: MotionCue, other: MotionCue) -> MotionCue:
    return replace(
        one,
        count=one.count or other.count,
        direction=one.direction or other.direction,
        amount=max(one.amount, other.amount),
        target=one.target or other.target,
        end_s=None if None in {one.end_s, other.end_s} else max(one.end_s or 0.0, other.end_s or 0.0),
    )


def _whose(cue: MotionCue) -> tuple[object, ...]:
    own = cue.layer, cue.box, cue.point, cue.prop
    return (*own, cue.start_s, cue.end_s) if any(own) else (object(),)


def _together(cues: Sequence[MotionCue]) -> list[list[MotionCue]]:
    """Neighbours that are about one thing in one window."""
    return [list(group) for _, group in groupby(cues, key=_whose)]


def _gestures(cue: MotionCue) -> bool:
    """Something short that the living do; breathing goes on beside it, and what is not drawn takes no time."""
    row = lexicon.table("motion")[cue.verb]
    return row["category"] == "living" and cue.verb != LASTS and not row.get("cannot")


def _apart(cues: list[MotionCue], total_s: float) -> list[MotionCue]:
    travels = [cue for cue in cues if cue.verb in _TRAVELS]
    living = [cue for cue in cues if _gestures(cue)]
    if len(travels) < 2 and len(living) < 2:
        return cues
    return [_moved(cue, travels if len(travels) > 1 else living, total_s, one_by_one=len(travels) > 1) for cue in cues]


def _moved(cue: MotionCue, row: list[MotionCue], total_s: float, *, one_by_one: bool) -> MotionCue:
    if cue not in row:
        return cue
    place = row.index(cue)
    end = total_s if cue.end_s is None else cue.end_s
    step = (end - cue.start_s) * (1 / len(row) if one_by_one else min(_STAGGER, 0.9 / len(row)))
    start = round(cue.start_s + place * step, 3)
    last = cue.end_s if not one_by_one or place == len(row) - 1 else round(start + step, 3)
    return replace(cue, start_s=start, end_s=last)


def _settled(cues: list[MotionCue]) -> tuple[MotionCue, ...]:
    """Coming to rest ends what went on before; a cue of its own it is only where bodies roll or slide."""
    for rest in [cue for cue in cues if cue.verb == ENDS]:
        cues = [_ended(cue, rest) for cue in cues]
    return tuple(cue for cue in cues if cue.verb != ENDS or _rests(cue, cues))


def _rests(rest: MotionCue, cues: Sequence[MotionCue]) -> bool:
    return rest.subject not in _EVERYTHING and any(
        cue.start_s == rest.start_s and cue.verb != ENDS and (cue.layer, cue.prop) == (rest.layer, rest.prop)
        for cue in cues
    )


def _ended(cue: MotionCue, rest: MotionCue) -> MotionCue:
    same = (cue.layer, cue.prop) == (rest.layer, rest.prop)
    if not (same or rest.subject in _EVERYTHING) or cue.start_s >= rest.start_s:
        return cue
    end = rest.start_s + _FADE_S
    return replace(cue, end_s=end if cue.end_s is None else max(cue.end_s, end) if same else min(cue.end_s, end))
