"""Where the water is: the layer, how much of it, and its plane in metres."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.motion import shares
from stillmotion.diorama.motion.chart import Chart, chart, tilted
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer, Scene
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
Ring = tuple[tuple[float, float], tuple[float, float]]
"""Centre and half axes of an ellipse."""
LAKE_M, _CUP_M, _CLOSE_M = 22.0, 0.24, 0.35
"""Metres across the photo at the subject when nobody says: a landscape, a cup on a table, a close-up of water."""
_SHORE = 0.012
_BLADE = 0.02
"""Change of brightness from one pixel to the next, in a photo 1280 wide, that only an edge has."""
_LEAST_AREA = 0.004
_PATCH, _LEVELS = (0.008, 0.3), 12
"""Area of a patch as a share of the layer's box, and at how many levels patches are looked for."""
_CUP_ROUNDNESS = (0.25, 0.98)
_VESSELS = ("cup", "mug", "bowl", "glass", "espresso", "coffee", "tea", "soup", "drink", "pot", "bucket", "basin")
_DROPS = frozenset({"drop", "drops", "ring", "rings", "splash", "splashes", "crown", "droplet", "droplets"})
_WORDS = ("water", "lake", "sea", "ocean", "river", "pond", "pool", "wave", "surf", "puddle", "stream")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """A piece of water."""

    layer: str
    share: Floats
    """How much of each place is water, 0..1, on the coarse grid; fades to 0 at the shore."""
    chart: Chart
    centre: tuple[float, float]
    """Photo coordinates."""
    radius: tuple[float, float] | None = None
    """Half axes of a round vessel in photo widths and heights; None for open water."""
    open_air: bool = True
    """A lake or a sea, not a cup."""
    mirror: Floats | None = None
    """Where the picture of the water may shift, 0..1, on the coarse grid: not where blades of grass cross it. None:
    everywhere."""
    hollow: float = 0.0
    """Radius in photo widths about the centre where a frozen splash stands: rings start at its rim."""


def pool(stage: Stage, cue: MotionCue) -> Pool | None:
    """The water that a cue is about, or None when the photo shows none."""
    finders = (_named, _layer_of_water, _liquid, _frozen_splash, _below_horizon)
    return next((found for finder in finders if (found := finder(stage, cue)) is not None), None)


def around(stage: Stage, place: tuple[float, float]) -> Pool:
    """Water about a point of the photo of which nothing else is known."""
    return _around(stage, shares.layer_at(stage, place), place, 0.14)


def around_subject(stage: Stage) -> Pool | None:
    """The water that a frozen splash stands in: about the foot of the subject, in what lies behind it."""
    subject = next((layer for layer in stage.scene.layers if layer.name == "subject"), None)
    if subject is None or subject is stage.scene.layers[0]:
        return None
    width, height = stage.scene.size_px
    x = (subject.left_px + subject.size_px[0] / 2) / width
    y = (subject.top_px + 0.72 * subject.size_px[1]) / height
    behind = stage.scene.layers[stage.scene.layers.index(subject) - 1]
    wide = subject.size_px[0] / width
    return replace(_around(stage, behind, (x, y), max(0.14, wide)), hollow=0.4 * wide)


def _frozen_splash(stage: Stage, cue: MotionCue) -> Pool | None:
    """A close-up of a drop: no horizon, and the words are about drops."""
    words = set(f"{cue.subject} {cue.words}".casefold().replace(",", " ").split())
    if stage.scene.horizon_y is not None or words.isdisjoint(_DROPS):
        return None
    return around_subject(stage)


