"""From cues to motion: each solver performs its own, and what they contribute is joined."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import registry, riding
from stillmotion.diorama.motion.records import Added, Inlay, LayerMotion, Motion, Part
from stillmotion.diorama.motion.solvers import face, talk
from stillmotion.diorama.motion.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stillmotion.diorama.motion.records import Warp
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
    if any(line.performed for line in shot.dialogue):
        mine[registry.SOLVERS.index(talk)] += []
        mine[registry.SOLVERS.index(face)] += talk.blinks(stage)
    return join([registry.SOLVERS[index].perform(stage, tuple(cues)) for index, cues in sorted(mine.items())])


def _told_apart(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts whose added layers all have names of their own, so that no part moves what another has added."""
    taken: set[str] = set()
    done = []
    for part in parts:
        names = {item.layer.name for item in part.added}
        new = {name: f"{name} ({len(taken)})" for name in names & taken}
        taken |= names | set(new.values())
        done.append(_renamed(part, new) if new else part)
    return tuple(done)


def _renamed(part: Part, names: Mapping[str, str]) -> Part:
    added = (
        Added(
            layer=replace(item.layer, name=names.get(item.layer.name, item.layer.name)),
            before=names.get(item.before or "", item.before),
        )
        for item in part.added
    )
    layers = (replace(motion, layer=names.get(motion.layer, motion.layer)) for motion in part.layers)
    return replace(part, added=tuple(added), layers=tuple(layers))


def _opened_last(warps: tuple[Warp, ...]) -> tuple[Warp, ...]:
    """What a warp opens is where the still layer has it: it is the nearest to it, whoever bends the layer besides."""
    return tuple(sorted(warps, key=lambda warp: isinstance(warp, Inlay)))


def join(parts: Iterable[Part]) -> Motion:
    """One motion from several contributions; what happens to the same layer adds up in their order."""
    parts = _told_apart(parts)
    layers: dict[str, LayerMotion] = {}
    for one in (motion for part in parts for motion in part.layers):
        before = layers.get(one.layer, LayerMotion(layer=one.layer))
        layers[one.layer] = LayerMotion(
            layer=one.layer,
            tracks=before.tracks + one.tracks,
            warps=_opened_last(before.warps + one.warps),
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
