"""What a move is about: where its target is in the photo and how far away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.errors import ShotInvalid

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.scene.records import Layer, Scene
    from stillmotion.diorama.shot.records import Shot

_STRIDE_PX = 8
_NEAREST_TO_EDGE = 0.1
_FARTHEST_PIVOT_Q = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A point in the photo with its inverse depth."""

    x: float
    y: float
    q: float

    @property
    def pivot_q(self) -> float:
        """Inverse depth of the point that an orbit goes round: something at infinity cannot be circled."""
        return max(self.q, _FARTHEST_PIVOT_Q)


def aim(scene: Scene, name: str | None, framing: Box) -> Aim:
    """The place of a layer, held inside the framing; the middle of the framing at subject depth when `name` is None.

    Raises:
        ShotInvalid: the scene has no layer of that name.
    """
    if name is None:
        return Aim(x=framing.centre[0], y=framing.centre[1], q=1.0)
    layer = named(scene, name)
    x, y = _face_place(scene, name) or place(layer, scene.size_px)
    x = _inside(x, framing.x0, framing.x1)
    y = _inside(y, framing.y0, framing.y1)
    return Aim(x=x, y=y, q=depth(layer, scene.size_px))


def check_layers(scene: Scene, shot: Shot) -> None:
    """Every layer that the camera and the lens name must exist.

    Raises:
        ShotInvalid: one does not; the message names the field and the layers that there are.
    """
    fields = [("lens.focus", shot.lens.focus)]
    for index, move in enumerate(shot.camera):
        fields += [(f"camera[{index}].target", move.target), (f"camera[{index}].source", move.source)]
    known = [layer.name for layer in scene.layers]
    for path, name in fields:
        if name is not None and name not in known:
            message = f'{path}: the scene has no layer "{name}"; choose one of {", ".join(known)}.'
            raise ShotInvalid(message)


def named(scene: Scene, name: str) -> Layer:
    """The layer of that name.

    Raises:
        ShotInvalid: the scene has none; the message lists those that there are.
    """
    try:
        return scene.layer(name)
    except KeyError:
        known = ", ".join(layer.name for layer in scene.layers)
        message = f"the camera is aimed at the layer {name!r}, which this photo does not have; it has {known}"
        raise ShotInvalid(message) from None


@lru_cache(maxsize=64)
def place(layer: Layer, scene_px: tuple[int, int]) -> tuple[float, float]:
    """The middle of what a layer shows, in photo coordinates."""
    alpha = layer.rgba[::_STRIDE_PX, ::_STRIDE_PX, 3].astype(np.float64)
    total = max(alpha.sum(), 1e-9)
    x = (alpha.sum(axis=0) @ np.arange(alpha.shape[1])) / total * _STRIDE_PX + _STRIDE_PX / 2
    y = (alpha.sum(axis=1) @ np.arange(alpha.shape[0])) / total * _STRIDE_PX + _STRIDE_PX / 2
    return float((x + layer.left_px) / scene_px[0]), float((y + layer.top_px) / scene_px[1])


def depth(layer: Layer, scene_px: tuple[int, int]) -> float:
    """Inverse depth at the middle of a layer."""
    relief = 0.0 if layer.relief is None else float(np.median(layer.relief))
    return max(layer.plane.inverse_depth(*place(layer, scene_px)) + relief, 0.0)


def _face_place(scene: Scene, name: str) -> tuple[float, float] | None:
    """People look at faces: the middle of the largest face on the layer."""
    faces = [face.box for face in scene.faces if face.layer == name]
    return max(faces, key=lambda box: box.width * box.height).centre if faces else None


def _inside(value: float, low: float, high: float) -> float:
    margin = _NEAREST_TO_EDGE * (high - low)
    return min(max(value, low + margin), high - margin)
