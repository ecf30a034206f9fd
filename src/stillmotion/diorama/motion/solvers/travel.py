"""What travels along a way without touching anything: flies, rises, drives, sails, moves by or away."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import ground, light, manners, shadow
from stillmotion.diorama.motion.flight import Flapping
from stillmotion.diorama.motion.journey import Cruise, Journey, Lob, Pull, Shift, View
from stillmotion.diorama.motion.props import placing
from stillmotion.diorama.motion.records import Added, Event, LayerMotion, Part
from stillmotion.diorama.randomness import generator
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.motion.journey import Pace
    from stillmotion.diorama.motion.manners import Heading, Manner
    from stillmotion.diorama.motion.props.records import Prop
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("fly", "rise", "move", "drive", "sail")
_FIXED = (Surface.SKY, Surface.GROUND, Surface.WATER, Surface.SUPPORT, Surface.BACKDROP, Surface.FOLIAGE)
_LIVING = (Surface.PERSON, Surface.ANIMAL)
_MOST_COVERED = 0.72
"""Share of the picture that a thing may cover and still leave it."""
_CUT_SHARE = 0.12
"""Share of its own width or height along which a thing may be cut off by the border that it leaves behind."""
_AWAY = 0.35
"""A thing of the photo throws our shadow once it is this share of its width away from its own, painted one."""
_FLOCK = 5
_INTO = re.compile(r"\b(?:into|inside|in (?:the|a|her|his))\b")
_LOB_S, _SMALLER_INSIDE = 1.5, 0.8
_FILLS = 0.5
"""Share of its time in the shot that a way takes at least, when no word hurries it."""
_SHORT_WAY, _SHORT_WAY_S = 0.22, 2.4
"""Share of the way out, and seconds, of a thing that only moves to a side."""
_FIRST_PART = 0.10
"""Share of the way out that something goes before its next movement begins."""


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue, as one sentence for a person; None when it can."""
    if cue.layer is None:
        if placing.of(cue) is not None:
            return None
        return f'Nothing in the photo is "{cue.subject}", and it is not among the things that can be drawn.'
    layer = stage.layer(cue)
    if layer is None:
        return f'The photo has no layer "{cue.layer}".'
    return _held_fast(stage, cue, layer)


def _held_fast(stage: Stage, cue: MotionCue, layer: Layer) -> str | None:
    width, height = stage.scene.size_px
    named = f'"{layer.label}"'
    if layer is stage.scene.layers[0] or layer.surface in _FIXED:
        return f"The {named} is the place itself and cannot travel."
    if int((layer.rgba[..., 3] > 127).sum()) > _MOST_COVERED * width * height:
        return f"The {named} fills the picture and has nowhere to go."
    if cue.verb == "move" and layer.surface in _LIVING and "up" not in cue.direction:
        return f"The {named} would have to walk; legs are not drawn, and gliding would look wrong."
    if (border := _cut_by(stage, layer)) is not None and _leaves(manners.heading(cue, layer.label), border):
        return f"The {named} is cut off by the {border} border of the photo, so it cannot move away from it."
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Each cue's traveller on its way; several cues for one layer of the photo follow each other."""
    parts = [_performed(stage, cue) for cue in cues]
    return Part(
        layers=tuple(one for part in parts for one in part.layers),
        added=tuple(one for part in parts for one in part.added),
        overlays=tuple(one for part in parts for one in part.overlays),
        events=tuple(one for part in parts for one in part.events),
    )


def _performed(stage: Stage, cue: MotionCue) -> Part:
    prop = placing.of(cue) if cue.layer is None else None
    if prop is not None:
        return _flock(stage, cue, prop) if prop.poses > 1 else _guest(stage, cue, prop)
    layer = stage.layer(cue)
    return Part() if layer is None else _own(stage, cue, layer)


