"""Things that hang and swing from a pivot, as compound pendulums."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion.props import placing
from stillmotion.diorama.motion.records import Added, LayerMotion, Part
from stillmotion.diorama.motion.rigid import refusals
from stillmotion.diorama.motion.rigid.pendulum import RATE_HZ, Pendulum
from stillmotion.diorama.motion.rigid.stagecraft import placed
from stillmotion.diorama.motion.rigid.subject import subjects

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.motion.rigid.pendulum import Floats
    from stillmotion.diorama.motion.rigid.subject import Subject
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("swing",)
_USUAL_DEG, _ROCKING_DEG = 11.0, 2.5
_USUAL_DAMPING = 0.015
_WEAKEST = 0.5
_PUSH_S = 0.8
"""What hangs still in the photo is set swinging over this time, and not at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PivotTrack:
    """A layer that turns about a fixed point."""

    pivot: tuple[float, float]
    angles: Floats
    """Counter-clockwise turn from the photo, radians, at 240 Hz from `start_s`."""
    start_s: float
    aspect: float

    def matrix(self, time_s: float) -> Matrix:
        """From the layer at rest to where it is."""
        position = float(np.clip((time_s - self.start_s) * RATE_HZ, 0, len(self.angles) - 1))
        angle = float(np.interp(position, np.arange(len(self.angles)), self.angles))
        return placed(self.pivot, self.pivot, angle, self.aspect)

    def opacity(self, _time_s: float) -> float:
        """It is there all the time."""
        return 1.0


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    return refusals.of_thing(stage, cue)


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """A pendulum for each thing."""
    motions: list[LayerMotion] = []
    added: list[Added] = []
    for one in subjects(stage, cues):
        motions.append(LayerMotion(layer=one.name, tracks=(_track(stage, one),)))
        if one.prop is not None:
            added.append(Added(layer=one.layer, before=placing.order(stage, one.cues[0])))
    return Part(layers=tuple(motions), added=tuple(added))


def _track(stage: Stage, one: Subject) -> PivotTrack:
    pivot = one.physics.pivot or (_foot(one) if _rocks(one) else _hook(one))
    hangs = one.place[0] - one.to_world(*pivot)[0], one.place[1] - one.to_world(*pivot)[1]
    length = max(math.hypot(*hangs), 0.02 * one.metres)
    # The angle from straight down, positive to the right, which is counter-clockwise.
    rest = math.atan2(hangs[0], -hangs[1])
    pendulum = Pendulum(
        length=length,
        gyration=one.outline.gyration * one.metres,
        gravity=max(stage.shot.world.gravity_m_s2, 1e-6),
        damping=one.physics.damping if one.physics.damping is not None else (0.0 if one.explicit else _USUAL_DAMPING),
    )
    lasts = stage.shot.duration_s - one.start_s
    spin = math.radians(-one.physics.spin_deg_s) if one.physics.spin_deg_s is not None else 0.0
    if one.physics.velocity_m_s is not None:
        along = (math.cos(rest), math.sin(rest))
        spin += (one.physics.velocity_m_s[0] * along[0] + one.physics.velocity_m_s[1] * along[1]) / length
    if one.explicit and (abs(rest) > 0.01 or spin):
        return _still(pivot, pendulum.swing(rest, spin, lasts) - rest, one, stage)
    return _still(pivot, _set_going(pendulum, one, lasts), one, stage)


def _still(pivot: tuple[float, float], angles: Floats, one: Subject, stage: Stage) -> PivotTrack:
    return PivotTrack(pivot=pivot, angles=angles, start_s=one.start_s, aspect=stage.aspect)


def _set_going(pendulum: Pendulum, one: Subject, lasts_s: float) -> Floats:
    """Turns about what hangs still in the photo: it is set going softly, then swings as its length makes it.

    The photo's own pose counts as rest, whichever way the thing leans: its weight is not known.
    """
    usual = _ROCKING_DEG if _rocks(one) else _USUAL_DEG
    amount = math.radians(usual) * min(max(one.amount, 0.2), 3.0)
    quick = min(max(one.speed, _WEAKEST), 2.0)
    free = Pendulum(
        length=pendulum.length,
        gyration=pendulum.gyration,
        gravity=pendulum.gravity * quick**2,
        damping=pendulum.damping,
    )
    angles = free.swing(0.0, one.side() * amount * free.rate, lasts_s)
    times = np.arange(len(angles)) / RATE_HZ
    share = np.clip(times / _PUSH_S, 0.0, 1.0)
    ends = np.clip((one.end_s - one.start_s - times) / _PUSH_S, 0.0, 1.0) if one.end_s < one.start_s + lasts_s else 1.0
    return np.asarray(angles * share * share * (3 - 2 * share) * ends, np.float64)


def _rocks(one: Subject) -> bool:
    """Whether it stands on the ground and so rocks on its foot instead of hanging."""
    return one.stands and one.prop is None and one.physics.pivot is None


def _foot(one: Subject) -> tuple[float, float]:
    """Where a thing stands: the middle of its lower edge."""
    x, y = one.outline.centre
    return x, y - one.outline.bottom / one.aspect


def _hook(one: Subject) -> tuple[float, float]:
    """Where a thing hangs: the middle of its upper edge."""
    x, y = one.outline.centre
    return x, y - one.outline.top / one.aspect
