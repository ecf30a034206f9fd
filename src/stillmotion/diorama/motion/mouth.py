"""Where a mouth is, how its lips run, and how large the face around it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Face, Scene

Curve = NDArray[np.float64]
Grid = NDArray[np.float64]
SAMPLES = 41
_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""Inner borders of the lips from corner to corner, as MediaPipe's face mesh numbers its points."""
_OUTER_CORNERS = (61, 291)
_OUTER_UPPER, _OUTER_LOWER, _NOSE, _CHIN, _FOREHEAD = 0, 17, 2, 152, 10
_CHEEKS = (234, 454)
_SHUT_GAP = 0.016
"""Lips that are less apart than that, in face widths, touch."""
_FACE_SHAPE = 0.74
"""Width of a face seen from the front over its height from hairline to chin."""
_RIM = 1.1
"""Radii of the photo's blur over which a lip and the teeth under it mix."""
_SEARCH = 0.03
"""How far from the landmarks the dark line between closed lips is looked for, in face widths."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mouth:
    """A mouth in its own frame: a runs from its left corner to its right one, b downwards, in photo widths."""

    x: float
    y: float
    """Half way between the corners, photo coordinates."""
    angle: float
    """Of the a axis, radians, clockwise in the picture."""
    half: float
    """Half the distance of the corners."""
    middle: float
    """a of the middle of the lips: not 0 when the head is turned."""
    upper: Curve
    """b of the upper lip's inner border at `SAMPLES` places from a = -half to half."""
    lower: Curve
    nose: float
    """Distance from the upper lip's border up to the nose."""
    chin: float
    """Distance from the lower lip's border down to the chin."""
    lips: tuple[float, float]
    """Thickness of the upper and the lower lip in the middle."""
    face: float
    """Width that the face has, or would have from the front."""
    turned: float
    """How far the head is turned away: 0 from the front, 1 half way to the profile."""
    blur: float
    """Radius (standard deviation) of the photo's own blur about the mouth, photo widths."""
    aspect: float

    @property
    def gap(self) -> Curve:
        """How far the lips are apart in the photo, shape (SAMPLES,)."""
        return np.asarray(self.lower - self.upper)

    @property
    def opened(self) -> bool:
        """Whether the photo shows the inside of the mouth."""
        return bool(self.gap.max() > 0)

    def to_photo(self, a: Grid, b: Grid) -> tuple[Grid, Grid]:
        """Places of the frame in photo coordinates."""
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        return self.x + a * cosine - b * sine, self.y + (a * sine + b * cosine) / self.aspect


def of(scene: Scene, face: Face) -> Mouth:
    """The mouth of a face; closed lips are followed along the dark line between them."""
    aspect = scene.size_px[1] / scene.size_px[0]
    points = face.landmarks[:, :2].astype(np.float64) * (1.0, aspect)
    wide, turned = _face(points)
    inner, outer = points[[78, 308]], points[list(_OUTER_CORNERS)]
    corners = inner + 0.5 * (outer - inner)
    centre, along = corners.mean(axis=0), corners[1] - corners[0]
    angle, half = float(np.arctan2(along[1], along[0])), float(np.linalg.norm(along)) / 2
    framed = _turned(points - centre, angle)
    upper, lower = (_along(framed[list(ring)], half) for ring in (_UPPER, _LOWER))
    middle = float(framed[[13, 14], 0].mean())
    mouth = Mouth(
        x=float(centre[0]),
        y=float(centre[1]) / aspect,
        angle=angle,
        half=half,
        middle=float(np.clip(middle, -0.4 * half, 0.4 * half)),
        upper=upper,
        lower=np.maximum(upper, lower),
        nose=max(float(framed[13, 1] - framed[_NOSE, 1]), 0.06 * wide),
        chin=max(float(framed[_CHIN, 1] - framed[14, 1]), 0.12 * wide),
        lips=_thickness(framed, wide),
        face=wide,
        turned=turned,
        blur=0.0,
        aspect=aspect,
    )
    return _seen(scene, mouth)


def _face(points: Grid) -> tuple[float, float]:
    """Width from the front, and how far the head is turned away."""
    tall = float(np.linalg.norm(points[_FOREHEAD] - points[_CHIN]))
    across = float(np.linalg.norm(points[_CHEEKS[0]] - points[_CHEEKS[1]]))
    wide = max(across, _FACE_SHAPE * tall, 1e-4)
    return wide, float(np.clip((0.92 - across / wide) / 0.3, 0, 1))


