"""Things that move where they are: they spin, float, hover, bob or shake."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import light
from stillmotion.diorama.motion.flight import Flapping, Hovering
from stillmotion.diorama.motion.props import placing
from stillmotion.diorama.motion.records import Added, LayerMotion, Part
from stillmotion.diorama.motion.rigid import refusals, wafting
from stillmotion.diorama.motion.rigid.poses import Bobbing, PoseTrack, Rattling, Tottering, Turning
from stillmotion.diorama.motion.rigid.subject import subjects
from stillmotion.diorama.randomness import generator
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.props.records import Prop
    from stillmotion.diorama.motion.records import Overlay
    from stillmotion.diorama.motion.rigid.poses import Pose
    from stillmotion.diorama.motion.rigid.subject import Subject
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("spin", "float", "shake")
_ON_WATER = re.compile(r"\b(?:water|sea|lake|river|pond|waves?|bobs?|bobbing|boat|duck)\b")
_LIFTS = re.compile(r"\b(?:hovers?|hovering|levitates?|levitating|weightless|in (?:the |mid-?)?air)\b")
_DRIFTS = re.compile(r"\b(?:drifts?|drifting|waft\w*|wander\w*|away|across|past|by|off)\b")
_CIRCLES = re.compile(r"\b(?:around|about|round|circl\w*|among|between)\b")
_AROUND, _BESIDE = 0.2, 0.05
"""Half the breadth, as a share of the picture's width, of the air in which something hovers."""
_BEATS_HZ = 11.0
_TURNS_A_SECOND = 0.5
_FACES_US = re.compile(
    r"\b(?:wheels?|fans?|windmills?|propellers?|blades?|turbines?|plates?|coins?|records?|discs?|disks?|clocks?|hands?|saws?"
    r"|kites?|lea(?:f|ves)|pinwheels?|gears?|stars?|galax(?:y|ies)|roulette|frisbees?|pizzas?|flowers?|dials?|planets?)\b"
)
_FACING = frozenset({Surface.FOLIAGE, Surface.PLANT})
_QUIET = frozenset({"settle"})


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    return refusals.of_thing(stage, cue)


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """One pose for each thing."""
    motions: list[LayerMotion] = []
    added: list[Added] = []
    overlays: list[Overlay] = []
    for one in subjects(stage, cues):
        lead = one.verbs[0]
        if lead == "float" and one.prop is not None and one.prop.poses > 1:
            overlays.append(_hovering(stage, one, one.prop))
            continue
        if lead == "float" and wafting.wafts(one.prop) and placing.side(one.cues[0]) == "top":
            motions.append(LayerMotion(layer=one.name, tracks=(wafting.track(stage, one),)))
            added.append(Added(layer=one.layer, before=placing.order(stage, one.cues[0])))
            continue
        pose, about = _POSES[lead](stage, one)
        track = PoseTrack(pose=pose, about=about, aspect=stage.aspect)
        motions.append(LayerMotion(layer=one.name, tracks=(track,)))
        if one.prop is not None:
            before = placing.order(stage, one.cues[0])
            shades = (one.shading,) if one.shading is not None else ()
            added.extend(Added(layer=layer, before=before) for layer in (one.layer, *shades))
            motions.extend(LayerMotion(layer=shade.name, tracks=(track,)) for shade in shades)
    return Part(layers=tuple(motions), added=tuple(added), overlays=tuple(overlays))


def _hovering(stage: Stage, one: Subject, prop: Prop) -> Flapping:
    """What flaps stays in the air beside or around what the words say."""
    cue, framed = one.cues[0], stage.shot.framing
    spot, lit = placing.place(stage, cue), light.of(stage.scene)
    wide_px = max(8, round(1.2 * spot.wide * stage.scene.size_px[0]))
    drawn = [prop.draw(wide_px, lit, stage.shot.seed, pose) for pose in range(prop.poses)]
    reach = _AROUND if _CIRCLES.search(one.words) else _BESIDE
    random = generator(stage.shot.seed, "hover", one.name)
    way = Hovering(
        middle=(spot.x, spot.bottom - spot.tall / 2),
        reach=(reach * framed.width, 0.6 * reach * framed.width / stage.aspect),
        wide=spot.wide,
        aspect=stage.aspect,
        start_s=cue.start_s,
        pace=min(max(cue.speed, 0.5), 2.5),
        phase=float(random.uniform(0, 2 * math.pi)),
    )
    return Flapping(
        pictures=(*drawn, *(np.ascontiguousarray(picture[:, ::-1]) for picture in drawn)),
        ways=(way.place,),
        wide=(spot.wide,),
        q=spot.q,
        beats_hz=_BEATS_HZ,
        glides=0.0,
        before=placing.order(stage, cue),
        faces_left=(way.faces_left,),
    )


def _faces_us(one: Subject) -> bool:
    """Whether its turn is seen from the front, as of a wheel; what stands spins like a top instead."""
    named = _FACES_US.search(f"{one.layer.label} {one.words}")
    round_one = one.prop is not None or one.explicit or one.layer.surface in _FACING
    return bool(named) or round_one or not one.stands


