"""Ears and tails: where an outline sticks out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.motion import heads, regions

if TYPE_CHECKING:
    from stillmotion.diorama.motion.heads import Head
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer

_EAR = 0.34
"""Length of an ear in widths of the head."""
_THICK = 5
"""Half thickness of a tail in cells, at most."""
_LEAST_LENGTH, _SLENDER = 0.06, 2.2
_LEAST_CELLS = 40
_TRUNK = 0.2
"""Radius of what still counts as trunk, in the smaller side of the outline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extremity:
    """Something that turns about its root."""

    root: tuple[float, float]
    """Photo coordinates."""
    along: tuple[float, float]
    """Unit vector from the root to the tip, x and y in photo widths."""
    length: float
    """Photo widths."""
    side: float
    """1 turns clockwise, -1 the other way."""


def ears(stage: Stage, layer: Layer, head: Head) -> list[Extremity]:
    """The ears of a head, the left one first."""
    middle = np.array([head.x, head.y * stage.aspect])
    length = _EAR * head.width
    found = []
    for x, y in heads.ears(stage, layer, head):
        tip = np.array([x, y * stage.aspect])
        along = (tip - middle) / max(float(np.linalg.norm(tip - middle)), 1e-6)
        root = tip - along * length
        side = 1.0 if x < head.x else -1.0
        found.append(_extremity(root, along, length, side, stage.aspect))
    return found


def tail(stage: Stage, layer: Layer) -> Extremity | None:
    """The longest thin piece that sticks out of an outline; None when there is none."""
    cover = (regions.coverage(stage, layer) > 0.5).astype(np.uint8)
    if cover.mean() > 0.9:
        return None
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _THICK + 1, 2 * _THICK + 1))
    trunk = cv2.morphologyEx(np.pad(cover, _THICK, mode="edge"), cv2.MORPH_OPEN, disc)
    trunk = trunk[_THICK:-_THICK, _THICK:-_THICK]
    thin = (cover > 0) & (trunk == 0)
    best: tuple[float, Extremity] | None = None
    for piece in regions.pieces(thin.astype(np.float32), least_cells=8):
        found = _thin_end(piece, trunk > 0, stage.aspect)
        if found is not None and (best is None or found.length > best[0]):
            best = (found.length, found)
    return None if best is None else best[1]


def loose(stage: Stage, layer: Layer) -> regions.Grid | None:
    """How far out on what sticks out each cell is: 0 on the trunk, 1 at the tip of the longest limb; None for none."""
    cover = (regions.coverage(stage, layer) > 0.5).astype(np.uint8)
    rows, columns = np.nonzero(cover)
    if cover.mean() > 0.9 or len(rows) < _LEAST_CELLS:
        return None
    radius = max(2, round(_TRUNK * min(np.ptp(rows), np.ptp(columns))))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    trunk = cv2.morphologyEx(np.pad(cover, radius), cv2.MORPH_OPEN, disc)[radius:-radius, radius:-radius] > 0
    if not trunk.any():
        return None
    distance = regions.geodesic(cover > 0, trunk)
    reach = np.where(np.isfinite(distance), distance, 0.0).astype(np.float32)
    longest = float(reach.max())
    if longest < _LEAST_LENGTH / 2:
        return None
    return regions.smoothed(regions.spread((reach / longest) ** np.float32(1.4), cover > 0, 0.02), 0.006)


def _thin_end(piece: regions.Mask, trunk: regions.Mask, aspect: float) -> Extremity | None:
    near = cv2.dilate(trunk.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    touching = piece & near
    if not touching.any():
        return None
    distance = regions.geodesic(piece, touching)
    reach = np.where(np.isfinite(distance), distance, -1.0)
    row, column = np.unravel_index(int(np.argmax(reach)), reach.shape)
    length = float(reach.max())
    thick = float(piece.sum()) / regions.COLUMNS**2 / max(length, 1e-6)
    if length < _LEAST_LENGTH or length < _SLENDER * thick:
        return None
    rows, columns = np.nonzero(touching)
    root = np.array([(columns.mean() + 0.5), (rows.mean() + 0.5)]) / regions.COLUMNS
    tip = np.array([column + 0.5, row + 0.5]) / regions.COLUMNS
    along = (tip - root) / max(float(np.linalg.norm(tip - root)), 1e-6)
    return _extremity(root, along, length, 1.0, aspect)


def _extremity(root: regions.Point, along: regions.Point, length: float, side: float, aspect: float) -> Extremity:
    return Extremity(
        root=(float(root[0]), float(root[1]) / aspect),
        along=(float(along[0]), float(along[1])),
        length=length,
        side=side,
    )
