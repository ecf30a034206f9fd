"""Sounds of what happened in the picture: each contact, roll, slide and splash at its own time and place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import rooms
from stillmotion.diorama.sound.matter import DULL, LOOSE, SOUNDINGS, WATER, Sounding
from stillmotion.diorama.sound.records import PlannedSound, Stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.motion.records import Event

_SUBJECT_M = 6.0
"""What one subject distance of the scene means to the ear."""
_MOST = 400
"""Contacts that are planned; of more, the strongest. What one film cannot hold of them, `bounding` leaves out aloud."""
_MOST_ROLLS = 12
"""Rolls and slides that are heard; of more, the longest."""
_LOUDEST_DB = -1.0
"""The strongest contact of a shot, beside a bed at its reference level."""
_PER_IMPULSE = 0.8
"""Amplitude grows with impulse to this power."""
_RANGE_DB = 42.0
_RINGS_S = 1.6
_ROLL_DB = -5.0
_SOFT_ROLL_DB, _HARD = -18.0, 0.75
"""How much quieter the softest rolls than what is as hard as wood."""
_FLOOR_DB = -4.0
"""The floor beside what falls on it."""
_LEAST_ROLL_S = 0.15
_LIGHTER_DB, _FULL_KG, _LEAST_FLOOR_DB = 9.0, 0.4, 18.0
"""The floor answers fully to what weighs so much, and by so much a decade less to what is lighter."""
_BEDDED_DB = -14.0
"""What falls into sand is held by it and hardly rings."""
_PASS_S, _PEAKS = 0.8, 0.52
_FAST_M_S = 7.0
"""From this speed on the air is heard."""
_PASS_DB = -12.0
_MOST_PASSES = 8
_SPOKEN = {"leaf": "leaves", "film": "", "air": "", "feather": "feathers"}
_ADJECTIVES = frozenset(
    ("glass", "steel", "aluminium", "gold", "ceramic", "plastic", "rubber", "stone", "paper", "cardboard")
)
_VERBS = {"roll": "rolls", "slide": "slides", "splash": "splashes", "pass": "rushes past"}


def foley(events: Iterable[Event], framing: Box, duration_s: float) -> Iterator[PlannedSound]:
    """What is heard of the events inside a shot.

    Args:
        events: of the simulation; those that nothing strikes are left out.
        framing: the part of the photo that the picture shows; it gives the pan.
        duration_s: of the shot.
    """
    inside = [event for event in events if 0.0 <= event.time_s < duration_s - 0.01]
    struck = sorted((event for event in inside if event.kind in {"contact", "splash"}), key=_strength)[-_MOST:]
    loudest = max((_strength(event) for event in struck), default=0.0)
    for event in sorted(struck, key=lambda event: event.time_s):
        gain_db = _gain_db(_strength(event), loudest)
        yield from _strike(event, gain_db, framing, duration_s)
    lasting = [one for one in inside if one.kind in {"roll", "slide"} and one.duration_s >= _LEAST_ROLL_S]
    for event in sorted(lasting, key=lambda event: event.duration_s)[-_MOST_ROLLS:]:
        yield _moving(event, framing, duration_s)
    fast = [one for one in inside if one.kind == "pass" and one.speed >= _FAST_M_S]
    for event in sorted(fast, key=lambda event: event.speed)[-_MOST_PASSES:]:
        yield _passing(event, framing, duration_s)


def _strength(event: Event) -> float:
    return max(event.impulse, 1e-6)


def _gain_db(strength: float, loudest: float) -> float:
    """The strongest contact has a level of its own; the others follow it by impulse^0.8."""
    below_db = 20 * _PER_IMPULSE * np.log10(strength / loudest)
    lift_db = float(np.clip(3 * np.log10(max(loudest, 1e-3)), -6.0, 4.0))
    return float(_LOUDEST_DB + lift_db + max(below_db, -_RANGE_DB))


def _strike(event: Event, gain_db: float, framing: Box, duration_s: float) -> Iterator[PlannedSound]:
    """Both bodies of a contact ring or give way, or water is broken."""
    mover, other = event.materials
    if event.kind == "splash" or WATER & {mover, other}:
        size = float(np.clip(np.log10(max(event.impulse, 1e-4) * 1e3) / 4, 0.05, 1.0))
        yield _placed(event, "plunge", (("size", size),), (gain_db, _RINGS_S), framing, duration_s)
        return
    mass_kg = float(np.clip(event.impulse / max(event.speed, 0.05), 0.002, 50.0))
    # What is light cannot make what is heavy boom.
    floor_db = _FLOOR_DB + float(np.clip(_LIGHTER_DB * np.log10(mass_kg / _FULL_KG), -_LEAST_FLOOR_DB, 0.0))
    mover_db = _BEDDED_DB if other in LOOSE and mover not in LOOSE else 0.0
    floor_db = 0.0 if other in LOOSE else floor_db
    hardness = _hardness(event, mass_kg)
    for material, share_db, weight in ((mover, mover_db, mass_kg), (other, floor_db, max(4.0, mass_kg))):
        generator, controls = _answer(material, weight, hardness)
        yield _placed(event, generator, controls, (gain_db + share_db, _RINGS_S), framing, duration_s)


def _hardness(event: Event, mass_kg: float) -> float:
    """A contact is about as soft as the softer of the two; fast and light ones are shorter (Hertz)."""
    softer, harder = sorted(SOUNDINGS.get(material, DULL).hardness for material in event.materials)
    quick = 0.08 * np.log2(max(event.speed, 0.1)) - 0.05 * np.log10(mass_kg / 0.1)
    return float(np.clip(0.85 * softer + 0.15 * harder + quick, 0.03, 1.0))


def _answer(material: str, mass_kg: float, hardness: float) -> tuple[str, tuple[tuple[str, float], ...]]:
    """The generator of one body's part of a contact and its controls."""
    loose = LOOSE.get(material)
    if loose is None:
        return "impact", _impact(SOUNDINGS.get(material, DULL), mass_kg, hardness)
    more = 1 + 0.25 * float(np.clip(np.log10(mass_kg / 0.1), -2, 2))
    return "crumple", (
        ("rate_per_s", loose.rate_per_s),
        ("low_hz", loose.low_hz),
        ("high_hz", loose.high_hz),
        ("tail", loose.tail),
        ("rub", loose.rub),
        ("thump", loose.thump * more),
        ("sudden", 1.0),
        ("length_s", loose.length_s * more),
        ("count", 1),
    )


