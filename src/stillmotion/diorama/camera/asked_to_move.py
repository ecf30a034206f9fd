"""What the prompt moves, as pictures of where it lies: the framing keeps a fair share of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.shot import lexicon
from stillmotion.diorama.shot.ambient import AMBIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.scene.records import Layer, Scene
    from stillmotion.diorama.shot.records import MotionCue, Shot

    Mask = NDArray[np.float32]

FAIR_SHARE = 0.6
"""Of what a crop could show of something that moves, how much the framing keeps."""
_SIDE = 64
_WIDE = {Surface.SKY, Surface.WATER, Surface.GROUND, Surface.FOLIAGE, Surface.BACKDROP}
"""What a crop may leave out without anybody missing a thing; things are kept whole as the subject."""
_EVERYWHERE = 0.97
_USUALLY = {"water": (0.64, 1.0), "sky": (0.0, 0.36)}
"""Rows where water and sky lie in a photo whose layers do not tell."""


def regions(scene: Scene, shot: Shot) -> tuple[Mask, ...]:
    """Where sky, water, trees and ground lie that the prompt names as moving: (64, 64) over the photo, 0..1."""
    named = [cue for cue in shot.motion if cue.words != AMBIENT and cue.box is None]
    found = {_key(cue): _region(scene, cue) for cue in named}
    return tuple(one for one in found.values() if one is not None and 0.0 < float(one.mean()) < _EVERYWHERE)


def loss(masks: Sequence[Mask], box: Box, extent: tuple[float, float]) -> float:
    """How far a crop falls short of the fair share of what moves, 0..1: 0 is fair, 1 leaves out one thing altogether.

    Args:
        masks: as `regions` gives them.
        box: the crop.
        extent: width and height of the largest crop of its shape.
    """
    shares = [_kept(mask, box) / max(_most(mask, extent), 1e-6) for mask in masks]
    return max((max(1.0 - share / FAIR_SHARE, 0.0) for share in shares), default=0.0)


def _key(cue: MotionCue) -> str:
    return cue.layer or _surface(cue)


def _surface(cue: MotionCue) -> str:
    return str(lexicon.table("motion").get(cue.verb, {}).get("surface", ""))


def _region(scene: Scene, cue: MotionCue) -> Mask | None:
    layer = next((one for one in scene.layers if one.name == cue.layer), None)
    if layer is not None and layer is not scene.layers[0]:
        return _seen(scene, layer) if layer.surface in _WIDE else None
    if layer is not None and layer.surface.value == _surface(cue):
        return _seen(scene, layer)
    return _usual(scene, _surface(cue))


def _usual(scene: Scene, surface: str) -> Mask | None:
    if surface not in _USUALLY:
        return None
    low, high = _USUALLY[surface]
    if scene.horizon_y is not None:
        low, high = (low, scene.horizon_y) if surface == "sky" else (scene.horizon_y, high)
    mask = np.zeros((_SIDE, _SIDE), np.float32)
    mask[round(max(low, 0.0) * _SIDE) : round(min(high, 1.0) * _SIDE)] = 1.0
    return mask


def _seen(scene: Scene, layer: Layer) -> Mask:
    """A layer where nothing nearer hides it."""
    nearer = scene.layers[scene.layers.index(layer) + 1 :]
    seen = _alpha(scene, layer)
    for one in nearer:
        seen = seen * (1.0 - _alpha(scene, one))
    return seen


def _alpha(scene: Scene, layer: Layer) -> Mask:
    width, height = scene.size_px
    x0, y0 = round(layer.left_px / width * _SIDE), round(layer.top_px / height * _SIDE)
    across = max(round(layer.size_px[0] / width * _SIDE), 1)
    down = max(round(layer.size_px[1] / height * _SIDE), 1)
    small = cv2.resize(layer.rgba[..., 3], (across, down), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    mask = np.zeros((_SIDE, _SIDE), np.float32)
    part = mask[y0 : y0 + down, x0 : x0 + across]
    part[:] = small[: part.shape[0], : part.shape[1]]
    return mask


def _kept(mask: Mask, box: Box) -> float:
    """How much of a region lies in a crop, in cells; those that the crop cuts count in part."""
    return float(_cover(box.y0, box.y1) @ mask @ _cover(box.x0, box.x1))


def _cover(low: float, high: float) -> Mask:
    cells = np.arange(_SIDE, dtype=np.float32)
    inside = np.minimum(high * _SIDE, cells + 1) - np.maximum(low * _SIDE, cells)
    return np.asarray(np.clip(inside, 0.0, 1.0), np.float32)


def _most(mask: Mask, extent: tuple[float, float]) -> float:
    """The most that any crop of that size could show of a region."""
    across, down = (max(round(part * _SIDE), 1) for part in extent)
    sums = np.pad(mask, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    windows = sums[down:, across:] - sums[:-down, across:] - sums[down:, :-across] + sums[:-down, :-across]
    return float(windows.max())
