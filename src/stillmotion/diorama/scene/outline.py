"""The outline of the one thing in a box of a photo, or under a point: by the segmenter, else by its colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.perception import regions
from stillmotion.diorama.scene import gates
from stillmotion.diorama.scene.features import LONG_SIDE, Mask, Picture, components, grow, measure
from stillmotion.diorama.scene.segments import agreement, enlarged

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARGIN = 0.6
"""How far the picture that is looked at reaches beyond the box, in sizes of the box."""
_LEAST_MARGIN_PX = 24
_LEAST_PX = 4
"""A box narrower than this holds nothing that could be cut out."""
_OUTSIDE = 0.12
"""Share of a thing that may stick out of its box."""
_LEAST_AREA = 0.06
"""Share of its box that a thing covers at least: a stick across it covers a tenth."""
_WHOLE = 0.75
"""Share of a thing that is one piece."""
_LEAST_QUALITY = 0.55
_WEAK = 0.35
"""Share of the outline that may look alike on both sides: real things 0 to 0.2, pieces of a background 0.5 and more."""
_WEAK_BY_COLOUR = 0.25
"""The same when only its colours set a thing apart."""
_SPECK, _GAP = 0.04, 0.004
_GRABBED_SIDE, _GRAB_ROUNDS = 256, 5
_BIN, _RARE, _SEEN_THROUGH = 12, 0.01, 0.5
_LARGEST_UNDER_POINT = 0.4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outline:
    """A thing in a part of a photo."""

    left_px: int
    top_px: int
    mask: Mask
    """Over the part of the photo that was looked at: the thing and its surroundings."""
    grain_px: float
    """How exact the outline is."""

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the part of the photo."""
        height, width = self.mask.shape
        return slice(self.top_px, self.top_px + height), slice(self.left_px, self.left_px + width)


def find(photo: Picture, box: Box) -> Outline | None:
    """The thing that fills a box, or None when the box holds nothing that can be told apart from what is around it.

    Args:
        photo: at any size.
        box: photo coordinates; it may be drawn loosely.
    """
    left, top, right, bottom = _pixels(photo, box)
    if min(right - left, bottom - top) < _LEAST_PX:
        return None
    around = _around(photo, (left, top, right, bottom))
    seen = np.ascontiguousarray(photo[around])
    start_y, start_x = int(around[0].start), int(around[1].start)
    inside = np.zeros(seen.shape[:2], np.bool_)
    inside[top - start_y : bottom - start_y, left - start_x : right - start_x] = True
    if inside.all():
        return None
    mask = next((one for one in _opinions(seen, inside) if one is not None), None)
    if mask is None:
        return None
    grain = max(seen.shape[:2]) / LONG_SIDE
    return Outline(left_px=start_x, top_px=start_y, mask=mask, grain_px=grain)


def box_under(photo: Picture, point: tuple[float, float]) -> Box | None:
    """The box of the thing under a point; None when nothing of a useful size is there."""
    embedding = regions.embed(photo)
    logits, quality = regions.point_masks(embedding, np.array([point], np.float32))
    masks = [_around_point(one > 0, point) for one in logits[0]]
    sound = [
        (float(sure), mask)
        for mask, sure in zip(masks, quality[0], strict=True)
        if mask is not None and mask.mean() < _LARGEST_UNDER_POINT
    ]
    if not sound:
        return None
    return box_of(max(sound, key=lambda one: one[0])[1])


