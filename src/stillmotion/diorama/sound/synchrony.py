"""A sound that the words give to something that is seen to happen comes when it happens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.shot.ambient import AMBIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.motion.records import Event
    from stillmotion.diorama.shot.records import MotionCue, Shot, SoundCue

STRUCK = frozenset(
    ("thud", "clink", "dishes", "clang", "rattle", "knock", "pop", "snap", "coins", "splash", "drip", "glass", "chop")
)
"""Sounds of contacts: one for each contact of what the same words move."""
_WET, _DROPS = ("splash", "drip"), ("", "drop")
"""Drops belong to nothing in the picture, and are meant where water is said to sound."""
THUNDER = ("thunder", "thunder_distant")
_BURSTS = ("fireworks", "explosion")
_AFAR_M, _SOUND_M_S = 120.0, 343.0
"""Bursts in the sky are heard from so far, so late."""
_BURST_S = 1.6
_CONTACTS = ("contact", "splash")
_MOST = 12
_EARLY_S = 0.7
"""A contact may come so long before the time that the words were given."""
_ELSEWHERE_DB = -8.0
"""What is as quiet as that is heard from afar: not what is seen."""
_RANGE_DB = 24.0
_PER_IMPULSE = 0.8
_LONGEST_S = 2.5


def in_time(cue: SoundCue, shot: Shot, events: Sequence[Event]) -> tuple[SoundCue, ...]:
    """The cue as it was planned, or one cue for each contact that it belongs to, as loud as that contact is hard.

    Args:
        cue: a planned sound.
        shot: the movement in whose clause the sound stands tells which contacts are meant.
        events: of the simulation.
    """
    if cue.sound in THUNDER and _rolls(cue, events):
        return ()
    if cue.sound in _BURSTS:
        return _bursts(cue, shot, events)
    if cue.sound not in STRUCK or not cue.words or cue.every_s or cue.level_db < _ELSEWHERE_DB:
        return (cue,)
    mine = [event for moved in _movements(cue, shot) for event in _contacts(moved, shot, events)]
    mine = mine or ([] if cue.count else _all_contacts(cue, shot, events))
    if not mine and cue.sound in _WET:
        mine = [event for event in events if event.kind == "splash" and event.subject in _DROPS]
    if not mine:
        return (cue,)
    loudest = max(event.impulse for event in mine)
    kept = sorted(sorted(mine, key=lambda event: -event.impulse)[:_MOST], key=lambda event: event.time_s)
    return tuple(_at(cue, event, loudest, shot) for event in kept)


def _rolls(cue: SoundCue, events: Sequence[Event]) -> bool:
    """Thunder that a lightning brings comes with it, as late as that is far, and not once more."""
    return cue.count is None and any(one.kind == "thunder" and one.time_s >= cue.start_s - _EARLY_S for one in events)


def _bursts(cue: SoundCue, shot: Shot, events: Sequence[Event]) -> tuple[SoundCue, ...]:
    """One bang for each burst that is seen, late by its distance; without any the cue stays as it is."""
    late_s = _AFAR_M / _SOUND_M_S
    total_s = float(shot.duration_s)
    seen = [event for event in events if event.kind == "burst"]
    heard = [event for event in seen if event.time_s + late_s < total_s]
    bangs = tuple(
        replace(
            cue,
            start_s=event.time_s + late_s,
            end_s=min(event.time_s + late_s + _BURST_S, total_s),
            place=(event.x, event.y),
            count=1,
        )
        for event in heard
    )
    return bangs if seen else (cue,)


def _movements(cue: SoundCue, shot: Shot) -> list[MotionCue]:
    """What the same clause moves; a subject that an earlier clause moved is meant as well."""
    said = [one for one in shot.motion if one.performed and one.words == cue.words != AMBIENT]
    subjects = {(one.layer, one.prop) for one in said}
    return said + [
        one for one in shot.motion if one.performed and one not in said and (one.layer, one.prop) in subjects
    ]


def _contacts(moved: MotionCue, shot: Shot, events: Sequence[Event]) -> list[Event]:
    end_s = float(shot.duration_s) if moved.end_s is None else moved.end_s + 0.5
    names = {moved.layer, moved.prop, moved.subject}
    inside = [event for event in events if event.kind in _CONTACTS and moved.start_s <= event.time_s < end_s]
    own = [event for event in inside if event.subject in names or (moved.prop and event.subject.startswith(moved.prop))]
    return [event for event in own if event.time_s < shot.duration_s - 0.02]


def _all_contacts(cue: SoundCue, shot: Shot, events: Sequence[Event]) -> list[Event]:
    """Every contact of what the words move, from the sound's time on: "it falls and bounces, with a clink"."""
    named = [moved for moved in shot.motion if moved.performed and moved.words not in {"", AMBIENT}]
    found = {id(event): event for moved in named for event in _contacts(moved, shot, events)}
    return [event for event in found.values() if cue.start_s - _EARLY_S <= event.time_s]


def _at(cue: SoundCue, event: Event, loudest: float, shot: Shot) -> SoundCue:
    below_db = 20 * _PER_IMPULSE * float(np.log10(max(event.impulse, 1e-9) / max(loudest, 1e-9)))
    return replace(
        cue,
        start_s=event.time_s,
        end_s=min(event.time_s + _LONGEST_S, float(shot.duration_s)),
        place=(min(max(event.x, 0.0), 1.0), min(max(event.y, 0.0), 1.0)),
        level_db=cue.level_db + max(below_db, -_RANGE_DB),
        count=1,
    )
