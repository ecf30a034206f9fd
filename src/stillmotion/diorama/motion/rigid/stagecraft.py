"""From subjects to a world and back: the ground, walls and targets they meet, then their tracks and events."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import materials
from stillmotion.diorama.motion.records import Event
from stillmotion.diorama.motion.rigid.launch import Target, launch
from stillmotion.diorama.motion.rigid.records import Obstacle, World
from stillmotion.diorama.motion.rigid.simulation import simulate
from stillmotion.diorama.motion.rigid.subject import UNMOVED, shape_of
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.motion.rigid.launch import Launch
    from stillmotion.diorama.motion.rigid.records import Contact, Outcome, Path, Points
    from stillmotion.diorama.motion.rigid.subject import Subject
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer

_SAME_DEPTH = 1.3
"""Things whose depths differ by a larger factor never meet."""
_DEEP = 60.0
"""Photo widths that the ground goes on."""
_NEAR = 1.12
_PASSES = re.compile(r"\b(?:past|across|by|around|over|in front of|behind|beside|next to|near)\b")
_BARS = frozenset({Surface.RIGID, Surface.STRUCTURE, Surface.VEHICLE})
_LARGEST_BAR = 0.35
_FINE = 1280
_SIDES = 24
_MOVES_M_S = 0.02
_SLIPS = 0.15
"""Share of the speed by which the surface must lag before a roll counts as a slide."""
_BEFORE_HIT_S = 0.35
_PASSES_M_S, _LEAST_FLIGHT = 4.0, 4
"""What is slower is not heard to fly; fewer steps are no flight."""
_LEAST_SPAN_S = 0.12
_HIT_S = 0.02
"""After so long a squashed thing is at its flattest."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathTrack:
    """A layer that goes where a body went."""

    subject: Subject
    path: Path
    turns: bool = True
    """False for light that lies on what rolls."""
    hits: tuple[tuple[float, float], ...] = ()
    """Time of each hard contact and by how much of its height it is squashed."""
    hides_s: float | None = None
    """When it has disappeared inside its target."""
    floor: float = 0.0
    """Height of the ground under it, in metres."""

    def matrix(self, time_s: float) -> Matrix:
        """From the layer at rest to where it is."""
        x, y, angle = self.path.at(time_s)
        to = self.subject.to_photo(x, y)
        turn = angle if self.turns else 0.0
        shape = self.subject.outline
        return placed(shape.centre, to, turn, self.subject.aspect, lower=self._squash(time_s), foot=-shape.bottom)

    def opacity(self, time_s: float) -> float:
        """Gone once it is inside something."""
        if self.hides_s is None:
            return 1.0
        return float(np.clip((self.hides_s - time_s) / 0.05, 0.0, 1.0))

    def _squash(self, time_s: float) -> float:
        """Share of its height that it has lost."""
        return sum(
            by * share * math.exp(1 - share)
            for when, by in self.hits
            if (share := (time_s - when) / _HIT_S) > 0 and share < 12
        )


def placed(
    rest: tuple[float, float],
    to: tuple[float, float],
    angle: float,
    aspect: float,
    *,
    lower: float = 0.0,
    foot: float = 0.0,
) -> Matrix:
    """Photo coordinates to photo coordinates: a thing turned about a point of it, and that point moved.

    Args:
        rest: the point in the still layer.
        to: where it is now.
        angle: counter-clockwise as seen, radians, in square pixels.
        aspect: height of the photo over its width.
        lower: share of its height that it has lost; the width grows, so that the area stays.
        foot: how far below the point it stands on something, in photo widths: that stays where it is.
    """
    cosine, sine = math.cos(angle), math.sin(angle)
    tall, wide = 1.0 - lower, 1.0 / (1.0 - lower)
    linear = np.array([[wide * cosine, wide * sine], [-tall * sine, tall * cosine]])
    linear = np.diag([1.0, 1.0 / aspect]) @ linear @ np.diag([1.0, aspect])
    drop = np.array([to[0], to[1] + lower * foot / aspect])
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = drop - linear @ np.array(rest)
    return matrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Played:
    """What became of the subjects."""

    tracks: tuple[tuple[Subject, PathTrack], ...]
    events: tuple[Event, ...]