def box_of(mask: Mask) -> Box:
    """The box of a mask over the whole photo, in photo coordinates."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    return Box(
        x0=float(columns[0]) / width,
        y0=float(rows[0]) / height,
        x1=float(columns[-1] + 1) / width,
        y1=float(rows[-1] + 1) / height,
    )


def _around_point(mask: Mask, point: tuple[float, float]) -> Mask | None:
    """The piece of a mask that lies under a point."""
    numbers, _ = components(mask)
    height, width = mask.shape
    number = int(numbers[min(int(point[1] * height), height - 1), min(int(point[0] * width), width - 1)])
    return np.asarray(numbers == number, np.bool_) if number else None


def _pixels(photo: Picture, box: Box) -> tuple[int, int, int, int]:
    height, width = photo.shape[:2]
    left, right = (min(max(round(x * width), 0), width) for x in (box.x0, box.x1))
    top, bottom = (min(max(round(y * height), 0), height) for y in (box.y0, box.y1))
    return left, top, right, bottom


def _around(photo: Picture, box_px: tuple[int, int, int, int]) -> tuple[slice, slice]:
    """The part of the photo to look at: the smaller it is, the finer the segmenter sees."""
    left, top, right, bottom = box_px
    margin = max(round(_MARGIN * max(right - left, bottom - top)), _LEAST_MARGIN_PX)
    height, width = photo.shape[:2]
    return (
        slice(max(0, top - margin), min(height, bottom + margin)),
        slice(max(0, left - margin), min(width, right + margin)),
    )


def _opinions(seen: Picture, inside: Mask) -> Iterator[Mask | None]:
    yield _segmented(seen, inside)
    yield _coloured(seen, inside)


def _segmented(seen: Picture, inside: Mask) -> Mask | None:
    """What the segmenter cuts out of the box, if that is plausible."""
    logits, quality = regions.box_mask(regions.embed(seen), box_of(inside))
    best: Mask | None = None
    most = 0.0
    for one, sure in zip(logits, quality, strict=True):
        mask = _with_contents(seen, _tidy(enlarged(one, inside.shape) > 0))
        if sure < _LEAST_QUALITY or not _plausible(seen, mask, inside, _WEAK):
            continue
        score = float(sure) + agreement(_boxed(mask), inside)
        if score > most:
            best, most = mask, score
    return best


def _coloured(seen: Picture, inside: Mask) -> Mask | None:
    """What has other colours than what surrounds the box (GrabCut, Rother et al. 2004), if that is plausible."""
    factor = min(1.0, _GRABBED_SIDE / max(seen.shape[:2]))
    size = (max(8, round(seen.shape[1] * factor)), max(8, round(seen.shape[0] * factor)))
    few = np.ascontiguousarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA))
    within = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    labels = np.where(within > 0, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    cv2.setRNGSeed(0)
    models = np.zeros((2, 1, 65))
    cv2.grabCut(few, labels, (0, 0, 1, 1), models[0], models[1], _GRAB_ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = np.asarray((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), np.float32)
    wide = cv2.resize(found, (seen.shape[1], seen.shape[0]), interpolation=cv2.INTER_LINEAR)
    mask = _tidy(np.asarray(wide > 0.5, np.bool_))
    return mask if _plausible(seen, mask, inside, _WEAK_BY_COLOUR) else None


def _tidy(mask: Mask) -> Mask:
    """Without crumbs and pinholes; the hole of a handle or a ring stays."""
    if not mask.any():
        return mask
    numbers, areas = components(mask)
    kept = areas >= _SPECK * float(mask.sum())
    kept[0] = False
    solid = kept[numbers]
    numbers, areas = components(~solid)
    small = areas < _GAP * float(mask.sum())
    small[0] = False
    return np.asarray(solid | small[numbers], np.bool_)


def _with_contents(seen: Picture, mask: Mask) -> Mask:
    """The mask with what it encloses, except where one sees through: coffee belongs to its cup, air not to a ring.

    One sees through where the colours are those that lie around the thing (a coarse histogram, back-projected).
    """
    numbers, areas = components(~mask)
    edge = np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]])
    enclosed = [number for number in range(1, len(areas)) if number not in edge]
    if not enclosed or not mask.any():
        return mask
    bins = (cv2.cvtColor(seen, cv2.COLOR_RGB2LAB) // _BIN).astype(np.int32)
    colour = (bins[..., 0] * 32 + bins[..., 1]) * 32 + bins[..., 2]
    outside = np.isin(numbers, np.unique(edge)) & ~mask
    common = np.bincount(colour[outside], minlength=32**3) > _RARE * outside.sum()
    seen_through = [number for number in enclosed if common[colour[numbers == number]].mean() > _SEEN_THROUGH]
    return np.asarray(mask | np.isin(numbers, [one for one in enclosed if one not in seen_through]), np.bool_)


def _boxed(mask: Mask) -> Mask:
    filled = np.zeros_like(mask)
    if mask.any():
        filled[np.ix_(mask.any(axis=1), mask.any(axis=0))] = True
    return filled


def _plausible(seen: Picture, mask: Mask, inside: Mask, weak: float) -> bool:
    """Whether a mask is one thing, mostly in its box, that can be told from what is around it."""
    area = float(mask.sum())
    if area < max(_LEAST_AREA * float(inside.sum()), 2 * _LEAST_PX) or mask.all():
        return False
    if float((mask & ~grow(inside, _LEAST_PX)).sum()) > _OUTSIDE * area:
        return False
    _, areas = components(mask)
    if float(areas[1:].max()) < _WHOLE * area:
        return False
    features = measure(seen)
    small = cv2.resize(mask.astype(np.float32), features.shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
    return gates.weak_boundary(features, np.asarray(small, np.bool_)) <= weak
