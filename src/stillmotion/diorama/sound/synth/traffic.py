"""A road: a far roar and cars that pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_SPEED_OF_SOUND = 343.0
_HALF_ORDERS = 14
_ROAR = ((30, 4.0), (70, 6.0), (200, 0.0), (500, -7.0), (1000, -12.0), (3000, -30.0), (8000, -50.0))
_TYRES = ((60, 0.0), (200, -1.0), (600, -2.0), (1000, -1.0), (1600, -6.0), (3000, -16.0), (8000, -34.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Controls of a road."""

    cars_per_minute: float = 16.0
    speed_m_s: float = 13.0
    distance_m: float = 9.0
    """From the listener to the lane."""


def signal(controls: Traffic, take: Take) -> NDArray[np.float32]:
    """A steady roar, tyre noise that peaks near 1 kHz, and engine harmonics, each car with 1 / r, Doppler and pan.

    Tyre-road noise peaks at 800 to 1200 Hz whatever the car (Sandberg 2003, "The multi-coincidence peak around 1000
    Hz").
    """
    drift = np.exp(0.15 * noise.wander(take.rng, take.times_s(20).size, 20, 0.3))
    out = (
        noise.shaped(take.rng, take.count, take.sample_rate, _ROAR) * take.stretch(drift, 20)[:, None] * np.float32(0.3)
    )
    rolling = np.zeros((take.times_s(_RATE_HZ).size, 2))
    engines = np.zeros((take.count, 2), dtype=np.float32)
    for passing_s in _passes(controls, take):
        sides, firing_hz = _car(controls, take, passing_s)
        rolling += take.rng.uniform(0.35, 0.55) * sides
        engines += _engine(take, firing_hz)[:, None] * _both(take, sides)
    out += noise.shaped(take.rng, take.count, take.sample_rate, _TYRES) * _both(take, rolling)
    out += filters.low(engines, take.sample_rate, 500)
    return level.to_reference(out, take.sample_rate)


def _both(take: Take, slow: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.stack([take.stretch(slow[:, side], _RATE_HZ) for side in (0, 1)], axis=1)


def _passes(controls: Traffic, take: Take) -> list[float]:
    """When cars are abreast; some are already leaving at the start or still coming at the end."""
    mean_s = 60 / max(controls.cars_per_minute, 0.5)
    times, time_s = [], -2.0 + take.rng.uniform(0.5, 1.0) * min(mean_s, 4.0)
    while time_s < take.duration_s + 2:
        times.append(time_s)
        time_s += 0.8 + take.rng.gamma(1.6, mean_s / 1.6)
    return times


def _car(controls: Traffic, take: Take, passing_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How loud a car is at each ear, shape (steps, 2), and its firing rate as heard, shape (steps,)."""
    rng = take.rng
    speed = controls.speed_m_s * rng.uniform(0.75, 1.3) * rng.choice([-1.0, 1.0])
    times_s = take.times_s(_RATE_HZ) - take.start_s - passing_s
    along_m = speed * times_s
    distance_m = np.hypot(controls.distance_m, along_m)
    gain = (controls.distance_m / distance_m) ** 1.3
    angle = (np.clip(along_m / (distance_m + controls.distance_m), -0.85, 0.85) + 1) * np.pi / 4
    closing = -speed * along_m / distance_m
    unsteady = 1 + 0.02 * noise.wander(rng, times_s.size, _RATE_HZ, 8.0)
    firing_hz = rng.uniform(55, 95) * unsteady * _SPEED_OF_SOUND / (_SPEED_OF_SOUND - closing)
    return gain[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), firing_hz


def _engine(take: Take, firing_hz: NDArray[np.float64]) -> NDArray[np.float32]:
    """Uneven cylinders put half orders between the firing harmonics."""
    halves = np.arange(1, _HALF_ORDERS + 1)
    levels = 0.8 * np.where(halves % 2, 0.5, 1.0) / np.maximum(halves / 2, 1.0) ** 0.8
    phases = take.rng.uniform(0, 2 * np.pi, _HALF_ORDERS)
    return tones.harmonics(take, firing_hz / 2, levels[:, None], phases, _RATE_HZ)
