"""Things that fall, bounce, roll, slide, topple, collide, are pushed or thrown, and come to rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion.diorama.motion.props import placing
from stillmotion.diorama.motion.records import Added, LayerMotion, Part
from stillmotion.diorama.motion.rigid import refusals, stagecraft
from stillmotion.diorama.motion.rigid.subject import subjects

if TYPE_CHECKING:
    from stillmotion.diorama.motion.rigid.stagecraft import PathTrack
    from stillmotion.diorama.motion.rigid.subject import Subject
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("fall", "bounce", "roll", "slide", "topple", "collide", "push", "throw", "settle")
_OTHERS = frozenset({"spin", "swing", "float", "shake"})


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    if cue.verb == "settle" and _calmed_elsewhere(stage, cue):
        return None
    return refusals.of_thing(stage, cue)


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Bodies in a world, simulated once."""
    movers = subjects(stage, tuple(cue for cue in cues if not (cue.verb == "settle" and _calmed_elsewhere(stage, cue))))
    played = stagecraft.play(stage, movers)
    motions: list[LayerMotion] = []
    added: list[Added] = []
    for one, track in played.tracks:
        motions.append(LayerMotion(layer=one.name, tracks=(track,)))
        if one.prop is None:
            continue
        before = placing.order(stage, one.cues[0]) if track.hides_s is None else one.cues[0].target
        added.append(Added(layer=one.layer, before=before))
        if one.shading is not None:
            added.append(Added(layer=one.shading, before=before))
            motions.append(LayerMotion(layer=one.shading.name, tracks=(_light_on(one, track),)))
    return Part(layers=tuple(motions), added=tuple(added), events=played.events)


def _light_on(_one: Subject, track: PathTrack) -> PathTrack:
    return replace(track, turns=False)


def _calmed_elsewhere(stage: Stage, cue: MotionCue) -> bool:
    """Whether what settles is spun, swung, shaken or floats: that motion ends by itself."""
    return any(
        other.verb in _OTHERS
        and other.start_s <= cue.start_s
        and (other.layer or other.subject) == (cue.layer or cue.subject)
        for other in stage.shot.motion
    )