def _named(stage: Stage, cue: MotionCue) -> Pool | None:
    """A box or a point in the Shot."""
    if cue.box is not None:
        layer = stage.layer(cue) or shares.layer_at(stage, cue.box.centre)
        share = _ellipse(stage, cue.box.centre, (cue.box.width / 2, cue.box.height / 2))
        return _on_layer(stage, layer, share)
    point = shares.pointed(stage, cue.point)
    if point is None:
        return None
    layer = stage.layer(cue) or shares.layer_at(stage, point)
    if layer.surface is Surface.WATER:
        return _on_layer(stage, layer, shares.alpha_over_photo(stage, layer))
    liquid = _liquid(stage, cue)
    if liquid is not None:
        return liquid
    return _around(stage, layer, point, 0.12)


def _layer_of_water(stage: Stage, cue: MotionCue) -> Pool | None:
    own = stage.layer(cue)
    wet = [layer for layer in stage.scene.layers if layer.surface is Surface.WATER]
    if own is not None and own.surface not in {Surface.WATER, Surface.SKY} and not _says_water(cue):
        return None
    layer = own if own in wet else next((one for one in wet if one.name == "water"), wet[0] if wet else None)
    if layer is None or float(shares.visible(stage, layer).mean()) < _LEAST_AREA:
        return None
    return _on_layer(stage, layer, shares.alpha_over_photo(stage, layer))


def _says_water(cue: MotionCue) -> bool:
    return any(word in cue.subject.casefold() for word in _WORDS)


def _on_layer(stage: Stage, layer: Layer, share: Floats) -> Pool:
    """Water that fills a part of a layer, with its own plane when that lies, else with one that is guessed."""
    seen = share * shares.visible(stage, layer)
    weight = seen if float(seen.sum()) > 1 else share
    rows, columns = np.indices(share.shape)
    total = max(float(weight.sum()), 1e-6)
    x = float((weight * columns).sum()) / total / share.shape[1] + 0.5 / share.shape[1]
    y = float((weight * rows).sum()) / total / share.shape[0]
    return Pool(
        layer=layer.name,
        share=share * shares.inner(share, _SHORE) * (1 - _things(stage, seen)),
        chart=_chart(stage, _plane(stage, layer, seen), LAKE_M if stage.scene.outdoors else _CLOSE_M),
        centre=(x, y),
    )


def _things(stage: Stage, seen: Floats) -> Floats:
    """Boats, islands, posts: details that stand out from the water; they must not shiver with it."""
    grey = shares.photo_small(stage).mean(axis=2)
    detail = np.abs(grey - cv2.medianBlur(grey, 5))
    inside = seen > 0.9
    if not inside.any():
        return np.zeros_like(grey)
    usual = float(np.quantile(detail[inside], 0.75))
    apart = (detail > max(0.035, 5 * usual)) & (seen > 0.3)
    spots = cv2.dilate(apart.astype(np.float32), np.ones((5, 5), np.uint8))
    return np.asarray(cv2.GaussianBlur(spots, (0, 0), 1.2), np.float32)


def _plane(stage: Stage, layer: Layer, seen: Floats) -> Plane:
    if abs(layer.plane.per_y) > 0.2:
        return layer.plane
    rows = np.flatnonzero(seen.max(axis=1) > 0.5)
    top = float(rows[0]) / seen.shape[0] if len(rows) else 0.4
    horizon = min(stage.scene.horizon_y if stage.scene.horizon_y is not None else top, top) - 0.01
    if top < 0.06 and stage.scene.horizon_y is None:
        horizon = -0.9
    drop = max(1.0 - horizon, 0.15)
    return Plane(per_y=1.0 / drop, constant=-horizon / drop)


def _chart(stage: Stage, plane: Plane, metres: float) -> Chart:
    known = stage.shot.world.metres_per_width
    scale = metres if known is None else known
    return chart(plane, focal=stage.scene.focal, aspect=stage.aspect, metres_per_width=scale)


