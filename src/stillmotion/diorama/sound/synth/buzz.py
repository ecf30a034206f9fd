"""Bees, flies and mosquitoes on the wing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, noise, rooms, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 200.0
_ORDERS = 24
_NEAREST_M = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Buzz:
    """Controls of insects that fly about."""

    wing_hz: float = 230.0
    """Wing beats a second: 130 a bumblebee, 190 a house fly, 230 a honey bee, 560 a mosquito."""
    insects: float = 3.0
    """How many fly about."""
    body: float = 1.4
    """How much of the upper harmonics is heard: 0 a thin whine, 1 a rough buzz."""
    count: int = 0
    """How many, where the cue says it."""


def signal(controls: Buzz, take: Take) -> NDArray[np.float32]:
    """Each wing beat is a pulse of pressure: its harmonics, wandering, as loud as the insect is near.

    Honey bees beat their wings about 230 times a second (Altshuler et al. 2005, "Short-amplitude high-frequency wing
    strokes determine the aerodynamics of honeybee flight"), Aedes and Anopheles females 400 to 600 (Arthur et al. 2014,
    "Mosquito (Aedes aegypti) flight tones"). A fly-by raises and lowers the tone by the Doppler shift.
    """
    insects = max(1, round(controls.count or controls.insects))
    out = np.zeros((take.count, 2), np.float32)
    for k in range(insects):
        middle = (k + 0.5) / insects * 1.4 - 0.7 if insects > 1 else 0.0
        out += _insect(controls, take, middle)
    out = filters.high(out, take.sample_rate, 0.6 * controls.wing_hz)
    return calls.leveled(rooms.reverberate(out, take.sample_rate, take.rng, decay_s=0.25, wet=0.02), take.sample_rate)


def _insect(controls: Buzz, take: Take, middle: float) -> NDArray[np.float32]:
    """One insect on its way about the listener, shape (count, 2)."""
    rng, steps = take.rng, take.times_s(_RATE_HZ).size
    x, y = (noise.wander(rng, steps, _RATE_HZ, 0.35) for _ in range(2))
    distance_m = np.sqrt((0.5 * x) ** 2 + (0.35 + 0.5 * np.abs(y)) ** 2) + _NEAREST_M
    nearing = np.gradient(distance_m) * _RATE_HZ
    effort = 0.035 * noise.wander(rng, steps, _RATE_HZ, 1.2) + 0.008 * noise.wander(rng, steps, _RATE_HZ, 14.0)
    hz = controls.wing_hz * rng.uniform(0.93, 1.07) * (1 + effort) / (1 + nearing / 343)
    loud = _NEAREST_M / distance_m * np.exp(0.12 * noise.wander(rng, steps, _RATE_HZ, 9.0))
    levels = _harmonics(controls, rng)[:, None] * loud * (1 + 3 * controls.body * effort)
    tone = tones.harmonics(take, hz, levels, rng.uniform(0, 2 * np.pi, _ORDERS), _RATE_HZ)
    air = rng.standard_normal(take.count, dtype=np.float32)[:, None]
    rush = filters.band(air, take.sample_rate, 2 * controls.wing_hz, 12 * controls.wing_hz)[:, 0]
    tone = tone * (1 + np.float32(0.5 * controls.body) * rush)
    angle = take.stretch((np.clip(middle + 0.25 * x, -0.9, 0.9) + 1) * np.pi / 4, _RATE_HZ)
    return np.stack([tone * np.cos(angle), tone * np.sin(angle)], axis=1)


def _harmonics(controls: Buzz, rng: np.random.Generator) -> NDArray[np.float64]:
    """Wings push twice a beat: the second harmonic is nearly as strong as the first; a big body radiates higher."""
    order = np.arange(1, _ORDERS + 1)
    fall = order ** -(2.4 - 1.5 * controls.body)
    second = np.where(order == 2, 1.2, 1.0)
    return np.asarray(fall * second * rng.uniform(0.6, 1.3, _ORDERS) * (order * controls.wing_hz < 9000), np.float64)
