"""How the camera moves: named moves -> poses over time -> what each layer's plane does in the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.diorama.camera.fit import fit
from stillmotion.diorama.camera.path import CameraPath

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import Shot

__all__ = ["CameraPath", "fit", "path"]


def path(scene: Scene, shot: Shot) -> CameraPath:
    """The camera of a Shot. It trusts the Shot: call `fit` first to keep it inside what the scene can show.

    Raises:
        ShotInvalid: a move is aimed at a layer that the scene does not have.
    """
    return CameraPath(scene, shot)
