"""Sky and horizon, without a network that knows the word: a score for each region, then gates on its lower edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.scene.features import Features, Floats, Mask, grow, sharpness

if TYPE_CHECKING:
    from stillmotion.diorama.scene.segments import Segments

_ACCEPT = 2.5
_LEAST_AREA = 0.03
_WIDE = 0.035
"""Part of the height within which a column's lower sky edge counts as lying on the horizon."""
_FLAT, _FLAT_STRICT = 0.28, 0.45
_LOWEST = 0.95
_CLOUD_TEXTURE = 0.006
_LIKE_SKY, _LIKE_SKY_HERE = 14.0, 8.0
_SMOOTH = 0.02
_MARGIN = 0.03
_PORTRAIT = 0.55


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """Where the sky is, at feature size."""

    mask: Mask
    horizon_y: float
    """Photo coordinates."""
    flatness: float
    """Share of the columns whose sky ends at the horizon."""


def find(features: Features, segments: Segments, subject: Mask | None, *, portrait: bool) -> Sky | None:
    """The sky, or None.

    Args:
        features: of the photo.
        segments: of the photo.
        subject: pixels that are certainly something else.
        portrait: whether a person fills the picture from its bottom edge; what is behind one may be a painted wall.
    """
    taken = np.zeros(features.shape, np.bool_) if subject is None else subject
    seed = _seed(features, segments, taken)
    if seed is None:
        return None
    mask = _grown(features, segments, seed, taken)
    horizon, flatness = _lower_edge(mask, taken)
    warm = _is_warm(features, mask)
    if horizon > _LOWEST or flatness < (_FLAT_STRICT if warm or portrait else _FLAT):
        return None
    if warm and subject is not None and _stands_out(features, subject):
        return None
    return Sky(mask=_with_clouds(features, segments, mask, horizon) & ~taken, horizon_y=horizon, flatness=flatness)


def is_open_sky(features: Features, backdrop: Mask) -> bool:
    """Whether all that is behind a subject is sky: blue, calm, and all along the top. Then there is no horizon."""
    hue, saturation = float(np.median(features.hue[backdrop])), float(np.median(features.saturation[backdrop]))
    value, texture = float(np.median(features.value[backdrop])), float(np.median(features.texture[backdrop]))
    blue = 185 < hue < 250 and saturation > 0.2 and value > 0.3
    return blue and texture < 0.012 and float(backdrop[0].mean()) > 0.7


def is_portrait(subject: Mask) -> bool:
    """Whether the subject is cut by the bottom edge and fills more than half of the height."""
    rows = np.flatnonzero(subject.any(axis=1))
    if len(rows) == 0:
        return False
    return bool(subject[-1].any()) and (rows[-1] - rows[0]) / subject.shape[0] > _PORTRAIT


def _seed(features: Features, segments: Segments, taken: Mask) -> Mask | None:
    best: Mask | None = None
    most = _ACCEPT
    for mask in segments.masks():
        free = mask & ~taken
        if free.mean() < _LEAST_AREA:
            continue
        score = sky_score(features, free, taken)
        if score > most:
            best, most = free, score
    return best


def sky_score(features: Features, region: Mask, taken: Mask) -> float:
    """How much a region looks like sky: real skies reach 4.5, backdrops 3.5, all else stays under 2.4."""
    height = features.shape[0]
    open_top = ~taken[0]
    top = float((region[0] & open_top).sum()) / max(float(open_top.sum()), 1.0)
    bottom = float(region[-1].mean())
    centre = float(np.nonzero(region)[0].mean()) / height
    score = 1.2 * min(top / 0.6, 1.3) - 2.5 * bottom + _colour_score(features, region)
    score += _texture_score(float(np.median(features.texture[region])))
    score += 0.6 * (centre < 0.4) - 0.8 * (centre > 0.5)
    return score + 0.4 * _calmer_than_below(features, region, taken)


def _colour_score(features: Features, region: Mask) -> float:
    hue, saturation = float(np.median(features.hue[region])), float(np.median(features.saturation[region]))
    value, green = float(np.median(features.value[region])), float(np.median(features.green[region]))
    cool = 170 < hue < 275 or saturation < 0.16
    warm = (hue < 55 or hue > 320) and value > 0.5
    colour = 0.8 if cool else (0.0 if warm else -1.0)
    return colour - 1.2 * (green > 0.05)


