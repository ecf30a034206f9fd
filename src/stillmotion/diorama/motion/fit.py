"""Which cues of a shot this scene can show; what it cannot is said in the notes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import registry
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.shot.records import Note

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import MotionCue, Shot


def fit(scene: Scene, shot: Shot) -> Shot:
    """Mark the cues that are performed and note those that cannot be.

    Raises:
        ShotInvalid: a cue is impossible in any scene, such as a pivot outside the picture.
    """
    stage = Stage(scene=scene, shot=shot)
    judged = [_judged(stage, cue) for cue in shot.motion]
    notes = tuple(note for _, note in judged if note is not None and note not in shot.notes)
    return replace(shot, motion=tuple(cue for cue, _ in judged), notes=shot.notes + notes)


def _judged(stage: Stage, cue: MotionCue) -> tuple[MotionCue, Note | None]:
    solver = registry.by_verb().get(cue.verb)
    if solver is None:
        return replace(cue, performed=False), None
    reason = solver.refusal(stage, cue)
    if reason is None:
        return replace(cue, performed=True), None
    return replace(cue, performed=False), Note(code="not-performed", words=reason)
