"""Blinks, smiles and glances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion import eyes, heads, living, modes
from stillmotion.diorama.motion.fields import mapped
from stillmotion.diorama.motion.lids import lids
from stillmotion.diorama.motion.records import LayerMotion, Part
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.eyes import Eye
    from stillmotion.diorama.motion.lids import LidsWarp
    from stillmotion.diorama.motion.records import Warp
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Face, Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("blink", "smile", "glance")
_CLOSING_S, _CLOSED_S, _OPENING_S = 0.06, 0.03, 0.09
"""A human blink takes 100 to 150 ms (Caffier et al. 2003)."""
_ANIMAL_PACE = 1.9
_FIRST_S, _APART_S, _SOON_S = 0.45, 2.7, 0.55
_HELD_S = 0.5
_GAZE = 0.25
"""How far an iris goes, in half lengths of the eye."""
_SMILE = (
    (61, -0.024, -0.024, 0.15),
    (291, 0.024, -0.024, 0.15),
    (205, -0.004, -0.014, 0.15),
    (425, 0.004, -0.014, 0.15),
    (145, 0.0, -0.006, 0.08),
    (374, 0.0, -0.006, 0.08),
)
"""Landmark, movement across and down and radius of its surroundings, in face widths."""
_LIPS = (13, 14)
"""Inner borders of the lips in the middle of the mouth."""
_FROWN = (
    (61, -0.002, 0.018, 0.13),
    (291, 0.002, 0.018, 0.13),
    (55, 0.008, 0.014, 0.11),
    (285, -0.008, 0.014, 0.11),
)
_BROWS = tuple((point, 0.0, -0.016, 0.12) for point in (105, 66, 334, 296))


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Eyes and mouths must have been found."""
    layer = living.layer_of(stage, cue)
    if layer is None:
        return f'Nobody whose face could move was found for "{cue.subject or cue.verb}".'
    if cue.verb == "smile":
        if eyes.face_on(stage, layer) is None:
            return f"No human face was found on the {layer.label}, so it cannot smile."
        return None
    if eyes.of(stage, layer) is None:
        return f"The eyes of the {layer.label} were not found, so they stay as they are."
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Smiles first, then the eyes: the lids are nearest to the still face."""
    motions: list[LayerMotion] = []
    for name in dict.fromkeys(layer.name for cue in cues if (layer := living.layer_of(stage, cue)) is not None):
        layer = stage.scene.layer(name)
        mine = tuple(cue for cue in cues if living.layer_of(stage, cue) is layer)
        found = [_smile(stage, layer, cue) for cue in mine if cue.verb == "smile"]
        found += [_head_follows(stage, layer, cue) for cue in mine if cue.verb == "glance"]
        warps: list[Warp] = [warp for warp in found if warp is not None]
        looking = tuple(cue for cue in mine if cue.verb != "smile")
        slides = _eyes(stage, layer, looking) if looking else None
        warps += [slides] if slides is not None else []
        parts = slides.parts if slides is not None else ()
        motions.append(LayerMotion(layer=name, warps=tuple(warps), details=parts))
    return Part(layers=tuple(motions))


def _eyes(stage: Stage, layer: Layer, cues: tuple[MotionCue, ...]) -> LidsWarp | None:
    pair = eyes.of(stage, layer)
    if pair is None:
        return None
    times = modes.clock(stage.shot.duration_s)
    table = np.zeros((len(times), 2, 3))
    for cue in cues:
        if cue.verb == "blink":
            _close(stage, layer, cue, times, table)
        else:
            _look(stage, cue, pair, times, table)
    table[..., 0] = np.clip(table[..., 0], 0, 1)
    return lids(pair, table, rate_hz=modes.RATE_HZ, aspect=stage.aspect)


def _close(stage: Stage, layer: Layer, cue: MotionCue, times: NDArray[np.float64], table: NDArray[np.float64]) -> None:
    words = f" {cue.words.lower()} "
    pace = (_ANIMAL_PACE if layer.surface is Surface.ANIMAL else 1.0) / max(cue.speed, 0.25)
    if "narrow" in words or " close" in words:
        share = 0.45 if "narrow" in words else 1.0
        amount = share * modes.held(times, cue.start_s, stage.end_s(cue), 0.5 * pace, living.fall_s(stage, cue))
    else:
        amount = np.max([_blink(times, start, pace) for start in _blinks(stage, cue)], axis=0)
    table[:, 1, 0] = np.maximum(table[:, 1, 0], amount)
    if "wink" not in words:
        table[:, 0, 0] = np.maximum(table[:, 0, 0], amount)


def _blink(times: NDArray[np.float64], start_s: float, pace: float) -> NDArray[np.float64]:
    return modes.pulse(times, start_s, _CLOSING_S * pace, _CLOSED_S * pace, _OPENING_S * pace)


def _blinks(stage: Stage, cue: MotionCue) -> list[float]:
    """When blinks begin: as many as were asked for, soon after each other, else one and more after a while."""
    end_s = stage.end_s(cue)
    first = min(cue.start_s + _FIRST_S, max(cue.start_s, end_s - 0.3))
    if cue.count is not None:
        count = max(1, min(cue.count, 40))
        apart = min(_SOON_S / max(cue.speed, 0.5), max(end_s - first - 0.25, 0.1) / max(count - 1, 1))
        return [first + k * apart for k in range(count)]
    rng = randomness.generator(stage.shot.seed, "blink", cue.subject)
    starts = [first]
    while (following := starts[-1] + _APART_S * rng.uniform(0.75, 1.3)) < end_s - 0.3:
        starts.append(following)
    return starts


def _look(
    stage: Stage, cue: MotionCue, pair: tuple[Eye, Eye], times: NDArray[np.float64], table: NDArray[np.float64]
) -> None:
    across, down = _where(cue)
    go = _gaze(stage, cue, times)
    for k, eye in enumerate(pair):
        table[:, k, 1] += across * go * _GAZE * eye.half * float(np.clip(cue.amount, 0.8, 1.2))
        table[:, k, 2] += down * go * 0.18 * eye.opening * min(cue.amount, 1.2)
        table[:, k, 0] += max(down, 0.0) * go * 0.2 - min(down, 0.0) * 0.0


def _where(cue: MotionCue) -> tuple[float, float]:
    said = f"{cue.direction} {cue.words.lower()}"
    across = {"left": -1.0, "right": 1.0}.get(cue.direction, 0.0)
    down = {"up": -1.0, "down": 1.0}.get(cue.direction, 0.0)
    if across == down == 0.0:
        return (0.8, 0.0) if "around" in said else (0.0, 0.0) if "camera" in said else (0.6, 0.0)
    return across, down


def _gaze(stage: Stage, cue: MotionCue, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Eyes jump rather than glide; looking around goes one way and then the other."""
    rise_s = 0.12 / max(cue.speed, 0.3)
    if "around" in cue.words.lower():
        middle = (cue.start_s + stage.end_s(cue)) / 2
        back = modes.smooth((times - middle) / rise_s)
        return modes.held(times, cue.start_s + 0.2, 0, rise_s) * (1 - 2 * back)
    return modes.held(times, cue.start_s + 0.2, stage.end_s(cue), rise_s, living.fall_s(stage, cue) and rise_s)


