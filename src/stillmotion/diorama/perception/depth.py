"""How near each pixel is: FastDepth (Wofk et al. 2019), averaged over the photo and its mirror image.

It was trained on rooms and is coarse. Never use it alone: it is one opinion among horizon, contact rows and sharpness.
"""

from __future__ import annotations

import numpy as np

from stillmotion.diorama.perception import runtime
from stillmotion.diorama.perception.pixels import map_to, resized, tensor
from stillmotion.diorama.perception.runtime import Floats, Picture

ASSET = "fastdepth"
_SIDE = 224
_NEAREST_M = 0.1


def source_name() -> str:
    """Which network `inverse_depth` uses, for logs and recipes."""
    return ASSET


def inverse_depth(photo: Picture) -> Floats:
    """One over the distance, in 1 / metres as the network believes them; only ratios mean something.

    Returns:
        Shape (height, width), larger is nearer, always positive.
    """
    small = tensor(resized(photo, _SIDE, _SIDE))
    straight = _metres(small)
    mirrored = _metres(np.ascontiguousarray(small[..., ::-1]))[:, ::-1]
    near = np.float32(1.0) / np.maximum((straight + mirrored) / 2, np.float32(_NEAREST_M))
    return map_to(np.ascontiguousarray(near, dtype=np.float32), photo)


def _metres(small: Floats) -> Floats:
    (depth,) = runtime.onnx(ASSET)({"0": small})
    return np.asarray(depth[0, 0], dtype=np.float32)