def _ellipse(stage: Stage, centre: tuple[float, float], radius: tuple[float, float]) -> Floats:
    """1 inside an ellipse with a soft rim."""
    rows, columns = shares.coarse_shape(stage)
    x = (np.arange(columns, dtype=np.float32) + 0.5) / columns
    y = ((np.arange(rows, dtype=np.float32) + 0.5) / rows)[:, None]
    away = np.hypot((x - centre[0]) / max(radius[0], 1e-3), (y - centre[1]) / max(radius[1], 1e-3))
    return 1 - shares.smooth_of(np.asarray(away, np.float32), 0.82, 1.0)


def _round(stage: Stage, layer: Layer, centre: tuple[float, float], radius: tuple[float, float], metres: float) -> Pool:
    """A round vessel seen at a slant: how round it looks tells how the surface is tilted."""
    look = radius[1] * stage.aspect / max(radius[0], 1e-4)
    roundness = min(max(look, _CUP_ROUNDNESS[0]), _CUP_ROUNDNESS[1])
    plane = tilted(*centre, roundness=roundness, q=1.0, focal=stage.scene.focal, aspect=stage.aspect)
    share = _ellipse(stage, centre, radius)
    return Pool(
        layer=layer.name,
        share=share,
        chart=_chart(stage, plane, metres),
        centre=centre,
        radius=radius,
        open_air=False,
    )


def _around(stage: Stage, layer: Layer, centre: tuple[float, float], radius: float) -> Pool:
    """Nothing is known but the point: a soft ellipse of water about it."""
    made = _round(stage, layer, centre, (radius, radius * 0.45 / stage.aspect), _CLOSE_M)
    away = _ellipse(stage, centre, (2.2 * radius, radius / stage.aspect))
    soft = cv2.GaussianBlur(away, (0, 0), shares.COARSE_PX * radius / 5)
    return Pool(layer=made.layer, share=np.asarray(soft, np.float32), chart=made.chart, centre=centre, open_air=False)


def _liquid(stage: Stage, cue: MotionCue) -> Pool | None:
    """The round surface of a drink: an even patch of colour, shaped like a lying ellipse, inside a vessel."""
    layer = stage.layer(cue)
    if layer is None or layer.surface not in {Surface.RIGID, Surface.SUPPORT}:
        return None
    if shares.pointed(stage, cue.point) is None and not any(
        word in f"{layer.label} {cue.subject}".casefold() for word in _VESSELS
    ):
        return None
    found = vessel(stage, layer)
    return None if found is None else _round(stage, layer, found[0], found[1], _CUP_M)


def vessel(stage: Stage, layer: Layer, *, inside: bool = True) -> Ring | None:
    """Centre and half axes of the most ellipse-like even patch in the upper half of a layer; None without one.

    Args:
        stage: the scene.
        layer: a cup or a bowl, perhaps with its saucer.
        inside: the surface of the drink, when it can be told from the wall of the cup; else the rim.
    """
    rings, factor = _rings(stage.scene, layer)
    if not rings:
        return None
    width, height = stage.scene.size_px
    (x, y), (a, b) = _innermost(list(rings)) if inside else rings[0][1]
    centre = ((x / factor + layer.left_px) / width, (y / factor + layer.top_px) / height)
    return centre, (a / factor / width, b / factor / height)


