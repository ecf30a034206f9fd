"""How near each pixel is: FastDepth (Wofk et al. 2019), or Depth Anything V2 Small (Yang et al. 2024) once adopted.

FastDepth was trained on rooms and is coarse. Never use it alone: it is one opinion among horizon, contact rows and
sharpness. Either network sees the photo and its mirror image, and the two answers are averaged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion import assets
from stillmotion.diorama import runtime
from stillmotion.diorama.perception.pixels import imagenet_tensor, map_to, resized, tensor

if TYPE_CHECKING:
    from stillmotion.diorama.runtime import Floats, Picture

COARSE = "fastdepth"
FINE = "depth_anything_v2_small"
_COARSE_SIDE = 224
_FINE_SHORT_SIDE = 518
_FINE_PATCH = 14
_FINE_LONGEST = 1036
_NEAREST_M = 0.1
_LEAST = 1e-3
"""Of the nearest point's inverse depth: what counts as infinitely far."""


def source_name() -> str:
    """Which network `inverse_depth` uses on this machine, for logs, recipes and cache keys."""
    return FINE if assets.present(FINE) else COARSE


def inverse_depth(photo: Picture) -> Floats:
    """One over the distance. The unit is the network's own; only ratios mean something.

    Returns:
        Shape (height, width), larger is nearer, always positive.
    """
    return _fine(photo) if source_name() == FINE else _coarse(photo)


def _coarse(photo: Picture) -> Floats:
    small = tensor(resized(photo, _COARSE_SIDE, _COARSE_SIDE))
    distance_m = _both_ways(COARSE, "0", small)
    near = np.float32(1.0) / np.maximum(distance_m, np.float32(_NEAREST_M))
    return map_to(near.astype(np.float32), photo)


def _fine(photo: Picture) -> Floats:
    """The network answers with inverse depth up to a factor; at infinity it may dip below zero."""
    height, width = photo.shape[:2]
    factor = min(_FINE_SHORT_SIDE / min(height, width), _FINE_LONGEST / max(height, width))
    small = resized(photo, _patches(width * factor), _patches(height * factor))
    near = map_to(_both_ways(FINE, "pixel_values", imagenet_tensor(small)), photo)
    return np.maximum(near, np.float32(max(float(near.max()) * _LEAST, _LEAST)))


def _patches(length: float) -> int:
    return max(_FINE_PATCH, round(length / _FINE_PATCH) * _FINE_PATCH)


def _both_ways(asset: str, entrance: str, small: Floats) -> Floats:
    straight = _answer(asset, entrance, small)
    mirrored = _answer(asset, entrance, np.ascontiguousarray(small[..., ::-1]))
    return (straight + mirrored[:, ::-1]) / np.float32(2)


def _answer(asset: str, entrance: str, small: Floats) -> Floats:
    (values,) = runtime.onnx(asset)({entrance: small})
    return np.asarray(values, dtype=np.float32).reshape(small.shape[2:])
