"""Sea that breaks on a shore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import swell
from stillmotion.diorama.sound.dsp import level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_RUMBLE = ((30, 0.0), (90, 2.0), (220, -3.0), (500, -14.0))
_CRASH = ((100, -3.0), (300, 0.0), (900, -2.0), (2500, -9.0), (6000, -18.0), (13000, -30.0))
_FIZZ = ((600, -12.0), (1500, -2.0), (3000, 0.0), (6000, -5.0), (10000, -14.0), (16000, -28.0))
_DISTANT = ((40, -2.0), (120, 0.0), (500, -4.0), (1500, -10.0), (5000, -22.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waves:
    """Controls of the surf."""

    strength: float = 0.5
    """0 small ripples on sand, 1 heavy breakers."""
    period_s: float = 7.5
    """Mean time between breakers; the foam uses the same."""


def signal(controls: Waves, take: Take) -> NDArray[np.float32]:
    """Overlapping breakers over a steady roar: rumble while a wave rises, a white crash, a fizzing back-wash.

    Breaking waves sound through their bubble plumes: low collective modes first, then clouds of ever smaller single
    bubbles (Deane and Stokes 2002, "Scale dependence of bubble creation mechanisms in breaking waves").
    """
    out = noise.shaped(take.rng, take.count, take.sample_rate, _DISTANT) * np.float32(0.16)
    times_s = take.times_s(_RATE_HZ)
    waves = swell.breakers(take.seed, take.start_s + take.duration_s, period_s=controls.period_s)
    for curve, envelope, share in (
        (_RUMBLE, _rise, 0.35 + 0.5 * controls.strength),
        (_CRASH, _topple, 0.55 + 0.6 * controls.strength),
        (_FIZZ, _drain, 0.16),
    ):
        source = noise.shaped(take.rng, take.count, take.sample_rate, curve)
        for side in (0, 1):
            drive = sum((envelope(times_s - _heard_at(wave, side), wave) for wave in waves), np.zeros(times_s.size))
            ripple = np.exp(0.22 * noise.wander(take.rng, times_s.size, _RATE_HZ, 4.0))
            out[:, side] += source[:, side] * take.stretch(share * drive * ripple, _RATE_HZ)
    out += _foam(take, times_s, waves)
    return level.to_reference(out, take.sample_rate, gain_db=6 * (controls.strength - 0.5))


def _heard_at(wave: swell.Breaker, side: int) -> float:
    """A crest topples along the shore: one ear hears it up to half a second before the other."""
    return wave.time_s + 0.25 * wave.lean * (1 - 2 * side)


def _bump(t: NDArray[np.float64], rise_s: float, fall_s: float) -> NDArray[np.float64]:
    """1 at t = 0, exponential on both sides: a steady climb in loudness, without an edge."""
    up = np.exp(np.minimum(t, 0) * 3 / rise_s)
    return np.asarray(np.where(t < 0, up, np.exp(-np.maximum(t, 0) / fall_s)), dtype=np.float64)


def _rise(t: NDArray[np.float64], wave: swell.Breaker) -> NDArray[np.float64]:
    return wave.strength * _bump(t, 0.36 * wave.period_s, 0.9)


def _topple(t: NDArray[np.float64], wave: swell.Breaker) -> NDArray[np.float64]:
    return float(wave.strength**1.5) * _bump(t - 0.25, 0.9, 0.20 * wave.period_s)


def _drain(t: NDArray[np.float64], wave: swell.Breaker) -> NDArray[np.float64]:
    return wave.strength * _bump(t - 1.4, 1.5, 0.32 * wave.period_s)


def _foam(take: Take, times_s: NDArray[np.float64], waves: tuple[swell.Breaker, ...]) -> NDArray[np.float32]:
    """Single bubbles bursting on the sand as the water runs back."""
    drive = sum((_drain(times_s - wave.time_s - 0.3, wave) for wave in waves), np.zeros(times_s.size))
    onset_s = pings.arrivals(take.rng, 900 * drive, _RATE_HZ)
    radius_m = np.exp(take.rng.normal(np.log(0.0009), 0.4, onset_s.size)).clip(0.0004, 0.004)
    return pings.render(pings.bubbles(take.rng, onset_s, radius_m), take.count, take.sample_rate) * np.float32(0.08)