def _own(stage: Stage, cue: MotionCue, layer: Layer) -> Part:
    """A thing of the photo sets off."""
    manner = manners.of(cue, layer.label, layer.surface)
    view = _view(stage, layer)
    heading = manners.heading(cue, layer.label)
    far = _way_out(stage, _Extent.of(stage, layer), view, heading)
    pace = _departure(stage, cue, manner, far)
    journey = Journey(
        view=view,
        pace=pace,
        heading=heading,
        start_s=cue.start_s,
        wobbles=manners.wobbles(manner, _Extent.of(stage, layer).wide, stage),
        bank_deg=manners.bank(manner, heading),
        pivot=_middle(stage, layer),
    )
    below = _shadow(stage, layer, journey, lifts=not manner.grounded)
    motions = (LayerMotion(layer=layer.name, tracks=(journey,)), *below.layers)
    return Part(layers=motions, added=below.added, events=_events(stage, cue, journey, layer.name))


def _shadow(stage: Stage, layer: Layer, journey: Journey, *, lifts: bool) -> shadow.Shadow:
    """On the ground below what has left its place; where it was its painted shadow stays."""
    if ground.support(stage) is None or (lifts and (layer.contact_y is None or stage.scene.night)):
        return shadow.Shadow()
    away = _Leaving(journey=journey, wide=_Extent.of(stage, layer).wide)
    return shadow.cast(stage, layer, away, row=away.row, lifts=lifts, before=layer.name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Leaving:
    """The way of a thing of the photo, for its shadow: until it leaves its place, the photo shows its own."""

    journey: Journey
    wide: float

    def matrix(self, time_s: float) -> Matrix:
        """Where it is."""
        return self.journey.matrix(time_s)

    def opacity(self, time_s: float) -> float:
        """How much of the shadow is ours."""
        x, y, _, _ = self.journey.place(time_s)
        view = self.journey.view
        gone = math.hypot(x - view.x, (y - view.y) * view.aspect) / self.wide
        return self.journey.opacity(time_s) * min(gone / _AWAY, 1.0)

    def row(self, time_s: float) -> float:
        """The row of the ground below it."""
        along = self.journey.pace.distance_m(time_s)
        right, _, away = self.journey.heading
        return self.journey.view.seen(along * right, 0.0, along * away)[1]


def _guest(stage: Stage, cue: MotionCue, prop: Prop) -> Part:
    """A prop comes by."""
    heading = _sideways(manners.heading(cue, prop.name, came_from=placing.side(cue)), placing.side(cue))
    layer = placing.layer(stage, cue)
    if heading[0] < 0:
        layer = replace(layer, rgba=np.ascontiguousarray(layer.rgba[:, ::-1]))
    if cue.target_point is not None and _INTO.search(cue.words.casefold()):
        return _thrown_in(stage, cue, layer, cue.target_point)
    manner = manners.of(cue, prop.name, prop.surface)
    view = _view(stage, layer)
    extent = _Extent.of(stage, layer)
    pace = _arrival(stage, cue, manner, _way_out(stage, extent, view, heading))
    journey = Journey(
        view=view,
        pace=pace,
        heading=heading,
        start_s=cue.start_s,
        wobbles=manners.wobbles(manner, extent.wide, stage),
        ease_s=0.0,
        bank_deg=manners.bank(manner, heading),
        pivot=None if manner.grounded or prop.floats else _middle(stage, layer),
    )
    before = placing.order(stage, cue)
    motions = [LayerMotion(layer=layer.name, tracks=(journey,))]
    under = shadow.Shadow()
    if prop.floats:
        under = shadow.reflect(stage, layer, journey, before=before)
    elif not prop.light:
        under = shadow.cast(
            stage, layer, journey, row=lambda time_s: journey.place(time_s)[1], lifts=False, before=before
        )
    return Part(
        layers=(*motions, *under.layers),
        added=(*under.added, Added(layer=layer, before=before)),
        events=_events(stage, cue, journey, layer.name),
    )


def _thrown_in(stage: Stage, cue: MotionCue, layer: Layer, into: tuple[float, float]) -> Part:
    """What flies into a cup or a basket is thrown: it comes in an arc, is a little smaller there, and is gone."""
    framed = stage.shot.framing
    start = _middle(stage, layer)
    goes = math.copysign(1.0, into[0] - start[0])
    lob = Lob(
        rest=start,
        end=into,
        apex=max(framed.y0 + 0.12 * framed.height, min(start[1], into[1]) - 0.3 * framed.height),
        start_s=cue.start_s,
        lasts_s=min(_LOB_S / max(min(cue.speed, 3.0), 0.3), max(stage.end_s(cue) - cue.start_s, 0.5)),
        turns=0.4 * goes,
        grows=_SMALLER_INSIDE,
        aspect=stage.aspect,
    )
    hit = Event(
        kind="contact",
        time_s=cue.start_s + lob.lasts_s,
        x=into[0],
        y=into[1],
        speed=1.0,
        impulse=0.02,
        q=layer.plane.inverse_depth(*start),
        subject=layer.name,
    )
    return Part(
        layers=(LayerMotion(layer=layer.name, tracks=(lob,)),),
        added=(Added(layer=layer, before=None),),
        events=(hit,),
    )


def _flock(stage: Stage, cue: MotionCue, prop: Prop) -> Part:
    """Birds, butterflies, bees: wing positions on their ways."""
    spot = placing.place(stage, cue)
    heading = _sideways(manners.heading(cue, prop.name, came_from=placing.side(cue)), placing.side(cue))
    manner = manners.of(cue, prop.name, prop.surface)
    several = any(
        word in cue.subject.casefold().split() for word in ("flock", "swarm", f"{prop.name}s", "gulls", "butterflies")
    )
    count = min(cue.count or (_FLOCK if several else 1), 40)
    wide_px = max(8, round(1.2 * spot.wide * stage.scene.size_px[0]))
    lit = light.of(stage.scene)
    pictures = [prop.draw(wide_px, lit, stage.shot.seed, pose) for pose in range(prop.poses)]
    if heading[0] < 0:
        pictures = [np.ascontiguousarray(one[:, ::-1]) for one in pictures]
    journeys = [_member(stage, cue, (spot, manner, heading), index) for index in range(count)]
    sizes = generator(stage.shot.seed, "flock", cue.words).uniform(0.78, 1.08, count)
    overlay = Flapping(
        pictures=tuple(pictures),
        ways=tuple(one.place for one in journeys),
        wide=tuple(float(spot.wide * (size if count > 1 else 1.0)) for size in sizes),
        q=spot.q,
        beats_hz=manner.beats_hz,
        glides=manner.glides,
        before=placing.order(stage, cue),
    )
    return Part(overlays=(overlay,), events=_events(stage, cue, journeys[0], placing.name(cue)))


def _sideways(heading: Heading, came_from: str) -> Heading:
    """Props are drawn from the side: what comes nearer or goes away does so at a slant, from the side it came from."""
    right, up, away = heading
    if abs(away) < 0.3 or abs(right) > 0.3 or came_from in {"", "top", "bottom"}:
        return heading
    return (-0.85 if came_from == "right" else 0.85), 0.3 * up, math.copysign(0.45, away)


def _member(stage: Stage, cue: MotionCue, plan: tuple[placing.Spot, Manner, Heading], index: int) -> Journey:
    spot, manner, heading = plan
    rng = generator(stage.shot.seed, "flock", cue.words, index)
    apart = 0.0 if index == 0 else 1.0
    x = spot.x - apart * math.copysign(1.0, heading[0]) * rng.uniform(0.4, 3.4) * spot.wide
    y = spot.bottom - spot.tall / 2 + apart * rng.uniform(-1.6, 1.6) * spot.tall
    extent = _Extent(x0=x - spot.wide / 2, y0=y - spot.tall / 2, x1=x + spot.wide / 2, y1=y + spot.tall / 2)
    view = View(
        x=x,
        y=y,
        horizon=ground.horizon(stage),
        q=spot.q,
        metres_per_width=ground.metres_per_width(stage),
        focal=stage.scene.focal,
        aspect=stage.aspect,
    )
    pace = _arrival(stage, cue, manner, _way_out(stage, extent, view, heading))
    return Journey(
        view=view,
        pace=pace,
        heading=heading,
        start_s=cue.start_s,
        wobbles=tuple(replace(one, phase=one.phase + 2.1 * index) for one in manners.wobbles(manner, spot.wide, stage)),
        ease_s=0.0,
        bank_deg=manners.bank(manner, heading),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    """The box of a traveller at rest, in photo coordinates."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def wide(self) -> float:
        return self.x1 - self.x0

    @classmethod
    def of(cls, stage: Stage, layer: Layer) -> _Extent:
        width, height = stage.scene.size_px
        rows, columns = (np.flatnonzero((layer.rgba[..., 3] > 30).any(axis)) for axis in (1, 0))
        if not len(rows):
            rows, columns = np.array([0, 1]), np.array([0, 1])
        return cls(
            x0=(layer.left_px + float(columns[0])) / width,
            y0=(layer.top_px + float(rows[0])) / height,
            x1=(layer.left_px + float(columns[-1]) + 1) / width,
            y1=(layer.top_px + float(rows[-1]) + 1) / height,
        )


def _view(stage: Stage, layer: Layer) -> View:
    extent = _Extent.of(stage, layer)
    x, y = (extent.x0 + extent.x1) / 2, layer.contact_y if layer.contact_y is not None else extent.y1
    return View(
        x=x,
        y=y,
        horizon=min(ground.horizon(stage), y - 0.02),
        q=max(layer.plane.inverse_depth(x, y), 0.02),
        metres_per_width=ground.metres_per_width(stage),
        focal=stage.scene.focal,
        aspect=stage.aspect,
    )


def _middle(stage: Stage, layer: Layer) -> tuple[float, float]:
    extent = _Extent.of(stage, layer)
    return (extent.x0 + extent.x1) / 2, (extent.y0 + extent.y1) / 2


def _way_out(stage: Stage, extent: _Extent, view: View, heading: Heading) -> float:
    """Metres until a traveller has left the picture, or has come so near or far that its way ends."""
    framed = stage.shot.framing
    width_m = view.metres_per_width / view.q
    right, up, away = heading
    ends = []
    if abs(right) > 0.05:
        across = framed.x1 - extent.x0 if right > 0 else extent.x1 - framed.x0
        ends.append(max(across, 0.05) * width_m / abs(right))
    if abs(up) > 0.05:
        climb = extent.y1 - framed.y0 if up > 0 else framed.y1 - extent.y0
        ends.append(max(climb, 0.05) * stage.aspect * width_m / abs(up))
    if abs(away) > 0.05:
        distance = width_m * stage.scene.focal
        ends.append((4.0 if away > 0 else 0.65) * distance / abs(away))
    return min(ends)


def _pull(stage: Stage, cue: MotionCue, manner: Manner, far_m: float) -> Pull:
    """The acceleration that such a thing has, in a time that can be watched.

    Where its true size would have it gone in a blink, or not moved at all, time is stretched: the way stays the same.
    """
    reached = manner.top / manner.acceleration
    before = manner.top * reached / 2
    usual = math.sqrt(2 * far_m / manner.acceleration) if far_m <= before else reached + (far_m - before) / manner.top
    window = max(stage.end_s(cue) - cue.start_s, 0.5)
    shortest = max(1.5, _FILLS * window) / max(cue.speed, 1.0)
    longest = window * (0.85 if manners.must_leave(cue) else 1.5) / max(cue.speed, 0.8)
    factor = usual / min(max(usual / cue.speed, shortest), max(longest, shortest))
    return Pull(start_s=cue.start_s, acceleration=manner.acceleration * factor**2, top=manner.top * factor)


def _departure(stage: Stage, cue: MotionCue, manner: Manner, far_m: float) -> Pace:
    """How a thing of the photo sets off: to stay, for a first step, or to go."""
    window = max(stage.end_s(cue) - cue.start_s, 0.5)
    if cue.verb == "move" and manner.grounded and not manner.drives and not manners.must_leave(cue):
        way = min(_SHORT_WAY * cue.amount, 0.9) * far_m
        return Shift(start_s=cue.start_s, takes_s=min(window, _SHORT_WAY_S / cue.speed), way_m=way)
    return _pull(stage, cue, manner, far_m) if _last(stage, cue) else _start(stage, cue, far_m)


def _last(stage: Stage, cue: MotionCue) -> bool:
    """Whether a thing does nothing else afterwards: what lifts off and then flies away has not left before."""
    return not any(
        other.layer == cue.layer and other.verb in VERBS and other.performed and other.start_s > cue.start_s
        for other in stage.shot.motion
    )


def _start(stage: Stage, cue: MotionCue, far_m: float) -> Pull:
    """The first part of a way in the time of its cue, at the same speed from then on."""
    window = max(stage.end_s(cue) - cue.start_s, 0.5)
    acceleration = 2 * _FIRST_PART * far_m / window**2
    return Pull(start_s=cue.start_s, acceleration=acceleration, top=acceleration * window)


def _arrival(stage: Stage, cue: MotionCue, manner: Manner, far_m: float) -> Pace:
    """What comes in from outside is under way; what rises or stands in the picture sets off."""
    if manner.hovers and not cue.direction and placing.side(cue) == "":
        return Shift(start_s=cue.start_s, takes_s=1.0, way_m=0.0)
    if placing.side(cue) == "" or (cue.verb == "rise" and not manner.lifted):
        return _pull(stage, cue, manner, far_m)
    window = max(stage.end_s(cue) - cue.start_s, 0.5)
    shortest = max(manner.shortest_s, _FILLS * window) / max(cue.speed, 1.0)
    usual = far_m / manner.top / cue.speed
    longest = max(window * 1.15 / max(cue.speed, 0.75), shortest)
    return Cruise(start_s=cue.start_s, speed=far_m / min(max(usual, shortest), longest))


def _cut_by(stage: Stage, layer: Layer) -> str | None:
    """The border of the photo that cuts a layer off along a good part of it."""
    width, height = stage.scene.size_px
    alpha = layer.rgba[..., 3] > 127
    wide, tall = layer.size_px
    ends = {
        "bottom": alpha[-1].mean() if layer.top_px + tall >= height - 1 else 0.0,
        "top": alpha[0].mean() if layer.top_px <= 1 else 0.0,
        "left": alpha[:, 0].mean() if layer.left_px <= 1 else 0.0,
        "right": alpha[:, -1].mean() if layer.left_px + wide >= width - 1 else 0.0,
    }
    worst = max(ends, key=lambda one: float(ends[one]))
    return worst if ends[worst] > _CUT_SHARE else None


def _leaves(heading: Heading, border: str) -> bool:
    """Whether a heading shows what the border has cut off."""
    right, up, away = heading
    inward = {"bottom": up, "top": -up, "left": right, "right": -right}[border]
    return inward > 0.05 or away > 0.05


def _events(stage: Stage, cue: MotionCue, journey: Journey, name: str) -> tuple[Event, ...]:
    """From when to when it is under way, and when it passes nearest to the middle; what drifts parts no air."""
    end = stage.end_s(cue)
    times = np.linspace(cue.start_s, end, 61)
    places = np.array([journey.place(float(time))[:3] for time in times])
    framed = stage.shot.framing
    seen = (np.abs(places[:, 0] - framed.centre[0]) < framed.width / 2 + 0.1) & (places[:, 1] > framed.y0 - 0.1)
    inside = times[seen] if seen.any() else times[:1]
    nearest = int(np.abs(places[:, 0] - framed.centre[0]).argmin())
    common = {"q": journey.view.q, "subject": name}
    speed = journey.pace.speed_m_s(float(inside[len(inside) // 2]))
    first = int(np.searchsorted(times, inside[0]))
    span = Event(
        kind=cue.verb,
        time_s=float(inside[0]),
        x=float(places[first, 0]),
        y=float(places[first, 1]),
        speed=speed,
        duration_s=float(max(inside[-1] - inside[0], 0.0)),
        **common,  # type: ignore[arg-type]
    )
    prop = placing.of(cue)
    if not 0 < nearest < len(times) - 1 or (prop is not None and prop.airy):
        return (span,)
    x, y, _ = (float(value) for value in places[nearest])
    passing = Event(kind="pass", time_s=float(times[nearest]), x=x, y=y, speed=speed, **common)  # type: ignore[arg-type]
    return span, passing
