"""Sound captions: what is heard, in words, as somebody reads them who cannot hear it."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stillmotion.clip import Caption
from stillmotion.diorama.sound.records import Stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stillmotion.diorama.shot.records import DialogueLine
    from stillmotion.diorama.sound.records import PlannedSound, SoundPlan

LINES = 2
"""On screen at once."""
LEAST_S = 1.0
"""Nobody reads faster."""
_WIDTH = 42
"""Characters in a line, as broadcasters count."""
_BED_S = 4.0
"""A sound that goes on is named once, at its start."""
_EVENT_S = 3.0
_MOSTLY = 0.6
"""What lasts for this share of a film goes on, in a short film as well."""
_LONGEST_S = (_BED_S, 2.0, LEAST_S)
"""When not everything finds room, all of it is shown for a shorter time."""
_SAME_S = 3.0
"""A sound that comes again within this is the same caption going on."""
_LATE_S = 1.5
"""A short sound may wait this long for a free line; later, its caption would be wrong."""
_FAINT_DB = -30.0
"""Quieter than this beside the others is not worth a line."""
_UNHEARD_DB = -40.0
"""Quieter than this is under the tone of the quietest place."""
_CLICK_S = 0.004
"""What is cut off after this is no sound that has a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """Words that want a place."""

    text: str
    start_s: float
    end_s: float
    latest_s: float
    """After this it may no longer begin."""
    urgent: int
    """Lower goes first: 0 speech, 1 a short sound, 2 a bed."""
    film_s: float
    """The end of the film."""

    @property
    def lines(self) -> int:
        return self.text.count("\n") + 1


def captions(plan: SoundPlan, lines: Sequence[DialogueLine] = ()) -> tuple[Caption, ...]:
    """The captions of a film, by time: spoken lines with their speakers, sounds in brackets; two lines at once at most.

    Args:
        plan: sounds with their captions. Beds are named once at their start, repeated sounds once while they go on.
        lines: what is said. Lines that are not performed, or have no time, are left out.
    """
    if plan.silent or plan.duration_s < LEAST_S:
        return ()
    spoken = [] if Stem.DIALOGUE in plan.muted else [entry for line in lines for entry in _spoken(line, plan)]
    heard = _heard(plan, skip_dialogue=bool(spoken))
    wanted = sorted((*spoken, *heard), key=lambda one: (one.urgent, one.start_s, one.text))
    placed = max((_placed(wanted, longest_s) for longest_s in _LONGEST_S), key=len)
    placed.sort(key=lambda one: (one.start_s, one.urgent, one.text))
    return tuple(Caption(start_s=_ms(one.start_s), end_s=_ms(one.end_s), text=one.text) for one in placed)


def _placed(wanted: Sequence[_Entry], longest_s: float) -> list[_Entry]:
    """Those that find room when sounds are shown for so long at most."""
    placed: list[_Entry] = []
    for entry in wanted:
        end_s = entry.end_s if entry.urgent == 0 else min(entry.end_s, entry.start_s + longest_s)
        found = _fit(replace(entry, end_s=end_s), placed)
        if found is not None:
            placed.append(found)
    return placed


def _ms(seconds: float) -> float:
    return round(seconds, 3)


def _spoken(line: DialogueLine, plan: SoundPlan) -> Iterator[_Entry]:
    """A line, in pieces of at most two rows that share its time by their length."""
    words = " ".join((line.said or line.text).split())
    if not line.performed or not words or line.start_s is None or line.start_s >= plan.duration_s:
        return
    speaker = " ".join(line.speaker.split())
    who = f"{speaker[:1].upper()}{speaker[1:]}: " if speaker else ""
    rows = textwrap.wrap(who + words, _WIDTH, break_long_words=True)
    pieces = ["\n".join(rows[at : at + LINES]) for at in range(0, len(rows), LINES)]
    start_s = line.start_s
    end_s = min(line.end_s or start_s + max(LEAST_S, len(words) / 15), plan.duration_s)
    total = sum(len(piece) for piece in pieces)
    at_s = start_s
    for piece in pieces:
        until_s = at_s + (end_s - start_s) * len(piece) / total
        yield _in_film(piece, at_s, until_s, plan, urgent=0)
        at_s = until_s


