"""How much one film can hold: plans without end are cut to what can be made in reasonable time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion.diorama.sound.records import Stem

if TYPE_CHECKING:
    from stillmotion.diorama.sound.records import PlannedSound, SoundPlan

BEDS_ALIKE = 2
"""More of the same bed at once is only louder."""
LONGEST_FILMS = 32.0
"""All sounds together last at most so many films; 32 of the slowest take about five times as long as a full mix."""
SHARED_S = 3.0
"""Shorter sounds that are alike share recordings."""
_LIGHT = 0.25
"""What short sounds and strokes cost of what a bed costs: most of them is silence."""


def bounded(plan: SoundPlan) -> tuple[SoundPlan, tuple[str, ...]]:
    """The plan without what is too much, and a sentence for people when something went.

    The quietest goes first, and nothing that is said.
    """
    kept = list(_without_doubles(plan))
    room_s = LONGEST_FILMS * plan.duration_s
    chosen: set[int] = set()
    for index in sorted(range(len(kept)), key=lambda at: _rank(kept[at])):
        cost_s = _cost_s(kept[index], plan)
        if cost_s <= room_s:
            room_s -= cost_s
            chosen.add(index)
    sounds = tuple(sound for index, sound in enumerate(kept) if index in chosen)
    left = len(plan.sounds) - len(sounds)
    if left == 0:
        return plan, ()
    words = f"{left} of {len(plan.sounds)} sounds are left out: so many at once are more than one film can hold."
    return replace(plan, sounds=sounds), (words,)


def _without_doubles(plan: SoundPlan) -> list[PlannedSound]:
    """Without long sounds that another is already the same as."""
    seen: Counter[object] = Counter()
    kept = []
    for sound in plan.sounds:
        alike = (sound.generator, sound.controls, round(sound.start_s, 1), round(sound.end_s, 1), sound.stem)
        seen[alike] += 1
        if seen[alike] <= BEDS_ALIKE or _length_s(sound, plan) <= SHARED_S:
            kept.append(sound)
    return kept


def _length_s(sound: PlannedSound, plan: SoundPlan) -> float:
    return max(min(sound.end_s, plan.duration_s) - max(sound.start_s, 0.0), 0.0)


def _rank(sound: PlannedSound) -> tuple[bool, float]:
    """Lower is kept first."""
    return (sound.stem is not Stem.DIALOGUE, -sound.gain_db)


def _cost_s(sound: PlannedSound, plan: SoundPlan) -> float:
    length_s = _length_s(sound, plan)
    light = length_s <= SHARED_S or sound.stem is Stem.FOLEY
    return _LIGHT * length_s if light else length_s
