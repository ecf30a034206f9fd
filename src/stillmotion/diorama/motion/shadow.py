"""Shadows of what moves: on the ground below it, away from the light, sharp and dark where it touches.

A shadow is a layer of its own: a dark, flattened copy of its caster. The higher the caster, the farther, softer and
fainter it falls: copies with more and more blur fade into each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.motion import ground, light
from stillmotion.diorama.motion.records import Added, LayerMotion
from stillmotion.diorama.scene.records import Layer, Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.motion.records import Points, Track
    from stillmotion.diorama.motion.stage import Stage

    Row = Callable[[float], float]
    Floats = NDArray[np.float32]

_BLURS = (0.030, 0.085, 0.20)
"""Blur of the copies as shares of the caster's size."""
_SHARP_TO = (0.0, 0.30, 1.1)
"""Height above the ground, in sizes of the caster, at which each copy is the one that shows."""
_GONE = 3.2
"""Height, in sizes of the caster, above which nothing of its shadow is seen."""
_DARKEST = 0.72
_THROWN = 0.35
"""How far it may be thrown, as a share of the caster's size."""
_HULL_POINTS = 24
_SLANTS = 0.34
"""A thing stands on corners when its columns end within that share of its height above its lowest point."""
_OUTWARD = 0.035
"""How far the dark reaches out below the edges of a base, as a share of its width."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shadow:
    """Layers that are shadows, far to near, with their motion."""

    added: tuple[Added, ...] = ()
    layers: tuple[LayerMotion, ...] = ()


def cast(
    stage: Stage,
    caster: Layer,
    track: Track,
    *,
    row: Row | None = None,
    lifts: bool = True,
    before: str | None = None,
) -> Shadow:
    """The shadow of a layer or a prop that travels.

    Args:
        stage: where it falls.
        caster: the layer at rest.
        track: how it travels.
        row: the row, in photo coordinates, of the ground below the caster at each time; where it stands when None.
        lifts: whether it ever leaves the ground; what does not needs no soft copies.
        before: name of the layer right in front of the shadow: for a layer of the photo its own name, for a prop what
            the prop itself is put before, with the shadow handed on first.
    """
    shape = _shape(stage, caster)
    if shape is None:
        return Shadow()
    stands = caster.contact_y if caster.contact_y is not None else shape.bottom
    below: Row = row if row is not None else (lambda _time_s: stands)
    levels = range(len(_BLURS) if lifts else 1)
    copies = [_copy(stage, shape, level, caster, stands) for level in levels]
    tracks = [
        ShadowTrack(shape=shape, carried=track, below=below, stands=stands, level=level, ground=_Ground.of(stage))
        for level in levels
    ]
    return Shadow(
        added=tuple(Added(layer=one, before=before) for one in copies),
        layers=tuple(LayerMotion(layer=one.name, tracks=(way,)) for one, way in zip(copies, tracks, strict=True)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shimmer:
    """Small waves that break up a mirror image; a Warp."""

    waterline: float
    """Where it begins, in photo coordinates."""
    tall: float
    """Height of the image in photo heights."""
    reach: float
    """Largest displacement in photo widths."""
    step_px: int = 4

    def source(self, points: Points, time_s: float) -> Points:
        """Rows slide to and fro, more and faster the nearer they are."""
        down = np.clip((points[..., 1] - self.waterline) / self.tall, 0, 1)
        waves = np.sin(38 * down - 5.1 * time_s) + 0.6 * np.sin(61 * down + 23 * points[..., 0] - 7.3 * time_s)
        moved = points.copy()
        moved[..., 0] += (self.reach / 1.6) * (0.25 + 0.75 * down) * waves
        return moved


def reflect(stage: Stage, caster: Layer, track: Track, *, before: str | None = None) -> Shadow:
    """The mirror image of something on water: below it, darker, softer, in small waves.

    Args:
        stage: where it lies.
        caster: what floats, at rest; its lower edge is the waterline.
        track: how it travels.
        before: as for a shadow.
    """
    low = caster.rgba[::-1].astype(np.float32)
    rows = np.linspace(0, 1, len(low), dtype=np.float32)[:, None, None]
    kept = max(4, round(0.75 * len(low)))
    sigma = max(0.8, 0.012 * low.shape[1])
    soft = cv2.GaussianBlur(low, (0, 0), sigma * 0.6, sigmaY=sigma * 2) * (0.62 * (1 - rows / 0.75).clip(0, 1) ** 0.8)
    soft[..., :3] *= 0.72
    waterline = (caster.top_px + caster.size_px[1]) / stage.scene.size_px[1]
    image = Layer(
        name=f"{caster.name}-reflection",
        surface=Surface.WATER,
        label="reflection",
        rgba=np.ascontiguousarray(np.rint(soft[:kept]).astype(np.uint8)),
        left_px=caster.left_px,
        top_px=caster.top_px + caster.size_px[1] - max(1, round(0.012 * len(low))),
        plane=caster.plane,
    )
    tall = kept / stage.scene.size_px[1]
    waves = Shimmer(waterline=waterline, tall=tall, reach=0.02 * caster.size_px[0] / stage.scene.size_px[0])
    return Shadow(
        added=(Added(layer=image, before=before),),
        layers=(LayerMotion(layer=image.name, tracks=(track,), warps=(waves,)),),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What a shadow track needs to know of the stage."""

    aspect: float
    horizon: float
    across: float
    """How far a shadow is thrown to the right for each unit of height."""
    back: float
    """How far up the picture, in photo heights for each photo height of the caster."""
    darkness: float

    @classmethod
    def of(cls, stage: Stage) -> _Ground:
        lit = light.of(stage.scene)
        x, y, z = lit.direction
        steep = max(-y, 0.3)
        key, sky = max(lit.key), max(lit.sky)
        return cls(
            aspect=stage.aspect,
            horizon=_first_row(stage),
            across=float(np.clip(-x / steep, -1.0, 1.0)),
            back=float(np.clip(z / steep, -0.8, 0.8)) * ground.slant(stage, 0.9),
            darkness=_DARKEST * float(np.clip(key / max(key + 0.6 * sky, 1e-3), 0.35, 1.0)),
        )


