"""Small drawn pictures of what flies about: leaves, petals, paper, feathers, wings. Premultiplied sRGB RGBA."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.floating]

_FINE = 3
"""Drawn this many times larger and then reduced."""


def _grid(width: int, height: int) -> tuple[Floats, Floats]:
    """Coordinates: x from -1 to 1 across, y from -1 to 1 down, of a picture to be reduced."""
    columns, rows = width * _FINE, height * _FINE
    x = (np.arange(columns, dtype=np.float32) + 0.5) / columns * 2 - 1
    y = (np.arange(rows, dtype=np.float32) + 0.5) / rows * 2 - 1
    across, down = np.meshgrid(x, y)
    return across, down


def _finished(colour: Floats, alpha: Floats) -> Picture:
    """Reduced and premultiplied."""
    rgba = np.dstack([np.clip(colour, 0, 255) * alpha[..., None], 255 * alpha]).astype(np.float32)
    size = (rgba.shape[1] // _FINE, rgba.shape[0] // _FINE)
    return np.asarray(np.round(cv2.resize(rgba, size, interpolation=cv2.INTER_AREA)), np.uint8)


def _inside(distance: Floats, soft: float = 0.04) -> Floats:
    """1 where a signed distance is negative, with a soft edge."""
    return np.asarray(np.clip(0.5 - distance / soft, 0, 1), np.float32)


def _arch(share: Floats) -> Floats:
    """0 at both ends, 1 in the middle."""
    return np.asarray(np.maximum(np.sin(np.pi * share), 0.0), np.float32)


def _flat(shape: tuple[int, int], colour: tuple[float, float, float]) -> Floats:
    return np.broadcast_to(np.array(colour, np.float32), (*shape, 3)).copy()


DIRECTIONS = 8


def smeared(picture: Picture, share: float) -> tuple[Picture, ...]:
    """A picture blurred by its movement along each of DIRECTIONS directions, 0 to the right, then clockwise.

    Args:
        picture: sharp.
        share: length of the blur, in widths of the picture; the result is wider by as much.
    """
    width = picture.shape[1]
    pad = round(width * share / 2)
    wide = cv2.copyMakeBorder(picture, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    length = 2 * pad + 1
    made = []
    for step in range(DIRECTIONS):
        kernel = np.zeros((length, length), np.uint8)
        angle = np.pi * step / DIRECTIONS
        reach = np.array([np.cos(angle), np.sin(angle)]) * pad
        ends = [tuple(np.round(pad + sign * reach).astype(int).tolist()) for sign in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 255, 1, cv2.LINE_AA)
        weights = kernel.astype(np.float32) / max(float(kernel.sum()), 1.0)
        made.append(np.asarray(cv2.filter2D(wide, -1, weights, borderType=cv2.BORDER_CONSTANT), np.uint8))
    return tuple(made)


@lru_cache(maxsize=32)
def leaf(colour: tuple[float, float, float], lobes: int = 0) -> Picture:
    """A leaf with a midrib and side veins, stem to the left; with lobes its edge is wavy."""
    x, y = _grid(56, 36)
    along = np.clip((x + 0.78) / 1.7, 0, 1)
    half = 0.8 * _arch(along**0.75) ** 0.9
    if lobes:
        half = half * (0.78 + 0.22 * np.abs(np.cos(np.pi * lobes * along)))
    bend = 0.1 * np.sin(np.pi * along)
    blade = _inside(np.abs(y - bend) - half) * (along > 0) * (along < 1)
    stem = _inside(np.abs(y - 0.12 * (x + 0.78)) - 0.045) * (x < -0.7) * (x > -0.99)
    rib = np.exp(-(((y - bend) / 0.05) ** 2))
    vein = 0.5 * np.maximum(np.cos((along * 9 - np.abs(y - bend) * 1.6) * 2 * np.pi), 0) ** 6
    shade = 1.0 + 0.16 * (y < bend) - 0.14 * np.maximum(rib, vein) + 0.1 * np.sin(9 * x + 4 * y)
    return _finished(_flat(x.shape, colour) * shade[..., None], np.maximum(blade, stem))


@lru_cache(maxsize=16)
def petal(colour: tuple[float, float, float]) -> Picture:
    """A petal: narrow at its foot on the left, a shallow notch on the right, paler towards the rim."""
    x, y = _grid(44, 36)
    along = np.clip((x + 0.95) / 1.9, 0, 1)
    half = 0.88 * np.sqrt(np.clip(along * (1.18 - along) * 2.1, 0, 1)) * (1 - along**9)
    notch = 0.1 * np.exp(-((y / 0.22) ** 2))
    alpha = _inside(np.abs(y) - half) * (along > 0) * (x < 0.95 - notch)
    shade = 0.84 + 0.22 * along + 0.05 * np.cos(y * 11) * along - 0.1 * (y > 0) * along
    return _finished(_flat(x.shape, colour) * shade[..., None], alpha)


@lru_cache(maxsize=16)
def paper(colour: tuple[float, float, float]) -> Picture:
    """A piece of confetti with a bent middle."""
    x, y = _grid(28, 18)
    alpha = _inside(np.maximum(np.abs(x), np.abs(y)) - 0.9, 0.08)
    shade = 0.9 + 0.22 * np.cos(2.2 * x + 0.6)
    return _finished(_flat(x.shape, colour) * shade[..., None], alpha)


@lru_cache(maxsize=4)
def feather(colour: tuple[float, float, float]) -> Picture:
    """A down feather: a bent shaft with loose barbs."""
    x, y = _grid(72, 32)
    along = np.clip((x + 0.75) / 1.65, 0, 1)
    spine = 0.28 * (x**2 - 0.5)
    half = 0.75 * _arch(along**0.8) ** 0.7
    barbs = 0.72 + 0.28 * np.cos(x * 26 - np.abs(y - spine) * 16)
    vane = _inside(np.abs(y - spine) - half, 0.25) * barbs * (along > 0) * 0.85
    shaft = _inside(np.abs(y - spine) - 0.03) * (x > -0.98) * (x < 0.75)
    shade = 1.0 - 0.12 * np.exp(-(((y - spine) / 0.05) ** 2)) - 0.08 * (y > spine)
    return _finished(_flat(x.shape, colour) * shade[..., None], np.maximum(vane, shaft))


@lru_cache(maxsize=8)
def butterfly(colour: tuple[float, float, float]) -> Picture:
    """Seen from above, flying to the right: two pairs of wings with dark rims."""
    x, y = _grid(64, 80)
    out = np.abs(y)
    fore = ((x - 0.12 - 0.28 * out) / 0.42) ** 2 + ((out - 0.45) / 0.5) ** 2 - 1
    hind = ((x + 0.36) / 0.36) ** 2 + ((out - 0.3) / 0.36) ** 2 - 1
    wing = np.minimum(fore, hind)
    body = ((x - 0.02) / 0.46) ** 2 + (out / 0.07) ** 2 - 1
    rim = np.clip(1.25 + wing * 4.5, 0, 1)[..., None]
    base = _flat(x.shape, colour) * (0.86 + 0.2 * np.cos(out * 9 + x * 3))[..., None]
    dark = np.array([30, 24, 22], np.float32)
    shown = base * (1 - 0.85 * rim) + dark * 0.85 * rim
    shown = np.where((body < 0)[..., None], dark, shown)
    return _finished(shown, np.maximum(_inside(wing, 0.12), _inside(body, 0.2)))


@lru_cache(maxsize=2)
def bee() -> Picture:
    """From the side, flying to the right: a banded body under a blur of wings."""
    x, y = _grid(48, 40)
    body = ((x + 0.1) / 0.62) ** 2 + ((y - 0.22) / 0.36) ** 2 - 1
    head = ((x - 0.62) / 0.22) ** 2 + ((y - 0.18) / 0.26) ** 2 - 1
    bands = (np.sin((x + 0.1) * 13) > 0.1)[..., None]
    colour = np.where(bands & (x < 0.25)[..., None], np.array([196.0, 140.0, 38.0]), np.array([44.0, 34.0, 26.0]))
    wings = ((x + 0.02 + 0.3 * y) / 0.34) ** 2 + ((y + 0.42) / 0.5) ** 2 - 1
    solid = np.maximum(_inside(body, 0.2), _inside(head, 0.3))
    veil = 0.3 * _inside(wings, 1.2) * (1 - solid)
    shown = np.where((solid > 0.02)[..., None], colour * (1.1 - 0.5 * np.clip(y, 0, 1))[..., None], 225.0)
    return _finished(np.asarray(shown, np.float32), solid + veil)


BIRD_PHASES = 8


@lru_cache(maxsize=BIRD_PHASES)
def bird(phase: int) -> Picture:
    """A gliding silhouette seen from afar; phases are positions of the wings in one beat, 0 raised."""
    raised = float(np.cos(2 * np.pi * phase / BIRD_PHASES))
    columns, rows = 72 * _FINE, 40 * _FINE
    alpha = np.zeros((rows, columns), np.uint8)
    u = np.linspace(0, 1, 24)
    lift = (0.62 * raised * u - 0.24 * np.sin(np.pi * u) * (0.6 + 0.4 * raised)) * 0.5
    chord = 0.12 * (1 - u**1.6) + 0.012
    for side in (-1, 1):
        upper = np.stack([0.5 + side * 0.47 * u, 0.56 - lift - chord * 0.5], axis=1)
        lower = np.stack([0.5 + side * 0.47 * u, 0.56 - lift + chord * 0.5], axis=1)
        outline = np.concatenate([upper, lower[::-1]]) * (columns, rows)
        cv2.fillPoly(alpha, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    middle = (columns // 2, round(0.57 * rows))
    cv2.ellipse(alpha, middle, (round(0.05 * columns), round(0.07 * rows)), 0, 0, 360, 255, -1, cv2.LINE_AA)
    return _finished(np.full((rows, columns, 3), 255, np.float32), alpha.astype(np.float32) / 255)


@lru_cache(maxsize=1)
def bubble() -> Picture:
    """A soap bubble: nothing in the middle, colours of thin film at the rim, two windows mirrored in it."""
    x, y = _grid(80, 80)
    r = np.hypot(x, y)
    rim = np.exp(-(((r - 0.88) / 0.07) ** 2)) + 0.18 * np.clip(r, 0, 1) ** 4
    hue = 3.0 * r + np.arctan2(y, x)
    film = np.stack([0.75 + 0.25 * np.cos(hue * 2 + shift) for shift in (0.0, 2.1, 4.2)], axis=-1)
    shine = np.exp(-(((x + 0.42) / 0.16) ** 2 + ((y + 0.46) / 0.11) ** 2))
    shine = shine + 0.4 * np.exp(-(((x - 0.48) / 0.09) ** 2 + ((y - 0.5) / 0.06) ** 2))
    alpha = np.clip(0.62 * rim + 0.85 * shine, 0, 0.95) * _inside(r - 0.95, 0.06)
    colour = 255 * np.where((shine > 0.3)[..., None], 1.0, film)
    return _finished(np.asarray(colour, np.float32), np.asarray(alpha, np.float32))
