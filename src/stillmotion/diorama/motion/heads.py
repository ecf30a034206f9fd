"""Where a head is and how it gives way when it turns, tilts or nods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion import eyes, living, regions
from stillmotion.diorama.motion.modes import smooth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stillmotion.diorama.motion.eyes import Eye
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Face, Layer
    from stillmotion.diorama.shot.records import MotionCue

Grids = "NDArray[np.float64]"
_FOREHEAD, _CHIN = 10, 152
MOST_TURN_DEG, MOST_TILT_DEG = 4.0, 6.0
_FARTHEST = 0.024
"""Nothing of a head travels farther, in photo widths: a head that fills the picture tilts less."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """A head in the picture plane. Lengths are photo widths; y of places is in photo heights."""

    x: float
    y: float
    """The middle of the face."""
    width: float
    """From cheek to cheek."""
    angle: float
    """How far its own upright leans to the right, radians."""
    chin: float
    """Distance from the middle of the face down to the chin."""
    aspect: float

    @property
    def neck(self) -> float:
        """Distance from the middle of the face down to where it turns."""
        return self.chin + 0.32 * self.width

    def frame(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Photo coordinates as distances across and down the head, from the middle of the face."""
        dx, dy = x - self.x, (y - self.y) * self.aspect
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        return dx * cosine + dy * sine, dy * cosine - dx * sine

    def to_photo(self, across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
        """Displacements in the head's frame as displacements in photo coordinates, last axis x and y."""
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        x, y = across * cosine - down * sine, across * sine + down * cosine
        return np.stack([x, y / self.aspect], axis=-1)


def find(stage: Stage, layer: Layer) -> Head | None:
    """The head of whoever is on a layer; None when no face and no pair of eyes was found."""
    face = eyes.face_on(stage, layer)
    if face is not None:
        return _human(face, stage.aspect)
    pair = eyes.of(stage, layer)
    return None if pair is None else _animal(*pair, stage.aspect)


def of_cues(stage: Stage, cues: tuple[MotionCue, ...]) -> Iterator[tuple[MotionCue, Layer, Head]]:
    """The cues whose subject has a head, each with its layer and the head."""
    for cue in cues:
        layer = living.layer_of(stage, cue)
        head = find(stage, layer) if layer is not None else None
        if layer is not None and head is not None:
            yield cue, layer, head


def _human(face: Face, aspect: float) -> Head:
    points = face.landmarks[:, :2].astype(np.float64) * np.array([1.0, aspect])
    middle = points.mean(axis=0)
    up = points[_FOREHEAD] - points[_CHIN]
    return Head(
        x=float(middle[0]),
        y=float(middle[1]) / aspect,
        width=face.box.width,
        angle=float(np.arctan2(up[0], -up[1])),
        chin=float(np.linalg.norm(points[_CHIN] - middle)),
        aspect=aspect,
    )


def _animal(left: Eye, right: Eye, aspect: float) -> Head:
    across = np.array([right.x - left.x, (right.y - left.y) * aspect])
    apart = float(np.linalg.norm(across))
    angle = float(np.arctan2(across[1], across[0])) * 0.6
    return Head(
        x=(left.x + right.x) / 2 - np.sin(angle) * 0.3 * apart,
        y=((left.y + right.y) / 2) + np.cos(angle) * 0.3 * apart / aspect,
        width=1.9 * apart,
        angle=angle,
        chin=0.75 * apart,
        aspect=aspect,
    )


def around(head: Head, stage: Stage) -> Box:
    """The part of the photo that a head's movement reaches."""
    wide, up, down = 1.9 * head.width, 2.2 * head.width, head.neck + 0.9 * head.width
    return Box(
        x0=max(head.x - wide, 0.0),
        y0=max(head.y - up / stage.aspect, 0.0),
        x1=min(head.x + wide, 1.0),
        y1=min(head.y + down / stage.aspect, 1.0),
    )


def cells(box: Box, count: int = 96) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Photo coordinates of a grid over a box."""
    share = (np.arange(count) + 0.5) / count
    x, y = np.meshgrid(box.x0 + share * box.width, box.y0 + share * box.height)
    return x, y


def belongs(head: Head, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 on the head with its hair or hat, fading to 0 through the neck, and beside and above it."""
    across, down = head.frame(x, y)
    neck = 1 - smooth((down - 0.75 * head.chin) / (head.neck + 0.45 * head.width - 0.75 * head.chin))
    beside = 1 - smooth((np.abs(across) - 0.95 * head.width) / (0.8 * head.width))
    above = 1 - smooth((-down - 1.35 * head.width) / (0.7 * head.width))
    return np.asarray(neck * beside * above * _inside(x, y, head.aspect))


def _inside(x: NDArray[np.float64], y: NDArray[np.float64], aspect: float, reach: float = 0.07) -> NDArray[np.float64]:
    """Falls to 0 at the photo's borders: there is nothing beyond them to pull in."""
    return np.asarray(
        smooth(x / reach) * smooth((1 - x) / reach) * smooth(y * aspect / reach) * smooth((1 - y) * aspect / reach)
    )


def turned(head: Head, box: Box) -> NDArray[np.float64]:
    """Displacement maps of a turn to the right, a tilt to the right and a nod down, each as far as it may go.

    A turn moves what is near the camera more than the outline, by the depth of an ellipsoid: the outline stays, so
    nothing tears off the background.

    Returns:
        Shape (3, rows, columns, 2), photo coordinates.
    """
    x, y = cells(box)
    across, down = head.frame(x, y)
    whole = belongs(head, x, y)
    front = np.maximum(1 - (across / (0.66 * head.width)) ** 2 - (down / (1.0 * head.width)) ** 2, 0.0) ** 1.3
    front *= _inside(x, y, head.aspect)
    turn = np.sin(np.radians(MOST_TURN_DEG)) * head.width
    zero = np.zeros_like(across)
    yaw = head.to_photo(turn * (0.62 * front + 0.12 * whole), zero)
    lean = np.radians(MOST_TILT_DEG)
    away = down - head.neck
    tilt = head.to_photo(-away * np.sin(lean) * whole, across * np.sin(lean) * whole)
    nod = head.to_photo(zero, turn * (0.7 * front + 0.3 * whole))
    maps = np.stack([yaw, tilt, nod])
    lengths = np.hypot(maps[..., 0], maps[..., 1] * head.aspect).reshape(3, -1).max(axis=1)
    return np.asarray(maps * np.minimum(1.0, _FARTHEST / np.maximum(lengths, 1e-9))[:, None, None, None])


def ears(stage: Stage, layer: Layer, head: Head) -> list[tuple[float, float]]:
    """Tips of the ears: the farthest points of the silhouette up and to the sides of a head, photo coordinates."""
    cover = regions.coverage(stage, layer) > 0.5
    x, y = (grid.astype(np.float64) for grid in regions.places(stage.aspect))
    across, down = head.frame(x, y)
    reachable = cover & (np.hypot(across, down) < 1.05 * head.width) & (down < -0.2 * head.width)
    if not reachable.any() or cover.mean() > 0.97:
        return []
    found = []
    for side in (-1.0, 1.0):
        reach = np.where(reachable & (side * across > 0), side * 0.55 * across - 0.85 * down, -np.inf)
        if np.isfinite(reach.max()):
            row, column = np.unravel_index(int(np.argmax(reach)), reach.shape)
            found.append((float(x[row, column]), float(y[row, column])))
    return found