def _turned(points: Grid, angle: float) -> Grid:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([points[:, 0] * cosine + points[:, 1] * sine, points[:, 1] * cosine - points[:, 0] * sine], axis=1)


def _along(ring: Grid, half: float) -> Curve:
    """A border at evenly spaced places: it ends in the corners."""
    order = np.argsort(ring[:, 0], kind="stable")
    a = np.concatenate([[-half], np.clip(ring[order, 0], -half, half), [half]])
    b = np.concatenate([[0.0], ring[order, 1], [0.0]])
    return np.asarray(np.interp(np.linspace(-half, half, SAMPLES), a, b))


def _thickness(framed: Grid, wide: float) -> tuple[float, float]:
    upper, lower = framed[13, 1] - framed[_OUTER_UPPER, 1], framed[_OUTER_LOWER, 1] - framed[14, 1]
    return max(float(upper), 0.02 * wide), max(float(lower), 0.025 * wide)


def _seen(scene: Scene, mouth: Mouth) -> Mouth:
    """With what only the pixels tell: the line between closed lips, and how soft the photo is."""
    reach = _SEARCH * mouth.face
    a = np.linspace(-mouth.half, mouth.half, SAMPLES)
    b = np.linspace(-3 * reach, 3 * reach, 61)
    patch = luminance(scene, mouth, *np.meshgrid(a, b))
    blur = _blur(patch, float(b[1] - b[0]), 1.0 / scene.size_px[0])
    upper, lower = mouth.upper, mouth.lower
    if float(mouth.gap.max()) < _SHUT_GAP * mouth.face:
        upper = lower = _dark_line(patch, b, (upper + lower) / 2, reach)
    else:
        # On the lips proper: their rims are blurred with what they frame.
        rim = _RIM * blur * np.clip((lower - upper) / blur, 0, 1)
        upper, lower = (_even(line) for line in (upper - rim, lower + rim))
    return replace(mouth, upper=upper, lower=lower, blur=blur)


def luminance(scene: Scene, mouth: Mouth, a: Grid, b: Grid) -> Grid:
    """How bright the photo is at places of the frame, 0..255."""
    return np.asarray(colours(scene, mouth, a, b) @ (0.2126, 0.7152, 0.0722))


def colours(scene: Scene, mouth: Mouth, a: Grid, b: Grid) -> Grid:
    """What the photo shows at places of the frame, sRGB 0..255, shape (rows, columns, 3)."""
    width, height = scene.size_px
    x, y = mouth.to_photo(a, b)
    places = (x * width - 0.5).astype(np.float32), (y * height - 0.5).astype(np.float32)
    found = cv2.remap(scene.photo, *places, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float64)


def _blur(patch: Grid, step: float, pixel: float) -> float:
    """From the steepest edge: a step that was blurred rises by its height over 2.5 standard deviations."""
    height = float(np.percentile(patch, 97) - np.percentile(patch, 3))
    steepest = float(np.percentile(np.abs(np.diff(patch, axis=0)), 99.5)) / step
    return float(np.clip(height / max(2.5 * steepest, 1e-6), 0.6 * pixel, 3.5 * pixel))


def _dark_line(patch: Grid, b: Curve, guess: Curve, reach: float) -> Curve:
    """The darkest smooth line near the landmarks' one, by dynamic programming over the columns."""
    away = (b[:, None] - guess[None]) / reach
    cost = patch / max(float(np.ptp(patch)), 1.0) + 0.35 * away**2 + 1e3 * (np.abs(away) > 1.0)
    step = 6.0 * ((b[:, None] - b[None]) / reach) ** 2
    best, came = cost[:, 0], []
    for column in cost.T[1:]:
        total = best[None] + step
        came.append(np.argmin(total, axis=1))
        best = total.min(axis=1) + column
    path = [int(np.argmin(best))]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    line = b[path[::-1]]
    return _even(line)


def _even(line: Curve) -> Curve:
    """A border without kinks, its ends where they were."""
    kernel = np.hanning(9)[1:-1]
    padded = np.pad(line, 3, mode="reflect", reflect_type="odd")
    return np.asarray(np.convolve(padded, kernel / kernel.sum(), mode="valid"))
