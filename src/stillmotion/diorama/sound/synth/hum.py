"""Machines that hum: a refrigerator, a server, a transformer, a ship's hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_FAN = ((50, -4.0), (150, 0.0), (500, -5.0), (1500, -13.0), (5000, -26.0), (12000, -40.0))
_HARMONICS = 12
_RATE_HZ = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hum:
    """Controls of a humming machine."""

    f0_hz: float = 60.0
    """Of the mains or the turning speed."""
    brightness: float = 0.12
    """0 only the lowest harmonics, 1 a buzz."""
    fan: float = 0.1
    """Share of moving air."""


def signal(controls: Hum, take: Take) -> NDArray[np.float32]:
    """Harmonics of magnetostriction that beat slowly, as two machines never share a speed, over the noise of a fan.

    Even harmonics of the mains dominate in transformers (Ver and Holmer 1971, in "Noise and vibration control",
    Beranek).
    """
    out = noise.shaped(take.rng, take.count, take.sample_rate, _FAN) * np.float32(0.3 * controls.fan)
    orders = np.arange(1, _HARMONICS + 1)
    steps = take.times_s(_RATE_HZ).size
    for machine, detune_hz in ((1.0, 0.0), (0.45, take.rng.uniform(0.05, 0.22))):
        levels = machine * (0.25 + 0.5 * controls.brightness) ** (orders - 1.0) * take.rng.uniform(0.5, 1.0, _HARMONICS)
        hz = np.full(steps, controls.f0_hz + detune_hz)
        phases = take.rng.uniform(0, 2 * np.pi, _HARMONICS)
        # Standing waves in a room: each harmonic reaches the ears at different phases.
        for side in (0, 1):
            shift = take.rng.uniform(0, 1.2, _HARMONICS) * side
            out[:, side] += tones.harmonics(take, hz, levels[:, None], phases + shift, _RATE_HZ)
    return level.to_reference(out, take.sample_rate)
