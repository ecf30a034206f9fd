"""Which crop of the photo frame 0 shows."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.camera.asked_to_move import loss
from stillmotion.diorama.geometry import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stillmotion.diorama.camera.asked_to_move import Mask
    from stillmotion.diorama.scene.records import Scene

SIDE_CUT = 0.08
"""Most that is cut off a side to make room for a move, beyond what the output's shape needs anyway."""
_SHRINKS = (1.0, 0.96, 0.92, 0.88, 1.0 - 2 * SIDE_CUT)
_SLACK_STOPS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FACE_HEIGHT = 0.42
_FACE_ROOM = 0.2
_SUBJECT = "subject"
_TOUCHING = 0.004
_SUBJECT_ROOM = 0.02
"""Air between the subject and the edge of the picture, in photo heights or widths."""
_TOP_WEIGHT = 2.0
"""The top of a thing, its head or its rim, says more than its foot."""
_MOVING_WEIGHT = 0.9
"""Less than a face, and less than the subject cut in half."""
_SAME_SHAPE = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A crop that could be the framing."""

    box: Box
    cost: float
    """How much is lost by it: faces cut off weigh most, then size, then distance from the best place."""


def is_framing(scene: Scene, box: Box, size_px: tuple[int, int]) -> bool:
    """Whether a box lies inside the photo, has the output's shape and cuts no more than it may."""
    if not (0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1):
        return False
    extent = full_extent(scene, size_px)
    shape = (box.width / extent[0]) / (box.height / extent[1])
    return abs(shape - 1.0) < _SAME_SHAPE and box.width >= extent[0] * _SHRINKS[-1] - 1e-6


def full_extent(scene: Scene, size_px: tuple[int, int]) -> tuple[float, float]:
    """Width and height, in photo coordinates, of the largest crop of the output's shape."""
    width, height = scene.size_px
    ratio = (width / height) / (size_px[0] / size_px[1])
    return min(1.0, 1.0 / ratio), min(1.0, ratio)


def candidates(scene: Scene, size_px: tuple[int, int], moving: Sequence[Mask] = ()) -> list[Candidate]:
    """All crops worth trying, the best first.

    Args:
        scene: the analysed photo.
        size_px: of the film.
        moving: where the wide things lie that the prompt moves, see `asked_to_move.regions`.
    """
    extent = full_extent(scene, size_px)
    best = _best_place(scene, extent)
    found = []
    for shrink in _SHRINKS:
        size = extent[0] * shrink, extent[1] * shrink
        stops = [list(_stops(extent[axis], size[axis], _wishes(scene, best, size, axis))) for axis in (0, 1)]
        for x, y in itertools.product(*stops):
            box = Box(x0=x, y0=y, x1=min(x + size[0], 1.0), y1=min(y + size[1], 1.0))
            lost = _MOVING_WEIGHT * loss(moving, box, extent)
            found.append(Candidate(box=box, cost=_cost(scene, box, best, shrink) + lost))
    return sorted(found, key=lambda candidate: candidate.cost)


def _wishes(scene: Scene, best: tuple[float, float], size: tuple[float, float], axis: int) -> list[float]:
    """Where a crop should start along an axis: about the best place, or with the subject just inside either end."""
    subject = _subject_box(scene)
    ends = [] if subject is None else [(subject.x0, subject.x1), (subject.y0, subject.y1)]
    low_high = ends[axis] if ends else None
    just = [] if low_high is None else [low_high[0] - _SUBJECT_ROOM, low_high[1] + _SUBJECT_ROOM - size[axis]]
    return [best[axis] - size[axis] / 2, *just]


def _stops(whole: float, part: float, wishes: list[float]) -> Iterator[float]:
    """Where a crop of size `part` may start along one axis, when `whole` is what the output's shape leaves."""
    slack = 1.0 - whole
    low = max(0.0, 1.0 - part - slack - SIDE_CUT)
    high = min(1.0 - part, slack + SIDE_CUT)
    wished = [min(max(wish, low), high) for wish in wishes]
    places = [low + share * (high - low) for share in (_SLACK_STOPS if slack > 1e-3 else (0.0, 0.5, 1.0))]
    yield from np.unique(np.round([*places, *wished], 6)).tolist()


def _best_place(scene: Scene, extent: tuple[float, float]) -> tuple[float, float]:
    """Where the middle of the crop should be: faces a little above the middle, else where people look first."""
    if not scene.faces:
        return scene.salience
    x0, x1 = min(face.box.x0 for face in scene.faces), max(face.box.x1 for face in scene.faces)
    y0, y1 = min(face.box.y0 for face in scene.faces), max(face.box.y1 for face in scene.faces)
    return (x0 + x1) / 2, (y0 + y1) / 2 + (0.5 - _FACE_HEIGHT) * extent[1]


def _cost(scene: Scene, box: Box, best: tuple[float, float], shrink: float) -> float:
    away = np.hypot(box.centre[0] - best[0], box.centre[1] - best[1])
    return float(2.0 * _faces_cut(scene, box) + _subject_cut(scene, box) + 0.5 * (1.0 - shrink) + 0.3 * away)


def _faces_cut(scene: Scene, box: Box) -> float:
    """Share of the faces' area, with a little room around each, that a crop leaves out."""
    whole = kept = 0.0
    for face in scene.faces:
        room = _FACE_ROOM * face.box.height
        x0, x1 = max(face.box.x0 - room, 0.0), min(face.box.x1 + room, 1.0)
        y0, y1 = max(face.box.y0 - room, 0.0), min(face.box.y1 + room, 1.0)
        whole += (x1 - x0) * (y1 - y0)
        across = max(min(x1, box.x1) - max(x0, box.x0), 0.0)
        kept += across * max(min(y1, box.y1) - max(y0, box.y0), 0.0)
    return 1.0 - kept / whole if whole > 0 else 0.0


@lru_cache(maxsize=8)
def _subject_box(scene: Scene) -> Box | None:
    """Where the subject lies; None when the photo has faces, which matter more, or no subject."""
    layer = next((layer for layer in scene.layers if layer.name == _SUBJECT), None)
    if layer is None or scene.faces:
        return None
    width, height = scene.size_px
    x0, y0 = layer.left_px / width, layer.top_px / height
    return Box(x0=x0, y0=y0, x1=x0 + layer.size_px[0] / width, y1=y0 + layer.size_px[1] / height)


def _subject_cut(scene: Scene, box: Box) -> float:
    """How much a crop cuts off the subject's ends, in subject sizes; where the photo itself cuts it nothing is lost."""
    subject = _subject_box(scene)
    if subject is None:
        return 0.0
    left, right = _cut(subject.x0, box.x0), _cut(1.0 - subject.x1, 1.0 - box.x1)
    top, bottom = _cut(subject.y0, box.y0), _cut(1.0 - subject.y1, 1.0 - box.y1)
    return (left + right) / subject.width + (_TOP_WEIGHT * top + bottom) / subject.height


def _cut(margin: float, start: float) -> float:
    """What a crop that starts at `start` cuts off a thing that begins `margin` from the photo's edge."""
    air = min(margin, _SUBJECT_ROOM)
    return max(start - (margin - air), 0.0) if margin > _TOUCHING else 0.0
