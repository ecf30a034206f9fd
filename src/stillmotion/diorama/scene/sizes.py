"""How large a scene is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from stillmotion.diorama.scene.features import Picture

LONGEST, SHORTEST = 2560, 1280
"""Bounds of the long side of a scene."""
WORKING_LONGEST, WORKING_SHORTEST = 1280, 640
"""Bounds of the long side at which mattes and fills are made: enlarging a small photo adds work and no detail."""


def at_scene_size(photo: Picture) -> Picture:
    """The photo as the scene keeps it: its own size within the bounds."""
    return _scaled(photo, min(max(*photo.shape[:2], SHORTEST), LONGEST))


def at_working_size(photo: Picture) -> Picture:
    """The photo at the size of mattes and fills."""
    return _scaled(photo, min(max(*photo.shape[:2], WORKING_SHORTEST), WORKING_LONGEST))


def _scaled(photo: Picture, long_side: int) -> Picture:
    height, width = photo.shape[:2]
    factor = long_side / max(height, width)
    if factor == 1:
        return photo
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(photo, size, interpolation=how), np.uint8)
