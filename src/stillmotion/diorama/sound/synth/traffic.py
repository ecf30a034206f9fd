"""A road: a far roar and cars that pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_SPEED_OF_SOUND = 343.0
_ROAR = ((30, -2.0), (70, 0.0), (200, -3.0), (600, -7.0), (1200, -11.0), (3000, -24.0), (8000, -40.0))
_TYRES = ((120, -8.0), (400, -3.0), (900, 0.0), (1600, -4.0), (4000, -15.0), (9000, -28.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Controls of a road."""

    cars_per_minute: float = 16.0
    speed_m_s: float = 13.0
    distance_m: float = 9.0
    """From the listener to the lane."""


def signal(controls: Traffic, take: Take) -> NDArray[np.float32]:
    """A steady roar, tyre noise that peaks near 1 kHz, and engine harmonics, each car with 1 / r, Doppler and pan.

    Tyre-road noise peaks at 800 to 1200 Hz whatever the car (Sandberg 2003, "The multi-coincidence peak around 1000 Hz").
    """
    drift = np.exp(0.15 * noise.wander(take.rng, take.times_s(20).size, 20, 0.3))
    out = noise.shaped(take.rng, take.count, take.sample_rate, _ROAR) * take.stretch(drift, 20)[:, None] * np.float32(0.35)
    tyres = noise.shaped(take.rng, take.count, take.sample_rate, _TYRES)
    for passing_s in _passes(controls, take):
        out += _car(controls, take, tyres, passing_s)
    return level.to_reference(out, take.sample_rate)


def _passes(controls: Traffic, take: Take) -> list[float]:
    """When cars are abreast; some are already leaving at the start or still coming at the end."""
    mean_s = 60 / max(controls.cars_per_minute, 0.5)
    times, time_s = [], -2.0 + take.rng.uniform(0.5, 1.0) * min(mean_s, 4.0)
    while time_s < take.duration_s + 2:
        times.append(time_s)
        time_s += 0.8 + take.rng.gamma(1.6, mean_s / 1.6)
    return times


def _car(controls: Traffic, take: Take, tyres: NDArray[np.float32], passing_s: float) -> NDArray[np.float32]:
    rng = take.rng
    speed = controls.speed_m_s * rng.uniform(0.75, 1.3) * rng.choice([-1.0, 1.0])
    times_s = take.times_s(_RATE_HZ) - take.start_s - passing_s
    along_m = speed * times_s
    distance_m = np.hypot(controls.distance_m, along_m)
    gain = (controls.distance_m / distance_m) ** 1.3
    pan = np.clip(along_m / (distance_m + controls.distance_m), -0.85, 0.85)
    closing = -speed * along_m / distance_m
    engine = _engine(take, rng.uniform(55, 95) * _SPEED_OF_SOUND / (_SPEED_OF_SOUND - closing), rng)
    angle = (pan + 1) * np.pi / 4
    sides = np.stack([take.stretch(gain * np.cos(angle), _RATE_HZ), take.stretch(gain * np.sin(angle), _RATE_HZ)], axis=1)
    return (tyres * np.float32(rng.uniform(0.7, 1.1)) + engine[:, None]) * sides


def _engine(take: Take, firing_hz: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float32]:
    phase = 2 * np.pi * np.cumsum(take.stretch(firing_hz, _RATE_HZ).astype(np.float64)) / take.sample_rate
    # Uneven cylinders put half orders between the firing harmonics.
    tone = np.zeros(take.count)
    for order in (0.5, 1.0, 1.5, 2.0, 3.0, 4.0):
        strength = (0.5 if order % 1 else 1.0) / max(order, 1.0)
        tone += strength * np.sin(order * phase + rng.uniform(0, 2 * np.pi))
    return filters.low((0.55 * tone).astype(np.float32), take.sample_rate, 500)
