"""What words ask of a body, as a start: where, how fast, how it bounces, and what it slides off.

"Drops from the top, bounces three times and rolls off right" is one start: all that follows is physics. Numbers that a
person fixed in the Shot are taken as they are.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import materials
from stillmotion.diorama.motion.rigid.records import Body, Obstacle

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.motion.rigid.records import Points
    from stillmotion.diorama.motion.rigid.subject import Subject

_LEAVES = re.compile(r"\b(?:off|away|out of|across|past|through|by)\b")
_OFF_SOMETHING = re.compile(
    r"\b(?:slides?|slips?|falls?|rolls?|drops?|tumbles?|slid|sliding|falling) off\b|\bfrom the\b"
)
_INTO = re.compile(r"\b(?:into|in the|inside)\b")
_STOPS = re.compile(r"\b(?:stop(?:s|ping|ped)?|halts?|rests?)\b")
_CLEAR_OF = 0.27
"""How far from what the picture shows something comes to rest that came in, as a share of the width."""
_ROLLS_OUT_S = 1.2
_ROLLS_ON = 0.6
"""Share of the speed at which it would leave the picture, for what falls, rolls and stops."""
_MOUTH = 0.3
"""How far below its upper edge the opening of a thing is, as a share of its height."""
_LAST_HOP = 0.05
"""Height of the last bounce that was counted, as a share of the first fall: it must be seen."""
_USUAL_BOUNCES = 3
_SETTLES_M_S2 = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a movement is aimed at, in metres."""

    name: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Of its width."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A body's start, and what is put under it."""

    body: Body
    obstacles: tuple[Obstacle, ...] = ()
    into_s: float | None = None
    """After how many seconds it disappears inside its target; None when it does not."""
    floor: float | None = None
    """Height of its ground when it is not the subject's own."""


@dataclass(slots=True, kw_only=True)
class _Start:
    """What a verb decides; the rest comes from the subject."""

    velocity: tuple[float, float] = (0.0, 0.0)
    spin: float = 0.0
    friction: float | None = None
    rolling: float | None = None
    restitution: float | None = None
    bounces: int | None = None
    obstacles: tuple[Obstacle, ...] = ()
    into_s: float | None = None
    floor: float | None = None


def launch(subject: Subject, gravity: float, target: Target | None) -> Launch:
    """How a subject starts.

    Args:
        subject: who, with its cues.
        gravity: m/s^2; verbs that need some take a little where there is none.
        target: what it is aimed at, if it is.
    """
    pull = max(gravity, 0.5)
    lead = next((verb for verb in subject.verbs if verb in _STARTS), "fall")
    start = _start_of(subject, lead, pull, target)
    fixed, made_of = subject.physics, subject.made_of
    scale = subject.metres
    shape = subject.outline
    given = fixed.velocity_m_s if fixed.velocity_m_s is not None else start.velocity
    mass = fixed.mass_kg if fixed.mass_kg is not None else _mass(subject)
    body = Body(
        name=subject.name,
        place=subject.place,
        radius=shape.radius * scale if shape.radius is not None else None,
        pieces=_scaled(shape.pieces, scale),
        gyration=_gyration(subject) * scale,
        mass_kg=mass,
        velocity=given,
        spin=-math.radians(fixed.spin_deg_s) if fixed.spin_deg_s is not None else start.spin,
        restitution=_first(fixed.restitution, start.restitution, made_of.restitution),
        exact=fixed.restitution is not None,
        friction=_first(fixed.friction, start.friction, made_of.friction),
        rolling=_first(start.rolling, 0.0 if subject.explicit else made_of.rolling),
        bounces=start.bounces,
        material=made_of.name,
        start_s=subject.start_s,
    )
    return Launch(body=body, obstacles=start.obstacles, into_s=start.into_s, floor=start.floor)


