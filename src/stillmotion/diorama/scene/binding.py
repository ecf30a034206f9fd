"""Which layer each named thing and each face belongs to."""

from __future__ import annotations

import numpy as np

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.perception.detector import Detection
from stillmotion.diorama.perception.faces import FaceFound
from stillmotion.diorama.scene.features import Picture
from stillmotion.diorama.scene.records import Face, Layer, SceneObject

_WORTH_NAMING = 0.4
_OPAQUE = 128


def bind_objects(detections: tuple[Detection, ...], layers: tuple[Layer, ...], photo: Picture) -> tuple[SceneObject, ...]:
    """Things with the layer that shows most of them."""
    return tuple(
        SceneObject(label=thing.label, score=thing.score, box=thing.box, layer=layer_of(thing.box, layers, photo))
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
    """Name of the layer that covers most of the middle of a box, as a viewer sees it."""
    height, width = photo.shape[:2]
    inset_x, inset_y = box.width * 0.1, box.height * 0.1
    rows = (np.linspace(box.y0 + inset_y, box.y1 - inset_y, 24) * (height - 1)).astype(int)
    columns = (np.linspace(box.x0 + inset_x, box.x1 - inset_x, 24) * (width - 1)).astype(int)
    free = np.ones((len(rows), len(columns)), np.bool_)
    best, most = layers[0].name, -1
    for layer in reversed(layers):
        seen = free & _opaque_at(layer, rows, columns)
        if int(seen.sum()) > most:
            best, most = layer.name, int(seen.sum())
        free &= ~seen
    return best


def _opaque_at(layer: Layer, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    height, width = layer.rgba.shape[:2]
    down, across = rows - layer.top_px, columns - layer.left_px
    inside = ((down >= 0) & (down < height))[:, None] & ((across >= 0) & (across < width))[None]
    alpha = layer.rgba[np.clip(down, 0, height - 1)[:, None], np.clip(across, 0, width - 1)[None], 3]
    return inside & (alpha > _OPAQUE)
