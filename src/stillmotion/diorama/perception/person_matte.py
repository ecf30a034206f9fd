"""Soft alpha of people and animals, hair included: MODNet (Ke et al. 2022). It fails on things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import runtime
from stillmotion.diorama.perception.pixels import map_to, resized, tensor

if TYPE_CHECKING:
    from stillmotion.diorama.runtime import Floats, Picture

ASSET = "modnet"
_SHORT_SIDE = 512
_LONGEST = 1024
_STEP = 32


def person_matte(photo: Picture) -> Floats:
    """Opacity of the people and animals in the photo.

    Returns:
        Shape (height, width), 0..1.
    """
    small = resized(photo, *_working_size(photo))
    (alpha,) = runtime.onnx(ASSET).once({"input": tensor(small, 127.5) - np.float32(1.0)})
    return np.clip(map_to(np.asarray(alpha[0, 0], dtype=np.float32), photo), 0.0, 1.0)


def _working_size(photo: Picture) -> tuple[int, int]:
    """Width and height for the network: the short side as it was trained, the shape kept, multiples of 32."""
    height, width = photo.shape[:2]
    factor = min(_SHORT_SIDE / min(height, width), _LONGEST / max(height, width))
    return _rounded(width * factor), _rounded(height * factor)


def _rounded(length: float) -> int:
    return max(_STEP, round(length / _STEP) * _STEP)
