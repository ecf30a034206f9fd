"""How large a scene is: enough pixels for the part of the photo that a film shows, however long the photo is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from stillmotion.diorama.scene.features import Picture

LONGEST, SHORTEST = 2560, 1280
"""Bounds of the long side of the largest 16:9 part of a scene."""
WORKING_LONGEST, WORKING_SHORTEST = 1280, 640
"""The same where mattes and fills are made: enlarging a small photo adds work and no detail."""
PANORAMA = 2
"""A panorama's long side may be this many times the bound: memory and time have limits too."""
_FILM_ASPECT = 16 / 9


def at_scene_size(photo: Picture) -> Picture:
    """The photo as the scene keeps it: its own size within the bounds."""
    return _within(photo, SHORTEST, LONGEST)


def at_working_size(photo: Picture) -> Picture:
    """The photo at the size of mattes and fills."""
    return _within(photo, WORKING_SHORTEST, WORKING_LONGEST)


def _within(photo: Picture, least: int, most: int) -> Picture:
    long_side, short_side = max(photo.shape[:2]), min(photo.shape[:2])
    filmed = min(long_side, short_side * _FILM_ASPECT)
    factor = min(max(filmed, least), most) / filmed
    return _scaled(photo, min(factor, PANORAMA * most / long_side))


def _scaled(photo: Picture, factor: float) -> Picture:
    height, width = photo.shape[:2]
    if factor == 1:
        return photo
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(photo, size, interpolation=how), np.uint8)
