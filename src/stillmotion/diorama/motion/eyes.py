"""Where the eyes are: from face landmarks for people, from the colour of the irises for animals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Face, Layer

Curve = NDArray[np.float32]
SAMPLES = 33
_HUMAN_UPPER = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (362, 398, 384, 385, 386, 387, 388, 466, 263),
)
_HUMAN_LOWER = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
    (362, 382, 381, 380, 374, 373, 390, 249, 263),
)
"""Lid margins of the two eyes, from left to right in the picture, as MediaPipe's face mesh numbers its points."""
_IRISES = (468, 473)
_DARK, _FOLD, _NEAR_RIM = 0.5, 0.6, 0.16
"""A rim is that much darker than skin, that far above the eye in openings; skin follows up to that far below it."""
_RIMS = (0.1, 0.2)
"""Shares of the opening that still shine beyond the points of the mesh, above and below."""
_LEAST_SKIN = 0.4
"""Less than that would be drawn out into streaks, in openings."""
_LONG_SIDE = 384
_IRIS_SHIFT = 5.5
"""How much greener than the fur an iris is, in CIE a."""
_LEAST_FILL = 0.5
RIM = 1.22
"""How much taller than the iris the opening of an animal's eye is taken to be."""
_CORNERS = 1.7
_ELLIPSE = 5
_SIZES = (0.02, 0.3)
"""Width of an eye as a share of the animal's width."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Eye:
    """One eye in its own frame: a runs along the eye from left to right, b downwards across it, in photo widths."""

    x: float
    y: float
    """The middle, photo coordinates."""
    angle: float
    """Of the a axis, radians, clockwise in the picture."""
    half: float
    """Half the length of the opening."""
    upper: Curve
    """b of the upper lid's margin at `SAMPLES` places from a = -half to half."""
    lower: Curve
    iris: tuple[float, float]
    """Middle of the iris, photo coordinates."""
    iris_radius: float
    below: float
    """Share of the opening that the lower lid covers in a blink."""
    skin: float
    """How far from the eye the skin follows a lid, in openings: little below brows and the rims of glasses."""
    wet: tuple[float, float] = (0.0, 0.0)
    """What shines beyond the margins above and below, in openings: closing lids take it along."""
    rimmed: bool = False
    """Whether a dark rim around the iris is what a closed eye shows between fur and fur; lashes do it for people."""

    @property
    def opening(self) -> float:
        """The largest distance between the lids, in photo widths."""
        return float((self.lower - self.upper).max())


def human(face: Face, aspect: float) -> tuple[Eye, Eye]:
    """Both eyes of a face, the left one in the picture first."""
    points = face.landmarks[:, :2] * np.array([1.0, aspect], dtype=np.float32)
    first, second = (
        _from_margins(points[list(upper)], points[list(lower)], points[_IRISES[k]], aspect)
        for k, (upper, lower) in enumerate(zip(_HUMAN_UPPER, _HUMAN_LOWER, strict=True))
    )
    return (first, second) if first.x < second.x else (second, first)


def _from_margins(upper: Curve, lower: Curve, iris: Curve, aspect: float) -> Eye:
    corner, other = upper[0], upper[-1]
    middle, along = (corner + other) / 2, other - corner
    angle = float(np.arctan2(along[1], along[0]))
    half = float(np.linalg.norm(along)) / 2
    top, bottom = _curve(upper - middle, angle, half), _curve(lower - middle, angle, half)
    return Eye(
        x=float(middle[0]),
        y=float(middle[1]) / aspect,
        angle=angle,
        half=half,
        upper=top,
        lower=bottom,
        iris=(float(iris[0]), float(iris[1]) / aspect),
        iris_radius=0.42 * half,
        below=0.1,
        skin=0.8,
        wet=_RIMS,
    )