@lru_cache(maxsize=2)
def _rings(scene: Scene, layer: Layer) -> tuple[tuple[tuple[float, Ring], ...], float]:
    """Patches that look like the surface of a drink, best first, in pixels of a smaller picture, and its scale."""
    factor = 640 / max(layer.size_px)
    part = _part_of_photo(scene, layer, factor)
    opaque = cv2.resize(layer.rgba[..., 3], part.shape[1::-1], interpolation=cv2.INTER_AREA) > 127
    opaque = cv2.erode(opaque.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    for patches in (_patches, _between_levels):
        rings = sorted((_as_vessel(patch, opaque) for patch in patches(part)), key=lambda one: -one[0])
        if rings and rings[0][0] > 0:
            return tuple(one for one in rings if one[0] > 0), factor
    return (), factor


def _innermost(rings: list[tuple[float, Ring]]) -> Ring:
    """The best ring inside the best one, when it is nearly as well shaped and large enough to be a surface."""
    most, (outer_at, outer) = rings[0]
    area = outer[0] * outer[1]
    for score, (at, axes) in rings[1:]:
        part = axes[0] * axes[1] / area
        off = max(abs(at[0] - outer_at[0]) / outer[0], abs(at[1] - outer_at[1]) / outer[1])
        if 0.2 < part < 0.75 and off < 0.6 and score > 0.72 * most * part**0.5:
            return at, axes
    return outer_at, outer


def _part_of_photo(scene: Scene, layer: Layer, factor: float) -> NDArray[np.uint8]:
    top, left = layer.top_px, layer.left_px
    part = scene.photo[top : top + layer.size_px[1], left : left + layer.size_px[0]]
    size = (max(round(part.shape[1] * factor), 8), max(round(part.shape[0] * factor), 8))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 2.0), cv2.COLOR_RGB2LAB), np.uint8)


def _patches(lab: NDArray[np.uint8]) -> list[NDArray[np.int32]]:
    """Stable regions of lightness and of both colours (Matas et al. 2002)."""
    area = lab.shape[0] * lab.shape[1]
    finder = cv2.MSER.create(5, int(area * _PATCH[0]), int(area * _PATCH[1]), 0.5, 0.2, 200, 1.01, 0.003, 5)
    found = [patch for channel in range(3) for patch in finder.detectRegions(lab[..., channel])[0]]
    return [np.asarray(patch, np.int32) for patch in found]


def _between_levels(lab: NDArray[np.uint8]) -> list[NDArray[np.int32]]:
    """Connected regions brighter or darker than each of a few levels, as points (x, y)."""
    patches: list[NDArray[np.int32]] = []
    half = lab[::2, ::2]
    for channel in range(3):
        plane = np.ascontiguousarray(half[..., channel])
        for level in np.unique(np.quantile(plane, np.linspace(0.06, 0.94, _LEVELS)).astype(int)):
            for mask in (plane > level, plane < level):
                count, numbers, rows, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
                share = rows[:, cv2.CC_STAT_AREA] / plane.size
                for number in (n for n in range(1, count) if _PATCH[0] < share[n] < _PATCH[1]):
                    y, x = np.nonzero(numbers == number)
                    patches.append(2 * np.stack([x, y], axis=-1).astype(np.int32))
    return patches


def _as_vessel(patch: NDArray[np.int32], inside: NDArray[np.bool_]) -> tuple[float, Ring]:
    """How much a patch looks like the surface of a drink, and its ellipse (centre, half axes) in pixels."""
    hull = cv2.convexHull(patch)
    none = (0.0, ((0.0, 0.0), (0.0, 0.0)))
    if len(hull) < 6 or not inside[patch[:, 1], patch[:, 0]].mean() > 0.98:
        return none
    (x, y), (one, two), turn = cv2.fitEllipse(hull)
    spacing = 2 if not (patch % 2).any() else 1
    area = len(patch) * spacing**2
    level = abs((turn % 180) - 90) < 25
    across, down = (max(one, two), min(one, two)) if level else (one, two)
    fill = area / max(np.pi * one * two / 4, 1.0)
    round_enough = _CUP_ROUNDNESS[0] < down / max(across, 1e-3) < _CUP_ROUNDNESS[1]
    if not (level or abs(one - two) < 0.1 * two) or not round_enough or y > 0.6 * inside.shape[0] or fill > 1.06:
        return none
    return float(fill**4 * np.sqrt(area)), ((x, y), (across / 2, down / 2))


