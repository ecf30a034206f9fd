"""Which cues of a shot this scene can show; what it cannot is said in the notes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import registry, scale
from stillmotion.diorama.motion.rigid import refusals
from stillmotion.diorama.motion.solvers import talk
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.shot import drawable
from stillmotion.diorama.shot.ambient import AMBIENT
from stillmotion.diorama.shot.records import Note

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.motion.registry import Solver
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import MotionCue, Shot


def fit(scene: Scene, shot: Shot) -> Shot:
    """Mark the cues that are performed and note those that cannot be.

    Raises:
        ShotInvalid: a cue is impossible in any scene, such as a pivot outside the picture.
    """
    refusals.check(shot)
    refusals.check_targets(shot, (layer.name for layer in scene.layers))
    shot = _measured(scene, shot)
    stage = Stage(scene=scene, shot=shot)
    judged = [_judged(stage, cue) for cue in shot.motion]
    judged = [(cue, note) for cue, note in judged if cue.performed or cue.words != AMBIENT]
    news = (note for cue, note in judged if note is not None and not _told(shot, cue))
    said = (*news, *_spoken(stage), *_alive([cue for cue, _ in judged]))
    notes = dict.fromkeys(note for note in said if note not in shot.notes)
    cues = [cue for cue, _ in judged]
    kept = (note for note in shot.notes if not (_found_after_all(note, cues) or _left_out(note, cues)))
    return replace(shot, motion=tuple(cue for cue, _ in judged), notes=(*kept, *notes))


def _told(shot: Shot, cue: MotionCue) -> bool:
    """Whether the plan has said already that nothing in the photo is what the cue names."""
    nothing = cue.layer is None and cue.prop is None and cue.box is None and cue.point is None
    return nothing and any(note.code == "unbound" and f'"{cue.subject}"' in note.words for note in shot.notes)


def _found_after_all(note: Note, cues: list[MotionCue]) -> bool:
    """Whether a note says that something was not recognised which a solver did find, by its colours for one."""
    about = [cue for cue in cues if note.code == "unbound" and cue.subject and f'"{cue.subject}"' in note.words]
    return bool(about) and all(cue.performed for cue in about)


def _left_out(note: Note, cues: list[MotionCue]) -> bool:
    """Whether a note says that something is added which the scene then has no room for."""
    about = [cue for cue in cues if note.code == "added" and (cue.prop or cue.subject.split(" ")[0]) in note.words]
    return bool(about) and not any(cue.performed for cue in about)


def _alive(cues: list[MotionCue]) -> list[Note]:
    """What moves without being named, and how to stop it."""
    names = [f"{cue.subject} ({cue.verb})" for cue in cues if cue.words == AMBIENT]
    words = f'Moves a little of itself: {", ".join(names)}. Write "nothing else moves" to keep it still.'
    return [Note(code="ambient", words=words)] if names else []


def _spoken(stage: Stage) -> list[Note]:
    """What people should know about how lines are seen."""
    words = (talk.remark_on_line(stage, line) for line in stage.shot.dialogue if line.performed)
    return [Note(code="substitute", words=one) for one in words if one is not None]


def _measured(scene: Scene, shot: Shot) -> Shot:
    """With metres for what moves, where the Shot does not say."""
    if not shot.motion or shot.world.metres_per_width is not None:
        return shot
    metres, _ = scale.metres_per_width(scene)
    return replace(shot, world=replace(shot.world, metres_per_width=round(metres, 3)))


def _judged(stage: Stage, cue: MotionCue) -> tuple[MotionCue, Note | None]:
    solver = registry.by_verb().get(cue.verb)
    if solver is None:
        return replace(cue, performed=False), _not_drawn(cue)
    reason = solver.refusal(stage, cue)
    if reason is None:
        return replace(cue, performed=True), _remark(solver, stage, cue) or _added(solver, stage, cue)
    return replace(cue, performed=False), Note(code="not-performed", words=reason)


def _remark(solver: Solver, stage: Stage, cue: MotionCue) -> Note | None:
    """What people should know about how a cue is shown: a solver may have a `remark(stage, cue) -> str | None`."""
    remark: Callable[[Stage, MotionCue], str | None] | None = getattr(solver, "remark", None)
    words = remark(stage, cue) if remark is not None else None
    return Note(code="substitute", words=words) if words else None


def _added(solver: Solver, stage: Stage, cue: MotionCue) -> Note | None:
    """What is drawn because this photo lacks it: a solver may have an `added(stage, cue) -> str | None`, a name."""
    added: Callable[[Stage, MotionCue], str | None] | None = getattr(solver, "added", None)
    name = added(stage, cue) if added is not None else None
    return Note(code="added", words=f"Not in the photo, so drawn and added: {name}.") if name else None


def _not_drawn(cue: MotionCue) -> Note | None:
    """A sentence about a behaviour that nobody performs; none where the plan has named a substitute already."""
    if not drawable(cue.verb):
        return None
    said = f'"{cue.words}"' if cue.words else f'"{cue.subject} {cue.verb}"'
    return Note(code="not-performed", words=f"{said} is not shown: this engine does not draw {cue.verb!r} yet.")
