"""Shared arithmetic of everything that is spread over a layer: how much of it where, and how much when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
COARSE_PX = 320
"""Width of the grids that hold shares over the photo."""


def smooth(value: float, low: float, high: float) -> float:
    """Hermite step from 0 at `low` to 1 at `high`."""
    part = min(max((value - low) / (high - low), 0.0), 1.0)
    return part * part * (3 - 2 * part)


def smooth_of(values: Floats, low: float, high: float) -> Floats:
    """`smooth` of an array."""
    part = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), np.float32)


def gentle(phase: Floats, travel: float) -> Floats:
    """A phase field, scaled so that it staggers a two-phase flow without shearing it: |grad phase| x travel <= 0.15.

    Args:
        phase: any smooth field on the coarse grid.
        travel: photo widths that a copy moves in a cycle.
    """
    steepest = float(np.hypot(*np.gradient(phase)).max()) * phase.shape[1]
    return np.asarray(phase * np.float32(min(0.15 / max(steepest * travel, 1e-6), 0.1)), np.float32)


def presence(stage: Stage, cue: MotionCue, time_s: float, *, rise_s: float = 0.8, fall_s: float = 0.8) -> float:
    """How much of a cue there is at one instant, 0..1: it eases in at its start, and out at an end inside the shot."""
    end = stage.end_s(cue)
    rise_s = min(rise_s, max((end - cue.start_s) / 3, 0.05))
    rising = smooth(time_s, cue.start_s, cue.start_s + rise_s)
    if end >= stage.shot.duration_s - 1e-6:
        return rising
    return rising * (1.0 - smooth(time_s, end - fall_s, end))


def sample(grid: Floats, points: Floats) -> Floats:
    """A grid that covers the photo, read at photo coordinates.

    Args:
        grid: shape (height, width) or (height, width, channels).
        points: shape (rows, columns, 2).
    """
    height, width = grid.shape[:2]
    at = points * np.array([width, height], np.float32) - np.float32(0.5)
    found = cv2.remap(grid, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


def coarse_shape(stage: Stage) -> tuple[int, int]:
    """Rows and columns of a coarse grid over the photo."""
    return max(round(COARSE_PX * stage.aspect), 2), COARSE_PX


def alpha_over_photo(stage: Stage, layer: Layer) -> Floats:
    """The alpha of a layer on the coarse grid, 0..1."""
    width, height = stage.scene.size_px
    whole = np.zeros((height, width), np.uint8)
    top, left = layer.top_px, layer.left_px
    whole[top : top + layer.size_px[1], left : left + layer.size_px[0]] = layer.rgba[..., 3]
    rows, columns = coarse_shape(stage)
    small = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def photo_small(stage: Stage) -> Floats:
    """The photo on the coarse grid, sRGB 0..1, shape (rows, columns, 3)."""
    rows, columns = coarse_shape(stage)
    small = cv2.resize(stage.scene.photo, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def inner(share: Floats, margin: float) -> Floats:
    """A share that fades to 0 towards its own outline, but not towards the border of the photo.

    Args:
        share: on the coarse grid.
        margin: width of the fade in photo widths.
    """
    inside = np.pad((share > 0.5).astype(np.uint8), 2, mode="edge")
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 3)[2:-2, 2:-2]
    return smooth_of(np.asarray(away, np.float32) - 1, 0.0, max(margin * share.shape[1], 1.0))


def visible(stage: Stage, layer: Layer) -> Floats:
    """How much of a layer is seen in the photo, on the coarse grid: its alpha behind all that is nearer."""
    seen = alpha_over_photo(stage, layer)
    names = [one.name for one in stage.scene.layers]
    for nearer in stage.scene.layers[names.index(layer.name) + 1 :]:
        seen = seen * (1 - alpha_over_photo(stage, nearer))
    return seen


def layer_at(stage: Stage, point: tuple[float, float]) -> Layer:
    """The nearest layer that covers a point of the photo."""
    rows, columns = coarse_shape(stage)
    row, column = min(int(point[1] * rows), rows - 1), min(int(point[0] * columns), columns - 1)
    for layer in reversed(stage.scene.layers):
        if alpha_over_photo(stage, layer)[max(row, 0), max(column, 0)] > 0.5:
            return layer
    return stage.scene.layers[0]


def pointed(stage: Stage, *points: tuple[float, float] | None) -> tuple[float, float] | None:
    """The first point that says more than where people look first anyway; None without one."""
    usual = stage.scene.salience
    for point in points:
        if point is not None and np.hypot(point[0] - usual[0], point[1] - usual[1]) > 0.01:
            return point
    return None


def in_front_of(stage: Stage, name: str) -> str | None:
    """Name of the layer right in front of one; None when it is the nearest."""
    names = [layer.name for layer in stage.scene.layers]
    index = names.index(name) + 1
    return names[index] if index < len(names) else None


def px_per_width(stage: Stage) -> float:
    """Output pixels in one photo width."""
    return stage.shot.size_px[0] / max(stage.shot.framing.width, 1e-3)