def _start_of(subject: Subject, lead: str, pull: float, target: Target | None) -> _Start:
    fixed = subject.physics
    moving = fixed.velocity_m_s is not None or fixed.spin_deg_s is not None
    if subject.explicit and (moving or lead in {"fall", "bounce", "settle"}):
        spin = 0.0
        if lead == "roll" and fixed.velocity_m_s is not None and fixed.spin_deg_s is None:
            spin = -fixed.velocity_m_s[0] / (_reach(subject))
        count = _count(subject) if lead == "bounce" or subject.cues[0].count else None
        return _Start(spin=spin, bounces=count)
    return _STARTS[lead](subject, pull, target)


def _first(*choices: float | None) -> float:
    return next(float(choice) for choice in choices if choice is not None)


def _scaled(pieces: tuple[Points, ...], scale: float) -> tuple[Points, ...]:
    return tuple(tuple((x * scale, y * scale) for x, y in piece) for piece in pieces)


def _mass(subject: Subject) -> float:
    if subject.prop is not None:
        return subject.prop.mass_kg
    return materials.mass_kg(subject.made_of, subject.outline.area * subject.metres**2)


def _gyration(subject: Subject) -> float:
    """Radius of gyration in photo widths: a round thing is a ball, anything else as thick as it looks."""
    radius = subject.outline.radius
    return radius * math.sqrt(0.4) if radius is not None else subject.outline.gyration


def _reach(subject: Subject) -> float:
    """Radius in metres."""
    return (subject.outline.radius or math.sqrt(subject.outline.area / math.pi)) * subject.metres


def _count(subject: Subject) -> int | None:
    return next((cue.count for cue in subject.cues if cue.count is not None), None)


def _bounces(subject: Subject, more: int = 0) -> tuple[int | None, float | None]:
    """How often it bounces, and the restitution that lets the last bounce be seen."""
    if "bounce" not in subject.verbs:
        return None, None
    count = _count(subject) or _USUAL_BOUNCES
    left = max(count + more, 0)
    least = _LAST_HOP ** (1 / (2 * count))
    return left, min(max(subject.made_of.restitution, least), 0.88)


def _leaves(subject: Subject) -> bool:
    """Whether it goes out of the picture."""
    ends = [cue for cue in subject.cues if cue.verb in {"roll", "slide", "bounce"}]
    return any(_LEAVES.search(cue.words.casefold()) for cue in ends)


def _way_out(subject: Subject, side: float) -> float:
    """Metres until it is out of the picture on one side."""
    wide = subject.size[0]
    return (subject.frame[2] - subject.place[0] if side > 0 else subject.place[0] - subject.frame[0]) + wide


def _time(subject: Subject) -> float:
    return max(subject.end_s - subject.start_s, 0.3)


def _rolling_spin(subject: Subject, velocity: float) -> float:
    return -velocity / _reach(subject) if subject.outline.radius is not None else 0.0


def _fall(subject: Subject, pull: float, target: Target | None) -> _Start:
    """Falls from where it is; what stands tips over, or slides off when that is said."""
    if subject.stands and subject.prop is None:
        if _OFF_SOMETHING.search(subject.words):
            return _slide(subject, pull, target)
        return _topple(subject, pull, target)
    count, restitution = _bounces(subject)
    onwards = 0.0
    side = subject.side()
    if "roll" in subject.verbs or "slide" in subject.verbs:
        onwards = side * _way_out(subject, side) / (0.97 * _time(subject)) * min(subject.speed, 2.0)
        if _stops(subject) and not _leaves(subject):
            onwards *= _ROLLS_ON
    resists = 0.0 if onwards and (not _stops(subject) or _leaves(subject)) else None
    if onwards and resists is None:
        resists = abs(onwards) / (0.45 * _time(subject)) / pull
    return _Start(
        velocity=(onwards, 0.0),
        spin=_rolling_spin(subject, onwards),
        rolling=resists,
        restitution=restitution,
        bounces=count,
    )


