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
_A_STROKE_S = 0.5
"""A stroke that is asked for by number costs as much as so long a bed."""
_STROKES_PER_S = 12.0
"""Faster ones run into one another as in a drum roll: nobody hears how many they are."""
_FEW_STROKES = 12
"""So many are made in any time."""


def most_strokes(length_s: float) -> int:
    """How often a sound of this length is made at most."""
    return max(int(_STROKES_PER_S * length_s), _FEW_STROKES)


def bounded(plan: SoundPlan) -> tuple[SoundPlan, tuple[str, ...]]:
    """The plan without what is too much, and sentences for people when something went.

    No sound comes more often than can be told apart. Of all sounds the quietest goes first, and nothing that is said.
    """
    pairs = [_countable(sound, plan) for sound in plan.sounds]
    fewer = tuple(dict.fromkeys(words for _, words in pairs if words))
    cut, left_out = _fitting(replace(plan, sounds=tuple(sound for sound, _ in pairs)) if fewer else plan)
    return cut, (*fewer, *left_out)


def _countable(sound: PlannedSound, plan: SoundPlan) -> tuple[PlannedSound, str]:
    """The sound as often as it can be told apart, and the words for that when it was to come more often."""
    times, most = _strokes(sound), most_strokes(_length_s(sound, plan))
    if times <= most:
        return sound, ""
    controls = tuple((name, most if name == "count" else value) for name, value in sound.controls)
    what = f'"{sound.caption}"' if sound.caption else "A sound"
    words = f"{what} is heard {most} times, not {times}: nobody could tell more of them apart in its time."
    return replace(sound, controls=controls), words


def _strokes(sound: PlannedSound) -> int:
    """How often a sound is asked for; 0 when nothing says so."""
    asked = dict(sound.controls).get("count", 0)
    return round(asked) if isinstance(asked, (int, float)) else 0


def _fitting(plan: SoundPlan) -> tuple[SoundPlan, tuple[str, ...]]:
    """The plan without what makes all sounds together too long."""
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
    return max(_LIGHT * length_s if light else length_s, _A_STROKE_S * _strokes(sound))
