"""Between a photo and the tensor that a network wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.runtime import Floats, Picture

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def resized(photo: Picture, width: int, height: int) -> Picture:
    """The photo squashed to that size; averaged when it shrinks so that no detail turns into noise."""
    shrinks = width * height < photo.shape[0] * photo.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, (width, height), interpolation=how), dtype=np.uint8)


def map_to(values: Floats, photo: Picture) -> Floats:
    """A map of any size enlarged or reduced to the photo's height and width, linearly."""
    height, width = photo.shape[:2]
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def tensor(picture: Picture, scale: float = 255.0) -> Floats:
    """Shape (1, 3, height, width) in 0..1, or in 0..255 / scale."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(scale)


def imagenet_tensor(picture: Picture, scale: float = 255.0) -> Floats:
    """Like `tensor`, with the mean and spread of the ImageNet photos taken out, as most networks were trained."""
    mean = np.array(IMAGENET_MEAN, dtype=np.float32)[None, :, None, None]
    std = np.array(IMAGENET_STD, dtype=np.float32)[None, :, None, None]
    return (tensor(picture, scale) - mean) / std


def nearest_known(photo: Picture, hole: NDArray[np.bool_]) -> tuple[Picture, Floats]:
    """The photo with every pixel of the hole replaced by the nearest pixel outside it, and how far that one is.

    Args:
        photo: shape (height, width, channels).
        hole: shape (height, width), True where pixels are unknown; at least one must be known.

    Returns:
        The picture, and the distance in pixels, shape (height, width), 0 outside the hole.
    """
    distance, labels = cv2.distanceTransformWithLabels(
        hole.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    known = photo[~hole]
    place = np.zeros(int(labels.max()) + 1, dtype=np.intp)
    place[labels[~hole]] = np.arange(len(known))
    return np.asarray(known[place[labels]], dtype=np.uint8), np.asarray(distance, dtype=np.float32)
