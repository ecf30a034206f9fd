"""Drawn flames and the light around a fire, both functions of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.motion import noise, shares
from stillmotion.diorama.motion.records import Veil

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.geometry import Box, Plane
    from stillmotion.diorama.motion.records import Points

Floats = NDArray[np.float32]
_ROWS, _COLUMNS = 112, 64
_HEAT = np.array([0.0, 0.18, 0.42, 0.7, 1.0])
_RAMP = np.array([[0, 0, 0], [120, 22, 2], [245, 105, 12], [255, 196, 74], [255, 248, 220]])
"""Colours of a flame from cold to hot, sRGB."""
_LEAST = 0.08
_LOW_HZ, _HIGH_HZ = 0.7, 7.0


def flicker(seed: int, time_s: float) -> float:
    """How bright a fire is against its mean: 1/f between slow breaths and 7 Hz, standard deviation about 1."""
    slow = noise.wander(seed, "flicker-slow", time_s, low_hz=_LOW_HZ, high_hz=3.0)
    return 0.65 * slow + 0.75 * noise.wander(seed, "flicker", time_s, low_hz=3.0, high_hz=_HIGH_HZ)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glow:
    """Light that a fire throws on what is around it. See `motion.records.Light`."""

    seed: int
    centre: tuple[float, float]
    radius: float
    """Photo widths at which it has fallen to a third."""
    aspect: float
    depth: float
    """How much it flickers."""
    lights: float
    """How much brighter the surroundings become, 0 for a fire that was already in the photo."""
    presence: Callable[[float], float]
    step_px: int = 16

    def factor(self, points: Points, time_s: float) -> Floats:
        """What the colours are multiplied by."""
        present = self.presence(time_s)
        dx = points[..., 0] - np.float32(self.centre[0])
        dy = (points[..., 1] - np.float32(self.centre[1])) * np.float32(self.aspect)
        # Far away nothing is lit at all, so that nothing there need be painted.
        near = np.exp(-np.hypot(dx, dy) / np.float32(self.radius))
        near = np.maximum(near - np.float32(_LEAST), 0) * np.float32(1 / (1 - _LEAST))
        size = np.float32(present * (self.lights + self.depth * flicker(self.seed, time_s)))
        warm = np.array([1.15, 0.9, 0.55], np.float32)
        return np.asarray(1 + (near * size)[..., None] * warm, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flame:
    """A flame that is drawn: noise carried along its axis, hot in the middle. See `motion.records.Overlay`."""

    before: str | None
    rides: str
    """Name of the layer that it goes with; empty for a place that stays."""
    tile: Floats
    seed: int
    box: Box
    plane: Plane
    down: bool
    """A jet that points down."""
    speed: float
    presence: Callable[[float], float]

    def at(self, time_s: float, shutter_s: float) -> Veil | None:
        """The flame at one instant."""
        del shutter_s
        present = self.presence(time_s)
        if present <= 0:
            return None
        along = np.linspace(0, 1, _ROWS, dtype=np.float32)[:, None] * np.ones((1, _COLUMNS), np.float32)
        if not self.down:
            along = np.ascontiguousarray(along[::-1])
        across = np.linspace(-2.2, 2.2, _COLUMNS, dtype=np.float32)[None] * np.ones((_ROWS, 1), np.float32)
        heat = self._heat(across, along, time_s) * np.float32(present)
        colour = np.stack([np.interp(heat, _HEAT, _RAMP[:, c]) for c in range(3)], axis=-1)
        alpha = 255 * 0.75 * shares.smooth_of(heat, 0.25, 0.8)
        rgba = np.concatenate([colour * shares.smooth_of(heat, 0.02, 0.3)[..., None], alpha[..., None]], axis=-1)
        return Veil(rgba=np.asarray(rgba + 0.5, np.uint8), box=self.box, plane=self.plane)

    def _heat(self, across: Floats, along: Floats, time_s: float) -> Floats:
        """0..1.2: widest near the base, torn into tongues further along, which travel outwards."""
        run = np.float32(time_s * self.speed)
        bend = np.float32(0.35) * noise.read(self.tile, along * np.float32(0.4), along * np.float32(0.55) - run) * along
        x = across + bend
        tongues = noise.read(self.tile, x * np.float32(0.16), along * np.float32(0.5) - run)
        tongues += np.float32(0.5) * noise.read(self.tile, x * np.float32(0.33), along - run * np.float32(1.7))
        wide = (np.float32(0.95) if self.down else np.float32(1.1)) * (1 - along * np.float32(0.55))
        wide *= shares.smooth_of(along, -0.12, 0.1)
        body = 1 - (np.abs(x) / np.maximum(wide, np.float32(0.05))) ** 2
        breath = np.float32(1 + 0.08 * flicker(self.seed, time_s))
        core = np.float32(1.55 if self.down else 1.15)
        heat = body * core - along * np.float32(1.0) / breath + np.float32(0.28) * tongues * (along + 0.25)
        return np.asarray(np.clip(heat * shares.smooth_of(1 - along, 0.0, 0.25), 0, 1.2), np.float32)
