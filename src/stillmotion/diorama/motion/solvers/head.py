"""Heads that turn, tilt and nod."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import heads, living, modes
from stillmotion.diorama.motion.fields import mapped
from stillmotion.diorama.motion.records import LayerMotion, Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("turn_head", "nod")
_YAW, _TILT, _NOD = 0, 1, 2
_USUAL = 0.75
_TAKES_S = 0.9
_NODS = 2
_NOD_S = 0.75


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """A head moves where a face or a pair of eyes was found, on a layer with something behind it."""
    layer = living.layer_of(stage, cue)
    if layer is None:
        return f'Nobody whose head could move was found for "{cue.subject or cue.verb}".'
    if heads.find(stage, layer) is None:
        return f"No face was found on the {layer.label}, so its head stays still."
    if not living.cut_out(stage, layer) and _axis(cue) == _TILT:
        return f"The {layer.label} could not be cut out cleanly, so its head is not tilted."
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Each cue adds its own movement of the head."""
    motions = []
    for cue, layer, head in heads.of_cues(stage, cues):
        box = heads.around(head, stage)
        table = np.zeros((len(modes.clock(stage.shot.duration_s)), 3))
        axis = _axis(cue)
        table[:, axis] = _course(stage, cue, axis) * min(_USUAL * cue.amount, 1.0)
        warp = mapped(heads.turned(head, box), table, rate_hz=modes.RATE_HZ, aspect=stage.aspect, box=box)
        motions.append(LayerMotion(layer=layer.name, warps=(warp,)))
    return Part(layers=tuple(motions))


def _axis(cue: MotionCue) -> int:
    words = cue.words.lower()
    if cue.verb == "nod":
        return _YAW if "shak" in words else _NOD
    if any(word in words for word in ("tilt", "cock", "lean")):
        return _TILT
    return _NOD if cue.direction in {"up", "down"} else _YAW


def _course(stage: Stage, cue: MotionCue, axis: int) -> NDArray[np.float64]:
    """How far along the movement is, -1..1."""
    times = modes.clock(stage.shot.duration_s)
    if cue.verb == "nod" and "bow" not in cue.words.lower():
        return _to_and_fro(stage, cue, times, one_way=axis == _NOD)
    side = -1.0 if cue.direction in {"left", "up"} else 1.0
    rise_s = _TAKES_S / max(cue.speed, 0.3)
    return side * modes.held(times, cue.start_s + 0.1, stage.end_s(cue), rise_s, living.fall_s(stage, cue) and rise_s)


def _to_and_fro(stage: Stage, cue: MotionCue, times: NDArray[np.float64], *, one_way: bool) -> NDArray[np.float64]:
    """Nods go down and come back; a shaken head goes to both sides. The last one is the smallest."""
    count = max(1, min(cue.count or _NODS, 20))
    room_s = max(stage.end_s(cue) - cue.start_s - 0.2, 0.3)
    takes_s = min(_NOD_S / max(cue.speed, 0.3), room_s / count)
    at = np.clip((times - cue.start_s - 0.15) / takes_s, 0, count)
    fading = 1 - 0.35 * modes.smooth(at / count) if count > 1 else np.ones_like(at)
    swing = (
        (1 - np.cos(2 * np.pi * at)) / 2 if one_way else np.sin(2 * np.pi * at) * np.sqrt(np.sin(np.pi * at / count))
    )
    return np.asarray(swing * fading)