def _bounce(subject: Subject, pull: float, target: Target | None) -> _Start:
    """Bounces where it falls; what stands hops up first, which is the first bounce."""
    if not subject.stands:
        return _fall(subject, pull, target)
    count, restitution = _bounces(subject, -1)
    tall = 0.6 * subject.size[1] if subject.prop is None else 0.28 * (subject.frame[3] - subject.frame[1])
    height = max(tall, 0.05 * subject.metres) * min(subject.amount, 3.0)
    up = math.sqrt(2 * pull * min(height, 0.35 * subject.metres))
    if _comes_in(subject):
        return _bounce_in(subject, pull, up)
    side = subject.side()
    onwards = 0.0
    if "roll" in subject.verbs:
        onwards = side * _way_out(subject, side) / (0.85 * _time(subject))
    return _Start(
        velocity=(onwards, up),
        spin=_rolling_spin(subject, onwards),
        rolling=0.0 if onwards else None,
        restitution=restitution,
        bounces=count,
    )


def _comes_in(subject: Subject) -> bool:
    """Whether it waits beside the picture."""
    left, _, right, _ = subject.frame
    return subject.prop is not None and not left < subject.place[0] < right


def _way_in(subject: Subject, side: float) -> float:
    """Metres that something comes in which then stops: not right in front of what the picture shows."""
    left, _, right, _ = subject.frame
    wide = right - left
    busy = (subject.busy - left if side > 0 else right - subject.busy) / wide
    short, beyond = busy - _CLEAR_OF, busy + _CLEAR_OF
    share = short if short >= 0.2 else min(beyond, 0.85)
    entered = left - subject.place[0] if side > 0 else subject.place[0] - right
    return entered + share * wide


def _bounce_in(subject: Subject, pull: float, up: float) -> _Start:
    """Hops in from a side and rolls to a stop near the middle, or hops on and out on the other side."""
    side = subject.side()
    spun = _rolling_spin(subject, 1.0)
    count, restitution = _bounces(subject, -1)
    if _leaves(subject) or "roll" in subject.verbs:
        onwards = side * _way_out(subject, side) / (0.9 * _time(subject)) * min(subject.speed, 3.0)
        left = count if "roll" in subject.verbs or _count(subject) else None
        return _Start(velocity=(onwards, up), spin=onwards * spun, rolling=0.0, restitution=restitution, bounces=left)
    kept = restitution or 0.0
    hops_s = 2 * up / pull * sum(kept**k for k in range((count or 0) + 1))
    rolls_s = max(min(0.8 * _time(subject) - hops_s, _ROLLS_OUT_S), 0.3)
    way = _way_in(subject, side)
    onwards = way / (hops_s + rolls_s / 2)
    return _Start(
        velocity=(side * onwards, up),
        spin=side * onwards * spun,
        rolling=onwards / rolls_s / pull,
        restitution=restitution,
        bounces=count,
    )


def _roll(subject: Subject, pull: float, target: Target | None) -> _Start:
    """Rolls to its target, out of the picture, or some way and stops."""
    if target is not None:
        inside = bool(_INTO.search(subject.words))
        return _throw(subject, pull, target) if inside else _run_into(subject, pull, target)
    side = subject.side()
    count, restitution = _bounces(subject)
    lifted = math.sqrt(2 * pull * 0.4 * subject.size[1]) if count and subject.stands else 0.0
    if _comes_in(subject) and _stops(subject):
        way = _way_in(subject, side)
        start = _stopping(subject, pull, way, longest_s=0.75 * _time(subject))
    elif subject.prop is not None or _leaves(subject):
        onwards = side * _way_out(subject, side) / (0.9 * _time(subject)) * min(subject.speed, 3.0)
        start = _Start(velocity=(onwards, lifted), spin=_rolling_spin(subject, onwards), rolling=0.0)
    else:
        start = _stopping(subject, pull, 0.35 * subject.metres * min(subject.amount, 2.0))
    start.restitution, start.bounces = restitution, count
    return start


def _stops(subject: Subject) -> bool:
    """Whether the words want it to come to rest."""
    return "settle" in subject.verbs or bool(_STOPS.search(subject.words))


