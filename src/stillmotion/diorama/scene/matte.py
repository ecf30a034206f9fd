"""Soft outlines: where two opinions leave a pixel open, closed-form matting decides (Levin, Lischinski, Weiss 2008)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from stillmotion.diorama.scene.features import Floats, Mask, Picture, grow, shrink

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RIGID, _SOFT = 4, 6
"""Half width of the open band at 1280 pixels."""
_REFERENCE = 1280
_MANY = 90_000
_REDUCED = 0.6
_NOTHING, _ALL = 0.02, 0.98
_MARGIN = 24
_WIDEST = 96
"""Steps of a pixel after which a way through the open band is no longer followed."""
_NEIGHBOURS = np.ones((3, 3), np.uint8)
_SHIFTS = (1e-3, 1e-2, 1e-1, 1.0)
_CLEAR, _HEADROOM = 0.5, 48.0
_NOISE = 3.0
"""Levels that a background may differ from its fill without anybody seeing it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trimap:
    """What is certain at working size; the rest is open."""

    inside: Mask
    outside: Mask

    @property
    def open(self) -> Mask:
        """Pixels that the matte must decide."""
        return ~(self.inside | self.outside)


def trimap(mask: Mask, doubt: Mask, shape: tuple[int, int], *, soft: bool) -> Trimap:
    """Certain pixels at working size from an outline and its doubtful pixels at feature size.

    Args:
        mask: at feature size.
        doubt: at feature size.
        shape: height and width at working size.
        soft: hair, fur and leaves need a wider band, and there the doubt counts; a rigid thing has a sharp outline.
    """
    solid, unsure = enlarge(mask, shape) > 0.5, (enlarge(doubt, shape) > 0.3) & soft
    radius = max(2, round((_SOFT if soft else _RIGID) * max(shape) / _REFERENCE))
    return Trimap(inside=shrink(solid & ~unsure, radius), outside=~grow(solid | unsure, radius))


def enlarge(mask: Mask, shape: tuple[int, int]) -> Floats:
    """A mask at another size with its stairs smoothed away, 0..1."""
    sigma = 0.6 * max(shape) / max(mask.shape)
    wide = cv2.resize(mask.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma), np.float32)


def alpha_matte(picture: Picture, certain: Trimap) -> Floats:
    """Opacity of every pixel, 0..1."""
    alpha = certain.inside.astype(np.float32)
    window = _window(certain.open)
    if window is None or not certain.inside.any():
        return alpha
    part, inside, outside = picture[window], certain.inside[window], certain.outside[window]
    if not inside.any() or not outside.any():
        return alpha
    levels = np.where(inside, 1.0, np.where(outside, 0.0, 0.5))
    solved = _solve(part, levels)
    alpha[window] = _attached(np.asarray(np.where(inside, 1, np.where(outside, 0, solved)), np.float32), inside)
    return alpha


def _attached(alpha: Floats, inside: Mask) -> Floats:
    """The matte without islands: a pixel is at most as opaque as the best way from it to the inside.

    Greyscale reconstruction (Vincent 1993). What lights up beyond a gap, like a rope beside a hat, is no hair.
    """
    reached = np.where(inside, alpha, 0).astype(np.float32)
    for _ in range(_WIDEST):
        wider = np.minimum(cv2.dilate(reached, _NEIGHBOURS), alpha)
        if np.array_equal(wider, reached):
            break
        reached = np.asarray(wider, np.float32)
    return reached


