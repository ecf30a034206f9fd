"""Which pixels belong to the thing that stands out: U2-Net-p (Qin et al. 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import runtime
from stillmotion.diorama.perception.pixels import imagenet_tensor, map_to, resized

if TYPE_CHECKING:
    from stillmotion.diorama.runtime import Floats, Picture

ASSET = "u2netp"
_SIDE = 320
_FUSED = "1959"
"""The first output: the fusion of the six side outputs."""


def saliency(photo: Picture) -> Floats:
    """Raw probability that each pixel belongs to a salient thing.

    It is not stretched to 0..1: a maximum near 0 means that there is no subject, and stretching would invent one.

    Returns:
        Shape (height, width), 0..1.
    """
    small = resized(photo, _SIDE, _SIDE)
    brightest = max(float(small.max()), 1.0)
    (fused,) = runtime.onnx(ASSET).once({"input.1": imagenet_tensor(small, brightest)}, (_FUSED,))
    return np.clip(map_to(np.asarray(fused[0, 0], dtype=np.float32), photo), 0.0, 1.0)
