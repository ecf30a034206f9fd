"""From sketches to layers of pixels, near to far: cut one out, fill what it hid, cut the next from the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.scene.features import Floats, Mask, Picture, grow
from stillmotion.diorama.scene.fill import Filled, busyness, fill
from stillmotion.diorama.scene.matte import Parted, Reach, alpha_matte, enlarge, part, trimap
from stillmotion.diorama.scene.records import Layer, Surface
from stillmotion.diorama.scene.segments import Labels, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.scene.layout import Layout, Sketch

_HOLE_RADIUS, _HAIRY_RADIUS = 6, 14
"""How far the fill begins beyond an outline, at 1280 pixels; stray hairs go farther out than any matte."""
_LEAST_HALO = 3.5
"""In pixels of a small photo: half a block of a compressed one."""
_REFERENCE = 1280
_TRACE = 0.02
_SOFT_SURFACES = frozenset({Surface.PERSON, Surface.ANIMAL, Surface.PLANT, Surface.FOLIAGE})
_HAIRY = frozenset({Surface.PERSON, Surface.ANIMAL})
_SIDEWAYS = 3
"""In a landscape what lies beside a hole continues into it rather than what lies above."""
_MOST_HIDDEN = 24
"""How far, at feature size, a standing thing goes on behind a nearer one: more than any camera move reveals."""
_STRETCH = {Surface.WATER: 4.0, Surface.GROUND: 2.0, Surface.SKY: 1.5}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cut:
    """One layer at working size."""

    sketch: Sketch
    alpha: Floats
    """The matte, before veils."""
    filled: Filled
    """The picture without this layer, and how smooth it is there."""
    parted: Parted
    """Layer and background at working size."""


def cut_all(picture: Picture, layout: Layout, step: Callable[[float], None]) -> list[Cut]:
    """Cut the layers out, near to far.

    Args:
        picture: at working size.
        layout: at feature size.
        step: told the share that is done.
    """
    masks = [sketch.mask for sketch in layout.sketches]
    hidden = np.zeros_like(masks[0])
    cuts: list[Cut] = []
    current = picture
    for index in range(len(masks) - 1, 0, -1):
        sketch = layout.sketches[index]
        reached = _extended(masks[: index + 1], layout.sketches[: index + 1], hidden, layout.horizon_y)[index]
        beyond = layout.sketches[index - 1].surface
        cuts.append(_cut(current, sketch, reached, beyond, blurred=layout.bokeh))
        current = _rounded(cuts[-1].parted.behind)
        hidden = hidden | grow(masks[index] | sketch.doubt, 3)
        step(1 - (index - 1) / len(masks))
    return cuts


def _cut(picture: Picture, sketch: Sketch, mask: Mask, beyond: Surface, *, blurred: bool) -> Cut:
    shape = (picture.shape[0], picture.shape[1])
    if sketch.lies:
        alpha = _feathered(enlarge(mask, shape))
    else:
        doubt = _separable(picture, mask, sketch.doubt)
        alpha = alpha_matte(picture, trimap(mask, doubt, shape, soft=sketch.surface in _SOFT_SURFACES))
    halo = _halo(shape)
    radius = _HAIRY_RADIUS * max(shape) / _REFERENCE if sketch.surface in _HAIRY else halo
    core = grow(alpha > _TRACE, round(halo))
    hole = grow(alpha > _TRACE, round(radius)) | core
    plain = beyond is Surface.SKY or blurred or sketch.lies
    filled = fill(picture, hole, smooth_only=plain, stretch=_STRETCH.get(beyond, 1.0), core=core, rim=halo)
    return Cut(sketch=sketch, alpha=alpha, filled=filled, parted=_part(picture, alpha, filled, sketch, halo))


def _separable(picture: Picture, mask: Mask, doubt: Mask) -> Mask:
    """Doubtful pixels without those outside the mask where the surroundings are textured.

    There colours cannot tell hair from what is behind it: a rope beside a hat would go with the hat.
    """
    shape = (picture.shape[0], picture.shape[1])
    busy = busyness(picture, enlarge(grow(mask | doubt, 2), shape) > 0.1)
    textured = cv2.resize(busy, mask.shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
    return np.asarray(doubt & (mask | ~textured), np.bool_)


def _part(picture: Picture, alpha: Floats, filled: Filled, sketch: Sketch, halo: float) -> Parted:
    radius = _HAIRY_RADIUS if sketch.surface in _HAIRY else 2 * _HOLE_RADIUS
    reach = Reach(smooth=max(radius * max(alpha.shape) / _REFERENCE, halo), textured=halo)
    return part(picture.astype(np.float32), alpha, filled.picture.astype(np.float32), filled.smooth, reach)


def _halo(shape: tuple[int, int]) -> float:
    """How far sharpening and compression carry an outline into its surroundings, in pixels at working size.

    Photos that small are not shrunk before they are cut: there it is a matter of their own pixels.
    """
    return max(_LEAST_HALO, _HOLE_RADIUS * max(shape) / _REFERENCE)


def _rounded(colours: Floats) -> Picture:
    return np.asarray(np.clip(colours + 0.5, 0, 255), np.uint8)


def _feathered(soft: Floats) -> Floats:
    return np.asarray(np.clip((soft - 0.15) / 0.7, 0, 1), np.float32)


def _extended(masks: list[Mask], sketches: tuple[Sketch, ...], hole: Mask, horizon_y: float | None) -> list[Mask]:
    """Masks of farther layers carried into a hole: sideways first, the sky never below the horizon, no ground above."""
    if len(masks) == 1 or not hole.any():
        return [masks[0] | hole] if len(masks) == 1 else masks
    labels = np.zeros(hole.shape, np.int32)
    for number, mask in enumerate(masks):
        labels[mask] = number
    known = np.logical_or.reduce(masks) & ~hole
    row = 0 if horizon_y is None else round(horizon_y * hole.shape[0])
    lying = [number for number, sketch in enumerate(sketches) if sketch.lies]
    above = np.arange(hole.shape[0])[:, None] < row
    allowed = known & np.where(above, ~np.isin(labels, lying), labels != 0)
    for half, base in ((slice(0, row), 0), (slice(row, None), lying[-1] if lying else 0)):
        if allowed[half].any():
            found = _nearest_sideways(labels[half], allowed[half])
            labels[half] = np.where(_too_far([mask[half] for mask in masks], found, lying), base, found)
    return [np.where(hole, labels == number, mask) for number, mask in enumerate(masks)]


def _too_far(masks: list[Mask], found: Labels, lying: list[int]) -> Mask:
    """Pixels given to a standing thing beyond what a camera move could reveal of it."""
    far = np.zeros(found.shape, np.bool_)
    for number, mask in enumerate(masks):
        if number and number not in lying:
            far |= (found == number) & ~grow(mask, _MOST_HIDDEN)
    return far


def _nearest_sideways(labels: Labels, known: Mask) -> Labels:
    tall = np.repeat(labels, _SIDEWAYS, axis=0), np.repeat(known, _SIDEWAYS, axis=0)
    return nearest(*tall)[1::_SIDEWAYS]


def to_layers(photo: Picture, layout: Layout, cuts: list[Cut]) -> tuple[Layer, ...]:
    """Layers at scene resolution, far to near."""
    current = photo
    layers: list[Layer] = []
    for cut in cuts:
        same = cut.alpha.shape == photo.shape[:2]
        parted = cut.parted if same else _enlarged(current, cut)
        if not parted.alpha.any():  # its matte has nothing left of it, so there is no such layer
            continue
        layers.append(_layer(cut.sketch, parted.alpha, parted.front))
        current = _rounded(parted.behind)
    layers.append(_layer(layout.sketches[0], np.ones(photo.shape[:2], np.float32), current.astype(np.float32)))
    return tuple(reversed(layers))


def _enlarged(photo: Picture, cut: Cut) -> Parted:
    """A cut repeated at scene size."""
    shape = (cut.alpha.shape[0], cut.alpha.shape[1])
    halo = _halo(shape) * max(photo.shape) / max(shape)
    return _part(photo, *_at_scene_size(cut, photo.shape[:2]), cut.sketch, halo)


def _at_scene_size(cut: Cut, shape: tuple[int, ...]) -> tuple[Floats, Filled]:
    size = (shape[1], shape[0])
    alpha = np.clip(cv2.resize(cut.alpha, size, interpolation=cv2.INTER_CUBIC), 0, 1)
    settled = np.where(alpha > 0.995, 1, np.where(alpha < 0.005, 0, alpha))
    picture = cv2.resize(cut.filled.picture, size, interpolation=cv2.INTER_CUBIC)
    smooth = cv2.resize(cut.filled.smooth, size, interpolation=cv2.INTER_LINEAR)
    filled = Filled(picture=np.asarray(picture, np.uint8), smooth=np.asarray(smooth, np.float32))
    return np.asarray(settled, np.float32), filled


def _layer(sketch: Sketch, alpha: Floats, colours: Floats) -> Layer:
    inside = alpha > 0
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    box = (slice(top, int(rows[-1]) + 1), slice(left, int(columns[-1]) + 1))
    opaque = alpha[box][..., None]
    rgba = np.concatenate([colours[box], opaque * 255], axis=2)
    return Layer(
        name=sketch.name,
        surface=sketch.surface,
        label=sketch.label,
        rgba=(rgba + 0.5).astype(np.uint8),
        left_px=left,
        top_px=top,
        plane=sketch.plane,
        contact_y=sketch.contact_y,
        confidence=sketch.confidence,
    )
