"""Confetti, glitter, feathers and ash that come down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import particles, pictures, tumbling, winds
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.records import Part
from stillmotion.diorama.motion.tumbling import Flurry, Kind, Picture

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("confetti",)

_PAPER = Kind(
    name="confetti",
    fall_m_s=(0.9, 1.5),
    size_m=(0.022, 0.036),
    counts=(7, 30, 60, 60),
    sway_m=0.07,
    tumble_hz=(1.0, 3.0),
    spin_hz=1.0,
)
_FEATHER = Kind(
    name="feathers",
    fall_m_s=(0.3, 0.5),
    size_m=(0.05, 0.1),
    counts=(2, 4, 8, 8),
    sway_m=0.2,
    sway_hz=(0.2, 0.45),
    tumble_hz=(0.08, 0.25),
    spin_hz=0.1,
)
_GLITTER = Kind(
    name="glitter",
    fall_m_s=(0.7, 1.2),
    size_m=(0.006, 0.012),
    counts=(20, 70, 120, 100),
    tumble_hz=(2.0, 5.0),
    spin_hz=1.0,
)
_ASH = Kind(
    name="ash",
    fall_m_s=(0.3, 0.7),
    size_m=(0.006, 0.018),
    counts=(8, 40, 80, 90),
    sway_m=0.1,
    tumble_hz=(0.3, 1.0),
    alpha=0.8,
)
_COLOURS = ((214, 62, 70), (238, 178, 52), (62, 132, 204), (84, 168, 96), (226, 122, 168), (240, 238, 230))


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Balloons are no confetti."""
    del stage
    if "balloon" in cue.subject.lower():
        return f'"{cue.words}" asks for many balloons; one that rises can be shown: "a balloon rises".'
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """One field for each kind that the words name."""
    overlays = [overlay for kind in dict.fromkeys(map(_kind, cues)) for overlay in _field(stage, cues, kind)]
    return Part(overlays=tuple(overlays))


def _kind(cue: MotionCue) -> Kind:
    said = f"{cue.subject} {cue.words}".lower()
    for pattern, kind in ((r"\bfeathers?\b", _FEATHER), (r"\bglitter\b", _GLITTER), (r"\bash(es)?\b", _ASH)):
        if re.search(pattern, said):
            return kind
    return _PAPER


def _field(stage: Stage, cues: tuple[MotionCue, ...], kind: Kind) -> tuple[tumbling.Tumblers, ...]:
    mine = tuple(cue for cue in cues if _kind(cue) is kind)
    amounts = [(cue, min(cue.amount, 3.0)) for cue in mine]
    return tumbling.tumblers(
        Flurry(
            stage=stage,
            kind=kind,
            pictures=_drawn(kind),
            presence=particles.presence(stage, amounts, 1.5),
            wind_m_s=winds.sideways_m_s(stage, mine, 0.2),
            speed=max(cue.speed for cue in mine),
            tint=ambient(stage.scene).tint,
            metres=tumbling.light_metres(stage),
        )
    )


def _drawn(kind: Kind) -> tuple[Picture, ...]:
    if kind is _FEATHER:
        return (pictures.feather((244, 242, 236)),)
    if kind is _GLITTER:
        return (pictures.paper((255, 226, 140)), pictures.paper((250, 250, 250)))
    if kind is _ASH:
        return (pictures.paper((120, 118, 116)), pictures.paper((84, 82, 80)))
    return tuple(pictures.paper(colour) for colour in _COLOURS)
