"""Which named move a film shows, judged from tracked points on the subject and on what lies behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from measure import motion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Reading = motion.CameraReading
    Groups = tuple[NDArray[np.bool_], NDArray[np.bool_]]

STILL = 0.002
"""Share of the short side that a static camera may seem to move."""
LEAST_POINTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the film shows."""

    move: str
    """pan, tilt, roll, zoom, dolly, truck, pedestal, orbit, rise, dolly_zoom, handheld, static."""
    direction: str
    """The camera's own: right means that it looks or goes to the right."""
    parallax_px: float
    """How far subject and background moved against each other over the film."""


def look(frames: Sequence[NDArray[np.uint8]], near: NDArray[np.bool_], far: NDArray[np.bool_]) -> Seen:
    """Name the move of a film.

    Args:
        frames: sRGB frames, from the start of the move to its end.
        near: where the subject is in the first frame, (height, width).
        far: where the background is in the first frame.
    """
    size_px = frames[0].shape[1], frames[0].shape[0]
    paths, groups = _follow(frames, near, far)
    pivot = _middle(paths[0, groups[0]])
    end = [motion.read_camera(paths[0, pick], paths[-1, pick], size_px, at=pivot) for pick in groups]
    move, direction = _name(*end, size_px[0])
    if _reach(paths, groups) < STILL * min(size_px):
        move, direction = "static", "none"
    elif _sways(paths):
        move, direction = "handheld", "none"
    return Seen(move=move, direction=direction, parallax_px=_parallax(paths, groups))


def _follow(
    frames: Sequence[NDArray[np.uint8]], near: NDArray[np.bool_], far: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], Groups]:
    """Tracks of points that stayed visible, and which of them lie on the subject and on the background."""
    points = np.concatenate([motion.corners(frames[0], 200, where=mask) for mask in (near, far)])
    paths, good = motion.tracks(frames, points)
    columns, rows = np.round(points).astype(int).T
    groups = (near[rows, columns][good], far[rows, columns][good])
    if min(int(group.sum()) for group in groups) < LEAST_POINTS:
        message = f"too few points to judge: {[int(group.sum()) for group in groups]}"
        raise AssertionError(message)
    return paths[:, good], groups


def _middle(points: NDArray[np.float32]) -> tuple[float, float]:
    x, y = np.median(points, axis=0)
    return float(x), float(y)


def _reach(paths: NDArray[np.float32], groups: Groups) -> float:
    """How far subject or background ever went, whichever went farther."""
    away = np.linalg.norm(paths - paths[:1], axis=2)
    return max(float(np.median(away[:, group], axis=1).max()) for group in groups)


def _parallax(paths: NDArray[np.float32], groups: Groups) -> float:
    """How far subject and background moved against each other."""
    near, far = (np.median(paths[-1, group] - paths[0, group], axis=0) for group in groups)
    return float(np.linalg.norm(near - far))


def _sways(paths: NDArray[np.float32]) -> bool:
    """Whether the picture goes to and fro instead of somewhere."""
    middle = np.median(paths - paths[:1], axis=1)
    walked = np.linalg.norm(np.diff(middle, axis=0), axis=1).sum()
    farthest = float(np.linalg.norm(middle, axis=1).max())
    return bool(farthest > 0.5 and walked > 3.0 * max(float(np.linalg.norm(middle[-1])), farthest / 2))


def _name(near: Reading, far: Reading, width: int) -> tuple[str, str]:
    """The move from how subject and background grew, turned and shifted, both read at the subject's middle."""
    grew, shifted = (max(map(abs, pair)) for pair in ((near.log_scale, far.log_scale), _shifts(near, far)))
    turned = np.radians(min(abs(near.turn_deg), abs(far.turn_deg)))
    if turned > max(0.01, grew) and near.turn_deg * far.turn_deg > 0:
        return "roll", "right" if near.turn_deg < 0 else "left"
    if grew > shifted / width and grew > 0.008:
        return _along_the_axis(near, far)
    return _across(near, far)


def _shifts(near: Reading, far: Reading) -> tuple[float, ...]:
    return near.right_px, near.down_px, far.right_px, far.down_px


def _along_the_axis(near: Reading, far: Reading) -> tuple[str, str]:
    if near.log_scale * far.log_scale < 0 or abs(near.log_scale) < 0.3 * abs(far.log_scale):
        return "dolly_zoom", "in" if far.log_scale < 0 else "out"
    direction = "in" if near.log_scale > 0 else "out"
    unequal = abs(near.log_scale - far.log_scale) > 0.2 * max(abs(near.log_scale), abs(far.log_scale))
    return ("dolly" if unequal else "zoom"), direction


def _across(near: Reading, far: Reading) -> tuple[str, str]:
    level = abs(near.right_px) + abs(far.right_px) > abs(near.down_px) + abs(far.down_px)
    one, two = (near.right_px, far.right_px) if level else (near.down_px, far.down_px)
    if abs(one - two) < 0.2 * max(abs(one), abs(two)):
        return ("pan", "right" if one < 0 else "left") if level else ("tilt", "down" if one < 0 else "up")
    if abs(one) > abs(two):
        return ("truck", "right" if one < 0 else "left") if level else ("pedestal", "down" if one < 0 else "up")
    return ("orbit", "right" if two > 0 else "left") if level else ("rise", "up" if two < 0 else "down")
