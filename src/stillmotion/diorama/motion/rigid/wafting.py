"""How leaves, petals and feathers come down: slowly, in swings from side to side, tilted against each swing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import ground
from stillmotion.diorama.motion.rigid.poses import PoseTrack
from stillmotion.diorama.randomness import generator

if TYPE_CHECKING:
    from stillmotion.diorama.motion.props.records import Prop
    from stillmotion.diorama.motion.rigid.subject import Subject
    from stillmotion.diorama.motion.stage import Stage

_NAMES = frozenset({"leaf", "petal", "feather", "dandelion seed"})
_SWINGS_HZ, _TILT_DEG = 0.5, 24.0
_WIDEST = 0.09
"""Half a swing in photo widths, at most."""
_SHARE = 0.92
"""Of its time that it takes on its way down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wafting:
    """Down by `way` with a steady speed, swinging; a pose."""

    start_s: float
    end_s: float
    way: float
    """Photo widths downwards."""
    swing: float
    """Photo widths to either side."""
    hz: float
    phase: float
    lands: bool
    """Whether it comes to rest at the end of its way."""

    def at(self, time_s: float) -> tuple[float, float, float]:
        """To the right, downwards and counter-clockwise.

        It sinks slower at the ends of a swing, where it turns round, as plates in a fluid do (Tanabe and Kaneko 1994).
        """
        share = min(max((time_s - self.start_s) / (self.end_s - self.start_s), 0.0), 1.0 if self.lands else 2.0)
        held = 1.0 - share**4 if self.lands else 1.0
        angle = 2 * math.pi * self.hz * (max(time_s, self.start_s) - self.start_s) + self.phase
        across = self.swing * math.sin(angle)
        lifted = 0.22 * self.swing * math.cos(2 * angle)
        tilt = -math.radians(_TILT_DEG) * math.cos(angle - 0.5)
        return across * held, self.way * share - lifted * held, tilt * held


def wafts(prop: Prop | None) -> bool:
    """Whether a prop is so light and flat that it does not simply drop."""
    return prop is not None and prop.name in _NAMES


def track(stage: Stage, one: Subject) -> PoseTrack:
    """The way of something light from above the picture to the ground, or out of the picture below."""
    x, y = one.outline.centre
    framed = stage.shot.framing
    firm = ground.support(stage)
    tall = (one.outline.top - one.outline.bottom) / stage.aspect
    foot = y - one.outline.bottom / stage.aspect
    low = min(ground.row(stage, one.q), framed.y1 - 0.04) if firm is not None else framed.y1 + 1.5 * tall
    pace = min(max(one.speed, 0.5), 3.0)
    random = generator(stage.shot.seed, "waft", one.name)
    pose = Wafting(
        start_s=one.start_s,
        end_s=one.start_s + max(_SHARE * (one.end_s - one.start_s) / pace, 1.0),
        way=(low - foot) * stage.aspect,
        swing=min(1.1 * (one.outline.right - one.outline.left), _WIDEST) * min(max(one.amount, 0.5), 2.0),
        hz=_SWINGS_HZ * math.sqrt(pace),
        phase=float(random.uniform(-0.6, 0.6)),
        lands=firm is not None,
    )
    return PoseTrack(pose=pose, about=(x, y), aspect=stage.aspect)
