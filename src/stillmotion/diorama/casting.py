"""Who plays: what a shot's cues name by a box or a point is cut out of the photo before it moves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion.diorama import scene
from stillmotion.diorama.motion import MOVED_WHOLE, check
from stillmotion.diorama.shot.records import Note
from stillmotion.errors import ShotInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import MotionCue, Shot

CUTOUTS_LIMIT = 12
"""Parts of the photo that one shot may cut out: each takes seconds."""


def cast(seen: Scene, planned: Shot, cache_dir: Path) -> tuple[Scene, Shot]:
    """The scene with a layer for everything that cues move as a whole and name by place; the cues name those layers.

    Raises:
        ShotInvalid: a cue is impossible in any scene, or a box or point holds nothing that can be told apart.
    """
    check(planned)
    naming = [index for index, cue in enumerate(planned.motion) if _want(cue) is not None]
    wanted = tuple(want for cue in planned.motion if (want := _want(cue)) is not None)
    if not wanted:
        return seen, planned
    if len(set(wanted)) > CUTOUTS_LIMIT:
        message = f"motion: names {len(set(wanted))} parts of the photo by box or point; the limit is {CUTOUTS_LIMIT}."
        raise ShotInvalid(message)
    with_parts, names = scene.with_cutouts(seen, wanted, cache_dir)
    cues = list(planned.motion)
    called: dict[str, str] = {}
    for index, name in zip(naming, names, strict=True):
        cues[index] = replace(cues[index], layer=name)
        called.setdefault(name, cues[index].subject)
    return _called(with_parts, called), replace(planned, motion=tuple(cues))


def _called(seen: Scene, names: Mapping[str, str]) -> Scene:
    """What is cut out is called as the words call it: a spoon is of steel, whatever cup it lay on."""
    layers = tuple(replace(layer, label=names.get(layer.name) or layer.label) for layer in seen.layers)
    return replace(seen, layers=layers)


def audition(seen: Scene, planned: Shot, cache_dir: Path) -> tuple[Scene, Shot]:
    """Like `cast`, for places that words were bound to: what cannot be told apart is left out, and the notes say so."""
    fitting = tuple(_tried(seen, cue, cache_dir) for cue in planned.motion)
    lost = [cue.subject for cue, tried in zip(planned.motion, fitting, strict=True) if cue is not tried]
    notes = tuple(Note(code="unbound", words=f'"{name}" cannot be told apart from what is around it.') for name in lost)
    return cast(seen, replace(planned, motion=fitting, notes=planned.notes + notes), cache_dir)


def _tried(seen: Scene, cue: MotionCue, cache_dir: Path) -> MotionCue:
    want = _want(cue)
    if want is None:
        return cue
    try:
        scene.with_cutouts(seen, (want,), cache_dir)
    except ShotInvalid:
        return replace(cue, box=None, point=None, layer=None)
    return cue


def _want(cue: MotionCue) -> Box | tuple[float, float] | None:
    if cue.verb not in MOVED_WHOLE or cue.prop is not None:
        return None
    return cue.box if cue.box is not None else cue.point
