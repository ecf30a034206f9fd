"""The photo as one piece with a gentle relief: what is left when its layers cannot be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.scene.records import Layer, Surface

if TYPE_CHECKING:
    from stillmotion.diorama.scene.features import Floats, Picture
    from stillmotion.diorama.scene.layout import Layout

SPAN = 0.2
"""Inverse depth between farthest and nearest: a camera move of 46 pixels at the subject bends the photo by nine."""
_GRID = 192
_DILATION, _BLUR = 9 / 1280, 12 / 1280
_RECEDING = Plane(per_y=0.65, constant=0.4)
_MIDDLE = Plane(constant=0.9)
_RAMP = Plane(per_y=0.15, constant=0.85)


def ramp(photo: Picture, surface: Surface, label: str) -> Layer:
    """The photo as a slightly tilted plane: below is nearer."""
    return _whole(photo, surface, label, _RAMP, None)


def receding(photo: Picture, surface: Surface, label: str) -> Layer:
    """The photo as ground that leads into depth. Nothing is cut, so nothing can break, however far the camera goes."""
    return _whole(photo, surface, label, _RECEDING, None)


def embossed(photo: Picture, layout: Layout, surface: Surface, label: str) -> Layer:
    """The photo with the depths of its would-be layers, pressed flat, widened and smoothed.

    Widened first, so that outlines of near things stay stiff and the bend falls on what is behind them.
    """
    nearness = _depths(layout)
    height, width = photo.shape[:2]
    factor = _GRID / max(height, width)
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    grid = cv2.resize(nearness, size, interpolation=cv2.INTER_AREA)
    reach = max(1, round(_DILATION * _GRID))
    grid = cv2.dilate(grid, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    grid = cv2.GaussianBlur(grid, (0, 0), max(_BLUR * _GRID, 0.8))
    low, high = float(grid.min()), float(grid.max())
    span = min(SPAN, high - low)
    pressed = 1 - span * (high - grid) / max(high - low, 1e-6)
    return _whole(photo, surface, label, _MIDDLE, np.asarray(pressed - _MIDDLE.constant, np.float32))


def _depths(layout: Layout) -> Floats:
    first = layout.sketches[0]
    height, width = first.mask.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x + 0.5) / width, (y + 0.5) / height
    depths = np.zeros((height, width), np.float32)
    for sketch in layout.sketches:
        plane = sketch.plane
        where = np.ones_like(sketch.mask) if sketch is first else sketch.mask
        depths[where] = (plane.per_x * x + plane.per_y * y + plane.constant)[where]
    return np.clip(depths, 0, 1.5).astype(np.float32)


def _whole(photo: Picture, surface: Surface, label: str, plane: Plane, relief: Floats | None) -> Layer:
    opaque = np.full((*photo.shape[:2], 1), 255, np.uint8)
    return Layer(
        name="picture",
        surface=surface,
        label=label,
        rgba=np.concatenate([photo, opaque], axis=2),
        left_px=0,
        top_px=0,
        plane=plane,
        relief=relief,
    )
