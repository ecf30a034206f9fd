"""Find human faces and their 478 landmarks: BlazeFace (Bazarevsky et al. 2019) and Face Mesh (Kartynnik et al. 2019).

The detector finds faces in a square view; it sees a face well when that fills at least a tenth of the view, so it looks
at the whole photo and at closer views of people. Each face is then turned upright for the landmark network, which also
says whether there is a face at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama import runtime
from stillmotion.diorama.geometry import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stillmotion.diorama.runtime import Floats, Picture

ASSET = "face_landmarker"
LANDMARKS = 478
_DETECTOR = "face_detector.tflite"
_LANDMARKER = "face_landmarks_detector.tflite"
_VIEW_SIDE = 128
_FACE_SIDE = 256
_MIN_DETECTION = 0.5
_MIN_PRESENCE = 0.5
_ROI_SCALE = 1.5
"""The landmark network was trained on squares half as large again as the face."""
_OVERLAP = 0.3
"""Two findings that share more than this (intersection over union) are one face."""
_ANCHOR_GRIDS = ((16, 2), (8, 6))
"""Cells across the view, and anchors in each cell."""
_OUTER_RIGHT_EYE, _OUTER_LEFT_EYE = 33, 263
"""Landmarks at the corners of the eyes, right and left as the person has them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaceFound:
    """A human face."""

    box: Box
    """Around the landmarks."""
    landmarks: Floats
    """Shape (478, 3), photo coordinates; z in the unit of x, negative towards the camera. The last ten are irises."""
    score: float
    """How sure the landmark network is that this is a face, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Square:
    """A turned square in photo pixels."""

    x: float
    y: float
    side: float
    angle: float = 0.0
    """Radians, clockwise."""

    def to_photo(self, side: int) -> Floats:
        """The 2x3 matrix that takes pixel positions in a side x side picture of the square to the photo."""
        scale = self.side / side
        cos, sin = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        half = side / 2
        return np.array(
            [[cos, -sin, self.x - half * (cos - sin)], [sin, cos, self.y - half * (sin + cos)]], dtype=np.float32
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    score: float
    square: _Square


def faces(photo: Picture, boxes: Sequence[Box] | None = None) -> tuple[FaceFound, ...]:
    """Every face, largest first.

    Args:
        photo: the picture.
        boxes: where people were found, to look closer there. Only there: from near enough a cat's eye is a face.
    """
    closer = [view for box in boxes or () for view in _person_views(photo, box)]
    candidates = [found for view in [_whole(photo), *closer] for found in _detect(photo, view)]
    found: list[FaceFound] = []
    for candidate in sorted(candidates, key=lambda one: -one.score):
        if any(_same(candidate.square, face, photo) for face in found):
            continue
        face = _face(photo, candidate.square)
        if face is not None and all(_shared(face.box, other.box) < _OVERLAP for other in found):
            found.append(face)
    return tuple(sorted(found, key=lambda face: -face.box.width * face.box.height))


def _whole(photo: Picture) -> _Square:
    height, width = photo.shape[:2]
    return _Square(x=width / 2, y=height / 2, side=float(max(width, height)))


def _person_views(photo: Picture, box: Box) -> list[_Square]:
    """The person's box as a square, and the square at its upper end, where the head of a standing person is."""
    height, width = photo.shape[:2]
    wide, tall = box.width * width, box.height * height
    x, y = box.centre[0] * width, box.centre[1] * height
    views = [_Square(x=x, y=y, side=1.2 * max(wide, tall))]
    for share in (1.2, 0.6):
        side = share * min(wide, tall)
        views.append(_Square(x=x, y=box.y0 * height + 0.4 * side, side=side))
    return views


@lru_cache(maxsize=1)
def _anchors() -> Floats:
    """Centres of the detector's anchors, shape (896, 2), in 0..1 of the view."""
    centres = []
    for cells, repeats in _ANCHOR_GRIDS:
        steps = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) / np.float32(cells)
        across, down = np.meshgrid(steps, steps)
        centres.append(np.repeat(np.stack([across.ravel(), down.ravel()], axis=1), repeats, axis=0))
    return np.concatenate(centres).astype(np.float32)


def _picture_of(photo: Picture, square: _Square, side: int, border: int) -> Picture:
    """The square as an upright picture of side x side pixels, averaged when it shrinks."""
    fine = 1 << max(0, math.floor(math.log2(max(square.side / side, 1.0))))
    matrix = square.to_photo(side * fine)
    matrix[:, 2] += matrix[:, 0] / 2 + matrix[:, 1] / 2 - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    large = cv2.warpAffine(photo, matrix, (side * fine, side * fine), flags=flags, borderMode=border)
    small = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA) if fine > 1 else large
    return np.asarray(small, dtype=np.uint8)


