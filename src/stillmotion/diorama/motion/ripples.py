"""What waves do to the picture of water: the mirrored world shivers, slopes darken and brighten, highlights glitter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import shares, waveforms
from stillmotion.diorama.motion.records import LayerMotion
from stillmotion.diorama.motion.waveforms import Swell

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.motion.records import Points
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.motion.water import Pool
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
_SIDEWAYS = 0.4
"""Mirrored things shift mostly along the line of sight; this is the share across it."""
_HEADINGS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "out": (0.0, 1.0), "up": (0.0, 1.0)}
_BRIGHT = (0.72, 0.985)


class Surface(Protocol):
    """Anything that has slopes at a time."""

    def slopes(self, points: Floats, time_s: float) -> Floats:
        """Slope to the right and away from the viewer, shape (rows, columns, 2)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waves:
    """A swell on a piece of water."""

    swell: Swell
    water: Pool
    px_per_width: float

    def slopes(self, points: Floats, time_s: float) -> Floats:
        """See `Surface`."""
        return self.swell.slopes(points, self.water.chart, time_s, self.px_per_width)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shiver:
    """The reflection on moving water: what is mirrored there is shifted by the slope. See `motion.records.Warp`."""

    surface: Surface
    share: Floats
    presence: Callable[[float], float]
    gain: float
    """Photo widths for a slope of 1."""
    aspect: float
    reach: float
    step_px: int = 3

    def source(self, points: Points, time_s: float) -> Points:
        """Where the colour of each point comes from."""
        size = np.float32(self.presence(time_s) * self.gain)
        if size == 0:
            return points
        slopes = self.surface.slopes(points, time_s)
        slopes *= (shares.sample(self.share, points) * size)[..., None]
        slopes[..., 0] *= np.float32(_SIDEWAYS)
        slopes[..., 1] *= np.float32(1 / self.aspect)
        return points + slopes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glitter:
    """Slopes towards the viewer are darker, highlights sparkle. See `motion.records.Light`."""

    surface: Surface
    share: Floats
    bright: Floats
    """Where the photo's water is bright enough to glitter, 0..1, on the coarse grid."""
    presence: Callable[[float], float]
    shade: float
    sparkle: float
    step_px: int = 4

    def factor(self, points: Points, time_s: float) -> Floats:
        """What the colours are multiplied by."""
        present = np.float32(self.presence(time_s))
        slopes = self.surface.slopes(points, time_s)
        tilt = slopes[..., 1] + np.float32(0.35) * slopes[..., 0]
        glint = np.maximum(-tilt - np.float32(0.9), 0)
        glint = np.minimum(glint * glint, np.float32(1.0)) * shares.sample(self.bright, points)
        change = np.float32(-self.shade) * tilt + np.float32(self.sparkle) * glint
        change *= shares.sample(self.share, points) * present
        return np.asarray(cv2.merge([change + 1] * 3), np.float32)


def brightness(stage: Stage, share: Floats) -> Floats:
    """Where water is among its own brightest parts, on the coarse grid."""
    grey = shares.photo_small(stage).mean(axis=2)
    inside = grey[share > 0.5]
    if inside.size < 16:
        return np.zeros_like(grey)
    low, high = np.quantile(inside, _BRIGHT)
    lively = shares.smooth(float(high - np.median(inside)), 0.03, 0.2)
    return shares.smooth_of(grey, float(low), float(max(high, low + 0.04))) * np.float32(0.1 + 0.9 * lively)


def receding(stage: Stage, pool: Pool) -> Floats:
    """A share of the water that falls with distance, on the coarse grid: far waves look small."""
    rows, columns = shares.coarse_shape(stage)
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    _, _, q = pool.chart.metres(np.stack([x, y], axis=-1).astype(np.float32))
    share = pool.share if pool.mirror is None else pool.share * pool.mirror
    return np.asarray(share * np.clip(np.float32(0.3) + np.float32(0.8) * q, 0, 1), np.float32)


def heading(direction: str, *, towards: tuple[float, float] = (-0.25, -1.0)) -> tuple[float, float]:
    """Where waves go on the water: to the right and away. Without a word they come to the viewer, a little aslant."""
    if direction in {"in", "down"}:
        return 0.0, -1.0
    return _HEADINGS.get(direction, towards)


def single(frequency_hz: float, direction: str, gravity: float) -> Swell:
    """One clean wave of a given frequency, k = w^2 / g."""
    w = 2 * np.pi * frequency_hz
    right, away = heading(direction, towards=(0.0, -1.0))
    k = w**2 / gravity
    return Swell(
        right=np.array([k * right]),
        away=np.array([k * away]),
        speed=np.array([w]),
        phase=np.zeros(1),
        slope=np.ones(1),
    )


def spread(
    stage: Stage,
    cue: MotionCue,
    *,
    lengths_m: NDArray[np.float64],
    slope: NDArray[np.float64],
    fan_deg: float,
    fastest_hz: float,
) -> Swell:
    """Waves of given lengths whose directions fan out about the cue's; their slopes add up to 1 rms.

    Args:
        stage: the shot.
        cue: its direction and speed count.
        lengths_m: one a wave.
        slope: how steep each is, in any unit.
        fan_deg: standard deviation of their directions.
        fastest_hz: when the quickest would be quicker, all run in slow motion.
    """
    rng = randomness.generator(stage.shot.seed, "waves", cue.verb, cue.layer or "")
    right, away = heading(cue.direction)
    angle = np.arctan2(away, right) + np.radians(fan_deg) * rng.standard_normal(len(lengths_m)).clip(-2, 2)
    k = 2 * np.pi / lengths_m
    w = waveforms.angular_hz(k, stage.shot.world.gravity_m_s2)
    tempo = min(1.0, 2 * np.pi * fastest_hz / float(w.max())) * cue.speed
    return Swell(
        right=k * np.cos(angle),
        away=k * np.sin(angle),
        speed=w * tempo,
        phase=rng.uniform(0, 2 * np.pi, len(k)),
        slope=slope * np.sqrt(2 / float((slope**2).sum())),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """How much of waves is seen, at an amount of 1."""

    gain: float
    """Photo widths by which a slope of 1 shifts what is mirrored."""
    shade: float
    """How much slopes darken and brighten."""
    sparkle: float
    """How much highlights glitter."""


def on_water(stage: Stage, cue: MotionCue, pool: Pool, surface: Surface, strength: Strength) -> LayerMotion:
    """What waves do to a piece of water while a cue lasts: its reflection shivers and its light plays."""
    presence = partial(shares.presence, stage, cue)
    gain = strength.gain * cue.amount
    warp = Shiver(
        surface=surface,
        share=receding(stage, pool),
        presence=presence,
        gain=gain,
        aspect=stage.aspect,
        reach=4 * gain,
    )
    light = Glitter(
        surface=surface,
        share=pool.share,
        bright=brightness(stage, pool.share),
        presence=presence,
        shade=strength.shade * cue.amount,
        sparkle=strength.sparkle * cue.amount,
    )
    return LayerMotion(layer=pool.layer, warps=(warp,), lights=(light,))
