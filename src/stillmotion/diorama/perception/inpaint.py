"""Paint what a photo does not show: MI-GAN (Sargsyan et al. 2023), trained on places.

It invents objects inside smooth surroundings; fill those from their own pixels instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.perception import runtime
from stillmotion.diorama.perception.runtime import Picture

ASSET = "migan"
_KEEP = 255


def fill(photo: Picture, hole: NDArray[np.bool_]) -> Picture:
    """The photo with the hole painted from its surroundings.

    Args:
        photo: the picture around the hole.
        hole: shape (height, width), True where pixels are unknown. Grow it past the soft edge of what is taken away.

    Returns:
        A new picture of the same size; outside the hole it is the photo, bit for bit.
    """
    if not hole.any():
        return photo.copy()
    keep = np.where(hole, np.uint8(0), np.uint8(_KEEP))[None, None]
    image = np.ascontiguousarray(photo.transpose(2, 0, 1)[None])
    (painted,) = runtime.onnx(ASSET)({"image": image, "mask": keep})
    return np.where(hole[..., None], np.asarray(painted[0], dtype=np.uint8).transpose(1, 2, 0), photo)