def _settles(stage: Stage, one: Subject) -> bool:
    """Whether the shot lets the same thing come to rest afterwards."""
    first = one.cues[0]
    return any(
        cue.verb in _QUIET and (cue.layer or cue.subject) == (first.layer or first.subject) for cue in stage.shot.motion
    )


def _spin(stage: Stage, one: Subject) -> tuple[Pose, tuple[float, float]]:
    """Turns about its middle: with a steady rate when that is fixed, else whole turns that start and end at rest."""
    cue = one.cues[0]
    lasts = one.end_s - one.start_s
    clockwise = -1.0 if cue.direction != "left" else 1.0
    if one.physics.spin_deg_s is not None:
        total = -math.radians(one.physics.spin_deg_s) * lasts
        return Turning(start_s=one.start_s, end_s=one.end_s, total=total, steady=True), one.outline.centre
    settles = _settles(stage, one)
    usual = 2.2 if settles or cue.count else lasts
    lasts = min(lasts * (0.8 if settles else 1.0), usual * (cue.count or 1) / max(min(cue.speed, 4.0), 0.25))
    turns = cue.count or max(1, round(_TURNS_A_SECOND * lasts * cue.speed))
    foot = (one.outline.centre[0], one.outline.centre[1] - one.outline.bottom / one.aspect)
    if not _faces_us(one):
        end_s = one.start_s + max(lasts, 0.8)
        return Tottering(start_s=one.start_s, end_s=end_s, turns=clockwise * turns, tilt=math.radians(7.0)), foot
    return (
        Turning(
            start_s=one.start_s,
            end_s=one.start_s + max(lasts, 0.4),
            total=clockwise * 2 * math.pi * turns,
            steady=False,
            wobble=0.05 if settles else 0.0,
        ),
        one.outline.centre,
    )


def _float(stage: Stage, one: Subject) -> tuple[Pose, tuple[float, float]]:
    """Bobs on water, or hovers in the air."""
    wet = _is_on_water(stage, one)
    random = generator(stage.shot.seed, "float", one.name)
    size = min(one.outline.right - one.outline.left, 0.4)
    lift = 0.0
    if not wet and one.stands and one.prop is None and (_LIFTS.search(one.words) or one.cues[0].direction == "up"):
        lift = 0.12 * (one.outline.top - one.outline.bottom)
    drift = (0.0, 0.0)
    if one.prop is not None and (came_from := placing.side(one.cues[0])) in {"left", "right"}:
        across = (one.frame[2] - one.frame[0]) / one.metres + 2 * size
        drift = (math.copysign(across, 1 if came_from == "left" else -1) * one.speed / _time(one), 0.0)
    elif one.cues[0].direction in {"left", "right"} or _DRIFTS.search(one.words):
        drift = (one.side() * 0.025 * one.speed, 0.0)
    damp = one.physics.frequency_hz
    pose = Bobbing(
        start_s=one.start_s,
        end_s=one.end_s if one.end_s < stage.shot.duration_s else one.end_s + 2.0,
        height=(0.012 if wet else 0.016) * min(one.amount, 3.0) * (0.4 + 2.0 * size),
        tilt=math.radians(1.6 if wet else 1.0) * min(one.amount, 2.5),
        frequency_hz=damp if damp is not None else (0.38 if wet else 0.27) * min(max(one.speed, 0.5), 2.0),
        phase=float(random.uniform(0, 2 * math.pi)),
        drift=drift,
        lift=lift,
    )
    x, y = one.outline.centre
    about = (x, y - one.outline.bottom / one.aspect * 0.6) if wet else (x, y)
    return pose, about


def _time(one: Subject) -> float:
    """Seconds of full speed that it has to go across."""
    return max(one.end_s - one.start_s - 0.5, 0.5)


def _is_on_water(stage: Stage, one: Subject) -> bool:
    if one.prop is not None:
        return one.prop.floats
    watery = any(layer.surface is Surface.WATER for layer in stage.scene.layers)
    return watery and (one.layer.surface in {Surface.VEHICLE, Surface.ANIMAL} or bool(_ON_WATER.search(one.words)))


def _shake(stage: Stage, one: Subject) -> tuple[Pose, tuple[float, float]]:
    """Shakes about its foot; what stands keeps its foot, what hangs its head."""
    calm = _settles(stage, one) or one.end_s - one.start_s > 2.5
    tall = one.outline.top - one.outline.bottom
    strong = min(one.amount, 3.0)
    pose = Rattling(
        start_s=one.start_s,
        end_s=one.end_s,
        reach=min(0.006 * strong, 0.04 * tall + 0.002),
        turn=math.radians(1.5) * strong,
        frequency_hz=one.physics.frequency_hz or 5.0 * min(max(one.speed, 0.5), 2.0),
        dies_s=0.3 * (one.end_s - one.start_s) if calm else None,
    )
    x, y = one.outline.centre
    return pose, (x, y - one.outline.bottom / one.aspect)


_POSES = {"spin": _spin, "float": _float, "shake": _shake}