def _first_row(stage: Stage) -> float:
    """The row above which there is no ground to fall on."""
    rows = [ground.horizon(stage)] if ground.support(stage) else []
    if stage.scene.horizon_y is not None:
        rows.append(stage.scene.horizon_y)
    sky = [one for one in stage.scene.layers[1:] if one.surface in {Surface.GROUND, Surface.SUPPORT}]
    rows += [one.top_px / stage.scene.size_px[1] for one in sky[:1]]
    return max(rows, default=0.0) + 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """The outline of a caster at rest."""

    hull: Matrix
    """Photo coordinates, shape (n, 2)."""
    centre: tuple[float, float]
    bottom: float
    wide: float
    """In photo widths."""
    tall: float
    """In photo heights."""


def _shape(stage: Stage, caster: Layer) -> Shape | None:
    solid = (caster.rgba[..., 3] > 100).astype(np.uint8)
    if not solid.any():
        return None
    found, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = cv2.convexHull(np.concatenate(found))[:, 0].astype(np.float64) + 0.5
    kept = outline[np.linspace(0, len(outline) - 1, min(len(outline), _HULL_POINTS)).round().astype(int)]
    hull = (kept + np.array([caster.left_px, caster.top_px])) / np.array(stage.scene.size_px)
    (left, top), (right, bottom) = hull.min(0), hull.max(0)
    return Shape(
        hull=hull,
        centre=(float(left + right) / 2, float(top + bottom) / 2),
        bottom=float(bottom),
        wide=float(right - left),
        tall=float(bottom - top),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShadowTrack:
    """Where a shadow lies and how much of one of its copies is seen."""

    shape: Shape
    carried: Track
    below: Row
    stands: float
    level: int
    ground: _Ground

    def matrix(self, time_s: float) -> Matrix:
        """From the shadow below the caster at rest to where it lies; it never leaves the ground."""
        middle, bottom, grown = self._caster(time_s)
        row = self.below(time_s)
        height = max(row - bottom, 0.0)
        x = middle + height * self.ground.aspect * self.ground.across
        y = max(row - height * self.ground.back, self.ground.horizon)
        start_x, start_y = self.shape.centre[0], self.stands
        return np.array([[grown, 0, x - grown * start_x], [0, grown, y - grown * start_y], [0, 0, 1.0]])

    def opacity(self, time_s: float) -> float:
        """How much of this copy shows: darkest at contact, nothing high up or where there is no ground."""
        _, bottom, grown = self._caster(time_s)
        row = self.below(time_s)
        if row < self.ground.horizon:
            return 0.0
        size = max(self.shape.tall, self.shape.wide / self.ground.aspect) * grown
        height = max(row - bottom, 0.0) / max(size, 1e-4)
        fades = float(np.clip(1 - height / _GONE, 0, 1)) ** 2
        weights = np.interp(np.log1p(4 * height), np.log1p(4 * np.array(_SHARP_TO)), (0.0, 1.0, 2.0))
        share = max(0.0, 1 - abs(float(weights) - self.level))
        return self.ground.darkness * fades * share * self.carried.opacity(time_s)

    def _caster(self, time_s: float) -> tuple[float, float, float]:
        """Middle and lowest row of the caster, and how much larger it is than at rest."""
        moved = self.carried.matrix(time_s)
        at = np.column_stack([self.shape.hull, np.ones(len(self.shape.hull))]) @ moved.T
        at = at[:, :2] / at[:, 2:]
        grown = float(np.sqrt(abs(np.linalg.det(moved[:2, :2])))) / float(moved[2, 2])
        return float(at[:, 0].min() + at[:, 0].max()) / 2, float(at[:, 1].max()), grown


def _blurred(picture: Floats, across_px: float, down_px: float) -> Floats:
    """A Gaussian blur; a wide one of a smaller picture, because nothing fine is left of it."""
    factor = int(min(across_px, down_px) / 3)
    if factor < 2:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), across_px, sigmaY=down_px), np.float32)
    rows, columns = picture.shape
    size = (max(columns // factor, 4), max(rows // factor, 4))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), across_px * size[0] / columns, sigmaY=down_px * size[1] / rows)
    return np.asarray(cv2.resize(soft, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)


def _copy(stage: Stage, shape: Shape, level: int, caster: Layer, stands: float) -> Layer:
    """A flattened dark copy: what the light throws, and the dark where the caster keeps the sky off the ground."""
    width, height = stage.scene.size_px
    wide = max(4, round(shape.wide * width))
    slant = ground.slant(stage, min(max(stands, 0.0), 1.0))
    blur = _BLURS[level]
    tall_px = shape.tall * height
    pad = round(3 * blur * wide + _THROWN * min(tall_px, wide))
    low = max(4, round(min(wide, 1.4 * tall_px) * slant))
    rows, columns = low + 2 * pad, wide + 2 * pad
    picture = _thrown(stage, shape, caster, (rows, columns, pad), slant)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    across = (x - columns / 2) / max(0.40 * _foot_px(caster, wide), 0.28 * wide)
    down = (y - rows / 2) / (0.40 * max(low * 0.75, 2))
    pool = np.asarray(np.minimum(np.clip(1.25 - np.hypot(across, down), 0, 1) * 1.6, 1), np.float32)
    picture = np.maximum(picture * 0.75, _footprint(caster, (rows, columns), pool))
    sigma = max(0.8, blur * wide)
    soft = _blurred(picture, sigma, max(0.7, sigma * max(slant * 1.6, 0.3)))
    rgba = np.zeros((rows, columns, 4), np.uint8)
    rgba[..., 3] = np.rint(np.clip(soft, 0, 1) * 255)
    name = f"{caster.name}-shadow-{level}"
    return Layer(
        name=name,
        surface=Surface.GROUND,
        label="shadow",
        rgba=rgba,
        left_px=round(shape.centre[0] * width - columns / 2),
        top_px=round(stands * height - rows / 2),
        plane=Plane(constant=caster.plane.inverse_depth(shape.centre[0], stands)),
    )


def _footprint(caster: Layer, size: tuple[int, int], pool: Floats) -> Floats:
    """Where a thing keeps all light off the ground: below a round one a pool, below a box all that its base covers.

    The lower edges of a box slant, as one looks down on it: its base lies between them and their mirror image.
    """
    rows, columns = size
    solid = caster.rgba[..., 3] > 100
    filled = np.flatnonzero(solid.any(0))
    lowest = len(solid) - 1 - np.argmax(solid[::-1, filled], axis=0)
    above = lowest.max() - lowest
    deep = float(np.percentile(above, 97))
    if deep > _SLANTS * len(solid) or above.max() < 2:
        return pool
    at = filled - solid.shape[1] / 2 + columns / 2
    out = _OUTWARD * len(filled)
    edge = rows / 2 - np.minimum(above, deep) + out
    ring = np.concatenate([np.column_stack([at, edge]), np.column_stack([at, rows / 2 - 2 * deep + above])[::-1]])
    canvas = np.zeros((rows, columns), np.uint8)
    cv2.fillPoly(canvas, [np.rint(ring).astype(np.int32)], 255)
    return np.asarray(canvas / np.float32(255), np.float32)


def _thrown(stage: Stage, shape: Shape, caster: Layer, size: tuple[int, int, int], slant: float) -> Floats:
    """The caster's alpha laid down on the ground along the light; its foot in the middle of the picture."""
    rows, columns, pad = size
    width, height = stage.scene.size_px
    on = _Ground.of(stage)
    foot = (shape.centre[0] * width - caster.left_px, shape.bottom * height - caster.top_px)
    reach = min(1.0, pad / max(shape.tall * height, 1.0))
    lean = np.clip(on.across, -0.9, 0.9) * reach
    lie = np.clip(on.back / max(ground.slant(stage, 0.9), 1e-3), -0.9, 0.9) * slant * reach
    flat = lie if abs(lie) > 0.05 else 0.05
    # A point (u, h above the foot) falls on (u + h lean, -h flat).
    affine = np.array(
        [
            [1, -lean, columns / 2 - foot[0] + lean * foot[1]],
            [0, flat, rows / 2 - flat * foot[1]],
        ]
    )
    alpha = caster.rgba[..., 3].astype(np.float32) / 255
    return np.asarray(cv2.warpAffine(alpha, affine, (columns, rows), flags=cv2.INTER_AREA), np.float32)


def _foot_px(caster: Layer, wide: int) -> float:
    """How broadly a caster rests on the ground: the width of its lowest tenth."""
    solid = np.flatnonzero((caster.rgba[..., 3] > 100).any(1))
    lowest = caster.rgba[max(solid[-1] - max(len(solid) // 8, 2), 0) : solid[-1] + 1, :, 3] > 100
    columns = np.flatnonzero(lowest.any(0))
    return float(min(max(columns[-1] - columns[0] + 1, 0.35 * wide), wide)) if len(columns) else float(wide)