def _stopping(subject: Subject, pull: float, way: float, longest_s: float = 1.6) -> _Start:
    """Starts so fast that it comes to rest after some way, rolling or sliding."""
    side = subject.side()
    way = min(way, max(_way_out(subject, side) - 1.6 * subject.size[0], 0.3 * subject.size[0]))
    lasts = min(_time(subject), longest_s / max(min(subject.speed, 3.0), 0.3))
    speed = 2 * way / lasts
    drag = speed * speed / (2 * way * pull)
    if subject.outline.radius is not None:
        return _Start(velocity=(side * speed, 0.0), spin=_rolling_spin(subject, side * speed), rolling=drag)
    return _Start(velocity=(side * speed, 0.0), friction=min(drag, 0.9), restitution=0.0)


def _run_into(subject: Subject, pull: float, target: Target) -> _Start:
    """Rolls or slides up to something, hits it and stops there."""
    side = 1.0 if target.middle > subject.place[0] else -1.0
    near = target.left if side > 0 else target.right
    gap = max(side * (near - subject.place[0]) - subject.size[0] / 2, 0.02 * subject.metres)
    longest = min(0.5 * _time(subject), 2.2, max(gap / (0.22 * subject.metres), 0.7))
    lasts = longest / max(min(subject.speed, 3.0), 0.3)
    arriving = 0.7 * gap / lasts
    slows = 2 * (gap - arriving * lasts) / lasts**2
    speed = arriving + slows * lasts
    if subject.outline.radius is not None:
        start = _Start(velocity=(side * speed, 0.0), spin=_rolling_spin(subject, side * speed), rolling=slows / pull)
        start.restitution = 0.25 if _stops(subject) else 0.4
        return start
    return _Start(velocity=(side * speed, 0.0), friction=min(slows / pull, 0.9), restitution=0.2)


def _slide(subject: Subject, pull: float, target: Target | None) -> _Start:
    """Slides over the ground, into something, out of the picture, or off what it lies on."""
    if target is not None and "fall" not in subject.verbs:
        return _run_into(subject, pull, target)
    falls = "fall" in subject.verbs or "bounce" in subject.verbs
    if falls and subject.prop is None:
        return _slide_off(subject, pull)
    side = subject.side()
    if _comes_in(subject) and _stops(subject):
        way = _way_in(subject, side)
        return _stopping(subject, pull, way, longest_s=0.6 * _time(subject))
    if subject.prop is not None or _leaves(subject):
        onwards = side * _way_out(subject, side) / (0.9 * _time(subject)) * min(subject.speed, 3.0)
        return _Start(velocity=(onwards, 0.0), friction=0.0, rolling=0.0, restitution=0.0)
    return _stopping(subject, pull, 0.25 * subject.metres * min(subject.amount, 2.0))


def _slide_off(subject: Subject, pull: float) -> _Start:
    """Slides off what it lies on and falls to the ground in front, which is a little lower."""
    side = subject.side()
    tall = subject.size[1]
    edge = _edge(subject, side)
    low, high = min(edge, edge - side * 40 * subject.metres), max(edge, edge - side * 40 * subject.metres)
    top = subject.bottom
    drop = max(0.5 * tall, 0.08 * (subject.frame[3] - subject.frame[1]))
    floor = max(min(subject.floor, top - drop), subject.frame[1] + 0.01 * subject.metres)
    board: Points = ((low, top - 0.2 * drop), (high, top - 0.2 * drop), (high, top), (low, top))
    # Where it lies it is slowed down a little, and on the ground by ordinary friction.
    way, friction = abs(edge - subject.place[0]), 0.45
    leaving = math.sqrt(2 * friction * pull * 0.015 * subject.metres)
    lasts = min(0.9, 0.25 * _time(subject)) / max(min(subject.speed, 3.0), 0.3)
    speed = max(2 * way / lasts - leaving, leaving)
    drag = (speed * speed - leaving * leaving) / (2 * way * pull)
    count, restitution = _bounces(subject)
    return _Start(
        velocity=(side * speed, 0.0),
        friction=friction,
        restitution=max(restitution, 0.6) if restitution is not None else 0.3,
        bounces=count,
        obstacles=(
            Obstacle(
                name=f"under {subject.name}",
                pieces=(board,),
                grip=min(drag / friction, 1.5),
                holds=(subject.name,),
                material="ceramic",
            ),
        ),
        floor=floor,
    )


