"""Which named move a film shows, judged from tracked points on the subject and on what lies behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from measure import motion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the film shows."""

    move: str
    """pan, tilt, zoom, dolly, truck, pedestal, orbit, rise, dolly_zoom, handheld, static."""
    direction: str
    """The camera's own: right means that it looks or goes to the right."""
    parallax_px: float
    """How far subject and background moved against each other, at most over the film."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """How one part of the picture (subject or background) moved from the first frame to another."""

    right: float
    down: float
    log_scale: float


def look(frames: Sequence[NDArray[np.uint8]], near: NDArray[np.bool_], far: NDArray[np.bool_]) -> Seen:
    """Name the move of a film.

    Args:
        frames: sRGB frames, from the start of the move to its end.
        near: where the subject is in the first frame, (height, width).
        far: where the background is in the first frame.
    """
    height, width = frames[0].shape[:2]
    short = min(height, width)
    paths, groups = _follow(frames, near, far)
    reach = float(np.median(np.linalg.norm(paths - paths[:1], axis=2), axis=1).max())
    end = [_part(paths[0, pick], paths[-1, pick], (width, height)) for pick in groups]
    sways = _sways(paths)
    if reach < 0.002 * short:
        return Seen(move="static", direction="none", parallax_px=_parallax(paths, groups))
    if sways:
        return Seen(move="handheld", direction="none", parallax_px=_parallax(paths, groups))
    move, direction = _name(end[0], end[1], width)
    return Seen(move=move, direction=direction, parallax_px=_parallax(paths, groups))


def _follow(
    frames: Sequence[NDArray[np.uint8]], near: NDArray[np.bool_], far: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Tracks of points that stayed visible, and which of them lie on the subject and on the background."""
    points = np.concatenate([motion.corners(frames[0], 300, where=mask) for mask in (near, far)])
    paths, good = motion.tracks(frames, points)
    columns, rows = np.round(points).astype(int).T
    groups = (near[rows, columns][good], far[rows, columns][good])
    if min(int(group.sum()) for group in groups) < 6:
        message = f"too few points to judge: {[int(group.sum()) for group in groups]}"
        raise AssertionError(message)
    return paths[:, good], groups


def _part(before: NDArray[np.float32], after: NDArray[np.float32], size_px: tuple[int, int]) -> _Part:
    """The similarity of a part, read at the part's own middle."""
    reading = motion.read_camera(before, after, size_px)
    shift = np.median(after - before, axis=0)
    return _Part(right=float(shift[0]), down=float(shift[1]), log_scale=reading.log_scale)


def _parallax(paths: NDArray[np.float32], groups: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> float:
    """The largest difference of displacement between a tenth of subject points and a tenth of background points."""
    moved = paths[-1] - paths[0]
    gaps = np.linalg.norm(moved[groups[0]][:, None] - moved[groups[1]][None], axis=2)
    return float(np.percentile(gaps, 90))


def _sways(paths: NDArray[np.float32]) -> bool:
    """Whether the picture goes to and fro instead of somewhere."""
    middle = np.median(paths - paths[:1], axis=1)
    walked = np.linalg.norm(np.diff(middle, axis=0), axis=1).sum()
    return bool(walked > 3.0 * max(np.linalg.norm(middle[-1]), np.linalg.norm(middle, axis=1).max() / 2))


def _name(near: _Part, far: _Part, width: int) -> tuple[str, str]:
    """The move from how subject and background grew and shifted."""
    grew = max(abs(near.log_scale), abs(far.log_scale))
    shifted = max(abs(near.right), abs(near.down), abs(far.right), abs(far.down)) / width
    if grew > 0.5 * shifted and grew > 0.008:
        return _along_the_axis(near, far)
    return _across(near, far)


def _along_the_axis(near: _Part, far: _Part) -> tuple[str, str]:
    if near.log_scale * far.log_scale < 0 or abs(near.log_scale) < 0.3 * abs(far.log_scale):
        return "dolly_zoom", "in" if far.log_scale < 0 else "out"
    direction = "in" if near.log_scale > 0 else "out"
    unequal = abs(near.log_scale - far.log_scale) > 0.25 * max(abs(near.log_scale), abs(far.log_scale))
    return ("dolly" if unequal else "zoom"), direction


def _across(near: _Part, far: _Part) -> tuple[str, str]:
    level = abs(near.right) + abs(far.right) > abs(near.down) + abs(far.down)
    one, two = (near.right, far.right) if level else (near.down, far.down)
    biggest = max(abs(one), abs(two))
    if abs(one - two) < 0.2 * biggest:
        return ("pan", "right" if one < 0 else "left") if level else ("tilt", "down" if one < 0 else "up")
    if abs(one) > abs(two):
        return ("truck", "right" if one < 0 else "left") if level else ("pedestal", "down" if one < 0 else "up")
    return ("orbit", "right" if two > 0 else "left") if level else ("rise", "up" if two < 0 else "down")
