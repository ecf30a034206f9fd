"""The frames of a shot, each a pure function of its index."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import project
from stillmotion.diorama.render import finish, kernels
from stillmotion.diorama.render.painting import Instant, compose
from stillmotion.diorama.render.relief import Eye
from stillmotion.diorama.render.stage import blur_of_photo, sheets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.camera import CameraPath
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import Shot

    Picture = NDArray[np.uint8]

_BLUR_FROM_PX = 1.6
"""Motion during the open shutter that starts to be drawn as blur; a slow camera stays crisp."""
_SUBFRAME_PX = 1.0
_SUBFRAMES_MAX = 16


class ShotFrames:
    """A FrameSource: renders any frame of a shot on demand, in any order and in any thread."""

    def __init__(self, scene: Scene, shot: Shot, path: CameraPath) -> None:
        self._scene = scene
        self._shot = shot
        self._path = path
        self._sheets = sheets(scene, shot, path)
        self._exposures = _exposures(shot, scene, path)
        self._grain = finish.grain_tile(shot.seed)
        self._strength = finish.grain_strength(shot.look.grain)
        self._paper = threading.local()

    def __len__(self) -> int:
        """How many frames the shot has."""
        return self._shot.frame_count

    def rgb(self, index: int) -> Picture:
        """Frame `index` as sRGB, shape (height, width, 3)."""
        width, height = self._shot.size_px
        result = np.empty((height, width, 3), np.uint8)
        origin = finish.grain_offset(self._shot.seed, index)
        finish.to_rgb(self._finished(index), self._grain, origin, self._strength, result)
        return result

    def i420(self, index: int) -> Picture:
        """Frame `index` as planar BT.709 limited-range 4:2:0, shape (height * 3 // 2, width)."""
        width, height = self._shot.size_px
        result = np.empty((height * 3 // 2, width), np.uint8)
        origin = finish.grain_offset(self._shot.seed, index)
        finish.to_i420(self._finished(index), self._grain, origin, self._strength, result)
        return result

    def rgba(self, index: int) -> Picture:
        """Frame `index` before vignette and grain; alpha below 255 would be a hole. Shape (height, width, 4)."""
        return self._exposed(index).copy()

    def _finished(self, index: int) -> Picture:
        canvas = self._exposed(index)
        if self._shot.look.vignette > 0:
            canvas = canvas.copy()
            finish.shade(canvas, self._shot.look.vignette)
        return canvas

    def _exposed(self, index: int) -> Picture:
        """The picture that the open shutter gathers. It belongs to the calling thread until its next frame."""
        paper = self._sheet_of_paper()
        times = self._times(index)
        key = self._key(times)
        if paper.key == key:
            return paper.canvas
        paper.key = None
        if len(times) == 1:
            compose(self._sheets, self._instants(times[0]), paper.canvas, paper.scratch)
        else:
            self._expose(times, paper)
        paper.key = key
        return paper.canvas

    def _expose(self, times: NDArray[np.float64], paper: _Paper) -> None:
        total = np.zeros(paper.canvas.size, np.uint16)
        for time_s in times:
            compose(self._sheets, self._instants(time_s), paper.canvas, paper.scratch)
            kernels.accumulate(paper.canvas.reshape(-1), total)
        kernels.divide(total, len(times), paper.canvas.reshape(-1))

    def _times(self, index: int) -> NDArray[np.float64]:
        """The instants that make a frame, spread evenly about its time while the shutter is open."""
        count = int(self._exposures[index])
        shutter_s = self._shot.look.shutter_deg / 360.0 / self._shot.fps
        middle = np.arange(count) + 0.5 - count / 2
        return np.asarray(index / self._shot.fps + middle * (shutter_s / count), np.float64)

    def _instants(self, time_s: float) -> tuple[Instant, ...]:
        """Every layer at one time."""
        path, times = self._path, np.array([time_s])
        poses = path.poses(times)
        to_photo = np.linalg.inv(path.to_output(poses, self._shot.size_px)[0])
        to_ray = path.rotations(poses)[0].T @ np.linalg.inv(path.camera_matrix) @ to_photo
        eye = Eye(to_photo_ray=to_ray, place=poses.places[0], camera=path.camera_matrix)
        focus, aperture = path.lens(times)
        return tuple(
            Instant(
                to_photo=np.linalg.inv(path.views(sheet.layer.plane, poses, self._shot.size_px)[0]),
                eye=eye,
                blur=blur_of_photo(sheet.layer.plane, float(focus[0]), float(aperture[0]), self._shot.size_px[0]),
            )
            for sheet in self._sheets
        )

    def _key(self, times: NDArray[np.float64]) -> bytes:
        """Equal keys mean equal pictures: while the camera holds still nothing is rendered twice."""
        poses = self._path.poses(times)
        parts = (poses.places, poses.angles, poses.zoom, *self._path.lens(times))
        return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)

    def _sheet_of_paper(self) -> _Paper:
        paper = getattr(self._paper, "sheet", None)
        if paper is None:
            paper = self._paper.sheet = _Paper(self._shot.size_px)
        return paper


class _Paper:
    """The pictures that one thread paints on, kept between frames because new memory is slow."""

    def __init__(self, size_px: tuple[int, int]) -> None:
        self.canvas = np.zeros((size_px[1], size_px[0], 4), np.uint8)
        self.scratch = np.zeros_like(self.canvas)
        self.key: bytes | None = None


def _exposures(shot: Shot, scene: Scene, path: CameraPath) -> NDArray[np.int64]:
    """How many instants make each frame: one, or as many as keep the steps of a motion blur under a pixel."""
    half_s = shot.look.shutter_deg / 720.0 / shot.fps
    times = np.arange(shot.frame_count) / shot.fps
    box = path.framing
    corners = np.array([[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1], box.centre])
    travel = np.zeros(shot.frame_count)
    before, after = path.poses(times - half_s), path.poses(times + half_s)
    for layer in scene.layers:
        one, two = (project(path.views(layer.plane, poses, shot.size_px), corners) for poses in (before, after))
        travel = np.fmax(travel, np.nan_to_num(np.linalg.norm(two - one, axis=2), nan=0.0).max(axis=1))
    count = np.where(travel < _BLUR_FROM_PX, 1, np.ceil(travel / _SUBFRAME_PX) + 1)
    return np.minimum(count, _SUBFRAMES_MAX).astype(np.int64)
