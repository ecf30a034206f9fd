"""Leaning, rocking and bending in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import bodies, living, modes, regions
from stillmotion.diorama.motion.fields import mapped
from stillmotion.diorama.motion.records import LayerMotion, Part
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.fields import MappedWarp
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("lean",)
_DEGREES = 2.2
_FARTHEST = 0.02
_TAKES_S = 1.0
_ROCKS_HZ = 0.55
_SPRINGS_HZ, _SPRINGS_DAMPING = 1.7, 0.09
_DIP = 0.0085
_DIP_SIZE = 0.16
_PLANTS = frozenset({"blade", "blades", "grass", "stem", "stalk", "branch", "twig", "leaf", "reed", "straw"})
_LIES = frozenset({Surface.SKY, Surface.WATER, Surface.GROUND, Surface.SUPPORT, Surface.STRUCTURE})


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """What stands can lean; a stalk can dip under what sits on it."""
    if _dips(stage, cue):
        return None
    layer = living.layer_of(stage, cue)
    if layer is None:
        return f'Nothing that could lean was found for "{cue.subject}".'
    if layer.surface in _LIES or not living.cut_out(stage, layer):
        return f"The {layer.label} was not told apart from its background, so it does not lean."
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Each cue leans its own layer."""
    motions = []
    for cue in cues:
        if _dips(stage, cue):
            motions += _dip(stage, cue)
        elif (layer := living.layer_of(stage, cue)) is not None:
            motions.append(LayerMotion(layer=layer.name, warps=(_warp(stage, layer, cue),)))
    return Part(layers=tuple(motions))


def _warp(stage: Stage, layer: Layer, cue: MotionCue) -> MappedWarp:
    """A turn about the foot that grows with height, so that the foot stays where it stands."""
    body = bodies.shape(stage, layer)
    angle = np.radians(_DEGREES) * float(np.clip(cue.amount, 0.2, 1.6))
    grows = modes.smooth(np.clip(body.height, 0, 1) ** 0.8 / 0.7)
    up = (body.foot - body.y) * stage.aspect
    field = np.zeros((*body.x.shape, 2))
    field[..., 0] = up * angle * grows
    field[..., 1] = (body.x - body.middle) * angle * grows * 0.6 / stage.aspect
    if _towards(cue):
        field[..., 0] = (body.x - body.middle) * 1.1 * angle * grows
        field[..., 1] = 0.35 * up * angle * grows / stage.aspect
    field *= body.hold[..., None]
    longest = float(np.hypot(field[..., 0], field[..., 1] * stage.aspect).max())
    field *= min(1.0, _FARTHEST / max(longest, 1e-9))
    return mapped(field[None], _course(stage, cue)[:, None], rate_hz=modes.RATE_HZ, aspect=stage.aspect)


def _towards(cue: MotionCue) -> bool:
    return cue.direction in {"in", "down"} or "forward" in cue.words.lower()


def _course(stage: Stage, cue: MotionCue) -> NDArray[np.float64]:
    """Leaning goes one way and stays; rocking goes to and fro."""
    times = modes.clock(stage.shot.duration_s)
    side = -1.0 if cue.direction == "left" else 1.0
    rise_s = _TAKES_S / max(cue.speed, 0.3)
    held = modes.held(times, cue.start_s, stage.end_s(cue), rise_s, living.fall_s(stage, cue))
    words = cue.words.lower()
    if "lean" in words or "stoop" in words or "slouch" in words or _towards(cue):
        return side * held
    hz = _ROCKS_HZ * float(np.clip(cue.speed, 0.4, 2.0))
    rocking = np.sin(2 * np.pi * hz * (times - cue.start_s)) * (1 + 0.15 * np.sin(2 * np.pi * 0.21 * times))
    return np.asarray(side * 0.8 * held * rocking)


def _dips(stage: Stage, cue: MotionCue) -> bool:
    """Whether a stalk bends that was not cut out, so that only its surroundings can give way."""
    words = set(f"{cue.subject} {cue.words}".lower().replace(",", " ").split())
    layer = stage.layer(cue)
    return bool(words & _PLANTS) and (layer is None or not living.cut_out(stage, layer))


def _dip(stage: Stage, cue: MotionCue) -> list[LayerMotion]:
    """The place where something sits goes down, then springs back and rings out."""
    place = _weight(stage, cue)
    layer = stage.layer(cue) or stage.scene.layers[-1]
    times = modes.clock(stage.shot.duration_s)
    end_s = min(stage.end_s(cue), cue.start_s + 0.55 * (stage.shot.duration_s - cue.start_s))
    table = np.stack([_bent(times, cue.start_s + 0.2, end_s)], axis=1)
    x, y = (grid.astype(np.float64) for grid in regions.places(stage.aspect))
    # Wider across than down: a stalk bends over its length.
    near = np.exp(-0.5 * ((x - place[0]) / (1.3 * _DIP_SIZE)) ** 2)
    near *= np.exp(-0.5 * ((y - place[1]) * stage.aspect / _DIP_SIZE) ** 2)
    hold = modes.smooth(x / 0.1) * modes.smooth((1 - x) / 0.1)
    hold *= modes.smooth(y * stage.aspect / 0.1) * modes.smooth((1 - y) * stage.aspect / 0.1)
    field = np.zeros((*x.shape, 2))
    field[..., 1] = _DIP * float(np.clip(cue.amount, 0.3, 1.6)) * near * hold / stage.aspect
    warp = mapped(field[None], table, rate_hz=modes.RATE_HZ, aspect=stage.aspect)
    return [LayerMotion(layer=layer.name, warps=(warp,))]


def _bent(times: NDArray[np.float64], start_s: float, release_s: float) -> NDArray[np.float64]:
    """Pressed down slowly, let go, and swinging about its rest."""
    force = modes.smooth((times - start_s) / 0.7) * (times < release_s)
    return modes.responses(force, [_SPRINGS_HZ], [_SPRINGS_DAMPING], modes.RATE_HZ)[:, 0]


def _weight(stage: Stage, cue: MotionCue) -> tuple[float, float]:
    """Where it is pressed: at what is named in the clause, else where people look first."""
    if cue.point is not None:
        return cue.point
    named = [one for one in stage.scene.objects if one.label in cue.words.lower()]
    return named[0].box.centre if named else stage.scene.salience
