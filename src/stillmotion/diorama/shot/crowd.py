"""Several drawn things of a kind: each has cues of its own, sets off from its own place and a little after the last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion.diorama.shot.places import are_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.shot.records import MotionCue

MOST = 7
_ROWS = {"rise": 1.08, "float": 1.08, "fall": -0.08}
"""Where things wait that rise or fall in numbers: just outside the photo, below or above."""
_STAGGER_S = 0.22
_MARGIN = 0.1
_GOLDEN = 0.618034
"""Steps by the golden section of the width leave no two neighbours in time close to each other."""


def spread(cues: Sequence[MotionCue], most: int, total_s: float) -> tuple[MotionCue, ...]:
    """The cues with those of several things of a kind multiplied.

    Args:
        cues: with the number of things as their count.
        most: cues in all; things beyond it are left out.
        total_s: length of the shot.
    """
    many = {
        cue.prop: (min(cue.count, MOST), cue)
        for cue in reversed(cues)
        if are_many(cue) and cue.count is not None and cue.verb in _ROWS
    }
    found: list[MotionCue] = []
    for cue in cues:
        count, lead = many.get(cue.prop, (1, cue))
        found.extend([cue] if count == 1 else (_one(cue, lead, number, total_s) for number in range(count)))
    return tuple(found[:most])


def _one(cue: MotionCue, lead: MotionCue, number: int, total_s: float) -> MotionCue:
    """One of the things; what it does later it does where it started."""
    x = _MARGIN + (1 - 2 * _MARGIN) * ((0.37 + number * _GOLDEN) % 1.0)
    y = _ROWS[lead.verb] if lead.place is None or 0 <= lead.place[1] <= 1 else lead.place[1]
    start = cue.start_s + number * _later(cue, total_s)
    count = None if are_many(cue) else cue.count
    return replace(cue, place=(round(x, 3), y), start_s=round(start, 3), count=count)


def _later(cue: MotionCue, total_s: float) -> float:
    """Seconds between two of them: no more than fit into the first half of the cue."""
    end = total_s if cue.end_s is None else cue.end_s
    return min(_STAGGER_S, 0.5 * (end - cue.start_s) / MOST)
