"""What a camera path must not show, measured along the path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Matrix, project

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.camera.path import CameraPath, Poses
    from stillmotion.diorama.camera.probes import Border, Probes, Slope

    Samples = NDArray[np.float64]

REVEAL_PX = 45.0
"""Widest band behind a layer's edge that may come into view at 720 lines, in a scene that can be trusted."""
_FEW, _FEW_MAY = 0.03, 1.25
"""Share of an outline's points that may uncover more than that, and how much more."""
PARALLAX_GATED_PX = 10.0
"""Largest parallax at 720 lines in a scene that cannot."""
STRETCH = (0.7, 1.6)
"""How much an inclined plane may shrink or grow locally against frame 0, zoom apart."""
_MAGNIFIED = 2.0
_TOLERANCE_PX = 0.02
_STEP = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How far a scene may be pushed."""

    trusted: bool
    scale: float
    """Pixels at 720 lines for one output pixel."""
    size_px: tuple[int, int]


def allowed(path: CameraPath, times_s: Samples, probes: Probes, allowance: Allowance) -> bool:
    """Whether a path shows no border of the photo, no wide revealed band and no stretched plane at any of the times."""
    poses = path.poses(times_s)
    if _hits_something(poses, probes):
        return False
    if any(_border_shows(path, poses, border, allowance.size_px) for border in probes.borders):
        return False
    if any(_stretched(path, poses, slope, allowance.size_px) for slope in probes.slopes):
        return False
    return _reveal_is_small(path, poses, probes, allowance)


def parallax_px(path: CameraPath, times_s: Samples, probes: Probes, allowance: Allowance) -> float:
    """How far edges move against what lies behind them over the path, at 720 lines: the 90th percentile of points."""
    gaps, visible = _gaps(path, path.poses(times_s), probes, allowance.size_px)
    widest = np.where(visible, np.linalg.norm(gaps, axis=2), 0.0).max(axis=0, initial=0.0)
    return float(np.percentile(widest, 90)) * allowance.scale if len(widest) else 0.0


def _hits_something(poses: Poses, probes: Probes) -> bool:
    """The camera must stay well before the nearest thing."""
    return bool((poses.places[:, 2] * probes.nearest_q > 0.6).any())


def _border_shows(path: CameraPath, poses: Poses, border: Border, size_px: tuple[int, int]) -> bool:
    ends = project(path.views(border.plane, poses, size_px), border.ends)
    if np.isnan(ends).any():
        return True
    low, high = np.full(2, _TOLERANCE_PX), np.array(size_px) - _TOLERANCE_PX
    return bool(_crosses(ends[:, 0], ends[:, 1], low, high).any())


def _crosses(start: Matrix, end: Matrix, low: Samples, high: Samples) -> NDArray[np.bool_]:
    """Which segments (n, 2) pass through a box: Liang and Barsky's clipping (1984)."""
    way = end - start
    way = np.where(np.abs(way) < 1e-12, 1e-12, way)
    one, two = (low - start) / way, (high - start) / way
    enter = np.maximum(np.minimum(one, two).max(axis=1), 0.0)
    leave = np.minimum(np.maximum(one, two).min(axis=1), 1.0)
    crossed: NDArray[np.bool_] = enter < leave
    return crossed


def _stretched(path: CameraPath, poses: Poses, slope: Slope, size_px: tuple[int, int]) -> bool:
    """Singular values of the Jacobian against frame 0's, at the points that are in the picture."""
    views = path.views(slope.plane, poses, size_px)
    offsets = np.array([[0.0, 0.0], [_STEP, 0.0], [0.0, _STEP]])
    here, right, down = (project(views, slope.points + offset) for offset in offsets)
    jacobian = np.stack([right - here, down - here], axis=-1)
    first = np.diag([size_px[0] / path.framing.width, size_px[1] / path.framing.height]) * _STEP
    least, most = _singular_values(np.nan_to_num(jacobian, nan=1e3) @ np.linalg.inv(first))
    zoom = poses.zoom[:, None]
    return bool((_inside(here, size_px) & ((least < STRETCH[0] * zoom) | (most > STRETCH[1] * zoom))).any())


def _singular_values(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """Smaller and larger singular value of 2 x 2 matrices (..., 2, 2): those of its rotating and mirroring parts."""
    a, b, c, d = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 0], matrix[..., 1, 1]
    turning, mirroring = np.hypot(a + d, c - b) / 2, np.hypot(a - d, c + b) / 2
    return np.abs(turning - mirroring), turning + mirroring


def _reveal_is_small(path: CameraPath, poses: Poses, probes: Probes, allowance: Allowance) -> bool:
    if (poses.zoom / (1.0 - poses.places[:, 2]) > _MAGNIFIED).any():
        return False
    gaps, visible = _gaps(path, poses, probes, allowance.size_px)
    if not allowance.trusted:
        widest = np.where(visible, np.linalg.norm(gaps, axis=2), 0.0).max(initial=0.0)
        return bool(widest * allowance.scale <= PARALLAX_GATED_PX)
    revealed = np.where(visible, (gaps * probes.silhouette.inwards[None]).sum(axis=2), 0.0).max(axis=0, initial=0.0)
    return _narrow(revealed * allowance.scale / probes.silhouette.room, probes.silhouette.outline)


def _narrow(bands: Samples, outline: NDArray[np.int64]) -> bool:
    """Whether no outline uncovers too wide a band, but for a few of its points that may go a little farther."""
    if not len(bands) or bands.max() <= REVEAL_PX:
        return True
    if bands.max() > REVEAL_PX * _FEW_MAY:
        return False
    wide = np.bincount(outline[bands > REVEAL_PX], minlength=int(outline.max()) + 1)
    return bool((wide <= np.bincount(outline, minlength=len(wide)) * _FEW).all())


def _gaps(path: CameraPath, poses: Poses, probes: Probes, size_px: tuple[int, int]) -> tuple[Matrix, NDArray[np.bool_]]:
    """How far the near side of each edge has moved against its far side, (n, points, 2), and which are in view."""
    edge = probes.silhouette
    near = places(path, poses, edge.points, edge.near_q, size_px)
    far = places(path, poses, edge.points, edge.far_q, size_px)
    return near - far, _inside(near, size_px) | _inside(far, size_px)


def places(path: CameraPath, poses: Poses, points: Matrix, q: Samples, size_px: tuple[int, int]) -> Matrix:
    """Where points of the photo with known inverse depth appear in the output, shape (n, points, 2)."""
    rays = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ np.linalg.inv(path.camera_matrix).T
    from_camera = rays[None] - q[None, :, None] * poses.places[:, None, :]
    to_pixels = path.to_output(poses, size_px) @ path.camera_matrix @ path.rotations(poses)
    seen = from_camera @ np.swapaxes(to_pixels, 1, 2)
    result: Matrix = seen[..., :2] / np.maximum(seen[..., 2:], 1e-9)
    return result


def _inside(points: Matrix, size_px: tuple[int, int]) -> NDArray[np.bool_]:
    x, y = points[..., 0], points[..., 1]
    inside: NDArray[np.bool_] = (x >= 0) & (y >= 0) & (x <= size_px[0]) & (y <= size_px[1])
    return inside
