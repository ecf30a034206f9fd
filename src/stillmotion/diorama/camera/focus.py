"""What is sharp at each time, and how blurred the rest is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.camera.aim import depth, named
from stillmotion.diorama.camera.easing import done
from stillmotion.diorama.shot.records import CameraMove, MoveKind, Shot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Scene

    Samples = NDArray[np.float64]

SHALLOWEST = 0.016
"""Blur radius at aperture 1, in picture widths for one unit of inverse depth."""
PULLED = 0.009
"""Blur radius of the end that is out of focus in a full focus pull, in picture widths."""
_STEEPEST = 0.06
_LEAST_GAP = 0.08


def focus_and_aperture(scene: Scene, shot: Shot, times_s: Samples) -> tuple[Samples, Samples]:
    """Inverse depth in focus and `CameraState.aperture` at each time."""
    pulls = sorted((move for move in shot.camera if move.kind is MoveKind.FOCUS_PULL), key=lambda move: move.start_s)
    aperture = np.full(len(times_s), shot.lens.aperture * SHALLOWEST)
    focus = np.full(len(times_s), _sharp_at_first(scene, shot, pulls))
    for pull in pulls:
        near, far = _ends(scene, pull)
        progress = done(pull, times_s, shot.duration_s)
        focus = np.where(times_s < pull.start_s, focus, near + (far - near) * progress)
        aperture = np.maximum(aperture, _pull_aperture(pull, near, far))
    return focus, aperture


def can_pull(scene: Scene, move: CameraMove) -> bool:
    """Whether the two ends of a focus pull lie at depths that differ."""
    start, end = _ends(scene, move)
    return abs(start - end) >= _LEAST_GAP


def _sharp_at_first(scene: Scene, shot: Shot, pulls: list[CameraMove]) -> float:
    if pulls:
        return _ends(scene, pulls[0])[0]
    return depth(named(scene, shot.lens.focus), scene.size_px) if shot.lens.focus else 1.0


def _ends(scene: Scene, pull: CameraMove) -> tuple[float, float]:
    """Inverse depth in focus at the start and at the end of a pull."""
    depths = [depth(layer, scene.size_px) for layer in scene.layers]
    nearest = min(depths, key=lambda q: abs(q - 1.0))
    end = depth(named(scene, pull.target), scene.size_px) if pull.target else nearest
    if pull.source:
        return depth(named(scene, pull.source), scene.size_px), end
    return max(depths, key=lambda q: abs(q - end)), end


def _pull_aperture(pull: CameraMove, start: float, end: float) -> float:
    gap = abs(start - end)
    if gap < _LEAST_GAP:
        return 0.0
    return min(pull.amount * PULLED / gap, _STEEPEST)
