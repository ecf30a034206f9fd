"""What can be measured at each pixel without a network: colour, texture, sharpness. At a long side of 512 pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

LONG_SIDE = 512
_TEXTURE_SIZE = 9
_SHARPEST = 90.0
"""Percentile of the Laplacian that stands for a region's sharpness: its edges count, not its flat parts."""
_FEW = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """Maps of the same height and width."""

    rgb: Picture
    lab: Floats
    """CIE L 0..100, a, b, slightly smoothed."""
    hue: Floats
    """Degrees, 0..360."""
    saturation: Floats
    value: Floats
    green: Floats
    """Excess green, 2 G - R - B over 2, -1..1."""
    across: Floats
    """Brightness change from left to right, absolute, per pixel, 0..1."""
    down: Floats
    gradient: Floats
    texture: Floats
    """Gradient averaged over nine pixels."""
    laplacian: Floats
    """Absolute second difference: what is left of it where the lens was out of focus is next to nothing."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.rgb.shape[0], self.rgb.shape[1]

    @property
    def pixels(self) -> int:
        """How many."""
        return int(self.rgb.shape[0] * self.rgb.shape[1])


def measure(photo: Picture) -> Features:
    """Measure a photo of any size."""
    rgb = shrunk(photo, LONG_SIDE)
    unit = rgb.astype(np.float32) / np.float32(255)
    hsv = cv2.cvtColor(unit, cv2.COLOR_RGB2HSV)
    luma = cv2.cvtColor(unit, cv2.COLOR_RGB2GRAY)
    across = np.abs(cv2.Sobel(luma, cv2.CV_32F, 1, 0, scale=1 / 8))
    down = np.abs(cv2.Sobel(luma, cv2.CV_32F, 0, 1, scale=1 / 8))
    gradient = np.hypot(across, down)
    return Features(
        rgb=rgb,
        lab=np.asarray(cv2.cvtColor(cv2.GaussianBlur(unit, (0, 0), 1.0), cv2.COLOR_RGB2LAB), np.float32),
        hue=np.ascontiguousarray(hsv[..., 0]),
        saturation=np.ascontiguousarray(hsv[..., 1]),
        value=np.ascontiguousarray(hsv[..., 2]),
        green=(2 * unit[..., 1] - unit[..., 0] - unit[..., 2]) / 2,
        across=across,
        down=down,
        gradient=gradient,
        texture=np.asarray(cv2.boxFilter(gradient, -1, (_TEXTURE_SIZE, _TEXTURE_SIZE)), np.float32),
        laplacian=np.abs(cv2.Laplacian(luma, cv2.CV_32F)),
    )


def shrunk(photo: Picture, long_side: int) -> Picture:
    """The photo with that long side, averaged when it shrinks; a smaller photo is enlarged."""
    height, width = photo.shape[:2]
    factor = long_side / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, size, interpolation=how), np.uint8)


def sharpness(features: Features, mask: Mask) -> float:
    """How sharp the pixels of a mask are, its outline left out; 0 for a mask of a few pixels."""
    inner = shrink(mask, 3)
    chosen = features.laplacian[inner if inner.sum() > _FEW else mask]
    return float(np.percentile(chosen, _SHARPEST)) if len(chosen) > _FEW else 0.0


def grow(mask: Mask, radius: int) -> Mask:
    """Dilate by a disc."""
    if radius < 1 or not mask.any():
        return mask
    return cv2.dilate(mask.astype(np.uint8), _disc(radius)) > 0


def shrink(mask: Mask, radius: int) -> Mask:
    """Erode by a disc; the picture's border is no outline."""
    if radius < 1:
        return mask
    return cv2.erode(mask.astype(np.uint8), _disc(radius)) > 0


def opened(mask: Mask, radius: int) -> Mask:
    """What of a mask is wider than twice the radius."""
    return grow(shrink(mask, radius), radius)


def components(mask: Mask) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Connected pieces: a map of numbers from 1 (0 outside the mask) and the area of each number, index 0 included."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    return np.asarray(numbers, np.int32), np.asarray(stats[:, cv2.CC_STAT_AREA], np.int32)


def without_specks(mask: Mask, smallest_share: float) -> Mask:
    """Pieces below that share of the whole mask dropped, and holes below it filled."""
    least = smallest_share * float(mask.sum())
    numbers, areas = components(mask)
    kept = areas >= least
    kept[0] = False
    solid = kept[numbers]
    numbers, areas = components(~solid)
    small = areas < least
    small[0] = False
    return np.asarray(solid | small[numbers], np.bool_)


def with_steady_border(mask: Mask) -> Mask:
    """The outermost two rows and columns take the value of the third: segmenters are unsteady there."""
    out = mask.copy()
    out[:2], out[-2:] = out[2], out[-3]
    out[:, :2], out[:, -2:] = out[:, 2:3], out[:, -3:-2]
    return out


def contact_row(mask: Mask) -> float:
    """The row on which a thing stands, photo coordinates."""
    return float(np.percentile(np.nonzero(mask)[0] + 1, 99.5)) / float(mask.shape[0])


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
