"""Somebody who talks: the head stirs with the stresses of a line. Lips do not move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import heads, living, modes, regions
from stillmotion.diorama.motion.fields import mapped
from stillmotion.diorama.motion.records import LayerMotion, Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("talk",)
_TURNS, _TILTS, _NODS = 0.16, 0.12, 0.3
"""Most of each movement, as a share of what a head may do."""
_STRESSED_S = (0.32, 0.85)
"""Shortest and longest time between two stresses."""
_DOWN_S, _BACK_S = 0.13, 0.3
_DRIFT_HZ = 0.55
_EASE_S = 0.35


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Talking is seen on a head."""
    layer = living.layer_of(stage, cue)
    if layer is None:
        return f'Nobody who could talk was found for "{cue.subject}".'
    if heads.find(stage, layer) is None:
        return f"No face was found on the {layer.label}, so it is not seen talking."
    return None


def remark(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - as for every solver
    """What is shown instead of moving lips."""
    said = f'"{cue.words}"' if cue.words else "Talking"
    return f"{said} is shown by small movements of the head: lips do not move yet."


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Small nods on the stresses, while the head drifts a little to the sides."""
    motions = []
    for cue, layer, head in heads.of_cues(stage, cues):
        box = heads.around(head, stage)
        table = _course(stage, cue) * (1.0, float(living.cut_out(stage, layer)), 1.0)
        seen = regions.shown(stage, layer, *heads.cells(box))
        field = heads.turned(head, box)
        warp = mapped(field, table, rate_hz=modes.RATE_HZ, aspect=stage.aspect, box=box, seen=seen)
        motions.append(LayerMotion(layer=layer.name, warps=(warp,)))
    return Part(layers=tuple(motions))


def _course(stage: Stage, cue: MotionCue) -> NDArray[np.float64]:
    """Turn, tilt and nod at each instant, shape (instants, 3)."""
    times = modes.clock(stage.shot.duration_s)
    rng = randomness.generator(stage.shot.seed, "talk", cue.subject)
    end_s, pace = stage.end_s(cue), 1 / float(np.clip(cue.speed, 0.5, 1.6))
    nods, at_s = np.zeros_like(times), cue.start_s + 0.1
    while at_s < end_s - _DOWN_S - _BACK_S:
        nods = np.maximum(nods, rng.uniform(0.35, 1.0) * modes.pulse(times, at_s, _DOWN_S, 0.02, _BACK_S))
        at_s += pace * rng.uniform(*_STRESSED_S)
    turn, tilt = (_drift(times, rng) for _ in range(2))
    gate = modes.held(times, cue.start_s, end_s, _EASE_S, _EASE_S)[:, None]
    far = float(np.clip(cue.amount, 0.4, 1.6))
    return np.asarray(gate * far * np.stack([_TURNS * turn, _TILTS * tilt, _NODS * nods], axis=1))


def _drift(times: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """A slow wandering between -1 and 1."""
    slow, slower = 2 * np.pi * _DRIFT_HZ * rng.uniform(0.8, 1.2, 2) * (1.0, 0.43)
    first, second = rng.uniform(0, 2 * np.pi, 2)
    return np.asarray(0.55 * np.sin(slow * times + first) + 0.45 * np.sin(slower * times + second))