def play(stage: Stage, subjects: tuple[Subject, ...]) -> Played:
    """Simulate subjects; those at about the same depth meet each other."""
    tracks: list[tuple[Subject, PathTrack]] = []
    events: list[Event] = []
    for group in _by_depth(subjects):
        gravity = stage.shot.world.gravity_m_s2 * min(one.pace for one in group) ** 2
        launches = tuple(launch(one, gravity, _target(stage, one)) for one in group)
        outcome = simulate(_world(stage, group, launches, gravity))
        for one, start in zip(group, launches, strict=True):
            tracks.append((one, _track(one, start, outcome)))
            events.extend(_spans(one, outcome))
            events.extend(_passes(one, outcome))
        events.extend(_event(group, contact) for contact in outcome.contacts)
    ends = {one.name: min(track.hides_s or math.inf, float(stage.shot.duration_s)) for one, track in tracks}
    return Played(tracks=tuple(tracks), events=tuple(event for event in events if event.time_s <= ends[event.subject]))


def _by_depth(subjects: tuple[Subject, ...]) -> list[tuple[Subject, ...]]:
    groups: list[list[Subject]] = []
    for one in subjects:
        home = next((group for group in groups if 1 / _SAME_DEPTH < group[0].metres / one.metres < _SAME_DEPTH), None)
        if home is None:
            groups.append([one])
        else:
            # They share one plane, so they share its scale.
            home.append(_rescaled(one, home[0].metres))
    return [tuple(group) for group in groups]


def _rescaled(one: Subject, metres: float) -> Subject:
    factor = metres / one.metres
    left, bottom, right, top = (value * factor for value in one.frame)
    return replace(one, metres=metres, floor=one.floor * factor, frame=(left, bottom, right, top))


def _world(stage: Stage, group: tuple[Subject, ...], launches: tuple[Launch, ...], gravity: float) -> World:
    obstacles = [obstacle for start in launches for obstacle in start.obstacles]
    obstacles += [_ground(stage, one, start.floor) for one, start in zip(group, launches, strict=True)]
    if stage.shot.world.walls:
        obstacles += _walls(group[0])
    obstacles += _bars(stage, group, launches)
    return World(
        bodies=tuple(start.body for start in launches),
        obstacles=tuple(obstacles),
        gravity=gravity,
        duration_s=float(stage.shot.duration_s),
        pixel_m=group[0].metres / _FINE,
    )


def _ground(stage: Stage, one: Subject, lower: float | None) -> Obstacle:
    """The ground under one body: each has its own row."""
    made_of = _floor_material(stage)
    reach = _DEEP * one.metres
    floor = one.floor if lower is None else lower
    box: Points = ((-reach, floor - reach), (reach, floor - reach), (reach, floor), (-reach, floor))
    return Obstacle(name="ground", pieces=(box,), softness=made_of.softness, material=made_of.name, holds=(one.name,))


def _floor_material(stage: Stage) -> materials.Material:
    """Of the nearest layer that things lie on."""
    lying = [one for one in stage.scene.layers if one.surface in {Surface.GROUND, Surface.SUPPORT}]
    if lying:
        return materials.of(lying[-1].label, lying[-1].surface)
    return materials.material("soil" if stage.scene.outdoors else "wood")


def _walls(one: Subject) -> list[Obstacle]:
    left, bottom, right, top = one.frame
    reach = _DEEP * one.metres
    sides = {"left": (left - reach, left), "right": (right, right + reach)}
    return [
        Obstacle(
            name=f"{name} wall",
            pieces=(((x0, bottom - reach), (x1, bottom - reach), (x1, top + reach), (x0, top + reach)),),
            material="concrete",
        )
        for name, (x0, x1) in sides.items()
    ]