def _below_horizon(stage: Stage, cue: MotionCue) -> Pool | None:
    """Smooth ground that begins at the horizon: a sea or a lake that the layers do not name."""
    layer = stage.layer(cue)
    level = {Surface.SKY, Surface.GROUND, Surface.BACKDROP, Surface.FOLIAGE}
    if layer is not None and layer.surface not in level and not _says_water(cue):
        return None
    horizon = stage.scene.horizon_y if stage.scene.horizon_y is not None else skyline(stage)
    if horizon is None:
        return None
    share = _smooth_below(stage, horizon)
    if float(share.mean()) < _LEAST_AREA:
        return None
    flat = [one for one in stage.scene.layers if one.surface in level or one is stage.scene.layers[0]]
    most = max(flat, key=lambda one: float((share * shares.visible(stage, one)).sum()))
    made = _on_layer(stage, most, share)
    return replace(
        made, share=np.maximum(made.share, _between(stage, share)), mirror=made.share * _without_blades(stage)
    )


def _between(stage: Stage, share: Floats) -> Floats:
    """The sea between blades of grass: as wide as what is seen of it in each row, less what has the colour of land."""
    wide = cv2.morphologyEx(share, cv2.MORPH_CLOSE, np.ones((3, 61), np.uint8))
    open_sea = np.where(_land(shares.photo_small(stage)), np.float32(0), wide)
    return np.asarray(cv2.GaussianBlur(open_sea, (0, 0), 1.2), np.float32)


def _without_blades(stage: Stage) -> Floats:
    """1 where nothing thin and upright stands before the water: blades, masts, wires."""
    rows, columns = shares.coarse_shape(stage)
    fine = cv2.resize(stage.scene.photo, (4 * columns, 4 * rows), interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(fine, (0, 0), 0.8).astype(np.float32).mean(axis=2) / 255
    edges = np.abs(np.gradient(grey, axis=1)) > _BLADE
    near = cv2.dilate(edges.astype(np.uint8), np.ones((13, 13), np.uint8)).astype(np.float32)
    small = cv2.GaussianBlur(cv2.resize(near, (columns, rows), interpolation=cv2.INTER_AREA), (0, 0), 1.5)
    return np.asarray(1 - shares.smooth_of(np.asarray(small, np.float32), 0.05, 0.4), np.float32)


def skyline(stage: Stage) -> float | None:
    """Row of the straightest level edge that crosses the photo, in photo coordinates; None without a clear one."""
    grey = shares.photo_small(stage).mean(axis=2)
    step = np.abs(cv2.GaussianBlur(grey, (0, 0), 1.0)[2:] - cv2.GaussianBlur(grey, (0, 0), 1.0)[:-2])
    along = np.median(step, axis=1)
    row = int(np.argmax(along))
    clear = along[row] > 0.02 and along[row] > 6 * np.median(along) and 0.1 < row / len(along) < 0.92
    return (row + 1.5) / grey.shape[0] if clear else None


def _smooth_below(stage: Stage, horizon: float) -> Floats:
    """Places under the horizon, connected with it, without upright texture and not green or brown like land."""
    small = shares.photo_small(stage)
    upright = cv2.GaussianBlur(np.abs(np.gradient(small.mean(axis=2), axis=1)), (0, 0), 2.0)
    wet = (upright < 0.016) & ~_land(small)
    top = round(horizon * wet.shape[0]) + 1
    wet[:top] = False
    joined = cv2.morphologyEx(wet.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, numbers = cv2.connectedComponents(joined)
    touching = [n for n in range(1, count) if (numbers[top : top + 4] == n).mean() > 0.02]
    share = np.isin(numbers, touching).astype(np.float32)
    share[:top] = 0
    return np.asarray(cv2.GaussianBlur(share, (0, 0), 1.5), np.float32)


def _land(small: Floats) -> NDArray[np.bool_]:
    """Green, or dark and brown."""
    hue, saturation, value = cv2.split(cv2.cvtColor(small, cv2.COLOR_RGB2HSV))
    green = (hue > 48) & (hue < 165) & (saturation > 0.2)
    return np.asarray(green | ((hue < 48) & (saturation > 0.2) & (value < 0.45)), np.bool_)
