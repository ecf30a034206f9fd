"""A drawn bolt of lightning: a jagged channel with side branches that end in the air."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PX = 800
_LEVELS = 7
_ROUGHNESS = 0.17
_BRANCHES = (3, 7)
_CORE = np.array([236.0, 240.0, 255.0], np.float32)
_GLOW = np.array([120.0, 140.0, 255.0], np.float32)


def draw(rng: np.random.Generator, *, faint: bool) -> NDArray[np.float32]:
    """Light to add, sRGB 0..255, shape (side, side, 3): from the top edge to the bottom edge, fading out at the top.

    Args:
        rng: which bolt.
        faint: a thinner one, far away.
    """
    trunk = channel(rng, (0.5 + rng.uniform(-0.1, 0.1), 0.0), (0.5 + rng.uniform(-0.12, 0.12), 1.0))
    core = np.zeros((_PX, _PX), np.uint8)
    _stroke(core, trunk, 255, 1 if faint else 2)
    for _ in range(int(rng.integers(*_BRANCHES))):
        start = int(rng.integers(len(trunk) // 8, len(trunk) * 3 // 4))
        reach = rng.uniform(0.12, 0.3)
        side = rng.choice([-1.0, 1.0])
        end = (trunk[start, 0] + side * reach * rng.uniform(0.5, 1.0), trunk[start, 1] + reach)
        _fading(core, channel(rng, (trunk[start, 0], trunk[start, 1]), end))
    light = core.astype(np.float32) / 255
    near, wide = cv2.GaussianBlur(light, (0, 0), 1.4 if faint else 2.6), cv2.GaussianBlur(light, (0, 0), 16.0)
    fade = np.clip(np.arange(_PX, dtype=np.float32) / (0.12 * _PX), 0, 1)[:, None]
    edge = np.minimum(np.arange(_PX), np.arange(_PX)[::-1]) / (0.15 * _PX)
    shown = fade * np.clip(edge, 0, 1)[None, :].astype(np.float32)
    strength = np.float32(0.6 if faint else 1.0)
    core_light = np.clip(cv2.GaussianBlur(light, (0, 0), 0.8) * 1.2 + 0.5 * near, 0, 1)[..., None] * _CORE
    return np.asarray((core_light + wide[..., None] * 1.6 * _GLOW) * shown[..., None] * strength, np.float32)


def channel(rng: np.random.Generator, start: tuple[float, float], end: tuple[float, float]) -> NDArray[np.float64]:
    """A jagged line by midpoint displacement (Fournier, Fussell and Carpenter 1982), shape (n, 2)."""
    points = np.array([start, end], np.float64)
    for _ in range(_LEVELS):
        step = points[1:] - points[:-1]
        across = np.stack([-step[:, 1], step[:, 0]], axis=1)
        middle = (points[1:] + points[:-1]) / 2 + across * rng.normal(0, _ROUGHNESS, (len(step), 1))
        woven = np.empty((len(points) + len(middle), 2))
        woven[0::2], woven[1::2] = points, middle
        points = woven
    return points


def _stroke(canvas: NDArray[np.uint8], points: NDArray[np.float64], value: int, thickness: int) -> None:
    fixed = np.round(points * _PX * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(canvas, [fixed], isClosed=False, color=value, thickness=thickness, lineType=cv2.LINE_AA, shift=4)


def _fading(canvas: NDArray[np.uint8], points: NDArray[np.float64]) -> None:
    """A branch that gets dimmer towards its end."""
    pieces = np.array_split(np.arange(len(points)), 8)
    for number, piece in enumerate(pieces):
        layer = np.zeros_like(canvas)
        _stroke(layer, points[piece[0] : piece[-1] + 2], round(190 * (1 - number / 8)), 1)
        np.maximum(canvas, layer, out=canvas)
