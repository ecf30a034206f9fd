"""How plain the picture is that a layer hides: a wide band of clear sky may come into view, of brickwork not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Scene

    Points = NDArray[np.float64]

_WORK_PX = 480
_BAND_PX = 21
"""How far from an outline is looked, at `_WORK_PX`: about the widest band that may come into view."""
_PLAIN = 1.2
_BUSY = 3.0
"""Mean steps of brightness from pixel to pixel, in 255ths, of what counts as plain and as full of detail."""
_MOST_ROOM = 1.5


def room_before(scene: Scene, index: int, points: Points, inwards: Points) -> NDArray[np.float64]:
    """How much wider than usual the band may be that layer `index` uncovers at points of its outline, 1 to 1.5.

    Both the fill and what is seen beside it must be plain: a fill can be smooth for want of knowing better.

    Args:
        scene: far to near.
        index: the layer that moves away.
        points: on its outline, in photo coordinates, shape (n, 2).
        inwards: unit vectors towards its inside, in pixels, shape (n, 2).
    """
    busy = _busyness(scene, index)
    height, width = busy.shape
    most = np.zeros(len(points))
    for way in (0.5, -0.5):
        pixels = points * (width, height) + inwards * way * _BAND_PX
        columns = np.clip(pixels[:, 0].astype(int), 0, width - 1)
        rows = np.clip(pixels[:, 1].astype(int), 0, height - 1)
        most = np.maximum(most, busy[rows, columns])
    plain = np.clip((_BUSY - most) / (_BUSY - _PLAIN), 0.0, 1.0)
    room: NDArray[np.float64] = 1.0 + (_MOST_ROOM - 1.0) * plain
    return room


def _busyness(scene: Scene, index: int) -> NDArray[np.float64]:
    """Mean steps of brightness, over a band's width, in the picture without layer `index` and all before it."""
    scale = _WORK_PX / max(scene.size_px)
    width, height = (max(round(extent * scale), 1) for extent in scene.size_px)
    canvas = np.zeros((height, width, 3))
    for layer in scene.layers[:index]:
        part = cv2.resize(layer.rgba, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float64)
        left, top = int(layer.left_px * scale), int(layer.top_px * scale)
        part = part[: height - top, : width - left]
        view = canvas[top : top + part.shape[0], left : left + part.shape[1]]
        view *= 1.0 - part[..., 3:] / 255.0
        view += part[..., :3]
    grey = canvas.mean(axis=2)
    steps = np.abs(np.diff(grey, axis=0, append=grey[-1:])) + np.abs(np.diff(grey, axis=1, append=grey[:, -1:]))
    mean: NDArray[np.float64] = cv2.blur(steps, (_BAND_PX, _BAND_PX)).astype(np.float64, copy=False)
    return mean
