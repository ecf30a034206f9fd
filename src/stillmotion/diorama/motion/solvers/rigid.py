"""Things that fall, bounce, roll, slide, topple, collide, are pushed or thrown, and come to rest."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import shadow
from stillmotion.diorama.motion.props import placing
from stillmotion.diorama.motion.records import Added, LayerMotion, Part
from stillmotion.diorama.motion.rigid import refusals, stagecraft, wafting
from stillmotion.diorama.motion.rigid.subject import subjects

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.motion.rigid.stagecraft import PathTrack
    from stillmotion.diorama.motion.rigid.subject import Subject
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("fall", "bounce", "roll", "slide", "topple", "collide", "push", "throw", "settle")
_OTHERS = frozenset({"spin", "swing", "float", "shake"})
_AWAY = 0.35
"""A thing of the photo throws our shadow once it is this share of its size away from its own, painted one."""


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    if cue.verb == "settle" and _calmed_elsewhere(stage, cue):
        return None
    return refusals.of_thing(stage, cue) or refusals.of_cut_edge(stage, cue)


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Bodies in a world, simulated once."""
    movers = subjects(stage, tuple(cue for cue in cues if not (cue.verb == "settle" and _calmed_elsewhere(stage, cue))))
    light = [one for one in movers if wafting.wafts(one.prop) and not one.explicit]
    played = stagecraft.play(stage, tuple(one for one in movers if one not in light))
    motions = [LayerMotion(layer=one.name, tracks=(wafting.track(stage, one),)) for one in light]
    added = [Added(layer=one.layer, before=placing.order(stage, one.cues[0])) for one in light]
    for one, track in played.tracks:
        before = _before(stage, one, track)
        below = _shadow(stage, one, track, before)
        motions += [LayerMotion(layer=one.name, tracks=(track,)), *below.layers]
        added += below.added
        if one.prop is None:
            continue
        added.append(Added(layer=one.layer, before=before))
        if one.shading is not None:
            added.append(Added(layer=one.shading, before=before))
            motions.append(LayerMotion(layer=one.shading.name, tracks=(replace(track, turns=False),)))
    return Part(layers=tuple(motions), added=tuple(added), events=played.events)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Leaving:
    """The way of a thing of the photo, for its shadow: until it leaves its place, the photo shows its own."""

    carried: PathTrack

    def matrix(self, time_s: float) -> Matrix:
        """Where it is."""
        return self.carried.matrix(time_s)

    def opacity(self, time_s: float) -> float:
        """How much of the shadow is ours."""
        one = self.carried.subject
        x, y, angle = self.carried.path.at(time_s)
        gone = math.hypot(x - one.place[0], y - one.place[1]) / max(one.size) + abs(angle) / 3
        return self.carried.opacity(time_s) * min(gone / _AWAY, 1.0)


def _shadow(stage: Stage, one: Subject, track: PathTrack, before: str | None) -> shadow.Shadow:
    if stage.shot.world.gravity_m_s2 == 0:
        return shadow.Shadow()
    row = one.to_photo(0.0, track.floor)[1]
    way = track if one.prop is not None else _Leaving(carried=track)
    return shadow.cast(stage, one.layer, way, row=lambda _time_s: row, before=before)


def _before(stage: Stage, one: Subject, track: PathTrack) -> str | None:
    if one.prop is None:
        return one.name
    if track.hides_s is not None:
        return None
    return placing.order(stage, one.cues[0])


def _calmed_elsewhere(stage: Stage, cue: MotionCue) -> bool:
    """Whether what settles is spun, swung, shaken or floats: that motion ends by itself."""
    who = cue.layer or cue.subject
    before = (other for other in stage.shot.motion if other.verb in _OTHERS and other.start_s <= cue.start_s)
    return any((other.layer or other.subject) == who for other in before)
