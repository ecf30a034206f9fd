"""The frames of a shot, each a pure function of its index."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import project
from stillmotion.diorama.motion.records import Motion
from stillmotion.diorama.render import finish, kernels, plane_kernels, planes, tone
from stillmotion.diorama.render.instants import Instants
from stillmotion.diorama.render.painting import compose
from stillmotion.diorama.render.planes import Canvas
from stillmotion.diorama.render.stage import sheets, stack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.camera import CameraPath
    from stillmotion.diorama.render.painting import Moment, Sheet
    from stillmotion.diorama.render.planes import Plates
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import Shot

    Picture = NDArray[np.uint8]

STILLNESS = Motion()
"""Nothing moves but the camera."""

_BLUR_FROM_PX = 1.6
"""Motion during the open shutter that starts to be drawn as blur; a slow camera stays crisp."""
_SUBFRAME_PX = 1.0
_SUBFRAMES_MAX = 16


class ShotFrames:
    """A FrameSource: renders any frame of a shot on demand, in any order and in any thread."""

    def __init__(self, scene: Scene, shot: Shot, path: CameraPath, motion: Motion = STILLNESS) -> None:
        self._shot = shot
        self._motion = motion
        self._sheets = sheets(stack(scene, motion), shot, path, motion)
        self._plates = _plates(self._sheets)
        self._exposures = _exposures(shot, scene, path)
        self._instants = Instants(self._sheets, shot, path, motion)
        times = np.arange(shot.frame_count) / shot.fps
        # What moves is worked out when a frame is asked for: hundreds of bodies at hundreds of times take a while.
        self._middles = () if motion.moves else tuple(self._instants.at(times, _shutter_s(shot)))
        self._keys = list(range(len(times))) if motion.moves else _keys(path, times, self._exposures)
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
        if self._plates:
            canvas = self._finished_planes(index)
            plane_kernels.to_i420(canvas.luma, canvas.chroma, self._grain, origin, self._strength, result)
        else:
            finish.to_i420(self._finished(index), self._grain, origin, self._strength, result)
        return result

    def rgba(self, index: int) -> Picture:
        """Frame `index` before vignette and grain; alpha below 255 would be a hole. Shape (height, width, 4)."""
        return self._exposed(index).copy()

    def _finished(self, index: int) -> Picture:
        canvas = self._exposed(index)
        if self._shot.look.vignette > 0 or self._motion.grades:
            canvas = canvas.copy()
        if self._motion.grades:
            tone.on_rgba(canvas, self._tone(index))
        if self._shot.look.vignette > 0:
            finish.shade(canvas, self._shot.look.vignette)
        return canvas

    def _finished_planes(self, index: int) -> Canvas:
        canvas = self._exposed_planes(index)
        if self._shot.look.vignette > 0 or self._motion.grades:
            canvas = Canvas(luma=canvas.luma.copy(), chroma=canvas.chroma.copy())
        if self._motion.grades:
            tone.on_planes(canvas.luma, canvas.chroma, self._tone(index))
        if self._shot.look.vignette > 0:
            plane_kernels.shade(canvas.luma, canvas.chroma, self._shot.look.vignette)
        return canvas

    def _tone(self, index: int) -> NDArray[np.float32]:
        return tone.numbers(tone.tone_at(self._motion.grades, index / self._shot.fps))

    def _exposed_planes(self, index: int) -> Canvas:
        """Like `_exposed`, in the planes of a codec."""
        paper, key = self._sheet_of_paper(), self._keys[index]
        if paper.planes_key != key:
            paper.planes_key = -1
            planes.expose(self._sheets, self._plates, self._moments_of(index), paper.planes, paper.scratch)
            paper.planes_key = key
        return paper.planes

    def _exposed(self, index: int) -> Picture:
        """The picture that the open shutter gathers. It belongs to the calling thread until its next frame."""
        paper, key = self._sheet_of_paper(), self._keys[index]
        if paper.key == key:
            return paper.canvas
        paper.key = -1
        moments = self._moments_of(index)
        if len(moments) == 1:
            compose(self._sheets, moments[0], paper.canvas, paper.scratch)
        else:
            self._expose(moments, paper)
        paper.key = key
        return paper.canvas

    def _expose(self, moments: list[Moment], paper: _Paper) -> None:
        total = np.zeros(paper.canvas.size, np.uint16)
        for moment in moments:
            compose(self._sheets, moment, paper.canvas, paper.scratch)
            kernels.accumulate(paper.canvas.reshape(-1), total)
        kernels.divide(total, len(moments), paper.canvas.reshape(-1))

    def _times(self, index: int) -> NDArray[np.float64]:
        """The instants that make a frame, spread evenly about its time while the shutter is open."""
        count = int(self._exposures[index])
        shutter_s = _shutter_s(self._shot)
        middle = np.arange(count) + 0.5 - count / 2
        return np.asarray(index / self._shot.fps + middle * (shutter_s / count), np.float64)

    def _moments_of(self, index: int) -> list[Moment]:
        times = self._times(index)
        if len(times) == 1 and self._middles:
            return [self._middles[index]]
        return self._instants.at(times, _shutter_s(self._shot) / len(times))

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
        self.key = -1
        self.planes = Canvas.blank(size_px)
        self.planes_key = -1


def _shutter_s(shot: Shot) -> float:
    return shot.look.shutter_deg / 360.0 / shot.fps


def _plates(layers: tuple[Sheet, ...]) -> tuple[Plates | None, ...]:
    """The planes of the plain layers; none at all when no layer is, because then nothing is gained."""
    if not any(sheet.plain for sheet in layers):
        return ()
    return tuple(
        planes.plates(sheet.copies[0][1], backmost=sheet.backmost) if sheet.plain else None for sheet in layers
    )


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


def _keys(path: CameraPath, times: NDArray[np.float64], exposures: NDArray[np.int64]) -> list[int]:
    """Equal numbers mean equal pictures: while the camera holds still nothing is rendered twice."""
    poses = path.poses(times)
    parts = (poses.places, poses.angles, poses.zoom[:, None], *(part[:, None] for part in path.lens(times)))
    rows = np.concatenate(parts, axis=1)
    moved = np.ones(len(times), np.bool_)
    moved[1:] = (rows[1:] != rows[:-1]).any(axis=1) | (exposures[1:] > 1) | (exposures[:-1] > 1)
    return [int(key) for key in moved.cumsum()]