def _edge(subject: Subject, side: float) -> float:
    """Where what it lies on ends: just beyond its middle, unless the end of that can be seen nearby."""
    wide = subject.size[0]
    plain = subject.place[0] + side * 0.35 * wide
    if subject.ledge is None:
        return plain
    end = subject.ledge[1] if side > 0 else subject.ledge[0]
    return end if 0.2 * wide < side * (end - subject.place[0]) < 0.3 * subject.metres else plain


def _topple(subject: Subject, pull: float, _target: Target | None) -> _Start:
    """Tips over its lower corner: just enough spin to carry its centre of mass over it."""
    side = subject.side()
    shape = subject.outline
    corner = (shape.right if side > 0 else shape.left) * 0.9 * subject.metres
    height = -shape.bottom * subject.metres
    arm = math.hypot(corner, height)
    inertia = (_gyration(subject) * subject.metres) ** 2 + arm * arm
    needed = 2 * pull * max(arm - height, 0.02 * arm) / inertia
    spin = math.sqrt(1.3 * needed) + 0.2 * math.sqrt(pull / arm)
    # The corner stays where it is: v = w x r, with r from the corner to the centre of mass.
    turn = -side * spin
    return _Start(velocity=(-turn * height, turn * -corner), spin=turn, friction=1.4, restitution=0.12, rolling=0.06)


def _push(subject: Subject, pull: float, target: Target | None) -> _Start:
    """Is pushed: goes some way and comes to rest."""
    if target is not None:
        return _run_into(subject, pull, target)
    return _stopping(subject, pull, 0.18 * subject.metres * min(subject.amount, 3.0))


def _throw(subject: Subject, pull: float, target: Target | None) -> _Start:
    """Flies along a parabola: to its target, or up and out of the picture."""
    if target is not None:
        return _aimed(subject, pull, target)
    side = subject.side()
    high = 0.3 * (subject.frame[3] - subject.frame[1]) * min(subject.amount, 2.0)
    up = math.sqrt(2 * pull * high)
    return _Start(velocity=(side * _way_out(subject, side) / max(2 * up / pull, 0.3), up), spin=-side * 4.0)


def _aimed(subject: Subject, pull: float, target: Target) -> _Start:
    """The parabola whose top is a little above both ends."""
    x, y = subject.place
    inside = bool(_INTO.search(subject.words))
    aim = target.top + (target.bottom - target.top) * (_MOUTH if inside else 0.5)
    low, high = subject.frame[1], subject.frame[3]
    rise = 0.26 * (high - low) * min(max(subject.amount, 0.3), 2.0)
    apex = max(min(max(y, aim) + rise, high - 0.5 * subject.size[1]), max(y, aim) + 0.02 * (high - low))
    up = math.sqrt(2 * pull * (apex - y))
    lasts = (up + math.sqrt(2 * pull * (apex - aim))) / pull
    onwards = (target.middle - x) / lasts
    spin = _rolling_spin(subject, onwards) if inside else 0.0
    return _Start(velocity=(onwards, up), spin=spin, into_s=lasts if inside else None)


def _settle(subject: Subject, pull: float, _target: Target | None) -> _Start:
    """Comes to rest: a last small fall, as when something was just put down."""
    lift = math.sqrt(2 * pull * 0.03 * subject.size[1])
    return _Start(velocity=(0.0, lift if subject.stands else 0.0), restitution=0.25, rolling=_SETTLES_M_S2 / pull)


_STARTS: dict[str, Callable[[Subject, float, Target | None], _Start]] = {
    "fall": _fall,
    "bounce": _bounce,
    "roll": _roll,
    "slide": _slide,
    "topple": _topple,
    "collide": _push,
    "push": _push,
    "throw": _throw,
    "settle": _settle,
}