def _in_film(text: str, start_s: float, end_s: float, plan: SoundPlan, *, urgent: int) -> _Entry:
    """On screen for a second at least, also at the film's end."""
    start_s = max(min(start_s, plan.duration_s - LEAST_S), 0.0)
    end_s = min(max(end_s, start_s + LEAST_S), plan.duration_s)
    late_s = {0: LEAST_S, 1: _LATE_S, 2: max(end_s - start_s - LEAST_S, 0.0)}[urgent]
    return _Entry(
        text=text, start_s=start_s, end_s=end_s, latest_s=start_s + late_s, urgent=urgent, film_s=plan.duration_s
    )


def _heard(plan: SoundPlan, *, skip_dialogue: bool) -> Iterator[_Entry]:
    """Sounds by their words; what comes again soon goes on under the same words."""
    audible = [one for one in plan.sounds if one.caption and one.stem not in plan.muted and _lasts(one, plan)]
    loudest_db = max((one.gain_db for one in audible), default=0.0)
    named: dict[str, list[PlannedSound]] = defaultdict(list)
    for one in sorted(audible, key=lambda one: one.start_s):
        if one.gain_db > max(loudest_db + _FAINT_DB, _UNHEARD_DB) and not (skip_dialogue and one.stem is Stem.DIALOGUE):
            named[" ".join(one.caption.split())].append(one)
    for words, sounds in named.items():
        for start_s, end_s in _stretches(sounds):
            yield _sounding(words, start_s, end_s, plan)


def _lasts(sound: PlannedSound, plan: SoundPlan) -> bool:
    return min(sound.end_s, plan.duration_s) - max(sound.start_s, 0.0) > _CLICK_S


def _stretches(sounds: Iterable[PlannedSound]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for sound in sounds:
        if joined and sound.start_s - joined[-1][1] < _SAME_S:
            joined[-1] = (joined[-1][0], max(joined[-1][1], sound.end_s))
        else:
            joined.append((max(sound.start_s, 0.0), sound.end_s))
    return joined


def _sounding(words: str, start_s: float, end_s: float, plan: SoundPlan) -> _Entry:
    text = textwrap.shorten(f"[{words}]", 2 * _WIDTH, placeholder=" ...]")
    bed = end_s - start_s > min(_BED_S, _MOSTLY * plan.duration_s)
    entry = _in_film(text, start_s, end_s, plan, urgent=2 if bed else 1)
    return replace(entry, end_s=min(entry.end_s, entry.start_s + (_BED_S if bed else _EVENT_S)))


def _fit(entry: _Entry, placed: Sequence[_Entry]) -> _Entry | None:
    """The entry at the first time from its start at which there is room for a second; None when there is none."""
    wanted_s = entry.end_s - entry.start_s
    ends = sorted(one.end_s for one in placed if entry.start_s < one.end_s <= entry.latest_s)
    for start_s in (entry.start_s, *ends):
        free_s = _free_until(start_s, min(start_s + wanted_s, entry.film_s), LINES - entry.lines, placed)
        if free_s - start_s >= LEAST_S - 1e-9:
            return replace(entry, start_s=start_s, end_s=free_s)
    return None


def _free_until(start_s: float, end_s: float, lines: int, placed: Sequence[_Entry]) -> float:
    """Until when no more than `lines` are taken."""
    edges = sorted({start_s, *(one.start_s for one in placed if start_s < one.start_s < end_s)})
    for edge_s in edges:
        if sum(one.lines for one in placed if one.start_s <= edge_s < one.end_s) > lines:
            return edge_s
    return end_s