def _detect(photo: Picture, view: _Square) -> list[_Candidate]:
    """Faces in one view, best first, without repetitions."""
    picture = _picture_of(photo, view, _VIEW_SIDE, cv2.BORDER_CONSTANT)
    offsets, logits = runtime.lite(ASSET, _DETECTOR)(
        picture[None].astype(np.float32) / np.float32(127.5) - np.float32(1)
    )
    scores = 1.0 / (1.0 + np.exp(-np.clip(logits[0, :, 0], -80.0, 80.0)))
    chosen = np.flatnonzero(scores > _MIN_DETECTION)
    candidates = [_candidate(offsets[0, index], _anchors()[index], float(scores[index]), view) for index in chosen]
    return _distinct(sorted(candidates, key=lambda one: -one.score))


def _candidate(offsets: Floats, anchor: Floats, score: float, view: _Square) -> _Candidate:
    """The square around one raw detection: centre, size, and the tilt of the line between the eyes."""
    points = offsets.reshape(-1, 2) / np.float32(_VIEW_SIDE)
    centre, size, right_eye, left_eye = points[0] + anchor, points[1], points[2], points[3]
    across, down = (float(value) for value in left_eye - right_eye)
    square = _Square(
        x=view.x + (float(centre[0]) - 0.5) * view.side,
        y=view.y + (float(centre[1]) - 0.5) * view.side,
        side=_ROI_SCALE * float(size.max()) * view.side,
        angle=math.atan2(down, across),
    )
    return _Candidate(score=score, square=square)


def _distinct(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    kept: list[_Candidate] = []
    for one in candidates:
        if all(_shared(_bounds(one.square), _bounds(other.square)) < _OVERLAP for other in kept):
            kept.append(one)
    return kept


def _face(photo: Picture, square: _Square) -> FaceFound | None:
    """Landmarks in the square; looked at twice, the second time in the square that the first landmarks ask for."""
    first, presence = _landmarks(photo, square)
    if presence < _MIN_PRESENCE:
        return None
    points, presence = _landmarks(photo, _around(first))
    if presence < _MIN_PRESENCE:
        return None
    height, width = photo.shape[:2]
    points = (points / np.array([width, height, width], dtype=np.float32)).astype(np.float32)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    box = Box(x0=float(low[0]), y0=float(low[1]), x1=float(high[0]), y1=float(high[1]))
    return FaceFound(box=box, landmarks=points, score=presence)


def _landmarks(photo: Picture, square: _Square) -> tuple[Floats, float]:
    """Points in photo pixels, shape (478, 3), and how sure the network is of the face."""
    picture = _picture_of(photo, square, _FACE_SIDE, cv2.BORDER_REPLICATE)
    raw, presence, _ = runtime.lite(ASSET, _LANDMARKER)(picture[None].astype(np.float32) / np.float32(255))
    points = raw.reshape(LANDMARKS, 3)
    matrix = square.to_photo(_FACE_SIDE)
    flat = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    deep = points[:, 2:] * np.float32(square.side / _FACE_SIDE)
    return np.concatenate([flat, deep], axis=1), 1.0 / (1.0 + math.exp(-float(presence.ravel()[0])))


def _around(points: Floats) -> _Square:
    """The upright square for a face with these landmarks in photo pixels."""
    across, down = (float(value) for value in (points[_OUTER_LEFT_EYE] - points[_OUTER_RIGHT_EYE])[:2])
    angle = math.atan2(down, across)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    upright = points[:, :2] @ turn.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = (low + high) / 2 @ turn
    return _Square(x=float(x), y=float(y), side=_ROI_SCALE * float((high - low).max()), angle=angle)


def _bounds(square: _Square) -> Box:
    """The face inside the square, in photo pixels."""
    half = square.side / _ROI_SCALE / 2
    return Box(x0=square.x - half, y0=square.y - half, x1=square.x + half, y1=square.y + half)


def _same(square: _Square, face: FaceFound, photo: Picture) -> bool:
    """Whether the candidate is a face that is already known."""
    height, width = photo.shape[:2]
    box = face.box
    known = Box(x0=box.x0 * width, y0=box.y0 * height, x1=box.x1 * width, y1=box.y1 * height)
    return _shared(_bounds(square), known) > _OVERLAP


def _shared(one: Box, other: Box) -> float:
    """Intersection over union."""
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    tall = min(one.y1, other.y1) - max(one.y0, other.y0)
    if wide <= 0 or tall <= 0:
        return 0.0
    common = wide * tall
    return common / (one.width * one.height + other.width * other.height - common)
