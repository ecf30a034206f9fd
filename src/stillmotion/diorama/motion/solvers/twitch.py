"""Ears that twitch and tails that flick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import gust, randomness
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion import extremities, heads, living, modes, regions
from stillmotion.diorama.motion.fields import mapped
from stillmotion.diorama.motion.records import LayerMotion, Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import Warp
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("twitch",)
_EAR_DEG, _TAIL_DEG = 11.0, 7.0
_FLICK_HZ, _FLICK_DAMPING = 5.5, 0.22
_WAG_HZ = 1.6
_APART_S = 1.1
_WHISKER = 0.0024
"""How far the tips of whiskers go, in photo widths."""
_WHISKERS_HZ = (2.6, 3.7, 5.1)
_WHISKERS_DAMPING = 0.1


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Ears stand out of an outline above a face; a tail is its thin end."""
    layer = living.layer_of(stage, cue)
    if layer is None:
        return f'Nothing with ears or a tail was found for "{cue.subject}".'
    if _parts(stage, layer, cue) or (_are_whiskers(cue) and heads.find(stage, layer) is not None):
        return None
    part = "tail" if _is_tail(cue) else "whiskers" if _are_whiskers(cue) else "ears"
    return f"No {part} of the {layer.label} could be made out, so nothing twitches."


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Each ear has its own moments."""
    motions = []
    for cue in cues:
        layer = living.layer_of(stage, cue)
        if layer is not None and _are_whiskers(cue):
            motions += _whiskers(stage, layer, cue)
        elif layer is not None and (parts := _parts(stage, layer, cue)):
            warps = tuple(_warp(stage, layer, cue, (part, k)) for k, part in enumerate(parts))
            motions.append(LayerMotion(layer=layer.name, warps=warps))
    return Part(layers=tuple(motions))


def _is_tail(cue: MotionCue) -> bool:
    said = f"{cue.subject} {cue.words}".lower()
    return "tail" in said or ("wag" in said and "ear" not in said)


def _are_whiskers(cue: MotionCue) -> bool:
    return "whisker" in f"{cue.subject} {cue.words}".lower()


def _whiskers(stage: Stage, layer: Layer, cue: MotionCue) -> list[LayerMotion]:
    """Both sides of the muzzle tremble, more towards the tips."""
    head = heads.find(stage, layer)
    if head is None:
        return []
    box = heads.around(head, stage)
    x, y = heads.cells(box)
    across, down = (part / head.width for part in head.frame(x, y))
    tips = modes.smooth((np.abs(across) - 0.08) / 0.4) * (1 - modes.smooth((np.abs(across) - 0.6) / 0.35))
    tips *= modes.smooth((down + 0.05) / 0.2) * (1 - modes.smooth((down - 0.45) / 0.4)) * living.edge(x, y, box)
    rng = randomness.generator(stage.shot.seed, "whiskers")
    maps = []
    for k in range(len(_WHISKERS_HZ)):
        wave = np.sin(2 * np.pi * (2.2 * down + (0.7 + k) * across) + rng.uniform(0, 2 * np.pi))
        maps.append(np.stack([0.3 * wave * tips, wave * tips / stage.aspect], axis=-1))
    times = modes.clock(stage.shot.duration_s)
    drive = rng.standard_normal(len(times)) * gust.strength(stage.shot.seed, times)
    table = modes.responses(drive, _WHISKERS_HZ, [_WHISKERS_DAMPING] * len(_WHISKERS_HZ), modes.RATE_HZ)
    table *= _WHISKER * float(np.clip(cue.amount, 0.6, 1.5)) / max(float(np.abs(table).max()), 1e-9)
    gate = modes.held(times, cue.start_s, stage.end_s(cue), 0.5, living.fall_s(stage, cue))
    warp = mapped(np.stack(maps), table, gate=gate, rate_hz=modes.RATE_HZ, aspect=stage.aspect, box=box)
    return [LayerMotion(layer=layer.name, warps=(warp,))]


def _parts(stage: Stage, layer: Layer, cue: MotionCue) -> list[extremities.Extremity]:
    if _is_tail(cue):
        tail = extremities.tail(stage, layer)
        return [] if tail is None else [tail]
    if _are_whiskers(cue):
        return []
    head = heads.find(stage, layer)
    if head is None or not living.cut_out(stage, layer):
        return []
    return extremities.ears(stage, layer, head)


def _warp(stage: Stage, layer: Layer, cue: MotionCue, what: tuple[extremities.Extremity, int]) -> Warp:
    """A turn about the root that fades to nothing beside it."""
    part, number = what
    reach = part.length * 2.0
    box = Box(
        x0=part.root[0] - reach,
        y0=part.root[1] - reach / stage.aspect,
        x1=part.root[0] + reach,
        y1=part.root[1] + reach / stage.aspect,
    )
    x, y = heads.cells(box, 64)
    dx, dy = x - part.root[0], (y - part.root[1]) * stage.aspect
    along = (dx * part.along[0] + dy * part.along[1]) / part.length
    aside = (dx * part.along[1] - dy * part.along[0]) / part.length
    share = (
        modes.smooth((along + 0.25) / 1.4) * (1 - modes.smooth((np.abs(aside) - 0.2) / 1.4)) * living.edge(x, y, box)
    )
    tail = _is_tail(cue)
    angle = np.radians(_TAIL_DEG if tail else _EAR_DEG) * float(np.clip(cue.amount, 0.4, 1.5)) * part.side
    field = np.stack([-dy * share * angle, dx * share * angle / stage.aspect], axis=-1)
    field *= _kept(x, y, stage.aspect)[..., None]
    course = _wagging(stage, cue) if tail else _flicks(stage, cue, number)
    seen = regions.shown(stage, layer, x, y)
    return mapped(field[None], course[:, None], rate_hz=modes.RATE_HZ, aspect=stage.aspect, box=box, seen=seen)


def _kept(x: NDArray[np.float64], y: NDArray[np.float64], aspect: float) -> NDArray[np.float64]:
    """An ear that the photo cuts off stays put at the cut."""
    down = np.minimum(y, 1 - y) * aspect
    return np.asarray(modes.smooth((np.minimum(x, 1 - x) + 0.004) / 0.09) * modes.smooth((down + 0.004) / 0.09))


def _flicks(stage: Stage, cue: MotionCue, number: int) -> NDArray[np.float64]:
    """Quick blows at irregular moments; the second ear answers a little later."""
    rng = randomness.generator(stage.shot.seed, "twitch", number)
    times, end_s = modes.clock(stage.shot.duration_s), stage.end_s(cue)
    start = cue.start_s + 0.5 + 0.22 * number
    count = cue.count or max(1, int((end_s - start) / _APART_S))
    course = np.zeros_like(times)
    for _ in range(min(count, 30)):
        course += modes.ring(times - start, _FLICK_HZ, _FLICK_DAMPING) * rng.uniform(0.7, 1.0)
        start += _APART_S * rng.uniform(0.6, 1.5) / max(cue.speed, 0.4)
    return np.asarray(course * (times < end_s + 0.5))


def _wagging(stage: Stage, cue: MotionCue) -> NDArray[np.float64]:
    times = modes.clock(stage.shot.duration_s)
    if "wag" not in cue.words.lower():
        return _flicks(stage, cue, 0)
    gate = modes.held(times, cue.start_s, stage.end_s(cue), 0.4, living.fall_s(stage, cue))
    return np.asarray(gate * np.sin(2 * np.pi * _WAG_HZ * cue.speed * (times - cue.start_s)))
