"""Flags, curtains and sails in the wind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.diorama.motion import cloth
from stillmotion.diorama.motion.records import LayerMotion, Part

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("flutter",)


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """The cloth must be a layer of its own, boxed, or plain by its colours."""
    if cloth.find(stage, cue) is not None:
        return None
    return f'"{cue.subject}" could not be made out in the photo; a box in the shot tells where it is.'


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Each cloth waves on its own."""
    motions = []
    for cue in cues:
        found = cloth.find(stage, cue)
        if found is not None:
            warp, light = cloth.drape(stage, cue, found)
            motions.append(LayerMotion(layer=found.layer, warps=(warp,), lights=(light,)))
    return Part(layers=tuple(motions))
