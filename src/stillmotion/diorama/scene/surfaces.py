"""What each region of a landscape is: water, ground, foliage, a structure. Without a horizon all is backdrop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.scene.features import Features, Mask, grow
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.scene.segments import Segments, nearest

if TYPE_CHECKING:
    from stillmotion.diorama.scene.sky import Sky

_LEAST_AREA = 0.004
_RISES = 0.06
_AT_HORIZON = 0.12
_SAME_WATER = 18.0
_WIDE, _BOTTOM, _LARGE = 0.7, 0.95, 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A region with a name."""

    mask: Mask
    surface: Surface
    top_y: float
    contact_y: float
    """Where it meets the ground, photo coordinates."""
    stands: bool
    """Whether it rises from the ground rather than lying on it."""


def name_parts(features: Features, segments: Segments, sky: Sky, taken: Mask, water_score: float) -> list[Part]:
    """Name every region that is neither sky nor subject.

    Args:
        features: of the photo.
        segments: of the photo.
        sky: of the photo.
        taken: pixels of the subject.
        water_score: how much a classifier believes in water somewhere in the picture.
    """
    parts = []
    for region in segments.masks():
        free = region & ~sky.mask & ~taken
        if free.mean() >= _LEAST_AREA:
            parts.append(_part(features, free, sky, water_score))
    return _one_floor(features, _with_scraps(parts, ~sky.mask & ~taken))


def _with_scraps(parts: list[Part], wanted: Mask) -> list[Part]:
    """Pieces too small for a name join the part next to them, so that nothing is left over."""
    if not parts:
        return parts
    numbers = np.full(wanted.shape, -1, np.int32)
    for number, part in enumerate(parts):
        numbers[part.mask] = number
    numbers = nearest(numbers, numbers >= 0)
    return [replace(part, mask=(numbers == number) & wanted) for number, part in enumerate(parts)]


def _one_floor(features: Features, parts: list[Part]) -> list[Part]:
    """Ground that has the colour of the water beside it is water too: haze and glitter look like land to the rules."""
    water = [part.mask for part in parts if part.surface is Surface.WATER]
    if not water:
        return parts
    colour = np.median(features.lab[np.logical_or.reduce(water)], axis=0)
    near = grow(np.logical_or.reduce(water), 4)
    return [
        replace(part, surface=Surface.WATER)
        if part.surface is Surface.GROUND
        and (part.mask & near).any()
        and float(np.linalg.norm(np.median(features.lab[part.mask], axis=0) - colour)) < _SAME_WATER
        else part
        for part in parts
    ]


def _part(features: Features, mask: Mask, sky: Sky, water_score: float) -> Part:
    rows = np.nonzero(mask)[0] / mask.shape[0]
    top, contact = float(np.percentile(rows, 1)), float(np.percentile(rows, 99.5))
    rise = sky.horizon_y - top
    surface = _surface(features, mask, sky, water_score, rise)
    lies = surface in {Surface.WATER, Surface.GROUND} or (surface is Surface.FOLIAGE and _is_meadow(mask, sky, contact))
    return Part(mask=mask, surface=surface, top_y=top, contact_y=contact, stands=not lies)


def _surface(features: Features, mask: Mask, sky: Sky, water_score: float, rise: float) -> Surface:
    if _is_foliage(features, mask):
        return Surface.FOLIAGE
    if _is_water(features, mask, sky, water_score, rise):
        return Surface.WATER
    textured = float(np.median(features.texture[mask])) > 0.02
    tall = float(np.median(np.argmax(mask, axis=0)[mask.any(axis=0)])) < (sky.horizon_y - _RISES) * mask.shape[0]
    if (
        tall
        or (textured and rise > _RISES)
        or float(np.percentile(np.nonzero(mask)[0], 90)) < sky.horizon_y * mask.shape[0]
    ):
        return Surface.STRUCTURE
    return Surface.GROUND


def _is_meadow(mask: Mask, sky: Sky, contact_y: float) -> bool:
    """Plants from side to side that reach the picture's bottom and hardly rise above the horizon cover the ground."""
    columns = mask.any(axis=0)
    top = float(np.median(np.argmax(mask, axis=0)[columns])) / mask.shape[0]
    return (
        float(mask.mean()) > _LARGE
        and float(columns.mean()) > _WIDE
        and contact_y > _BOTTOM
        and top > sky.horizon_y - _RISES / 2
    )


def _is_foliage(features: Features, mask: Mask) -> bool:
    hue, saturation = float(np.median(features.hue[mask])), float(np.median(features.saturation[mask]))
    green = float(np.median(features.green[mask])) > 0.045 or (50 < hue < 165 and saturation > 0.22)
    return green and float(np.median(features.texture[mask])) > 0.01


def _is_water(features: Features, mask: Mask, sky: Sky, water_score: float, rise: float) -> bool:
    hue, saturation = float(np.median(features.hue[mask])), float(np.median(features.saturation[mask]))
    value, texture = float(np.median(features.value[mask])), float(np.median(features.texture[mask]))
    at_horizon = abs(rise) < _AT_HORIZON
    if at_horizon and 185 < hue < 255 and saturation > 0.4 and value > 0.35:
        return True
    wide = float(mask.any(axis=0).mean()) > 0.25
    snow = value > 0.88 and saturation < 0.12
    if not (at_horizon and wide and texture < 0.02) or snow:
        return False
    ripples = float(features.down[mask].mean()) > 1.1 * float(features.across[mask].mean())
    apart = float(np.linalg.norm(np.median(features.lab[mask], axis=0) - np.median(features.lab[sky.mask], axis=0)))
    blue = 170 < hue < 260 and saturation > 0.2
    return (ripples or texture < 0.006) and (water_score > 0.05 or blue or apart < 25)
