"""Breathing: chests and flanks swell and the head rides on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import bodies, heads, living, modes
from stillmotion.diorama.motion.fields import mapped
from stillmotion.diorama.motion.records import LayerMotion, Part
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.fields import MappedWarp
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("breathe",)
_PERSON_HZ, _ANIMAL_HZ = 0.25, 0.42
"""Resting rates: 15 breaths a minute for an adult, 25 for a cat."""
_RISE = 0.0026
"""How far shoulders rise, in photo widths: 3 pixels of a picture 1280 wide."""
_INHALES = 0.4
"""Share of a breath that goes in."""
_EASE_S = 0.8


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Only what lives breathes, and only what was told apart from its background."""
    layer = living.layer_of(stage, cue)
    if layer is None or layer.surface not in living.LIVING:
        return "Nobody who breathes was found in the photo."
    if bodies.cover(stage, layer) is None:
        return f"The {layer.label} was not told apart from its background, so it does not breathe."
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """One breath follows the other, at the pace of the one who breathes."""
    motions: list[LayerMotion] = []
    for cue in cues:
        layer = living.layer_of(stage, cue)
        if layer is not None and layer.name not in {motion.layer for motion in motions}:
            motions.append(LayerMotion(layer=layer.name, warps=(_warp(stage, layer, cue),)))
    return Part(layers=tuple(motions))


def _warp(stage: Stage, layer: Layer, cue: MotionCue) -> MappedWarp:
    times = modes.clock(stage.shot.duration_s)
    hz = (_ANIMAL_HZ if layer.surface is Surface.ANIMAL else _PERSON_HZ) * float(np.clip(cue.speed, 0.6, 2.5)) ** 0.6
    gate = modes.held(times, cue.start_s, stage.end_s(cue), _EASE_S, living.fall_s(stage, cue))
    table = breath((times - cue.start_s) * hz) * gate
    maps = _swell(stage, layer) * min(cue.amount, 1.8)
    return mapped(maps[None], table[:, None], rate_hz=modes.RATE_HZ, aspect=stage.aspect)


def breath(at: NDArray[np.float64]) -> NDArray[np.float64]:
    """How full the lungs are, 0..1, by the number of breaths since the first began: in fast, out slowly, a rest."""
    part = np.maximum(at, 0) % 1.0
    inhaled = modes.smooth(part / _INHALES)
    return np.asarray(inhaled * (1 - modes.smooth((part - _INHALES) / 0.5)))


def _swell(stage: Stage, layer: Layer) -> NDArray[np.float64]:
    """Up and outwards at chest and shoulders, less at the head, nothing at the feet."""
    body = bodies.shape(stage, layer)
    head = heads.find(stage, layer)
    chest = np.exp(-(((body.height - 0.5) / 0.28) ** 2)) if head is None else _below_chin(body, head)
    rise = modes.smooth(body.height / 0.6)
    if head is not None:
        rise = rise * (1 - 0.35 * heads.belongs(head, body.x, body.y))
    field = np.zeros((*body.x.shape, 2))
    field[..., 0] = 0.55 * _RISE * chest * np.clip(body.aside, -1, 1)
    field[..., 1] = -_RISE * rise / stage.aspect
    return np.asarray(field * body.hold[..., None])


def _below_chin(body: bodies.Body, head: heads.Head) -> NDArray[np.float64]:
    _, down = head.frame(body.x, body.y)
    return np.asarray(np.exp(-(((down - head.neck - 0.7 * head.width) / (0.8 * head.width)) ** 2)))