def _head_follows(stage: Stage, layer: Layer, cue: MotionCue) -> Warp | None:
    """The head turns a little to where the eyes look."""
    head = heads.find(stage, layer)
    if head is None:
        return None
    box = heads.around(head, stage)
    times = modes.clock(stage.shot.duration_s)
    across, down = _where(cue)
    go = np.convolve(np.pad(_gaze(stage, cue, times), 30, mode="edge"), np.hanning(61) / 30, mode="valid")
    table = np.stack([across * go, 0 * go, down * go], axis=1) * 0.5 * min(cue.amount, 1.5)
    return mapped(heads.turned(head, box), table, rate_hz=modes.RATE_HZ, aspect=stage.aspect, box=box)


def _smile(stage: Stage, layer: Layer, cue: MotionCue) -> Warp | None:
    face = eyes.face_on(stage, layer)
    if face is None:
        return None
    words = cue.words.lower()
    shape = _FROWN if "frown" in words else _BROWS if "brow" in words else _SMILE
    box = _grown(face.box, 0.35)
    x, y = heads.cells(box, 72)
    field = np.zeros((*x.shape, 2))
    width, up = face.box.width, heads.find(stage, layer)
    tilt = up.angle if up is not None else 0.0
    wider = _wider(face, stage.aspect)
    for point, outwards, down, radius in shape:
        across = outwards * wider
        px, py = face.landmarks[point, :2]
        near = np.exp(-0.5 * (((x - px) ** 2 + ((y - py) * stage.aspect) ** 2) / (radius * width * 0.62) ** 2))
        field[..., 0] += width * (across * np.cos(tilt) - down * np.sin(tilt)) * near
        field[..., 1] += width * (across * np.sin(tilt) + down * np.cos(tilt)) * near / stage.aspect
    field *= living.edge(x, y, box)[..., None] * min(cue.amount, 1.3)
    times = modes.clock(stage.shot.duration_s)
    rise_s = 0.7 / max(cue.speed, 0.3)
    gain = modes.held(times, cue.start_s, stage.end_s(cue), rise_s, living.fall_s(stage, cue) and rise_s)
    if any(word in words for word in ("laugh", "giggle", "chuckle")):
        gain = gain * (1 + 0.3 * np.sin(2 * np.pi * 4.2 * (times - cue.start_s)))
    return mapped(field[None], gain[:, None], rate_hz=modes.RATE_HZ, aspect=stage.aspect, box=box, step_px=4)


def _wider(face: Face, aspect: float) -> float:
    """How much of its widening a mouth still does: teeth that show must not stretch."""
    upper, lower = (face.landmarks[point, :2] * (1.0, aspect) for point in _LIPS)
    open_ = float(np.linalg.norm(upper - lower)) / face.box.width
    return 1 - 0.7 * float(modes.smooth(open_ / 0.06))


def _grown(box: Box, share: float) -> Box:
    wide, tall = box.width * share, box.height * share
    return Box(x0=box.x0 - wide, y0=box.y0 - tall, x1=box.x1 + wide, y1=box.y1 + tall)
