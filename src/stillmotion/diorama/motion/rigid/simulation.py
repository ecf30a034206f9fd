"""Bodies through pymunk at 240 Hz, with impacts put where they happened between two steps.

Three things make the result exact enough to be measured from pixels.

Chipmunk moves a body with the velocity that it had before gravity acted, so speeds are kept half a step ahead of places
(leapfrog): a free fall is then exact at every step.

An impact is noticed after the bodies overlap. The time since they touched is the overlap over the closing speed; both
bodies are moved back by that time with the speed from before and forward with the speed from after, and the impulse is
scaled to the speed at the true instant.

Chipmunk multiplies two elasticities; here every shape has none, and the pair's own restitution is set when a contact
begins. So a bounce gives back what the pair says once, and a lasting contact gives back nothing and comes to rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pymunk
from pymunk import batch

from stillmotion.diorama.motion.rigid.records import RATE_HZ, Contact, Outcome, Path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.rigid.records import Body, Floats, Obstacle, World

_ITERATIONS, _ITERATIONS_IN_CROWD = 25, 20
_STEP_S = 1.0 / RATE_HZ
_SLOP = 0.1
"""Overlap that is left alone, in pixels: the engine counts in pixels, so its own tolerances are below what shows."""
_FIELDS = batch.BodyFields.BODY_ID | batch.BodyFields.POSITION | batch.BodyFields.ANGLE
_REST, _REST_IN_CROWD = 2.2, 10.0
"""A contact that closes slower than gravity speeds things up in so many steps does not bounce."""
_CROWD = 100
"""With more bodies nobody follows the smallest bounce of each, and rolling resistance acts every fourth step."""
_LEAST_SPEED = 1e-6
_UNSEEN = 4.0
"""Overlap in pixels that is not put right in a crowd."""
_DOZES_S = 0.15
"""In a crowd, what has lain still for so long is left out until something touches it."""
_OBSTACLE = 1
"""Kind of shape whose contacts are followed to their end; bodies are of kind 0."""


def simulate(world: World) -> Outcome:
    """What becomes of a world; the same for the same world, always.

    Returns:
        A path for every body, and the contacts that began, by time.
    """
    return _Run(world).outcome()


@dataclass(frozen=True, slots=True)
class _Touch:
    """A contact that began in this step, as it was before the engine answered it."""

    pair: tuple[pymunk.Body, pymunk.Body]
    normal: pymunk.Vec2d
    """From the first to the second."""
    place: pymunk.Vec2d
    overlap: float
    closing: float
    restitution: float
    before: tuple[tuple[pymunk.Vec2d, float], tuple[pymunk.Vec2d, float]]
    """Velocity and spin of both."""


@dataclass(slots=True)
class _Actor:
    """A body's share of the running simulation."""

    body: Body
    twin: pymunk.Body
    bounced: int = 0
    touches: int = 0
    since_s: float = 0.0
    spans: list[tuple[float, float]] = field(default_factory=list)
    knots: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Time, place and angle at impacts."""


class _Run:
    """One simulation; it lives inside `simulate`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.unit = 1.0 / world.pixel_m
        self.gravity = pymunk.Vec2d(0.0, -world.gravity * self.unit)
        self.space = pymunk.Space()
        self.space.gravity = self.gravity
        self.space.collision_slop = _SLOP
        self.crowd = len(world.bodies) > _CROWD
        self.space.iterations = _ITERATIONS_IN_CROWD if self.crowd else _ITERATIONS
        if self.crowd:
            self.space.sleep_time_threshold = _DOZES_S
        steps = _REST_IN_CROWD if self.crowd else _REST
        self.rest = steps * abs(self.gravity.y) * _STEP_S + _LEAST_SPEED
        self.touches: list[_Touch] = []
        self.contacts: list[Contact] = []
        self.now_s = 0.0
        self.obstacles: dict[pymunk.Body, Obstacle] = {}
        self.actors = {actor.twin: actor for actor in (self._enter(body, n) for n, body in enumerate(world.bodies))}
        self.round = {actor.twin for actor in self.actors.values() if actor.body.radius is not None}
        for obstacle in world.obstacles:
            self._build(obstacle)
        self.waiting = sorted(self.actors.values(), key=lambda actor: actor.body.start_s)
        self.rollers = [actor for actor in self.actors.values() if actor.body.rolling > 0]
        self.space.on_collision(0, 0, begin=self._begin)
        self.space.on_collision(_OBSTACLE, None, begin=self._begin, separate=self._separate)

    def outcome(self) -> Outcome:
        """Run it to the end."""
        steps = math.ceil(self.world.duration_s * RATE_HZ)
        ids = np.array([actor.twin.id for actor in self.actors.values()], np.uint64)
        seen = np.empty((steps + 1, len(ids), 3))
        buffer = batch.Buffer()
        for step in range(steps + 1):
            if step:
                self._step(step)
            self._release(step)
            _read(self.space, buffer, ids, seen[step])
        # Chipmunk calls back for every contact that ends with the space, when its bodies are already gone.
        self.space.on_collision(_OBSTACLE, None, begin=pymunk.empty_callback, separate=pymunk.empty_callback)
        seen[..., :2] /= self.unit
        times = np.arange(steps + 1, dtype=np.float64) / RATE_HZ
        paths = {
            actor.body.name: self._path(actor, times, seen[:, index])
            for index, actor in enumerate(self.actors.values())
        }
        return Outcome(paths=paths, contacts=tuple(sorted(self.contacts, key=lambda contact: contact.time_s)))

    def _enter(self, body: Body, number: int) -> _Actor:
        twin = pymunk.Body(body.mass_kg, self._moment(body), body_type=pymunk.Body.KINEMATIC)
        twin.position = (body.place[0] * self.unit, body.place[1] * self.unit)
        twin.angle = body.angle
        shapes = self._shapes(twin, body.radius, body.pieces)
        for shape in shapes:
            shape.friction = body.friction
            shape.filter = pymunk.ShapeFilter(group=number + 1)
        self.space.add(twin, *shapes)
        return _Actor(body, twin)

    def _build(self, obstacle: Obstacle) -> None:
        ground = pymunk.Body(body_type=pymunk.Body.STATIC)
        shapes = self._shapes(ground, None, obstacle.pieces)
        for shape in shapes:
            shape.friction = obstacle.grip
            shape.collision_type = _OBSTACLE
        self.space.add(ground, *shapes)
        self.obstacles[ground] = obstacle

    def _shapes(
        self, owner: pymunk.Body, radius: float | None, pieces: tuple[tuple[tuple[float, float], ...], ...]
    ) -> list[pymunk.Shape]:
        if radius is not None:
            return [pymunk.Circle(owner, radius * self.unit)]
        return [pymunk.Poly(owner, [(x * self.unit, y * self.unit) for x, y in piece]) for piece in pieces]

    def _moment(self, body: Body) -> float:
        return body.mass_kg * (body.gyration * self.unit) ** 2

    def _release(self, step: int) -> None:
        """Let go of the bodies whose time has come, as if it had happened at their own instant."""
        now_s = step * _STEP_S
        while self.waiting and self.waiting[0].body.start_s <= now_s + 1e-9:
            actor = self.waiting.pop(0)
            body, late_s = actor.body, now_s - actor.body.start_s
            twin = actor.twin
            twin.body_type = pymunk.Body.DYNAMIC
            twin.mass, twin.moment = body.mass_kg, self._moment(body)
            velocity = pymunk.Vec2d(*body.velocity) * self.unit
            twin.position += velocity * late_s + self.gravity * (late_s * late_s / 2)
            twin.angle += body.spin * late_s
            twin.velocity = velocity + (pymunk.Vec2d(0, 0) if actor.touches else self.gravity * (late_s + _STEP_S / 2))
            twin.angular_velocity = body.spin
            actor.knots.append((body.start_s, *body.place, body.angle))

    def _step(self, step: int) -> None:
        self.now_s = step * _STEP_S
        self.touches.clear()
        if not self.crowd:
            self._resist(_STEP_S)
        elif step % 4 == 0:
            self._resist(4 * _STEP_S)
        self.space.step(_STEP_S)
        settled: set[pymunk.Body] = set()
        for touch in _deepest(self.touches):
            if self.crowd and touch.overlap < _UNSEEN:
                self._record(touch, 0.0, touch.closing / self.unit, self._reduced(touch))
            else:
                self._answer(touch, settled)

    def _reduced(self, touch: _Touch) -> float:
        """Impulse of a head-on impact: reduced mass x change of the closing speed."""
        inverse = sum(1.0 / one.mass for one in touch.pair if self._is_free(one))
        return touch.closing * (1 + touch.restitution) / self.unit / inverse if inverse else 0.0

    def _resist(self, span_s: float) -> None:
        """Rolling resistance: a moment against the spin of what lies on something (weight x radius x coefficient)."""
        for actor in self.rollers:
            twin, body = actor.twin, actor.body
            if not actor.touches or twin.angular_velocity == 0.0 or twin.is_sleeping or not self._is_free(twin):
                continue
            reach = body.radius or body.gyration
            share = 1.0 + (reach / body.gyration) ** 2
            loss = body.rolling * self.world.gravity / reach * share * span_s
            spin = twin.angular_velocity
            twin.angular_velocity = math.copysign(max(abs(spin) - loss, 0.0), spin)

    def _begin(self, arbiter: pymunk.Arbiter, _space: pymunk.Space, _data: object) -> None:
        first, second = arbiter.bodies
        actors = self.actors.get(first), self.actors.get(second)
        obstacle = self.obstacles.get(first) or self.obstacles.get(second)
        if obstacle is not None:
            mover = actors[0] or actors[1]
            if mover is None or (obstacle.holds is not None and mover.body.name not in obstacle.holds):
                arbiter.process_collision = False
                return
            self._count(mover, 1)
        touch = self._touch(arbiter, first, second)
        if touch is None:
            return
        arbiter.restitution = touch.restitution
        self.touches.append(touch)

    def _separate(self, arbiter: pymunk.Arbiter, _space: pymunk.Space, _data: object) -> None:
        first, second = arbiter.bodies
        obstacle = self.obstacles.get(first) or self.obstacles.get(second)
        mover = self.actors.get(first) or self.actors.get(second)
        if obstacle is not None and mover is not None and (obstacle.holds is None or mover.body.name in obstacle.holds):
            self._count(mover, -1)

    def _count(self, actor: _Actor, change: int) -> None:
        before, actor.touches = actor.touches, actor.touches + change
        if not before and actor.touches:
            actor.since_s = self.now_s
        elif before and not actor.touches:
            actor.spans.append((actor.since_s, self.now_s))

    def _touch(self, arbiter: pymunk.Arbiter, first: pymunk.Body, second: pymunk.Body) -> _Touch | None:
        if self._is_slow(first, second):
            return None
        met = arbiter.contact_point_set
        normal = met.normal
        deepest = min(met.points, key=lambda point: point.distance)
        place = (deepest.point_a + deepest.point_b) / 2
        closing = _closing(first, second, normal, place)
        if closing <= self.rest:
            return None
        state = tuple((one.velocity, one.angular_velocity) for one in (first, second))
        return _Touch(
            pair=(first, second),
            normal=normal,
            place=place,
            overlap=max(-deepest.distance, 0.0),
            closing=closing,
            restitution=self._restitution(first, second),
            before=(state[0], state[1]),
        )

    def _is_slow(self, first: pymunk.Body, second: pymunk.Body) -> bool:
        """Whether two bodies near each other too slowly to bounce; quick, as most contacts in a heap are slow."""
        (ax, ay), (bx, by) = first.velocity, second.velocity
        if math.hypot(ax - bx, ay - by) > self.rest:
            return False
        return all(one in self.round or one.angular_velocity == 0.0 for one in (first, second))

    def _restitution(self, first: pymunk.Body, second: pymunk.Body) -> float:
        """Between two bodies the geometric mean of theirs; off an obstacle the body's own, less what is soft."""
        one, two = self.actors.get(first), self.actors.get(second)
        if one is not None and two is not None:
            return math.sqrt(one.body.restitution * two.body.restitution)
        mover = one or two
        obstacle = self.obstacles.get(first) or self.obstacles.get(second)
        if mover is None or obstacle is None:
            return 0.0
        body = mover.body
        done = mover.bounced
        mover.bounced += 1
        if body.bounces is not None and done >= body.bounces:
            return 0.0
        own = body.bounced_restitution[done] if done < len(body.bounced_restitution) else body.restitution
        return own if body.exact else own * obstacle.softness

    def _answer(self, touch: _Touch, settled: set[pymunk.Body]) -> None:
        """Move an impact to the instant when it happened."""
        fall = touch.normal.dot(self.gravity) if self._is_fixed(touch.pair) else 0.0
        outward = -1.0 if self._is_free(touch.pair[0]) else 1.0
        since_s = min(touch.overlap / touch.closing, _STEP_S)
        # Closing speeds count positive, and so does gravity where it closes the gap.
        pull = -outward * fall
        true_closing = max(touch.closing + pull * (_STEP_S / 2 - since_s), 0.0)
        share = 1.0 + touch.restitution
        scale = share * true_closing / (share * touch.closing + pull * _STEP_S)
        impulse = 0.0
        for one, (velocity, spin) in zip(touch.pair, touch.before, strict=True):
            if not self._is_free(one) or one in settled:
                continue
            settled.add(one)
            kick = (one.velocity - velocity - self.gravity * _STEP_S) * scale
            turn = (one.angular_velocity - spin) * scale
            one.velocity = velocity + self.gravity * _STEP_S + kick
            one.angular_velocity = spin + turn
            self._knot(one, velocity, spin, since_s)
            after = one.velocity - self.gravity * ((_STEP_S + since_s) / 2)
            one.position += (after - velocity) * since_s
            one.angle += turn * since_s
            impulse = max(impulse, one.mass * kick.length / self.unit)
        self._record(touch, since_s, true_closing / self.unit, impulse)

    def _knot(self, twin: pymunk.Body, velocity: pymunk.Vec2d, spin: float, since_s: float) -> None:
        x, y = (twin.position - velocity * since_s) / self.unit
        self.actors[twin].knots.append((self.now_s - since_s, x, y, twin.angle - spin * since_s))

    def _record(self, touch: _Touch, since_s: float, speed: float, impulse: float) -> None:
        names, materials = zip(*(self._who(one) for one in touch.pair), strict=True)
        place = touch.place / self.unit
        self.contacts.append(
            Contact(
                time_s=self.now_s - since_s,
                place=(place.x, place.y),
                bodies=(names[0], names[1]),
                materials=(materials[0], materials[1]),
                speed=speed,
                impulse=impulse,
            )
        )

    def _who(self, twin: pymunk.Body) -> tuple[str, str]:
        one = self.actors[twin].body if twin in self.actors else self.obstacles[twin]
        return one.name, one.material

    def _is_free(self, twin: pymunk.Body) -> bool:
        return twin.body_type == pymunk.Body.DYNAMIC

    def _is_fixed(self, pair: tuple[pymunk.Body, pymunk.Body]) -> bool:
        """Whether one of the two stands still, so that gravity closes or opens the gap."""
        return self._is_free(pair[0]) != self._is_free(pair[1])

    def _path(self, actor: _Actor, times: Floats, seen: Floats) -> Path:
        if actor.touches:
            actor.spans.append((actor.since_s, self.now_s))
        knots = np.array(actor.knots).reshape(-1, 4)
        every = np.concatenate([times, knots[:, 0]])
        order = np.argsort(every, kind="stable")
        # A knot on a step is the later of the two: it is the impact itself.
        return Path(
            name=actor.body.name,
            times=every[order],
            places=np.concatenate([seen[:, :2], knots[:, 1:3]])[order],
            angles=np.concatenate([seen[:, 2], knots[:, 3]])[order],
            touching=tuple(actor.spans),
        )


