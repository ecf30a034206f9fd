"""Things that fall or rise in straight lines through the whole picture: drops, flakes, stones, ash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.motion import depth_bins, particles
from stillmotion.diorama.motion.records import Strokes

if TYPE_CHECKING:
    from stillmotion.diorama.motion.ambient import Ambient
    from stillmotion.diorama.motion.depth_bins import Bin
    from stillmotion.diorama.motion.particles import Breeze, Column, Lives, Presence
    from stillmotion.diorama.motion.stage import Stage

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]

_MARGIN = 0.06
_MARGIN_NEAR = 0.12
_LOCAL, _GLANCE = 0.45, 1.5
_AGAINST_LIGHT = (140.0, 205.0)
"""Brightness of what is behind from which a falling thing begins to look dark, and where it is all dark."""
_SHADE = 0.82
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What falls. Lengths in metres, speeds in metres a second, of the real thing."""

    name: str
    fall_m_s: tuple[float, float]
    """Slowest and fastest; negative rises."""
    width_m: tuple[float, float]
    """Smallest and largest, as seen."""
    alpha: float
    """Of one whose picture is as wide as it is, before thinness takes its share."""
    softness: tuple[float, float]
    """Of the edge: nearest, farthest."""
    outshines: float = 255.0
    """Levels by which it may be brighter than what is behind it: water is clear, snow is white."""
    flutter_m: float = 0.0
    """How far it swings to either side."""
    flutter_hz: tuple[float, float] = (0.4, 1.2)
    lands: bool = True
    adds: bool = False
    by_birth: bool = True
    """Whether a new one enters at the edge; otherwise it fades in where it is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Falling:
    """One depth range of things that fall. An Overlay."""

    before: str | None
    kind: Kind
    column: Column
    q: Floats
    rank: Floats
    radius: Floats
    alpha: Floats
    colour: Floats
    """sRGB 0..255, shape (3,)."""
    light: Ambient
    metres: float
    wind_m_s: float
    breeze: Breeze
    presence: Presence
    softness: float
    swing: Floats
    """Amplitude in photo widths, rate in radians a second and phase of the flutter, shape (3, n)."""

    def at(self, time_s: float, shutter_s: float) -> Strokes | None:
        """Every stroke spans the way of its thing while the shutter is open."""
        x, y, lived = self.column.at(time_s, self._carried(time_s))
        shown = self._shown(time_s, lived)
        keep = shown > 0.004
        if not keep.any():
            return None
        across, down = self._velocity(time_s, lived)
        half = np.float32(shutter_s / 2)
        x = x + self._swung(lived)
        q = self.q[keep]
        return Strokes(
            heads=np.stack([(x + across * half)[keep], (y + down * half)[keep], q], axis=1),
            tails=np.stack([(x - across * half)[keep], (y - down * half)[keep], q], axis=1),
            radius=self.radius[keep],
            colour=self._lit(x[keep], y[keep]),
            alpha=(self.alpha * shown)[keep],
            softness=self.softness,
            adds=self.kind.adds,
        )

    def _lit(self, x: Floats, y: Floats) -> Floats:
        """Partly the light of the scene, partly what is about it; before a bright sky it is a little darker than that.

        Light from behind is what hides pale things: a flake against the clouds is grey, before a wood it is white.
        """
        behind = self.light.near(x, y)
        bright = (1 - _LOCAL) * self.colour + _LOCAL * np.minimum(behind * _GLANCE, 255.0)
        bright = np.minimum(bright, behind + np.float32(self.kind.outshines))
        if self.kind.adds:
            return np.asarray(bright, np.float32)
        low, high = _AGAINST_LIGHT
        dark = particles.smooth((behind @ _LUMA - low) / (high - low))[:, None]
        return np.asarray(bright * (1 - dark) + behind * np.float32(_SHADE) * dark, np.float32)

    def _carried(self, time_s: float) -> Floats:
        way = self.wind_m_s * self.breeze.travelled_s(time_s) / self.metres
        return self.q * np.float32(way)

    def _shown(self, time_s: float, lived: Lives) -> Floats:
        if not self.kind.by_birth:
            return self.presence.opacity(self.rank, time_s)
        share = self.presence.at(lived.birth_s) / max(self.presence.most, 1e-6)
        return np.asarray(self.rank < share, np.float32)

    def _velocity(self, time_s: float, lived: Lives) -> tuple[Floats, Floats]:
        """To the right in photo widths, down in photo heights, a second."""
        wind = self.wind_m_s * self.breeze.factor(time_s) / self.metres
        amplitude, rate, phase = self.swing
        across = self.q * np.float32(wind) + amplitude * rate * np.cos(rate * lived.age_s + phase)
        return across, self.column.speed

    def _swung(self, lived: Lives) -> Floats:
        amplitude, rate, phase = self.swing
        return np.asarray(amplitude * np.sin(rate * lived.age_s + phase), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shower:
    """What is the same for all depths of a field of falling things."""

    stage: Stage
    kind: Kind
    presence: Presence
    breeze: Breeze
    wind_m_s: float
    speed: float
    """Factor on how fast it falls."""
    colour: Floats
    """sRGB 0..255, shape (3,)."""
    light: Ambient
    metres: float
    """What the photo's width spans at inverse depth 1."""


