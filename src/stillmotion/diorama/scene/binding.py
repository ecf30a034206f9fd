"""Which layer each named thing and each face belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.scene.records import Face, Layer, SceneObject, Surface
from stillmotion.diorama.scene.subject import STAGE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.perception.detector import Detection
    from stillmotion.diorama.perception.faces import FaceFound
    from stillmotion.diorama.scene.features import Mask, Picture

_WORTH_NAMING = 0.4
_OPAQUE = 128
_GOOD_PART = 0.25
_SAMPLES = 32


def bind_objects(
    detections: tuple[Detection, ...], layers: tuple[Layer, ...], photo: Picture
) -> tuple[SceneObject, ...]:
    """Things with the layer that shows most of them."""
    return tuple(
        SceneObject(
            label=thing.label,
            score=thing.score,
            box=thing.box,
            layer=(stage_of if thing.label in STAGE else layer_of)(thing.box, layers, photo),
        )
        for thing in detections
        if thing.score >= _WORTH_NAMING
    )


def bind_faces(found: tuple[FaceFound, ...], layers: tuple[Layer, ...], photo: Picture) -> tuple[Face, ...]:
    """Faces with the layer that shows most of them."""
    return tuple(
        Face(box=face.box, landmarks=face.landmarks, score=face.score, layer=layer_of(face.box, layers, photo))
        for face in found
    )


def layer_of(box: Box, layers: tuple[Layer, ...], photo: Picture) -> str:
    """Name of the nearest layer that shows a good part of a box; else of the one that shows most."""
    shares = _shares(box, layers, photo)
    near = [name for name, share in shares if share > _GOOD_PART]
    return near[0] if near else max(shares, key=lambda one: one[1])[0]


def stage_of(box: Box, layers: tuple[Layer, ...], photo: Picture) -> str:
    """Name of the layer that a table or a bed belongs to: the one that lies, else the one that shows most of it."""
    lying = [layer.name for layer in layers if layer.surface in {Surface.SUPPORT, Surface.GROUND}]
    return lying[-1] if lying else max(_shares(box, layers, photo), key=lambda one: one[1])[0]


def _shares(box: Box, layers: tuple[Layer, ...], photo: Picture) -> list[tuple[str, float]]:
    """How much of a box each layer shows, near to far."""
    height, width = photo.shape[:2]
    rows = (np.linspace(box.y0, box.y1, _SAMPLES) * (height - 1)).astype(int)
    columns = (np.linspace(box.x0, box.x1, _SAMPLES) * (width - 1)).astype(int)
    free = np.ones((_SAMPLES, _SAMPLES), np.bool_)
    shares = []
    for layer in reversed(layers):
        seen = free & _opaque_at(layer, rows, columns)
        shares.append((layer.name, float(seen.mean())))
        free &= ~seen
    return shares


def _opaque_at(layer: Layer, rows: NDArray[np.int_], columns: NDArray[np.int_]) -> Mask:
    height, width = layer.rgba.shape[:2]
    down, across = rows - layer.top_px, columns - layer.left_px
    inside = ((down >= 0) & (down < height))[:, None] & ((across >= 0) & (across < width))[None]
    alpha = layer.rgba[np.clip(down, 0, height - 1)[:, None], np.clip(across, 0, width - 1)[None], 3]
    return np.asarray(inside & (alpha > _OPAQUE), np.bool_)