def _texture_score(texture: float) -> float:
    return 0.8 * (texture < 0.006) + 0.4 * (texture < 0.012) - 0.8 * (texture > 0.03)


def _calmer_than_below(features: Features, region: Mask, taken: Mask) -> bool:
    below = ~region & ~taken & (np.cumsum(region, axis=0) > 0)
    if below.mean() < 0.01:
        return False
    return float(np.mean(features.texture[below])) > 2 * float(np.mean(features.texture[region]))


def _grown(features: Features, segments: Segments, seed: Mask, taken: Mask) -> Mask:
    """The seed, smooth regions of its colour no lower than it, then single pixels of the sky's colour around them."""
    mask = seed.copy()
    lowest = np.percentile(np.nonzero(seed)[0], 98)
    colour = np.median(features.lab[seed], axis=0)
    reach = grow(seed, 3)
    calm = min(_SMOOTH, 3 * float(np.median(features.texture[seed])) + 0.003)
    for region in segments.masks():
        free = region & ~taken & ~mask
        if not free.any() or np.nonzero(free)[0].mean() > lowest:
            continue
        apart = float(np.linalg.norm(np.median(features.lab[free], axis=0) - colour))
        smooth = float(np.median(features.texture[free])) < calm
        touching = bool((free & reach).any()) or bool(free[0].any())
        if apart < _LIKE_SKY and smooth and touching:
            mask |= free
    near = np.linalg.norm(features.lab - _local_colour(features.lab, mask), axis=2) < _LIKE_SKY_HERE
    rows = np.arange(features.shape[0])[:, None] < lowest
    return np.asarray(mask | (near & (features.texture < _SMOOTH) & rows & grow(mask, 5) & ~taken), np.bool_)


def _with_clouds(features: Features, segments: Segments, mask: Mask, horizon_y: float) -> Mask:
    """Bright, colourless, smooth regions between the sky and the horizon belong to the sky."""
    rows = np.arange(features.shape[0])[:, None] < (horizon_y + _WIDE) * features.shape[0]
    bright = float(np.median(features.value[mask])) - 0.05
    reach = grow(mask, 3)
    for region in segments.masks():
        free = region & ~mask
        if not (free & reach).any() or float((free & rows).sum()) < 0.8 * float(free.sum()):
            continue
        pale = float(np.median(features.saturation[free])) < 0.3 and float(np.median(features.value[free])) > bright
        if pale and float(np.median(features.texture[free])) < _CLOUD_TEXTURE:
            mask = mask | (free & rows)
    return mask


def _local_colour(lab: Floats, mask: Mask) -> Floats:
    weight = mask.astype(np.float32)
    total = cv2.GaussianBlur(lab * weight[..., None], (0, 0), 15.0)
    amount = cv2.GaussianBlur(weight, (0, 0), 15.0)
    return np.asarray(total / np.maximum(amount, 1e-3)[..., None], np.float32)


def _lower_edge(mask: Mask, taken: Mask) -> tuple[float, float]:
    """Row of the horizon and the share of columns that reach it; columns that end at the subject say nothing."""
    height = mask.shape[0]
    has = mask.any(axis=0)
    last = height - 1 - np.argmax(mask[::-1], axis=0)
    under = grow(taken, 2)[np.minimum(last + 2, height - 1), np.arange(mask.shape[1])]
    useful = has & ~under
    if useful.sum() < 0.05 * mask.shape[1]:
        useful = has
    edge = (last[useful] + 1) / height
    horizon = float(np.percentile(edge, 85))
    return horizon, float((np.abs(edge - horizon) < _WIDE).sum()) / max(float(mask.shape[1]), 1.0)


def _is_warm(features: Features, mask: Mask) -> bool:
    hue, saturation = float(np.median(features.hue[mask])), float(np.median(features.saturation[mask]))
    return (hue < 70 or hue > 290) and saturation > 0.16


def _stands_out(features: Features, subject: Mask) -> bool:
    rest = ~grow(subject, 6)
    return bool(rest.any()) and sharpness(features, subject) > 2.5 * sharpness(features, rest)
