"""Scenes painted so that what must never be seen would be: no colour is dark, and the photo's rim is magenta."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Layer, Scene

DARKEST = 60
RIM_PX = 4
"""How far into a film the rim itself may reach: a pixel of the photo, blurred by resampling and halved chroma."""
_MAGENTA = (255, DARKEST, 255)


def painted(scene: Scene) -> Scene:
    """The same layers in space with every colour at least `DARKEST`, and a magenta line along the photo's border.

    Renderers repeat a border beyond itself, so whatever lies outside the photo turns magenta; a hole turns dark.
    """
    return replace(scene, layers=tuple(_painted(layer, scene.size_px) for layer in scene.layers))


def magenta(frame: NDArray[np.uint8]) -> int:
    """How magenta the most magenta pixel is, rim apart; 0..255."""
    inner = frame[RIM_PX:-RIM_PX, RIM_PX:-RIM_PX].astype(int)
    return int((np.minimum(inner[..., 0], inner[..., 2]) - inner[..., 1]).max())


def darkest(frame: NDArray[np.uint8]) -> int:
    """The brightest channel of the darkest pixel."""
    return int(frame.max(axis=2).min())


def _painted(layer: Layer, scene_px: tuple[int, int]) -> Layer:
    """Colours are pressed together, so that none of the photo's own is as magenta as the rim."""
    colour, alpha = layer.rgba[..., :3].astype(np.float32), layer.rgba[..., 3:].astype(np.float32) / 255
    grey = colour.mean(axis=2, keepdims=True)
    rgb = DARKEST * alpha + (0.6 * grey + 0.1 * colour)
    width, height = layer.size_px
    rim = np.zeros((height, width), bool)
    rim[0] |= layer.top_px <= 0
    rim[-1] |= layer.top_px + height >= scene_px[1]
    rim[:, 0] |= layer.left_px <= 0
    rim[:, -1] |= layer.left_px + width >= scene_px[0]
    rgb[rim] = np.array(_MAGENTA) * alpha[rim]
    return replace(layer, rgba=np.dstack([np.round(rgb).clip(0, 255).astype(np.uint8), layer.rgba[..., 3]]))
