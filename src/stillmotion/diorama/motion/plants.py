"""How far each part of a plant, a tuft of grass or a head of hair gives way to the wind, and where it holds still."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.motion import regions
from stillmotion.diorama.scene.features import Features, measure
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.regions import Grid
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer, Scene

_POWER = 1.6
"""A cantilever bends with a power between 1.5 (tapered) and 2 (slender) of the distance from its root."""
_TREE = 0.3
"""Height in photo widths at which a crown gives way fully."""
_WIND_PARTS = frozenset({Surface.FOLIAGE, Surface.PLANT, Surface.GROUND, Surface.BACKDROP, Surface.SKY})
_SLENDER = 1.6
_LEAST_SHARE = 0.008
_LEAST_PART = 0.004
_LEAST_GIVE = 0.003
_WEAK, _LEVEL = 0.35, 0.5
_BLURRED = 0.0045
_EVEN, _LITTLE = 0.03, np.float32(0.02)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Growth:
    """What sways together."""

    layers: tuple[str, ...]
    """The layers in which it is seen; all of them bend by the same field, so that nothing tears between them."""
    give: Grid
    """How far each cell gives way, 0 where it is held to 1 at the tips, on the grid of `motion.regions`."""
    free: bool = False
    """Whether all of the layers was cut out, so that what lies beside the plants holds still whatever they do."""


def standing(stage: Stage, layer: Layer) -> Growth:
    """A plant that was cut out: every connected piece is held at its foot.

    A flower head whose stem is not in the picture moves as if held a head's height below.
    """
    give = np.zeros(regions.grid_size(stage.aspect), np.float32)
    inside = np.zeros(give.shape, np.bool_)
    for piece in regions.pieces(regions.coverage(stage, layer)):
        give[piece] = _cantilever(piece)[piece]
        inside[piece] = True
    soft = regions.smoothed(regions.spread(give, inside, 0.06), 0.006)
    free = layer.name != stage.scene.layers[0].name
    return Growth(layers=(layer.name,), give=soft * regions.window(stage.aspect), free=free)


def _cantilever(piece: NDArray[np.bool_]) -> Grid:
    rows, columns = np.nonzero(piece)
    foot, head = int(rows.max()), int(rows.min())
    tall, wide = foot - head + 1, int(columns.max() - columns.min() + 1)
    anchors = piece.copy()
    anchors[: max(foot - 1, 0)] = False
    distance = regions.geodesic(piece, anchors) * regions.COLUMNS
    stem = _hidden_stem(piece, foot, tall, wide)
    reach = np.where(np.isfinite(distance), distance, 0.0) + stem
    return np.asarray((reach / max(float(reach[piece].max()), 1.0)) ** _POWER, np.float32)


def _hidden_stem(piece: NDArray[np.bool_], foot: int, tall: int, wide: int) -> float:
    """Cells of stem below the piece: little when a slender foot is in the picture."""
    if tall > _SLENDER * wide:
        return 0.05 * tall
    cut = foot >= piece.shape[0] - 2
    base = int(piece[max(foot - 2, 0) : foot + 1].any(axis=0).sum())
    if cut:
        return (0.6 if base > _LEVEL * wide else 0.1) * tall
    return 0.8 * tall


def growing(stage: Stage, layer: Layer | None, *, grassy: bool, flowery: bool) -> Growth | None:
    """Leaves and grass wherever they are seen, in that layer and its neighbours; None when there are hardly any.

    Args:
        stage: the scene and the shot.
        layer: where to look; None is the whole photo.
        grassy: dry grass counts too.
        flowery: so do bright petals.
    """
    mask = _leafy(stage, layer, grassy=grassy, flowery=flowery)
    if float(mask.mean()) < _LEAST_SHARE:
        return None
    names = tuple(one.name for one in stage.scene.layers if _carries(stage, one, mask, layer))
    if not names:
        return None
    carriers = [one for one in stage.scene.layers if one.name in names]
    free = all(one.surface is Surface.FOLIAGE and one is not stage.scene.layers[0] for one in carriers)
    cover = np.max([regions.coverage(stage, one) for one in carriers], axis=0) if free else None
    give = _give(stage, mask, cover)
    if float(give.mean()) < _LEAST_GIVE:
        return None
    return Growth(layers=names, give=give * regions.window(stage.aspect), free=free)


def _carries(stage: Stage, one: Layer, mask: Grid, named: Layer | None) -> bool:
    if named is not None and one.name == named.name:
        return True
    alone = len(stage.scene.layers) == 1
    if not alone and (one.surface not in _WIND_PARTS or one.surface is Surface.PLANT):
        return False
    return float((mask * regions.visible(stage, one)).sum()) > _LEAST_PART * float(mask.sum())


def _leafy(stage: Stage, layer: Layer | None, *, grassy: bool, flowery: bool) -> Grid:
    """How much each cell is leaves or grass, 0..1."""
    features = features_of(stage.scene)
    plain = (features.green > 0.035) | ((features.hue > 50) & (features.hue < 168) & (features.saturation > 0.2))
    known = layer is not None and layer.surface is Surface.FOLIAGE
    if not known:  # a yellow glow is no meadow, and what is out of focus is a background
        glow = (features.value > 0.85) & (features.hue < 64) & (features.texture < 0.012)
        plain &= ~glow & (features.texture > _BLURRED)
    if grassy or known:
        plain |= (features.hue > 22) & (features.hue < 70) & (features.saturation > 0.22) & (features.texture > 0.012)
    if known:
        bluish = (features.hue > 170) & (features.hue < 265) & (features.saturation > 0.08)
        plain |= (features.texture > 0.025) & ~bluish & (features.value < 0.8)
    if flowery:
        plain |= (features.saturation > 0.45) & (features.value > 0.25) & ~((features.hue > 190) & (features.hue < 225))
    rows, columns = regions.grid_size(stage.aspect)
    cells = np.asarray(cv2.resize(plain.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
    if grassy:  # a blade is thinner than a cell
        cells = np.asarray(cv2.dilate(cells, np.ones((3, 3), np.uint8)), np.float32)
    return _without_specks(np.asarray(cells * _allowed(stage, layer), np.float32))


def _without_specks(cells: Grid) -> Grid:
    soft = np.clip((regions.smoothed(cells, 0.008) - 0.25) / 0.35, 0, 1).astype(np.float32)
    kept = np.zeros_like(soft)
    for piece in regions.pieces(soft, least_cells=12):
        kept[piece] = 1
    near = cv2.dilate(kept, np.ones((5, 5), np.uint8))
    return np.asarray(soft * near, np.float32)


def _allowed(stage: Stage, layer: Layer | None) -> Grid:
    """Where leaves may be: in what can grow. People, buildings and vehicles in front of it hold still."""
    allowed = np.zeros(regions.grid_size(stage.aspect), np.float32)
    for one in stage.scene.layers:
        whole = len(stage.scene.layers) == 1 or (layer is not None and one.name == layer.name)
        if whole or (one.surface in _WIND_PARTS and one.surface is not Surface.PLANT):
            allowed += regions.visible(stage, one)
    return np.clip(allowed, 0, 1)


@lru_cache(maxsize=4)
def features_of(scene: Scene) -> Features:
    """What can be measured at each pixel of the photo; kept for the next question."""
    return measure(scene.photo)


def _give(stage: Stage, mask: Grid, cover: Grid | None) -> Grid:
    """Crowns give way with their height over where they start; grass that covers the ground, with its nearness.

    Inside a cut-out (its cover, where it is given) what matters is how leafy its parts are: its outline is its own.
    """
    solid = cv2.morphologyEx((mask > _WEAK).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)) > 0
    below = np.zeros_like(solid)
    below[:-1] = solid[1:]
    anchors = solid & ~below
    anchors[-1] = solid[-1]
    distance = regions.geodesic(solid, anchors)
    height = np.where(np.isfinite(distance), distance, 0.0)
    crown = np.clip((height + 0.02) / _TREE, 0, 1) ** _POWER
    ground = _lying(stage, solid)
    give = np.maximum(crown * (1 - ground), ground).astype(np.float32)
    if cover is not None:
        leafy = regions.smoothed(np.clip(mask * 1.4, 0, 1) * cover, _EVEN) / (regions.smoothed(cover, _EVEN) + _LITTLE)
        return regions.smoothed(regions.spread(give, solid, _EVEN) * np.asarray(leafy, np.float32), 0.008)
    return regions.smoothed(
        regions.spread(give, solid, 0.012) * regions.smoothed(np.clip(mask * 1.4, 0, 1), 0.006), 0.008
    )


def _lying(stage: Stage, solid: NDArray[np.bool_]) -> Grid:
    """Grass on the ground: each blade is held right there, so it gives way by its size in the picture; 0 elsewhere."""
    meadow = [one for one in stage.scene.layers if one.surface is Surface.FOLIAGE and one.plane.per_y > _WEAK]
    horizon = stage.scene.horizon_y
    if not meadow or horizon is None:
        return np.zeros(solid.shape, np.float32)
    _, y = regions.places(stage.aspect)
    tops = np.where(solid.any(axis=0), np.argmax(solid, axis=0) / solid.shape[0], 1.0)
    risen = regions.smoothed(np.broadcast_to((tops < horizon - 0.02).astype(np.float32), solid.shape).copy(), 0.05)
    near = np.clip((y - horizon) / (1 - horizon), 0, 1)
    tips = np.clip((horizon + 0.25 - y) / 0.4, 0, 1)
    tall = 0.4 + 0.6 * tips * tips * (3 - 2 * tips)
    return np.asarray(risen * tall + (1 - risen) * (0.05 + 0.4 * near), np.float32)
