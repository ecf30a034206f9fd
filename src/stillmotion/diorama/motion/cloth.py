"""Flags and curtains: waves that travel from where the cloth is held to where it is free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama import gust, randomness
from stillmotion.diorama.motion import living, modes, regions
from stillmotion.diorama.motion.fields import mapped, shaded
from stillmotion.diorama.motion.plants import features_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.motion.fields import MappedLight, MappedWarp
    from stillmotion.diorama.motion.regions import Grid
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.features import Features
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

_HANGS = frozenset(["curtain", "curtains", "drape", "drapes", "dress", "skirt", "veil", "laundry", "cape"])
_FLAGS = frozenset(["flag", "flags", "banner", "banners"])
WORDS = _HANGS | _FLAGS | {"pennant", "sail", "sails", "cloth", "fabric", "scarf", "tent", "awning", "streamers"}
_FARTHEST = 0.0072
_SHADE = 0.13
_WAVES_HZ = (0.75, 1.25, 2.1)
_LENGTHS = (1.5, 0.85, 0.5)
"""Of the waves, in lengths of the cloth."""
_LOUD = (1.0, 0.55, 0.25)
_EASE_S = 0.8
_LEAST, _MOST = 0.012, 0.45
_COLOURED = 0.035


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cloth:
    """A cloth in the picture."""

    layer: str
    mask: Grid
    """How much of each cell gives way with it, 0..1."""
    along: Grid
    """Distance from where it is held, 0 to 1 at the free end."""
    length: float
    """From the held to the free end, photo widths."""
    hangs: bool
    """Held at its top; otherwise at its side."""


def said(cue: MotionCue) -> frozenset[str]:
    """The words for cloth in a cue."""
    words = f"{cue.subject} {cue.words}".lower().replace(",", " ").replace(".", " ").split()
    return WORDS & {word.removesuffix("'s") for word in words}


def find(stage: Stage, cue: MotionCue) -> Cloth | None:
    """The cloth that a cue means: its layer, its box, or a flag by its colours; None when nothing is convincing."""
    layer = stage.layer(cue)
    if layer is not None and living.cut_out(stage, layer) and layer.surface not in living.LIVING and cue.box is None:
        return _of(cue, layer, regions.coverage(stage, layer), stage)
    back = layer if layer is not None and layer.surface not in living.LIVING else stage.scene.layers[0]
    if cue.box is not None:
        return _of(cue, back, _boxed(stage, cue.box), stage)
    if not said(cue) & _FLAGS:
        return None
    found = _flag(features_of(stage.scene), stage)
    if found is None:
        return None
    seen = max(stage.scene.layers, key=lambda one: float((found * regions.visible(stage, one)).sum()))
    return None if seen.surface in living.LIVING else _of(cue, seen, found, stage)


def _boxed(stage: Stage, box: Box) -> Grid:
    x, y = regions.places(stage.aspect)
    return np.asarray((x > box.x0) & (x < box.x1) & (y > box.y0) & (y < box.y1), np.float32)


def _flag(features: Features, stage: Stage) -> Grid | None:
    """Strong red beside navy blue, with the white between them: stripes and stars."""
    hue, saturation, value = features.hue, features.saturation, features.value
    red = ((hue < 16) | (hue > 340)) & (saturation > 0.55) & (value > 0.25)
    navy = (hue > 212) & (hue < 262) & (saturation > 0.35) & (value > 0.08) & (value < 0.5)
    rows, columns = regions.grid_size(stage.aspect)
    open_ = 1 - sum(regions.visible(stage, one) for one in stage.scene.layers if one.surface in living.LIVING)
    both = [
        np.asarray(cv2.resize(part.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
        * open_
        for part in (red, navy)
    ]
    strong = ((both[0] + both[1]) > 0.4).astype(np.uint8)
    size = max(3, columns // 9)
    closed = cv2.morphologyEx(np.pad(strong, size), cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))[
        size:-size, size:-size
    ]
    for piece in regions.pieces(closed.astype(np.float32)):
        share = float(piece.mean())
        reds, blues = (float((part[piece] > 0.4).mean()) for part in both)
        if _LEAST < share < _MOST and reds > _COLOURED and blues > _COLOURED and reds + blues > 0.3:
            return np.asarray(piece & (open_ > 0.3), np.float32)
    return None


def _of(cue: MotionCue, layer: Layer, cover: Grid, stage: Stage) -> Cloth | None:
    inside = cover > 0.5
    if not inside.any():
        return None
    x, y = regions.places(stage.aspect)
    left, right = (float(np.percentile(x[inside], share)) for share in (1, 99))
    top, bottom = (float(np.percentile(y[inside], share)) for share in (1, 99))
    wide, tall = max(right - left, 1e-3), max((bottom - top) * stage.aspect, 1e-3)
    hangs = bool(said(cue) & _HANGS) or tall > 1.25 * wide
    from_left = right > 0.97 or not (left < 0.03 or cue.direction == "left")
    across = (x - left) / wide if from_left or cue.direction == "right" else (right - x) / wide
    along = (y - top) / max(bottom - top, 1e-3) if hangs else across
    soft = regions.smoothed(inside.astype(np.float32), 0.008)
    mask = np.clip(soft * 1.7, 0, 1) * regions.window(stage.aspect, top=0.03, sides=0.03)
    return Cloth(
        layer=layer.name,
        mask=np.asarray(mask, np.float32),
        along=np.asarray(np.clip(along, 0, 1.1), np.float32),
        length=tall if hangs else wide,
        hangs=hangs,
    )


def drape(stage: Stage, cue: MotionCue, cloth: Cloth) -> tuple[MappedWarp, MappedLight]:
    """The waves of a cloth and the light on their slopes."""
    times = modes.clock(stage.shot.duration_s)
    maps, shades, table = [], [], []
    rng = randomness.generator(stage.shot.seed, "cloth", cloth.layer)
    quick = float(np.clip(cue.speed, 0.4, 2.2)) ** 0.7
    # Where the wave is, crosswise, so that a fold does not run straight over the whole cloth.
    slant = 0.25 * regions.noise(rng, stage.aspect, 0.2)
    blows = gust.strength(stage.shot.seed, times) ** 0.7
    grows = np.clip(cloth.along, 0, 1) ** 1.25
    for hz, length, loud in zip(_WAVES_HZ, _LENGTHS, _LOUD, strict=True):
        number = 2 * np.pi / length
        phase = number * (cloth.along + slant) + rng.uniform(0, 2 * np.pi)
        turn = 2 * np.pi * hz * quick * rng.uniform(0.94, 1.06) * times
        for wave, slope, course in (
            (np.sin(phase), np.cos(phase), np.cos(turn)),
            (-np.cos(phase), np.sin(phase), np.sin(turn)),
        ):
            maps.append(loud * grows * cloth.mask * wave)
            shades.append(loud * cloth.mask * np.clip(cloth.along * 2, 0, 1) * slope)
            table.append(course * blows)
    return _drawn(stage, cue, cloth, (np.stack(maps), np.stack(shades), np.stack(table, axis=1)))


def _drawn(
    stage: Stage,
    cue: MotionCue,
    cloth: Cloth,
    waves: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
) -> tuple[MappedWarp, MappedLight]:
    maps, shades, table = waves
    gate = modes.held(
        modes.clock(stage.shot.duration_s), cue.start_s, stage.end_s(cue), _EASE_S, living.fall_s(stage, cue)
    )
    amount = min(0.75 * cue.amount * min(cue.speed, 1.0) ** 0.3, 1.0)
    far = min(_FARTHEST, 0.09 * cloth.length) * amount
    sideways, along = (1.0, 0.18) if cloth.hangs else (0.18, 1.0)
    field = np.stack([maps * sideways, maps * along / stage.aspect], axis=-1)
    peak = float(np.abs(np.tensordot(table[::6], maps.reshape(len(maps), -1)[:, ::5], axes=1)).max())
    field *= far / max(peak, 1e-9)
    shades = shades * _SHADE * amount / sum(_LOUD)
    return (
        mapped(field, table, gate=gate, rate_hz=modes.RATE_HZ, aspect=stage.aspect),
        shaded(shades, table, gate=gate, rate_hz=modes.RATE_HZ),
    )
