"""Hops, leaps and pounces: crouch, fly, land, settle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import bodies, extremities, living, modes, regions, shadow
from stillmotion.diorama.motion.fields import mapped
from stillmotion.diorama.motion.records import Added, Event, LayerMotion, Part
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.motion.bodies import Body
    from stillmotion.diorama.motion.fields import MappedWarp
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("hop",)
_CROUCH_S, _PUSH_S = 0.26, 0.1
_SQUASH, _STRETCH, _LANDING = 0.06, 0.045, 0.07
_SETTLES_HZ, _SETTLES_DAMPING = 2.6, 0.32
_SETTLED_S = 0.55
_LIMBS_HZ, _LIMBS_DAMPING = 3.4, 0.17
_LIMBS_FARTHEST = 0.008
"""No tip swings farther than that behind its trunk, in photo widths."""
_JOLT = 9
_HEIGHT = 0.3
"""Of a hop, in heights of the body."""
_HIGHEST, _IN_PLACE = 0.16, 0.03
"""Photo widths."""
_SIZES_M = {Surface.PERSON: 1.7, Surface.ANIMAL: 0.4}
_MASSES_KG = {Surface.PERSON: 70.0, Surface.ANIMAL: 4.0}
_ASIDE = 0.5
"""Of a hop's height."""
_FIXED = frozenset({Surface.SKY, Surface.WATER, Surface.GROUND, Surface.SUPPORT, Surface.STRUCTURE, Surface.FOLIAGE})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HopTrack:
    """A body that leaves the ground and comes back to it. See `motion.records.Track`."""

    times_s: NDArray[np.float64]
    place: NDArray[np.float64]
    """Across and up from the ground, photo coordinates, shape (instants, 2)."""
    tall: NDArray[np.float64]
    """Height as a factor; the width makes up for it, so that the area stays."""
    foot: tuple[float, float]

    def matrix(self, time_s: float) -> Matrix:
        """About the foot: squashed or stretched, then carried."""
        across, up, tall = (
            float(np.interp(time_s, self.times_s, line)) for line in (self.place[:, 0], self.place[:, 1], self.tall)
        )
        x, y = self.foot
        wide = 1 / tall
        return np.array([[wide, 0.0, x * (1 - wide) + across], [0.0, tall, y * (1 - tall) - up], [0.0, 0.0, 1.0]])

    def opacity(self, time_s: float) -> float:  # noqa: ARG002 - always there
        """Always there."""
        return 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Course:
    times_s: NDArray[np.float64]
    height: NDArray[np.float64]
    """0 on the ground, 1 at the top of the largest hop."""
    along: NDArray[np.float64]
    """How far it got, 0..1."""
    tall: NDArray[np.float64]
    """Factor on the body's height."""
    landings_s: tuple[float, ...]


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Only what was told apart from its background can leave the ground."""
    layer = living.layer_of(stage, cue)
    if layer is None:
        return f'Nobody who could hop was found for "{cue.subject}".'
    if layer.surface in _FIXED or not living.cut_out(stage, layer) or bodies.cover(stage, layer) is None:
        return f"The {layer.label} was not told apart from its background, so it stays where it is."
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """A body that stands in the picture travels; one that the photo cuts off bobs without showing the cut."""
    motions: list[LayerMotion] = []
    events: list[Event] = []
    added: list[Added] = []
    for cue in cues:
        layer = living.layer_of(stage, cue)
        if layer is None:
            continue
        body = bodies.shape(stage, layer)
        whole = not body.cut
        far = _height(stage, body) if whole else _IN_PLACE
        far *= float(np.clip(cue.amount, 0.4, 1.5))
        course = _course(stage, cue, far, _gravity(stage, layer, body))
        if whole:
            track = _track(stage, body, course, far, _aside(cue))
            below = shadow.cast(stage, layer, track, before=layer.name)
            added += below.added
            follows = _follows(stage, layer, course, far)
            motions += [LayerMotion(layer=layer.name, tracks=(track,), warps=follows), *below.layers]
        else:
            motions.append(LayerMotion(layer=layer.name, warps=(_bob(stage, body, course, far),)))
        thud = _landing(stage, layer, cue, body, far)
        events += [replace(thud, time_s=time_s) for time_s in course.landings_s]
    return Part(layers=tuple(motions), events=tuple(events), added=tuple(added))


def _height(stage: Stage, body: Body) -> float:
    tall = (body.foot - body.top) * stage.aspect
    return min(_HEIGHT * tall, 0.8 * max(body.top * stage.aspect, 0.02), _HIGHEST)


def _gravity(stage: Stage, layer: Layer, body: Body) -> float:
    """Photo widths a second squared, where the body is."""
    metres = stage.shot.world.metres_per_width
    if metres is None:
        metres = _SIZES_M.get(layer.surface, 0.5) / max((body.foot - body.top) * stage.aspect, 1e-3)
    return stage.shot.world.gravity_m_s2 / max(metres, 1e-3)


def _aside(cue: MotionCue) -> float:
    return {"left": -_ASIDE, "right": _ASIDE}.get(cue.direction, 0.0)


def _course(stage: Stage, cue: MotionCue, far: float, gravity: float) -> _Course:
    """Hops one after the other, each a parabola under gravity between a crouch and a settling."""
    times = modes.clock(stage.shot.duration_s)
    height, along, tall = np.zeros_like(times), np.zeros_like(times), np.ones_like(times)
    # A cat that fills the picture would be too quick to be seen, a giant too slow.
    air_s = float(np.clip(2 * np.sqrt(2 * far / gravity), 0.28, 0.9))
    each_s = _CROUCH_S + _PUSH_S + air_s + _SETTLED_S
    count = max(1, min(cue.count or 1, max(1, int((stage.end_s(cue) - cue.start_s) / each_s)), 12))
    landings = []
    for k in range(count):
        start = cue.start_s + 0.15 + k * each_s
        leaves, lands = start + _CROUCH_S + _PUSH_S, start + _CROUCH_S + _PUSH_S + air_s
        fly = np.clip((times - leaves) / air_s, 0, 1)
        height += 4 * fly * (1 - fly)
        along += fly / count
        crouch = modes.pulse(times, start, _CROUCH_S, 0.0, _PUSH_S)
        flying = modes.pulse(times, leaves - 0.5 * _PUSH_S, _PUSH_S, 0.0, 0.8 * air_s)
        landing = modes.ring(times - lands, _SETTLES_HZ, _SETTLES_DAMPING)
        tall += _STRETCH * flying - _SQUASH * crouch - _LANDING * landing
        landings.append(lands)
    seen = tuple(time_s for time_s in landings if time_s < stage.shot.duration_s)
    return _Course(times_s=times, height=height, along=along, tall=tall, landings_s=seen)


def _track(stage: Stage, body: Body, course: _Course, far: float, aside: float) -> HopTrack:
    across = course.along * aside * far
    up = course.height * far / stage.aspect
    return HopTrack(
        times_s=course.times_s,
        place=np.stack([across, up], axis=1),
        tall=course.tall,
        foot=(body.middle, body.foot),
    )


def _follows(stage: Stage, layer: Layer, course: _Course, far: float) -> tuple[MappedWarp, ...]:
    """Ears, tails, wings and arms lag behind the trunk and swing out after it has landed: a damped mode, shaken."""
    give = extremities.loose(stage, layer)
    if give is None:
        return ()
    # What shakes them is how the trunk speeds up, evened out over a few hundredths of a second.
    soft = np.hanning(_JOLT) / np.hanning(_JOLT).sum()
    up = np.convolve(np.pad(course.height, _JOLT // 2, mode="edge"), soft, mode="valid") * far
    shaken = np.gradient(np.gradient(up, 1 / modes.RATE_HZ), 1 / modes.RATE_HZ) / (2 * np.pi * _LIMBS_HZ) ** 2
    table = modes.responses(-shaken, [_LIMBS_HZ], [_LIMBS_DAMPING], modes.RATE_HZ)
    table *= min(1.0, _LIMBS_FARTHEST / max(float(np.abs(table).max()), 1e-9))
    field = np.stack([np.zeros_like(give), -give / stage.aspect], axis=-1)[None]
    seen = regions.shown(stage, layer, *regions.places(stage.aspect))
    return (mapped(field, table, rate_hz=modes.RATE_HZ, aspect=stage.aspect, seen=seen),)


def _bob(stage: Stage, body: Body, course: _Course, far: float) -> MappedWarp:
    """The body stretches up from the picture's border and sinks back."""
    up = modes.smooth(np.clip(body.height, 0, 1) / 0.85) * modes.smooth(body.y * stage.aspect / 0.2)
    field = np.zeros((2, *body.x.shape, 2))
    field[0, ..., 1] = -far * up / stage.aspect
    rises = (body.foot - body.y) * up
    field[1, ..., 1] = -rises
    field[1, ..., 0] = -(body.x - body.middle) * up * 0.7
    field *= body.hold[..., None]
    table = np.stack([course.height, 0.6 * (course.tall - 1)], axis=1)
    return mapped(field, table, rate_hz=modes.RATE_HZ, aspect=stage.aspect)


def _landing(stage: Stage, layer: Layer, cue: MotionCue, body: Body, far: float) -> Event:
    """The thud, its time left open."""
    metres = stage.shot.world.gravity_m_s2 / _gravity(stage, layer, body)
    speed = float(np.sqrt(2 * stage.shot.world.gravity_m_s2 * far * metres))
    mass = cue.physics.mass_kg if cue.physics is not None and cue.physics.mass_kg is not None else None
    return Event(
        kind="contact",
        time_s=0.0,
        x=body.middle,
        y=min(body.foot, 1.0),
        impulse=speed * (mass or _MASSES_KG.get(layer.surface, 2.0)),
        speed=speed,
        materials=("flesh", "wood"),
        q=layer.plane.inverse_depth(body.middle, body.foot),
        subject=layer.name,
    )