def _solve(part: Picture, levels: NDArray[np.float64]) -> Floats:
    height, width = levels.shape
    unit = part.astype(np.float64) / 255
    factor = _REDUCED if np.count_nonzero(levels == 0.5) > _MANY else 1.0
    size = (max(8, round(width * factor)), max(8, round(height * factor)))
    few = cv2.resize(levels, size, interpolation=cv2.INTER_NEAREST)
    solved = _matted(cv2.resize(unit, size, interpolation=cv2.INTER_AREA), few)
    wide = cv2.resize(np.asarray(solved, np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip((wide - _NOTHING) / (_ALL - _NOTHING), 0, 1), np.float32)


def _matted(unit: NDArray[Any], levels: NDArray[Any]) -> NDArray[Any]:
    from pymatting import estimate_alpha_cf, ichol  # noqa: PLC0415 - takes a second; a scene from the cache needs none

    # The incomplete factor is shifted from the start: flat drawings are nearly singular.
    factor = partial(ichol, shifts=_SHIFTS)
    return np.asarray(estimate_alpha_cf(unit, levels, preconditioner=factor))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parted:
    """A picture parted into a layer and what is behind it."""

    alpha: Floats
    front: Floats
    """Colours of the layer times alpha, 0..255."""
    behind: Floats
    """0..255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far beyond an outline the background is taken from the fill, in pixels."""

    smooth: float
    """Where the surroundings are smooth."""
    textured: float
    """Where they are textured: a rim of the photo that moves with the layer shows there, so no farther than halos."""


def part(picture: Floats, alpha: Floats, filled: Floats, smooth: Floats, reach: Reach) -> Parted:
    """Part a picture so that layer over background gives it back exactly, and the background keeps no trace of it.

    The background is the fill, also a little beyond the outline: rims that sharpening or compression left there belong
    to the layer, as a faint veil that moves with it.

    Args:
        picture: 0..255.
        alpha: of the layer.
        filled: the picture with the layer and its surroundings painted over.
        smooth: 1 where the surroundings are smooth, 0 where they are textured.
        reach: how far beyond the outline the fill counts.
    """
    window = _window(alpha > 0, round(max(reach.smooth, reach.textured)) + 2)
    opaque, front, behind = alpha.copy(), picture * alpha[..., None], picture.copy()
    if window is not None:
        found = _parted(picture[window], alpha[window], filled[window], smooth[window], reach)
        opaque[window], front[window], behind[window] = found.alpha, found.front, found.behind
    return Parted(alpha=opaque, front=front, behind=behind)


def _parted(picture: Floats, alpha: Floats, filled: Floats, smooth: Floats, reach: Reach) -> Parted:
    beyond = cv2.distanceTransform((alpha <= 0).astype(np.uint8), cv2.DIST_L2, 3)
    far, close = (np.clip(2 - 2 * beyond / width, 0, 1) for width in (reach.smooth, reach.textured))
    fade = smooth * far + (1 - smooth) * close
    wanted = picture + fade[..., None] * (filled - picture)
    wanted = np.clip(wanted + np.clip(picture - wanted, -_NOISE, _NOISE) * (1 - alpha[..., None]), 0, 255)
    opaque = np.where(fade > 0, np.maximum(alpha, _least_alpha(picture, wanted)), alpha)[..., None]
    front = np.clip(picture - (1 - opaque) * wanted, 0, 255 * opaque)
    behind = np.where(opaque < _CLEAR, (picture - front) / np.maximum(1 - opaque, 1 - _CLEAR), wanted)
    return Parted(
        alpha=np.asarray(opaque[..., 0], np.float32),
        front=np.asarray(front, np.float32),
        behind=np.asarray(np.clip(behind, 0, 255), np.float32),
    )


def _least_alpha(picture: Floats, behind: Floats) -> Floats:
    """The smallest opacity with which some colour over the background gives the picture, or nearly.

    Near black and white a level more or less must not make a veil opaque: that rest stays in the background.
    """
    brighter = (picture - behind) / np.maximum(255 - behind, _HEADROOM)
    darker = (behind - picture) / np.maximum(behind, _HEADROOM)
    return np.asarray(np.clip(np.maximum(brighter, darker).max(axis=2), 0, 1), np.float32)


def _window(mask: Mask, margin: int = _MARGIN) -> tuple[slice, slice] | None:
    """The box of a mask with a margin."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(rows) == 0:
        return None
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )
