"""From cues to motion: each solver performs its own, and what they contribute is joined."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import registry, riding
from stillmotion.diorama.motion.records import LayerMotion, Motion, Part
from stillmotion.diorama.motion.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stillmotion.diorama.motion.registry import Solver
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import MotionCue, Shot


def simulate(scene: Scene, shot: Shot) -> Motion:
    """All that moves in a shot.

    Args:
        scene: the photo, with what the shot cuts out of it.
        shot: only cues that `fit` marked as performed happen.
    """
    stage = Stage(scene=scene, shot=shot)
    mine: dict[int, list[MotionCue]] = defaultdict(list)
    for cue in shot.motion:
        if cue.performed:
            mine[registry.SOLVERS.index(registry.by_verb()[cue.verb])].append(cue)
    return join([_of(registry.SOLVERS[index], stage, tuple(cues)) for index, cues in sorted(mine.items())])


def _of(solver: Solver, stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    return solver.perform(stage, cues)


def join(parts: Iterable[Part]) -> Motion:
    """One motion from several contributions; what happens to the same layer adds up in their order."""
    parts = tuple(parts)
    layers: dict[str, LayerMotion] = {}
    for one in (motion for part in parts for motion in part.layers):
        before = layers.get(one.layer, LayerMotion(layer=one.layer))
        layers[one.layer] = LayerMotion(
            layer=one.layer,
            tracks=before.tracks + one.tracks,
            warps=before.warps + one.warps,
            flows=before.flows + one.flows,
            lights=before.lights + one.lights,
            details=before.details + one.details,
        )
    return Motion(
        layers=layers,
        added=tuple(item for part in parts for item in part.added),
        overlays=tuple(riding.follow(item, layers) for part in parts for item in part.overlays),
        grades=tuple(item for part in parts for item in part.grades),
        events=tuple(sorted((item for part in parts for item in part.events), key=lambda event: event.time_s)),
    )
