"""Pixels: the layers of a scene as a moving camera sees them. Each frame is a pure function of its index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.diorama.render.frames import STILLNESS, ShotFrames
from stillmotion.diorama.render.warm import warm_up

if TYPE_CHECKING:
    from stillmotion.clip import FrameSource
    from stillmotion.diorama.camera import CameraPath
    from stillmotion.diorama.motion import Motion
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import Shot

__all__ = ["frames", "warm_up"]


def frames(scene: Scene, shot: Shot, path: CameraPath, motion: Motion = STILLNESS) -> FrameSource:
    """The frames of a Shot, made on demand, in any order and from any thread."""
    return ShotFrames(scene, shot, path, motion)
