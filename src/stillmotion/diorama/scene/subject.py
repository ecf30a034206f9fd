"""What the photo is of. Two independent opinions must agree: what stands out, and what the segmenter cuts out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.perception import regions
from stillmotion.diorama.scene.features import (
    Features,
    Floats,
    Mask,
    components,
    grow,
    opened,
    sharpness,
    shrink,
    with_steady_border,
    without_specks,
)
from stillmotion.diorama.scene.segments import Segments, agreement, cut_around, enlarged, prompted

if TYPE_CHECKING:
    from stillmotion.diorama.perception.detector import Detection

PEAK = 0.6
"""Raw saliency never reaches this in a photo without a subject. Stretching it to 0..1 would invent one."""
LEAST_CONFIDENCE = 0.6
SURE = 0.75
_LEAST_AREA, _MOST_AREA = 0.0015, 0.85
_DETECTED = 0.6
_DETECTION_BONUS = 1.05
_SPECK = 0.02
_AGREED_WIDTH = 3
"""Opinions that differ by less than this many pixels on each side of an outline do not disagree."""
_DOUBT_REACH = 10
_LEAST_MISSING, _MOST_MISSING, _SAME_THING = 0.004, 5, 0.5
STAGE = frozenset({"dining table", "bed", "couch", "chair", "bench", "toilet", "sink", "refrigerator", "oven"})
"""What subjects stand on or before."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """The part of the photo that the shot is about, at feature size."""

    mask: Mask
    doubt: Mask
    """Where the opinions differ: a matte must decide."""
    confidence: float
    """Agreement of the two opinions, 0..1."""
    by_backdrop: bool = False
    """Found as what is left when the smooth backdrop is taken away."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opinions:
    """What each network says about the subject, at feature size."""

    saliency: Floats
    """Raw, 0..1."""
    matte: Floats | None
    """Of people and animals; None when there are none."""
    detections: tuple[Detection, ...]


def find(features: Features, segments: Segments, opinions: Opinions) -> Subject | None:
    """The subject, however unsure, or None when nothing stands out."""
    salient = opinions.saliency > 0.5
    if float(opinions.saliency.max()) < PEAK or not _LEAST_AREA < float(salient.mean()) < _MOST_AREA:
        return None
    best: Mask | None = None
    most = 0.0
    for mask, bonus in _candidates(segments, opinions):
        score = agreement(mask, salient) * bonus
        if score > most:
            best, most = mask, score
    if best is None:
        return None
    chosen = _agreed(segments, best, opinions, min(most, 1.0))
    if chosen.confidence >= SURE:
        return chosen
    return _before_backdrop(features, segments, salient) or chosen


def _agreed(segments: Segments, mask: Mask, opinions: Opinions, confidence: float) -> Subject:
    """The mask with what it lacks, and the pixels beside its outline that the opinions do not agree on."""
    salient = opinions.saliency > 0.5
    whole = with_steady_border(without_specks(_with_missing(segments, mask, salient), _SPECK))
    differ = opened(whole ^ salient, _AGREED_WIDTH)
    if opinions.matte is not None:
        differ |= opened(whole ^ (opinions.matte > 0.5), 1) | ((opinions.matte > 0.1) & (opinions.matte < 0.9))
    beside = grow(whole, _DOUBT_REACH) & ~shrink(whole, _DOUBT_REACH)
    return Subject(mask=whole, doubt=differ & beside, confidence=confidence)


def _with_missing(segments: Segments, mask: Mask, salient: Mask) -> Mask:
    """Things that stand out beside the mask join it when the segmenter cuts the same thing out."""
    numbers, areas = components(opened(salient & ~mask, _AGREED_WIDTH))
    whole = mask.copy()
    for number in np.flatnonzero(areas > _LEAST_MISSING * mask.size)[:_MOST_MISSING]:
        blob = numbers == number
        if number and agreement(thing := cut_around(segments, blob) & ~mask, blob) > _SAME_THING:
            whole |= thing
    return whole


