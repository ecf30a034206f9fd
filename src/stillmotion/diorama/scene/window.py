"""Layers in one part of the photo: read, stacked, and put back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from stillmotion.diorama.scene.features import Floats, Mask, Picture
    from stillmotion.diorama.scene.records import Layer, Scene

Window = tuple[slice, slice]
"""Rows and columns of the photo."""


def in_window(layer: Layer, window: Window) -> Floats:
    """A layer's pixels over a part of the photo."""
    rows, columns = window
    out = np.zeros((rows.stop - rows.start, columns.stop - columns.start, 4), np.float32)
    width, height = layer.size_px
    top, bottom = max(rows.start, layer.top_px), min(rows.stop, layer.top_px + height)
    left, right = max(columns.start, layer.left_px), min(columns.stop, layer.left_px + width)
    if top < bottom and left < right:
        own = layer.rgba[top - layer.top_px : bottom - layer.top_px, left - layer.left_px : right - layer.left_px]
        out[top - rows.start : bottom - rows.start, left - columns.start : right - columns.start] = own
    return out


def stacked(layers: tuple[Layer, ...], window: Window) -> Floats:
    """Layers laid over each other in a part of the photo, 0..255."""
    out = in_window(layers[0], window)[..., :3]
    for layer in layers[1:]:
        pixels = in_window(layer, window)
        out = np.asarray(pixels[..., :3] + out * (1 - pixels[..., 3:] / 255), np.float32)
    return out


def rounded(values: Floats) -> Picture:
    """Whole levels."""
    return np.asarray(np.clip(values + 0.5, 0, 255), np.uint8)


def shown_shares(scene: Scene, window: Window, mask: Mask) -> list[float]:
    """How much of a mask each layer shows, far to near."""
    free = mask.astype(np.float32)
    shares: list[float] = []
    for layer in reversed(scene.layers):
        alpha = in_window(layer, window)[..., 3] / 255
        shares.append(float((free * alpha).sum()) / max(float(mask.sum()), 1.0))
        free = np.asarray(free * (1 - alpha), np.float32)
    return shares[::-1]


def pasted(layer: Layer, window: Window, pixels: Picture) -> Layer:
    """A layer with other pixels in a part of the photo, as far as its box reaches."""
    rows, columns = window
    rgba = layer.rgba.copy()
    width, height = layer.size_px
    top, bottom = max(rows.start, layer.top_px), min(rows.stop, layer.top_px + height)
    left, right = max(columns.start, layer.left_px), min(columns.stop, layer.left_px + width)
    own = pixels[top - rows.start : bottom - rows.start, left - columns.start : right - columns.start]
    rgba[top - layer.top_px : bottom - layer.top_px, left - layer.left_px : right - layer.left_px] = own
    return replace(layer, rgba=rgba)


def with_background(layers: tuple[Layer, ...], window: Window, behind: Floats) -> tuple[Layer, ...]:
    """The layers with the colours that a parting leaves behind, each where it is what one sees."""
    free = np.ones(behind.shape[:2], np.bool_)
    out: list[Layer] = []
    for layer in reversed(layers):
        pixels = in_window(layer, window)
        covers = free & (pixels[..., 3] == 255)
        free &= pixels[..., 3] == 0
        changed = covers & (np.abs(pixels[..., :3] - behind).max(axis=2) > 0.5)
        pixels[..., :3] = np.where(changed[..., None], behind, pixels[..., :3])
        out.append(pasted(layer, window, rounded(pixels)) if changed.any() else layer)
    return tuple(reversed(out))