def _closing(first: pymunk.Body, second: pymunk.Body, normal: pymunk.Vec2d, place: pymunk.Vec2d) -> float:
    """How fast two bodies near each other at a place: the difference of the velocities of their points there."""
    (nx, ny), (x, y) = normal, place
    speed = 0.0
    for body, sign in ((first, 1.0), (second, -1.0)):
        (vx, vy), (cx, cy), spin = body.velocity, body.position, body.angular_velocity
        speed += sign * (nx * (vx - (y - cy) * spin) + ny * (vy + (x - cx) * spin))
    return speed


def _deepest(touches: list[_Touch]) -> list[_Touch]:
    """One touch a pair of bodies, whichever of their pieces met first, in the order in which they began."""
    best: dict[tuple[int, int], _Touch] = {}
    for touch in touches:
        key = (touch.pair[0].id, touch.pair[1].id)
        if key not in best or touch.overlap > best[key].overlap:
            best[key] = touch
    return list(best.values())


def _read(space: pymunk.Space, buffer: batch.Buffer, ids: NDArray[np.uint64], into: Floats) -> None:
    """Places and angles of the bodies with these ids, written to `into`, shape (n, 3)."""
    buffer.clear()
    batch.get_space_bodies(space, _FIELDS, buffer)
    found = np.frombuffer(buffer.int_buf(), np.uint64)
    values = np.frombuffer(buffer.float_buf(), np.float64).reshape(-1, 3)
    order = np.argsort(found)
    into[:] = values[order[np.searchsorted(found, ids, sorter=order)]]