def _candidates(segments: Segments, opinions: Opinions) -> list[tuple[Mask, float]]:
    salient = opinions.saliency > 0.5
    found = [(segments.candidate(index), 1.0) for index in range(len(segments.logits))]
    found.append((_salient_regions(segments, opinions.saliency), 1.0))
    found.extend((mask, 1.0) for mask in prompted(segments, salient))
    boxed = [mask for one in opinions.detections if (mask := _detected(segments, one, salient)) is not None]
    found.extend((mask, _DETECTION_BONUS) for mask in boxed)
    if len(boxed) > 1:
        found.append((np.logical_or.reduce(boxed), _DETECTION_BONUS))
        found.append((np.logical_or.reduce([*boxed, found[0][0]]), 1.0))
    if opinions.matte is not None:
        found.append((opinions.matte > 0.5, 1.0))
    return found


def _salient_regions(segments: Segments, saliency: Floats) -> Mask:
    flat = segments.numbers.ravel()
    areas = np.bincount(flat, minlength=segments.count)
    means = np.bincount(flat, weights=saliency.ravel(), minlength=segments.count) / np.maximum(areas, 1)
    return np.asarray((means > 0.5)[segments.numbers], np.bool_)


def _detected(segments: Segments, thing: Detection, salient: Mask) -> Mask | None:
    """The mask in a detector's box that agrees best with what stands out."""
    if thing.score < _DETECTED or thing.label in STAGE:
        return None
    logits, quality = regions.box_mask(segments.embedding, thing.box)
    masks = [enlarged(one, segments.numbers.shape) > 0 for one in logits]
    scores = [agreement(mask, salient) + 0.3 * float(sure) for mask, sure in zip(masks, quality, strict=True)]
    return masks[int(np.argmax(scores))]


_SMOOTH = 0.008
_SMOOTH_PIXEL = 0.012
_LEAST_BACKDROP = 0.08
_BACKDROP_COLOUR = 22.0
_ONE_PIECE = 0.7
_SHARPER = 2.2
_OTHER_COLOUR = 25.0
_BACKDROP_CONFIDENCE = 0.8


def _before_backdrop(features: Features, segments: Segments, salient: Mask) -> Subject | None:
    """What is left when the smooth backdrop is taken away, if it is one sharp piece of another colour."""
    backdrop = _smooth_backdrop(features, segments)
    if backdrop is None:
        return None
    rest = with_steady_border(without_specks(~backdrop, _SPECK))
    _, areas = components(rest)
    inside, outside = features.lab[rest], features.lab[backdrop]
    if len(areas) < 2 or len(inside) == 0:
        return None
    distance = float(np.linalg.norm(np.median(inside, axis=0) - np.median(outside, axis=0)))
    whole = areas[1:].max() / areas[1:].sum() > _ONE_PIECE
    sharp = sharpness(features, rest) > _SHARPER * sharpness(features, backdrop)
    holds = float((rest & salient).sum()) > 0.6 * float(salient.sum())
    if not (whole and sharp and holds and distance > _OTHER_COLOUR):
        return None
    return Subject(mask=rest, doubt=np.zeros_like(rest), confidence=_BACKDROP_CONFIDENCE, by_backdrop=True)


def _smooth_backdrop(features: Features, segments: Segments) -> Mask | None:
    """The largest smooth region at the picture's border, grown over neighbours of its colour."""
    best: Mask | None = None
    most = _LEAST_BACKDROP * features.pixels
    for mask in segments.masks():
        touches = mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()
        if touches and mask.sum() > most and float(np.median(features.gradient[mask])) < _SMOOTH:
            best, most = mask, float(mask.sum())
    if best is None:
        return None
    local = cv2.GaussianBlur(features.lab, (0, 0), 2.0)
    near = np.linalg.norm(local - np.median(features.lab[best], axis=0), axis=2) < _BACKDROP_COLOUR
    numbers, _ = components(best | (near & (features.texture < _SMOOTH_PIXEL)))
    reached = np.unique(numbers[best])
    return grow(np.isin(numbers, reached[reached > 0]), 1)