def _bars(stage: Stage, group: tuple[Subject, ...], launches: tuple[Launch, ...]) -> list[Obstacle]:
    """Layers in the way: what is aimed at, and other solid things at the same depth that nobody starts inside."""
    moving = {one.name for one in group}
    aimed = {
        cue.target
        for one, start in zip(group, launches, strict=True)
        for cue in one.cues
        if start.into_s is None and not _PASSES.search(cue.words.casefold())
    }
    free = not any(one.explicit for one in group)
    found = []
    for layer in stage.scene.layers[1:]:
        if layer.name in moving:
            continue
        if layer.name in aimed or (free and _is_in_the_way(stage, group, layer)):
            bar = _bar(stage, group[0], layer)
            # What begins inside something would be thrown out of it.
            if bar is not None and not any(_begins_in(one, bar) for one in group):
                found.append(bar)
    return found


def _begins_in(one: Subject, bar: Obstacle) -> bool:
    """Whether a drawn thing comes in where a bar is: its box meets one of the bar's pieces."""
    if one.prop is None:
        return False
    (x, y), (wide, tall) = one.place, one.size
    corners = np.array([point for piece in bar.pieces for point in piece])
    (left, bottom), (right, top) = corners.min(0), corners.max(0)
    return bool(left - wide / 2 < x < right + wide / 2 and bottom - tall / 2 < y < top + tall / 2)


def _is_in_the_way(stage: Stage, group: tuple[Subject, ...], layer: Layer) -> bool:
    if (
        layer.surface not in _BARS
        or layer.contact_y is None
        or any(cue.layer == layer.name for cue in stage.shot.motion)
    ):
        return False
    q = layer.plane.inverse_depth(0.5, layer.contact_y)
    if not group[0].q / _NEAR < q < group[0].q * _NEAR:
        return False
    target = _box_of(stage, group[0], layer)
    area = (target.right - target.left) * (target.top - target.bottom)
    if area > _LARGEST_BAR * stage.aspect * group[0].metres ** 2:
        return False
    return not any(_overlaps(one, target) for one in group)


def _overlaps(one: Subject, box: Target) -> bool:
    x, y = one.place
    wide, tall = one.size
    return (
        abs(x - box.middle) < (wide + box.right - box.left) / 2
        and abs(y - (box.top + box.bottom) / 2) < (tall + box.top - box.bottom) / 2
    )


def _bar(stage: Stage, one: Subject, layer: Layer) -> Obstacle | None:
    """A layer's outline as something that stands still."""
    shape = shape_of(stage, layer)
    if shape is None:
        return None
    pieces = shape.pieces
    if shape.radius is not None:
        angles = np.arange(_SIDES) * 2 * math.pi / _SIDES
        pieces = (tuple((shape.radius * math.cos(angle), shape.radius * math.sin(angle)) for angle in angles),)
    x, y = one.to_world(*shape.centre)
    made_of = materials.of(layer.label, layer.surface)
    moved = tuple(tuple((x + px * one.metres, y + py * one.metres) for px, py in piece) for piece in pieces)
    return Obstacle(name=layer.name, pieces=moved, softness=made_of.softness, material=made_of.name)


def _target(stage: Stage, one: Subject) -> Target | None:
    """What the cues aim at, in the metres of the subject."""
    for cue in one.cues:
        layer = next((layer for layer in stage.scene.layers if layer.name == cue.target), None)
        if layer is not None and layer.surface not in UNMOVED and layer.name != one.name:
            return _box_of(stage, one, layer)
        if cue.target_point is not None:
            x, y = one.to_world(*cue.target_point)
            return Target(name="", left=x, right=x, top=y, bottom=y)
    return None


def _box_of(stage: Stage, one: Subject, layer: Layer) -> Target:
    shape = shape_of(stage, layer)
    if shape is None:
        x, y = one.to_world(0.5, 0.5)
        return Target(name=layer.name, left=x, right=x, top=y, bottom=y)
    x, y = one.to_world(*shape.centre)
    sides = (shape.left, shape.right, shape.top, shape.bottom)
    left, right, top, bottom = (value * one.metres for value in sides)
    return Target(name=layer.name, left=x + left, right=x + right, top=y + top, bottom=y + bottom)


