"""Machines that hum: a refrigerator, a server, a transformer, a ship's hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_FAN = ((50, -4.0), (150, 0.0), (500, -5.0), (1500, -13.0), (5000, -26.0), (12000, -40.0))
_HARMONICS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Hum:
    """Controls of a humming machine."""

    f0_hz: float = 100.0
    """Twice the mains frequency for magnets."""
    brightness: float = 0.4
    """0 only the lowest harmonics, 1 a buzz."""
    fan: float = 0.4
    """Share of moving air."""


def signal(controls: Hum, take: Take) -> NDArray[np.float32]:
    """Harmonics of magnetostriction that beat slowly, as two machines never share a speed, over the noise of a fan.

    Even harmonics of the mains dominate in transformers (Ver and Holmer 1971, in "Noise and vibration control", Beranek).
    """
    t = np.arange(take.count) / take.sample_rate
    out = noise.shaped(take.rng, take.count, take.sample_rate, _FAN) * np.float32(0.9 * controls.fan)
    fall = 0.35 + 0.5 * controls.brightness
    for order in range(1, _HARMONICS + 1):
        hz = controls.f0_hz * order
        share = fall ** (order - 1) * take.rng.uniform(0.5, 1.0) * (1.0 if order % 2 or order == 2 else 0.7)  # noqa: PLR2004
        if share > 0.002:  # noqa: PLR2004  # inaudible under the fan
            out += _partial(take, t, hz, share)
    return level.to_reference(out, take.sample_rate)


def _partial(take: Take, t: NDArray[np.float64], hz: float, share: float) -> NDArray[np.float32]:
    """One harmonic of two machines, a tenth of a hertz apart, differently phased at each ear."""
    phase = take.rng.uniform(0, 2 * np.pi, 4)
    beat_hz = take.rng.uniform(0.05, 0.22)
    sides = [
        np.sin(2 * np.pi * hz * t + phase[0] + 0.7 * side)
        + 0.45 * np.sin(2 * np.pi * (hz + beat_hz) * t + phase[1] + phase[2 + side])
        for side in (0, 1)
    ]
    return (share * np.stack(sides, axis=1)).astype(np.float32)
