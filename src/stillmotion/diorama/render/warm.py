"""Load the compiled kernels before they are needed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.camera import CameraPath
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion.records import LayerMotion, Motion, Stamps, Strokes, Tone, Veil
from stillmotion.diorama.render.frames import STILLNESS, ShotFrames
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot.records import CameraMove, Direction, Look, MoveKind, Shot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import Floats, Points

_SIDE_PX = 64


@cache
def warm_up() -> None:
    """Compile or load every kernel by rendering tiny films, once a process. Safe in a thread beside other work."""
    scene = _scene()
    pull = CameraMove(kind=MoveKind.FOCUS_PULL, end_s=4.0, amount=1.0, target="near", source="far")
    whip = CameraMove(kind=MoveKind.TRUCK, direction=Direction.RIGHT, end_s=0.1, amount=0.3)
    for moves, motion in (((whip,), STILLNESS), ((), _motion()), ((pull, whip), _motion()), ((), _opened())):
        frames = _film(scene, moves, motion)
        frames.i420(1)
        frames.rgb(0)


def _film(scene: Scene, moves: tuple[CameraMove, ...], motion: Motion) -> ShotFrames:
    box = Box(x0=0.2, y0=0.2, x1=0.8, y1=0.8)
    shot = Shot(size_px=(160, 90), framing=box, camera=moves, look=Look(vignette=0.1))
    return ShotFrames(scene, shot, CameraPath(scene, shot), motion)


class _Everything:
    """One of each kind of motion, small."""

    before = None
    reach = 0.0
    step_px = 8

    def __init__(self, what: Strokes | Stamps | Veil | None = None) -> None:
        self._what = what

    def at(self, time_s: float, shutter_s: float) -> Strokes | Stamps | Veil | None:
        return self._what if time_s >= 0.0 < shutter_s else None

    def factor(self, points: Points, time_s: float) -> Floats:
        return np.full((*points.shape[:2], 3), 1.1 + 0.01 * time_s, np.float32)

    def source(self, points: Points, time_s: float) -> Points:
        return points + np.float32(0.001 * time_s)

    def opening(self, points: Points, time_s: float) -> NDArray[np.uint8]:
        return np.full((*points.shape[:2], 4), 100 + int(time_s), np.uint8)

    def sources(self, points: Points, time_s: float) -> tuple[Points, Points, Floats, Floats]:
        half = np.full(points.shape[:2], 0.5 + 0.01 * time_s, np.float32)
        return points, points, half, half


class _Dim:
    def at(self, time_s: float) -> Tone:
        return Tone(exposure=1.0 - 0.01 * time_s)


def _motion() -> Motion:
    one = np.ones(1, np.float32)
    place = np.full((1, 3), 0.5, np.float32)
    line = Strokes(heads=place, tails=place, radius=one * 0.01, colour=np.ones((1, 3), np.float32), alpha=one)
    picture = np.zeros((8, 8, 4), np.uint8)
    stamps = Stamps(
        pictures=(picture,),
        which=np.zeros(1, np.int32),
        places=place,
        size=one * 0.1,
        turn_deg=one,
        squash=one,
        tint=np.ones((1, 3), np.float32),
        alpha=one,
    )
    veil = Veil(rgba=picture, box=Box(x0=0.4, y0=0.4, x1=0.6, y1=0.6), plane=Plane(constant=0.5))
    every = _Everything()
    return Motion(
        layers={"far": LayerMotion(layer="far", flows=(every,), lights=(every,))},
        overlays=(_Everything(line), _Everything(stamps), _Everything(veil)),
        grades=(_Dim(),),
    )


def _opened() -> Motion:
    """A layer with an inlay, which does not flow."""
    part = Box(x0=0.4, y0=0.4, x1=0.7, y1=0.6)
    return Motion(layers={"near": LayerMotion(layer="near", warps=(_Everything(),), details=(part,))})


def _scene() -> Scene:
    photo = np.full((_SIDE_PX, _SIDE_PX, 3), 128, np.uint8)
    opaque = np.dstack([photo, np.full((_SIDE_PX, _SIDE_PX), 255, np.uint8)])
    part = opaque.copy()
    part[:, : _SIDE_PX // 2] = 0
    slope = Plane(per_y=0.5, constant=0.5)
    layers = tuple(
        Layer(name=name, surface=Surface.RIGID, label=name, rgba=rgba, left_px=0, top_px=0, plane=plane)
        for name, rgba, plane in (("far", opaque, Plane()), ("near", part, slope))
    )
    return Scene(photo_sha256="", photo=photo, layers=layers, horizon_y=None, focal=1.0)