def falling(shower: Shower, room: Bin, nearness: float, count: int) -> Falling:
    """Fill one depth range.

    Args:
        shower: what falls.
        room: the range.
        nearness: 1 for the nearest range, 0 for the farthest.
        count: how many at the largest amount.
    """
    stage, kind = shower.stage, shower.kind
    key = particles.key(stage.shot.seed, kind.name, f"{room.near_q:.5g}")
    index = np.arange(count, dtype=np.int64)
    draw = _draws(key, index)
    q = (room.far_q * (room.near_q / room.far_q) ** draw[0]).astype(np.float32)
    across = q / np.float32(shower.metres)
    swing = np.stack([kind.flutter_m * across * draw[4], 2 * np.pi * between(kind.flutter_hz, draw[2]), 6.28 * draw[5]])
    return Falling(
        before=room.before,
        kind=kind,
        column=_column(shower, key, index, q, between(kind.fall_m_s, draw[3])),
        q=q,
        rank=draw[6],
        radius=_seen(stage, np.asarray(between(kind.width_m, draw[1]) * across / 2, np.float32)),
        alpha=np.full(count, kind.alpha, np.float32),
        colour=shower.colour,
        light=shower.light,
        metres=shower.metres,
        wind_m_s=shower.wind_m_s,
        breeze=shower.breeze,
        presence=shower.presence,
        softness=kind.softness[1] + (kind.softness[0] - kind.softness[1]) * nearness,
        swing=swing.astype(np.float32),
    )


def between(limits: tuple[float, float], share: Floats) -> Floats:
    """From the first limit to the second."""
    return np.asarray(limits[0] + (limits[1] - limits[0]) * share, np.float32)


def _draws(key: int, index: Whole) -> list[Floats]:
    none = np.zeros_like(index)
    return [particles.hashed(key, index, none, 10 + channel) for channel in range(7)]


def _seen(stage: Stage, radius: Floats) -> Floats:
    """Half widths with the finest ones lifted: an eye follows streaks that a single frame would hardly show."""
    pixel = np.float32(0.5 * stage.shot.framing.width / stage.shot.size_px[0])
    return np.asarray(np.where(radius < pixel, np.sqrt(radius * pixel), radius), np.float32)


def _column(shower: Shower, key: int, index: Whole, q: Floats, fall_m_s: Floats) -> Column:
    stage = shower.stage
    speed = fall_m_s * np.float32(shower.speed) * q / np.float32(shower.metres * stage.aspect)
    margin = _MARGIN + _MARGIN_NEAR * np.minimum(q, 3.0)
    # A streak must be out of sight before it starts again: it is as long as its way in a twentieth of a second.
    streak = np.abs(speed) * 0.05
    bottom = 1.0 + margin + streak
    high = bottom
    if shower.kind.lands:
        high = np.minimum(bottom, depth_bins.landing_row(stage.scene, q, 9.0))
    low = -margin - streak
    return particles.Column(
        key=key,
        index=index,
        low=low.astype(np.float32),
        high=np.maximum(high, low + 0.02).astype(np.float32),
        left=-margin.astype(np.float32),
        width=(1.0 + 2 * margin).astype(np.float32),
        speed=speed.astype(np.float32),
    )