def _curve(points: Curve, angle: float, half: float) -> Curve:
    cosine, sine = np.cos(angle), np.sin(angle)
    a = points[:, 0] * cosine + points[:, 1] * sine
    b = -points[:, 0] * sine + points[:, 1] * cosine
    order = np.argsort(a)
    dense = np.interp(np.linspace(-half, half, SAMPLES), a[order], b[order])
    soft = np.convolve(np.pad(dense, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    return soft.astype(np.float32)


def animal(stage: Stage, layer: Layer, box: Box | None) -> tuple[Eye, Eye] | None:
    """Two irises that stand out from the fur by their colour, the left one first; None when no pair is convincing.

    Args:
        stage: the scene.
        layer: the animal's.
        box: the part of the photo that the animal fills, when the layer holds more.
    """
    crop, alpha, left, top, scale = _crop(stage, layer, box)
    if min(crop.shape[:2]) < 24 or not (alpha > 128).any():
        return None
    hulls = _blobs(crop, alpha > 128)
    blobs = list(hulls)
    pairs = [(_strange(one, two), one, two) for one in blobs for two in blobs if one[0] < two[0]]
    pairs = [pair for pair in pairs if pair[0] < 1.0]
    if not pairs:
        return None
    _, one, two = min(pairs, key=lambda pair: pair[0])
    tilt = float(np.arctan2(two[1] - one[1], two[0] - one[0])) * 0.7
    width, height = stage.scene.size_px
    first, second = (
        _around(hulls[blob] / np.float32(scale) + np.array([left, top], np.float32), tilt, (width, height))
        for blob in (one, two)
    )
    return first, second


def _crop(stage: Stage, layer: Layer, box: Box | None) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int, int, float]:
    """Pixels of the animal at a fixed size with its alpha, where they start in the scene, and their scale."""
    width, height = stage.scene.size_px
    full = np.zeros((height, width), np.uint8)
    wide, tall = layer.size_px
    full[layer.top_px : layer.top_px + tall, layer.left_px : layer.left_px + wide] = layer.rgba[..., 3]
    x0, y0, x1, y1 = layer.left_px, layer.top_px, layer.left_px + wide, layer.top_px + tall
    if box is not None:
        x0, y0 = max(x0, int(box.x0 * width)), max(y0, int(box.y0 * height))
        x1, y1 = min(x1, int(box.x1 * width)), min(y1, int(box.y1 * height))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8), x0, y0, 1.0
    scale = _LONG_SIDE / max(x1 - x0, y1 - y0)
    size = (max(2, round((x1 - x0) * scale)), max(2, round((y1 - y0) * scale)))
    picture = cv2.resize(stage.scene.photo[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(full[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8), np.asarray(alpha, np.uint8), x0, y0, scale


_Blob = tuple[float, float, float, float]
"""Middle x and y, half width and half height, in pixels."""


def _blobs(picture: NDArray[np.uint8], inside: NDArray[np.bool_]) -> dict[_Blob, Curve]:
    """Round spots of another colour, each with the points of its convex hull, shape (n, 2)."""
    lab = cv2.cvtColor(picture.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    lab = cv2.GaussianBlur(lab, (0, 0), 1.0)
    fur = np.median(lab[inside], axis=0)
    iris = inside & (fur[1] - lab[..., 1] > _IRIS_SHIFT) & (lab[..., 2] > fur[2] - 12)
    closed = cv2.morphologyEx(iris.astype(np.uint8), cv2.MORPH_CLOSE, _disc(5))
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(closed, cv2.MORPH_OPEN, _disc(3)))
    found = {}
    for k in range(1, count):
        x, y, wide, tall, area = (int(value) for value in stats[k])
        fits = _SIZES[0] < wide / picture.shape[1] < _SIZES[1] and 0.5 < wide / tall < 2.2
        if fits and area > _LEAST_FILL * wide * tall:
            rows, columns = np.nonzero(numbers == k)
            hull = cv2.convexHull(np.stack([columns + 0.5, rows + 0.5], axis=1).astype(np.float32))[:, 0]
            found[x + wide / 2, y + tall / 2, wide / 2, tall / 2] = np.asarray(hull, np.float32)
    return found


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def _strange(one: _Blob, two: _Blob) -> float:
    """How unlike a pair of eyes two spots are; below 1 they may be one."""
    across, down = float(two[0] - one[0]), float(abs(two[1] - one[1]))
    size = float(one[2] + two[2])
    apart = across / max(size, 1e-6)
    likeness = abs(float(np.log((one[3] + 1) / (two[3] + 1))))
    if not 1.2 < apart < 5.0 or down > 0.55 * across:
        return 2.0
    return likeness / 0.8 + 0.3 * down / across


def _around(hull: Curve, angle: float, size_px: tuple[int, int]) -> Eye:
    """An almond around a round spot, given in scene pixels: it reaches beyond the dark rims, into the fur."""
    centre, (first, second), lean = cv2.fitEllipse(hull) if len(hull) > _ELLIPSE else cv2.minAreaRect(hull)
    across, down = np.cos(np.radians(lean) - angle), np.sin(np.radians(lean) - angle)
    half = float(np.hypot(first * across, second * down)) / 2 / size_px[0]
    tall = float(np.hypot(first * down, second * across)) / 2 / size_px[0] * RIM
    share = np.linspace(-1, 1, SAMPLES)
    lid = (tall * (1 - share**2) ** 0.8).astype(np.float32)
    place = (float(centre[0]) / size_px[0], float(centre[1]) / size_px[1])
    return Eye(
        x=place[0],
        y=place[1],
        angle=angle,
        half=half * _CORNERS,
        upper=-lid,
        lower=lid,
        iris=place,
        iris_radius=half * 0.9,
        below=0.38,
        skin=1.6,
        rimmed=True,
    )


def of(stage: Stage, layer: Layer) -> tuple[Eye, Eye] | None:
    """The eyes of whoever is on a layer; None when they were not found."""
    face = face_on(stage, layer)
    if face is not None:
        first, second = human(face, stage.aspect)
        return _under_rims(stage, first), _under_rims(stage, second)
    box = next((one.box for one in stage.scene.objects if one.layer == layer.name), None)
    return animal(stage, layer, box) if layer.surface is Surface.ANIMAL else None


def _under_rims(stage: Stage, eye: Eye) -> Eye:
    """The eye with skin that follows its lid only up to the first dark rim above it: glasses, a heavy brow."""
    width, height = stage.scene.size_px
    share, columns = np.meshgrid(np.linspace(0.15, 1.9, 36), np.linspace(-0.9, 0.9, 13), indexing="ij")
    a = columns * eye.half
    b = np.interp(columns, np.linspace(-1, 1, SAMPLES), eye.upper) - share * eye.opening
    x = eye.x + a * np.cos(eye.angle) - b * np.sin(eye.angle)
    y = eye.y + (a * np.sin(eye.angle) + b * np.cos(eye.angle)) / stage.aspect
    places = np.stack([x * width - 0.5, y * height - 0.5]).astype(np.float32)
    seen = cv2.remap(stage.scene.photo, places[0], places[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY).astype(np.float32)
    skin = np.percentile(light, 70)
    # Lashes and the fold of the lid are dark too, but near the eye and never as dark over so many columns.
    dark = (light < _DARK * skin) & (share > _FOLD)
    rows = np.flatnonzero(np.count_nonzero(dark, axis=1) > 1)
    if len(rows) == 0:
        return eye
    free = float(share[rows[0], 0]) / (1 + sum(eye.wet)) - _NEAR_RIM
    return replace(eye, skin=min(eye.skin, max(free, _LEAST_SKIN)))


def face_on(stage: Stage, layer: Layer) -> Face | None:
    """The largest human face on a layer."""
    faces = [face for face in stage.scene.faces if face.layer == layer.name]
    return max(faces, key=lambda face: face.box.width, default=None)
