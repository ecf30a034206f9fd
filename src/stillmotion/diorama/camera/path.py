"""The pose of the camera at every time: a pure function of the scene, the Shot and t."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.camera.aim import Aim, aim
from stillmotion.diorama.camera.easing import done
from stillmotion.diorama.camera.focus import focus_and_aperture
from stillmotion.diorama.camera.handheld import unrest_deg
from stillmotion.diorama.camera.moves import ZOOMING, Change, change
from stillmotion.diorama.geometry import (
    Box,
    CameraState,
    Matrix,
    Plane,
    frame_matrix,
    photo_matrix,
    plane_homographies,
    turn,
)
from stillmotion.diorama.shot.records import CameraMove, MoveKind, Shot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Scene

_LEAD = 0.5
"""How far beyond its target a zoom is centred, so that the target drifts towards the middle of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poses:
    """The camera at n times."""

    places: Matrix
    """Right, down, forward in subject distances, shape (n, 3)."""
    angles: Matrix
    """Yaw, pitch, roll in degrees, shape (n, 3)."""
    zoom: Matrix
    """Shape (n,)."""


class CameraPath:
    """How the camera moves through a scene. At time 0 it is exactly the camera that took the photo."""

    def __init__(self, scene: Scene, shot: Shot) -> None:
        self._scene = scene
        self._shot = shot
        width, height = scene.size_px
        self._camera = photo_matrix(scene.focal, height / width)
        self._to_ray = np.linalg.inv(self._camera)
        self._aims = [aim(scene, move.target, shot.framing) for move in shot.camera]
        self.zoom_centre = _zoom_centre(shot, self._aims)

    @property
    def framing(self) -> Box:
        """The crop of the photo that time 0 shows."""
        return self._shot.framing

    @property
    def camera_matrix(self) -> Matrix:
        """K, from rays to photo coordinates."""
        return self._camera

    def state(self, time_s: float) -> CameraState:
        """The camera at one time."""
        times = np.array([time_s])
        poses = self.poses(times)
        focus, aperture = focus_and_aperture(self._scene, self._shot, times)
        right, down, forward = (float(value) for value in poses.places[0])
        yaw, pitch, roll = (float(value) for value in poses.angles[0])
        return CameraState(
            right=right,
            down=down,
            forward=forward,
            yaw_deg=yaw,
            pitch_deg=pitch,
            roll_deg=roll,
            zoom=float(poses.zoom[0]),
            zoom_centre=self.zoom_centre,
            focus=float(focus[0]),
            aperture=float(aperture[0]),
        )

    def poses(self, times_s: NDArray[np.float64]) -> Poses:
        """The camera at many times: the moves' places and angles added up, their zooms multiplied."""
        changes = [
            self._change(move, point, times_s) for move, point in zip(self._shot.camera, self._aims, strict=True)
        ]
        places = np.sum([change.place for change in changes], axis=0) if changes else np.zeros((len(times_s), 3))
        angles = np.sum([change.angles for change in changes], axis=0) if changes else np.zeros((len(times_s), 3))
        zoom = np.prod([change.zoom for change in changes], axis=0) if changes else np.ones(len(times_s))
        return Poses(places=places, angles=angles, zoom=zoom)

    def lens(self, times_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Inverse depth in focus and aperture at many times; see `CameraState`."""
        return focus_and_aperture(self._scene, self._shot, times_s)

    def homographies(self, plane: Plane, times_s: NDArray[np.float64], size_px: tuple[int, int]) -> Matrix:
        """From photo coordinates to output pixels for a plane, at many times, shape (n, 3, 3)."""
        return self.views(plane, self.poses(times_s), size_px)

    def homography(self, plane: Plane, time_s: float, size_px: tuple[int, int]) -> Matrix:
        """From photo coordinates to output pixels for a plane, at one time, shape (3, 3)."""
        matrix: Matrix = self.homographies(plane, np.array([time_s]), size_px)[0]
        return matrix

    def views(self, plane: Plane, poses: Poses, size_px: tuple[int, int]) -> Matrix:
        """Like `homographies`, for poses that are already known."""
        return self.to_output(poses, size_px) @ plane_homographies(
            plane, self.rotations(poses), poses.places, self._camera
        )

    def rotations(self, poses: Poses) -> Matrix:
        """From the photo's camera axes to the turned ones, shape (n, 3, 3)."""
        return turn(poses.angles[:, 0], poses.angles[:, 1], poses.angles[:, 2])

    def to_output(self, poses: Poses, size_px: tuple[int, int]) -> Matrix:
        """From what the moved lens sees, in photo coordinates, through the zoom to output pixels, shape (n, 3, 3)."""
        x, y = self.zoom_centre
        zooms = np.zeros((len(poses.zoom), 3, 3))
        zooms[:, 0, 0] = zooms[:, 1, 1] = poses.zoom
        zooms[:, 0, 2] = x * (1.0 - poses.zoom)
        zooms[:, 1, 2] = y * (1.0 - poses.zoom)
        zooms[:, 2, 2] = 1.0
        result: Matrix = frame_matrix(self._shot.framing, size_px) @ zooms
        return result

    def _change(self, move: CameraMove, point: Aim, times_s: NDArray[np.float64]) -> Change:
        if move.kind is MoveKind.HANDHELD:
            return self._unrest(move, times_s)
        ray = self._to_ray @ np.array([point.x, point.y, 1.0])
        return change(move, done(move, times_s, self._shot.duration_s), point, ray)

    def _unrest(self, move: CameraMove, times_s: NDArray[np.float64]) -> Change:
        to_the_end = move.end_s >= self._shot.duration_s
        end_s = float("inf") if to_the_end else move.end_s
        angles = unrest_deg(self._shot.seed, move.amount, move.start_s, end_s, times_s)
        return Change(place=np.zeros_like(angles), angles=angles, zoom=np.ones(len(times_s)))


def _zoom_centre(shot: Shot, aims: list[Aim]) -> tuple[float, float]:
    """One point for the whole shot. A dolly zoom needs its target there; a zoom leads its target to the middle."""
    middle = shot.framing.centre
    for move, point in zip(shot.camera, aims, strict=True):
        if move.kind is MoveKind.DOLLY_ZOOM:
            return point.x, point.y
    for move, point in zip(shot.camera, aims, strict=True):
        if move.kind in ZOOMING:
            box = shot.framing
            x = min(max(point.x + _LEAD * (point.x - middle[0]), box.x0), box.x1)
            y = min(max(point.y + _LEAD * (point.y - middle[1]), box.y0), box.y1)
            return x, y
    return middle
