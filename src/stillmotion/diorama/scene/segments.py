"""The photo cut into regions: what lies under a grid of points, painted large to small into one map of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.perception import regions
from stillmotion.diorama.scene.features import Floats, Mask, Picture, components

if TYPE_CHECKING:
    from stillmotion.diorama.perception.regions import Embedding

Labels = NDArray[np.int32]

GRID = 6
_LEAST_QUALITY = 0.65
_LEAST_STABILITY = 0.80
_LEAST_AREA, _MOST_AREA = 0.0025, 0.97
_SAME = 0.75
_LEAST_PIECE = 0.002


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segments:
    """Everything that the segmenter found, at feature size."""

    embedding: Embedding
    logits: Floats
    """Masks that survived, best first, shape (n, 256, 256)."""
    quality: Floats
    """Shape (n,)."""
    numbers: Labels
    """One number a pixel, 0..count - 1, at feature size."""
    count: int
    painted: float
    """Share of the picture that some mask covered. Little coverage itself says: fine structure, be careful."""

    def masks(self) -> list[Mask]:
        """One mask a region."""
        return [self.numbers == number for number in range(self.count)]

    def candidate(self, index: int) -> Mask:
        """One surviving mask, whole, at feature size."""
        return enlarged(self.logits[index], self.numbers.shape) > 0


def segment(photo: Picture, shape: tuple[int, int]) -> Segments:
    """Cut a photo into regions.

    Args:
        photo: at any size.
        shape: height and width of the map of numbers.
    """
    embedding = regions.embed(photo)
    found, guessed = regions.point_masks(embedding, regions.grid(GRID))
    logits, quality = _sound(found.reshape(-1, *found.shape[2:]), guessed.ravel())
    numbers, count, painted = _paint(logits, shape)
    return Segments(embedding=embedding, logits=logits, quality=quality, numbers=numbers, count=count, painted=painted)


def prompted(segments: Segments, around: Mask) -> list[Mask]:
    """What the segmenter cuts out of the box of a mask, three ways: small things slip through the grid of points."""
    rows, columns = np.flatnonzero(around.any(axis=1)), np.flatnonzero(around.any(axis=0))
    height, width = around.shape
    box = Box(x0=columns[0] / width, y0=rows[0] / height, x1=(columns[-1] + 1) / width, y1=(rows[-1] + 1) / height)
    logits, _ = regions.box_mask(segments.embedding, box)
    return [enlarged(one, segments.numbers.shape) > 0 for one in logits]


def cut_around(segments: Segments, around: Mask) -> Mask:
    """The thing in the box of a mask that agrees best with it."""
    return max(prompted(segments, around), key=lambda thing: agreement(thing, around))


def enlarged(logits: Floats, shape: tuple[int, int]) -> Floats:
    """Logits brought to a height and width; cut them at 0 only afterwards, or outlines become stairs."""
    return np.asarray(cv2.resize(logits, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def agreement(one: Mask, other: Mask) -> float:
    """Intersection over union; 0 for two empty masks."""
    union = int(np.count_nonzero(one | other))
    return int(np.count_nonzero(one & other)) / union if union else 0.0


def stability(logits: Floats) -> Floats:
    """How little a mask's area changes when the cut moves from -1 to 1; for each of n masks, 0..1."""
    wide = np.count_nonzero(logits > -1, axis=(1, 2))
    narrow = np.count_nonzero(logits > 1, axis=(1, 2))
    return np.asarray(narrow / np.maximum(wide, 1), np.float32)


def _sound(logits: Floats, guessed: Floats) -> tuple[Floats, Floats]:
    """Masks that are stable, of a useful size and no repetition of a better one, best first."""
    steady = stability(logits)
    area = np.count_nonzero(logits > 0, axis=(1, 2)) / logits[0].size
    fine = (guessed > _LEAST_QUALITY) & (steady > _LEAST_STABILITY) & (area > _LEAST_AREA) & (area < _MOST_AREA)
    quality = (guessed + steady) / 2
    order = [int(index) for index in np.argsort(-quality, kind="stable") if fine[index]]
    flat = (logits > 0).reshape(len(logits), -1).astype(np.float32)
    kept: list[int] = []
    for index in order:
        if not kept or not _repeats(flat[index], flat[kept]):
            kept.append(index)
    return logits[kept], quality[kept].astype(np.float32)


def _repeats(mask: Floats, others: Floats) -> bool:
    common = others @ mask
    union = others.sum(axis=1) + mask.sum() - common
    return bool((common > _SAME * union).any())


def _paint(logits: Floats, shape: tuple[int, int]) -> tuple[Labels, int, float]:
    """Large masks first, small ones over them; pixels that no mask covers become regions of their own."""
    canvas = np.zeros(shape, np.int32)
    areas = np.count_nonzero(logits > 0, axis=(1, 2)) if len(logits) else np.zeros(0)
    for number, index in enumerate(np.argsort(-areas, kind="stable"), start=1):
        canvas[enlarged(logits[index], shape) > 0] = number
    painted = float(np.count_nonzero(canvas)) / canvas.size
    return *_split(canvas), painted


def _split(canvas: Labels) -> tuple[Labels, int]:
    """Every connected piece its own number; pieces too small to matter join the piece that surrounds them."""
    numbers = np.full(canvas.shape, -1, np.int32)
    count = 0
    least = _LEAST_PIECE * canvas.size
    for value in np.unique(canvas):
        pieces, areas = components(canvas == value)
        for piece in np.flatnonzero(areas >= least):
            if piece:
                numbers[pieces == piece] = count
                count += 1
    if count == 0:
        return np.zeros(canvas.shape, np.int32), 1
    return nearest(numbers, numbers >= 0), count


def nearest(values: Labels, known: Mask) -> Labels:
    """Each unknown pixel takes the value of the known pixel next to it."""
    _, places = cv2.distanceTransformWithLabels(
        np.where(known, 0, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(places.max()) + 1, np.int32)
    table[places[known]] = values[known]
    return np.asarray(np.where(known, values, table[places]), np.int32)
