"""Paint what a photo does not show: MI-GAN (Sargsyan et al. 2023), trained on places.

It invents objects inside smooth surroundings; fill those from their own pixels instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import runtime
from stillmotion.diorama.perception.pixels import nearest_known

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.runtime import Picture

ASSET = "migan"
_KEEP = 255
_SMALLEST_SIDE = 32
"""The network blurs and pads; it refuses pictures of a few pixels."""


def fill(photo: Picture, hole: NDArray[np.bool_]) -> Picture:
    """The photo with the hole painted from its surroundings.

    Args:
        photo: the picture around the hole.
        hole: shape (height, width), True where pixels are unknown. Grow it past the soft edge of what is taken away.

    Returns:
        A new picture of the same size. Outside the hole it is the photo, bit for bit; inside, nothing depends on what
        was there before.
    """
    if not hole.any() or hole.all():
        return photo.copy()
    # The network scales the picture before it masks it, so the hole's rim shines into the fill: make it harmless first.
    cleared, _ = nearest_known(photo, hole)
    painted = cleared if min(hole.shape) < _SMALLEST_SIDE else _paint(cleared, hole)
    return np.where(hole[..., None], painted, photo)


def _paint(photo: Picture, hole: NDArray[np.bool_]) -> Picture:
    image = np.ascontiguousarray(photo.transpose(2, 0, 1)[None])
    keep = np.where(hole, np.uint8(0), np.uint8(_KEEP))[None, None]
    (painted,) = runtime.onnx(ASSET).once({"image": image, "mask": keep})
    return np.asarray(painted[0], dtype=np.uint8).transpose(1, 2, 0)