def _track(one: Subject, start: Launch, outcome: Outcome) -> PathTrack:
    path = outcome.paths[one.name]
    give = 0.0 if one.explicit else one.made_of.squash
    hits = tuple(
        (contact.time_s, min(give * contact.speed / 5.0, 0.06))
        for contact in outcome.contacts
        if give and one.name in contact.bodies and contact.speed > 0.5
    )
    hides = None if start.into_s is None else one.start_s + start.into_s
    floor = one.floor if start.floor is None else start.floor
    return PathTrack(subject=one, path=path, hits=hits, hides_s=hides, floor=floor)


def _event(group: tuple[Subject, ...], contact: Contact) -> Event:
    one = next(one for one in group if one.name in contact.bodies)
    x, y = one.to_photo(*contact.place)
    # The mover's own material comes first, whichever of the two the simulation named first.
    materials = contact.materials if contact.bodies[0] == one.name else contact.materials[::-1]
    return Event(
        kind="contact",
        time_s=contact.time_s,
        x=x,
        y=y,
        impulse=contact.impulse,
        speed=contact.speed,
        materials=materials,
        q=one.q,
        subject=one.name,
    )


def _spans(one: Subject, outcome: Outcome) -> list[Event]:
    """Rolls and slides: while it touched the ground and went on."""
    path = outcome.paths[one.name]
    found = []
    for begin, end in path.touching:
        times = np.arange(begin, end, 1 / 60)
        if end - begin < _LEAST_SPAN_S or len(times) < 4:
            continue
        poses = np.array([path.at(float(time)) for time in times])
        speed = np.gradient(poses[:, 0], times)
        surface = -np.gradient(poses[:, 2], times) * _radius(one)
        moving = np.flatnonzero(np.abs(speed) > _MOVES_M_S)
        if len(moving) < 4:
            continue
        slips = np.abs(speed - surface)[moving].mean() > _SLIPS * np.abs(speed[moving]).mean()
        last = int(moving[-1])
        found.append(_span(one, "slide" if slips else "roll", times[: last + 1], speed[: last + 1], poses))
    return found


def _passes(one: Subject, outcome: Outcome) -> list[Event]:
    """The instant at which it flies fastest through the picture, touching nothing."""
    path = outcome.paths[one.name]
    times = np.arange(path.times[0], path.times[-1], 1 / 60)
    if len(times) < _LEAST_FLIGHT:
        return []
    poses = np.array([path.at(float(time)) for time in times])
    speed = np.hypot(np.gradient(poses[:, 0], times), np.gradient(poses[:, 1], times))
    left, bottom, right, top = one.frame
    flies = (poses[:, 0] > left) & (poses[:, 0] < right) & (poses[:, 1] > bottom) & (poses[:, 1] < top)
    for begin, end in path.touching:
        flies &= (times < begin) | (times > end)
    # What is about to strike does not fly by: its air would be heard as the beginning of the blow.
    for hit_s in (contact.time_s for contact in outcome.contacts if one.name in contact.bodies):
        flies &= (times < hit_s - _BEFORE_HIT_S) | (times > hit_s)
    speed = np.where(flies, speed, 0.0)
    fastest = int(speed.argmax())
    if speed[fastest] < _PASSES_M_S:
        return []
    x, y = one.to_photo(float(poses[fastest, 0]), float(poses[fastest, 1]))
    common = {"x": x, "y": y, "q": one.q, "subject": one.name}
    return [Event(kind="pass", time_s=float(times[fastest]), speed=float(speed[fastest]), **common)]  # type: ignore[arg-type]


def _span(one: Subject, kind: str, times: Matrix, speed: Matrix, poses: Matrix) -> Event:
    x, y = one.to_photo(float(poses[0, 0]), one.floor)
    return Event(
        kind=kind,
        time_s=float(times[0]),
        x=x,
        y=y,
        speed=float(np.abs(speed).mean()),
        materials=(one.made_of.name, ""),
        duration_s=float(times[-1] - times[0]),
        q=one.q,
        subject=one.name,
    )


def _radius(one: Subject) -> float:
    return (one.outline.radius or math.sqrt(one.outline.area / math.pi)) * one.metres
