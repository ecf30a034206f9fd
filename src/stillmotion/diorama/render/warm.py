"""Load the compiled kernels before they are needed."""

from __future__ import annotations

from functools import cache

import numpy as np

from stillmotion.diorama.camera import CameraPath
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.render.frames import ShotFrames
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot.records import CameraMove, Direction, Look, MoveKind, Shot

_SIDE_PX = 64


@cache
def warm_up() -> None:
    """Compile or load every kernel by rendering two tiny films, once a process. Safe in a thread beside other work."""
    scene = _scene()
    pull = CameraMove(kind=MoveKind.FOCUS_PULL, end_s=4.0, amount=1.0, target="near", source="far")
    whip = CameraMove(kind=MoveKind.TRUCK, direction=Direction.RIGHT, end_s=0.1, amount=0.3)
    for moves in ((whip,), (pull, whip)):
        frames = _film(scene, moves)
        frames.i420(1)
        frames.rgb(0)


def _film(scene: Scene, moves: tuple[CameraMove, ...]) -> ShotFrames:
    box = Box(x0=0.2, y0=0.2, x1=0.8, y1=0.8)
    shot = Shot(size_px=(640, 360), framing=box, camera=moves, look=Look(vignette=0.1))
    return ShotFrames(scene, shot, CameraPath(scene, shot))


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