def _impact(sounding: Sounding, mass_kg: float, hardness: float) -> tuple[tuple[str, float], ...]:
    """Heavier rings lower, as the cube root of the mass of bodies of one shape."""
    f0_hz = float(np.clip(sounding.f0_hz * (0.1 / mass_kg) ** (1 / 3), 45.0, 9_000.0))
    return (
        ("f0_hz", f0_hz),
        ("loss", sounding.loss),
        ("spread", sounding.spread),
        ("hardness", hardness),
        ("knock", sounding.knock),
    )


def _passing(event: Event, framing: Box, duration_s: float) -> PlannedSound:
    """The air of something fast, loudest when it is nearest."""
    starts = replace(event, time_s=max(event.time_s - _PEAKS * _PASS_S, 0.0))
    gain_db = float(np.clip(_PASS_DB + 30 * np.log10(event.speed / _FAST_M_S), -18.0, 0.0))
    controls = (("speed_m_s", float(np.clip(event.speed, _FAST_M_S, 60.0))), ("length_s", _PASS_S), ("count", 1))
    width = (("width_m", 0.012),)
    return _placed(starts, "whoosh", controls + width, (gain_db, _PASS_S + 0.2), framing, duration_s)


def _moving(event: Event, framing: Box, duration_s: float) -> PlannedSound:
    mover, other = event.materials
    one, two = SOUNDINGS.get(mover, DULL), SOUNDINGS.get(other, DULL)
    controls = (
        ("speed_m_s", float(np.clip(event.speed, 0.05, 12.0))),
        ("end_speed_m_s", float(np.clip(event.speed * 0.4, 0.02, 8.0))),
        ("grain_m", max(one.grain_m, two.grain_m)),
        ("f0_hz", float(np.clip(min(one.f0_hz, two.f0_hz), 60.0, 3_000.0))),
        ("loss", min(max(one.loss, two.loss), 1.0)),
        ("scrape", 1.0 if event.kind == "slide" else 0.0),
    )
    # What is soft presses itself flat over bumps that make what is hard rattle; slow things are quiet.
    soft_db = _SOFT_ROLL_DB * (1 - min(one.hardness, two.hardness) / _HARD)
    slow_db = 20 * float(np.log10(np.clip(event.speed, 0.05, 1.0)))
    gain_db = _ROLL_DB + min(soft_db, 0.0) + max(_PER_IMPULSE * slow_db, -12.0)
    return _placed(event, "rolling", controls, (gain_db, event.duration_s), framing, duration_s)


def _placed(  # noqa: PLR0917 - one place where a planned sound is made
    event: Event,
    generator: str,
    controls: tuple[tuple[str, float], ...],
    loud_long: tuple[float, float],
    framing: Box,
    duration_s: float,
) -> PlannedSound:
    gain_db, length_s = loud_long
    across = 2 * (event.x - framing.x0) / max(framing.width, 1e-6) - 1
    return PlannedSound(
        generator=generator,
        stem=Stem.FOLEY,
        start_s=event.time_s,
        end_s=min(event.time_s + length_s, duration_s),
        gain_db=gain_db,
        pan=float(np.clip(across, -1, 1)) * rooms.PAN_LIMIT,
        distance_m=float(np.clip(_SUBJECT_M / max(event.q, 0.05), 2.0, 120.0)),
        controls=controls,
        caption=_caption(event),
    )


def _caption(event: Event) -> str:
    """In words: "a glass marble hits wood"."""
    mover, other = (_SPOKEN.get(material, material) for material in event.materials)
    name = event.subject.strip("_0123456789 ").replace("_", " ").lower()
    made = f"{mover} " if mover and name and mover not in name.split() and mover in _ADJECTIVES else ""
    what = f"{'an' if (made or name)[0] in 'aeiou' else 'a'} {made}{name}" if name else "something"
    if event.kind in _VERBS:
        return f"{what} {_VERBS[event.kind]}"
    return f"{what} hits {other}" if other else f"{what} lands"
