"""What the photo hides: smooth surroundings go on from their own pixels, textured ones are painted by a network."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from stillmotion.diorama.perception import inpaint
from stillmotion.diorama.randomness import generator
from stillmotion.diorama.scene.features import LONG_SIDE, Floats, Mask, Picture, grow, shrunk

_SMALLEST = 3
_SWEEPS = 6
_SHOWN = 0.08
"""Part of the picture's width around a hole's edge that a camera move can ever show."""
_CALM, _BUSY = 0.006, 0.014
_CROSS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / np.float32(4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Filled:
    """A picture without its hole."""

    picture: Picture
    smooth: Floats
    """1 where the surroundings were smooth, 0 where they were textured, carried into the hole."""


def fill(
    picture: Picture, hole: Mask, *, smooth_only: bool, stretch: float = 1.0, core: Mask | None = None, rim: float = 4.0
) -> Filled:
    """The picture with its hole filled.

    Args:
        picture: at working size.
        hole: unknown pixels, grown past the soft edge of what was taken away.
        core: the part of the hole to paint where it is textured: what a network invents must not replace what the
            photo shows. The whole hole when absent.
        rim: how far, in pixels, the picture goes on into the painted part before the network takes over.
        smooth_only: for skies: nothing may be invented there.
        stretch: how much farther colours are carried sideways than up and down.
    """
    certain = np.ones(hole.shape, np.float32)
    if not hole.any() or hole.all():
        return Filled(picture=picture.copy(), smooth=certain)
    calm = _continued(picture, hole, stretch)
    if smooth_only:
        return Filled(picture=calm, smooth=certain)
    busy = busyness(picture, hole)
    shown = hole & (cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3) < _SHOWN * picture.shape[1])
    if float(np.percentile(busy[shown], 98)) < 0.1:
        return Filled(picture=calm, smooth=1 - busy)
    painted = _painted(picture, hole if core is None else core, rim)
    mixed = calm + busy[..., None] * (painted - calm)
    whole = np.where(hole[..., None], np.clip(mixed + 0.5, 0, 255), picture).astype(np.uint8)
    return Filled(picture=whole, smooth=1 - busy)


def _painted(picture: Picture, hole: Mask, rim: float) -> Floats:
    """A network's picture of the hole, without a seam: at the rim the surroundings go on as they are."""
    painted = inpaint.fill(picture, hole).astype(np.float32)
    deep, places = cv2.distanceTransformWithLabels(
        hole.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    known = picture[~hole]
    table = np.zeros(int(places.max()) + 1, np.intp)
    table[places[~hole]] = np.arange(len(known))
    beside = hole & (deep < 4 * rim)
    near = known[table[places[beside]]].astype(np.float32)
    painted[beside] += np.exp(-((deep[beside] / (1.5 * rim)) ** 2))[:, None] * (near - painted[beside])
    return painted


def spread(values: Floats, weight: Floats) -> Floats:
    """Known values carried smoothly into unknown pixels: push-pull (Gortler et al. 1996), then relaxed at each level.

    Args:
        values: shape (height, width, channels).
        weight: 1 where known, 0 where not, shape (height, width).
    """
    height, width = weight.shape
    if min(height, width) <= _SMALLEST or float(weight.min()) > 0.99:
        mean = (values * weight[..., None]).sum((0, 1)) / max(float(weight.sum()), 1e-6)
        return np.asarray(np.where(weight[..., None] > 0.5, values, mean), np.float32)
    size = ((width + 1) // 2, (height + 1) // 2)
    less = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    half = cv2.resize(values * weight[..., None], size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    known = np.asarray(np.minimum(less * 2, 1), np.float32)
    coarse = spread(np.asarray(half / np.maximum(less, 1e-6)[..., None], np.float32), known)
    guess = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).reshape(values.shape)
    out = values * weight[..., None] + guess * (1 - weight[..., None])
    for _ in range(_SWEEPS):
        relaxed = cv2.filter2D(out, -1, _CROSS, borderType=cv2.BORDER_REPLICATE).reshape(values.shape)
        out = values * weight[..., None] + relaxed * (1 - weight[..., None])
    return np.asarray(out, np.float32)


def _continued(picture: Picture, hole: Mask, stretch: float) -> Picture:
    height, width = hole.shape
    narrow = (max(_SMALLEST, round(width / stretch)), height)
    weight = (~hole).astype(np.float32)
    less = cv2.resize(weight, narrow, interpolation=cv2.INTER_AREA)
    known = np.asarray(less > 0.99, np.float32)
    if not known.any():
        return _continued(picture, hole, 1.0) if stretch > 1 else picture.copy()
    squeezed = cv2.resize(picture.astype(np.float32) * weight[..., None], narrow, interpolation=cv2.INTER_AREA)
    smooth = spread(np.asarray(squeezed / np.maximum(less, 1e-6)[..., None], np.float32), known)
    grainy = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR) + _grain(picture, hole)
    return np.where(hole[..., None], np.clip(grainy + 0.5, 0, 255), picture).astype(np.uint8)


def _grain(picture: Picture, hole: Mask) -> Floats:
    """Noise as strong as that of the smooth pixels around the hole."""
    near = grow(hole, 24) & ~grow(hole, 4)
    if near.sum() < 100:
        return np.zeros(picture.shape, np.float32)
    fine = picture.astype(np.float32) - cv2.GaussianBlur(picture, (0, 0), 1.5).astype(np.float32)
    strength = np.median(np.abs(fine[near]), axis=0) * 1.4826
    white = generator(0, "fill", *picture.shape).standard_normal(picture.shape, dtype=np.float32)
    soft = cv2.GaussianBlur(white, (0, 0), 0.7)
    return np.asarray(soft / max(float(soft.std()), 1e-6) * strength, np.float32)


def busyness(picture: Picture, hole: Mask) -> Floats:
    """0 where the surroundings of a hole are smooth, 1 where they are textured, carried into the hole.

    Measured on a small picture, in which film grain is averaged away.
    """
    small = shrunk(picture, LONG_SIDE // 2)
    size = (small.shape[1], small.shape[0])
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    unit = luma.astype(np.float32) / np.float32(255)
    gradient = np.hypot(cv2.Sobel(unit, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(unit, cv2.CV_32F, 0, 1, scale=1 / 8))
    gradient /= 2
    known = (cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) == 0).astype(np.float32)
    known = np.asarray(cv2.erode(known, np.ones((3, 3), np.uint8)), np.float32)
    total = cv2.boxFilter(gradient * known, -1, (9, 9))
    amount = cv2.boxFilter(known, -1, (9, 9))
    local = total / np.maximum(amount, 1e-6)
    carried = spread(local[..., None].astype(np.float32), known)[..., 0]
    slope = np.clip((carried - _CALM) / (_BUSY - _CALM), 0, 1)
    soft = cv2.GaussianBlur((slope * slope * (3 - 2 * slope)).astype(np.float32), (0, 0), 2.0)
    return np.asarray(cv2.resize(soft, hole.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
