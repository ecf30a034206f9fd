"""Rotors and propellers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, rooms, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 400.0
_WASH = ((40, 0.0), (120, 2.0), (400, 0.0), (1200, -5.0), (4000, -15.0), (10000, -32.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotor:
    """Controls of a rotor."""

    blades_per_s: float = 13.0
    """How many blades pass a second."""
    pace: float = 1.0
    slap: float = 0.8
    """How sharply each blade cuts the wake of the one before."""
    tail_hz: float = 95.0
    """Blade-pass rate of the tail rotor or firing rate of a piston engine."""
    tail: float = 0.25
    """Share of those tones."""
    turbine: float = 0.08
    """Share of the whine of the turbine."""
    wash: float = 0.5
    """Share of the noise between the blades."""


def signal(controls: Rotor, take: Take) -> NDArray[np.float32]:
    """Pulses of pressure and of noise at the blade-pass rate, tones of the tail rotor, a turbine far above.

    Blade-vortex interaction makes the slap (Leverton 1989, "Helicopter noise: the early days"); thickness noise gives
    harmonics of the blade-pass rate (Gutin 1936).
    """
    rng = take.rng
    steps = take.times_s(_RATE_HZ).size
    unsteady = 1 + 0.004 * noise.wander(rng, steps, _RATE_HZ, 1.0)
    rate_hz = controls.blades_per_s * controls.pace * unsteady
    turn = np.cumsum(rate_hz) / _RATE_HZ
    beat = np.exp(-0.5 * (((turn + 0.5) % 1.0 - 0.5) / (0.16 - 0.08 * controls.slap)) ** 2)
    strength = np.exp(0.15 * noise.wander(rng, steps, _RATE_HZ, 2.0))
    each = take.stretch(strength * ((1 - controls.slap) + 1.6 * controls.slap * beat), _RATE_HZ)
    wash = noise.shaped(rng, take.count, take.sample_rate, _WASH)
    out = np.float32(controls.wash) * wash * each[:, None]
    orders = np.arange(1, 31)
    thump = tones.harmonics(take, rate_hz, (0.35 / (1 + (orders / 9.0) ** 2))[:, None], np.zeros(30), _RATE_HZ)
    whole = np.float32(0.8) * thump + np.float32(controls.tail) * _tones(
        take, controls.tail_hz * controls.pace * unsteady
    )
    whole += np.float32(controls.turbine) * _turbine(take, unsteady)
    out += whole[:, None]
    out = rooms.reverberate(out, take.sample_rate, rng, decay_s=0.7, wet=0.08)
    return level.to_reference(filters.high(out, take.sample_rate, 30), take.sample_rate, gain_db=1.0)


def _tones(take: Take, hz: NDArray[np.float64]) -> NDArray[np.float32]:
    orders = np.arange(1, 21)
    levels = take.rng.uniform(0.4, 1.0, 20) / orders**0.9
    flutter = np.exp(0.2 * np.stack([noise.wander(take.rng, hz.size, _RATE_HZ, 5.0) for _ in orders]))
    return tones.harmonics(take, hz, levels[:, None] * flutter, take.rng.uniform(0, 6.28, 20), _RATE_HZ)


def _turbine(take: Take, unsteady: NDArray[np.float64]) -> NDArray[np.float32]:
    levels = np.array([1.0, 0.4, 0.2])
    return tones.harmonics(take, 2900 * unsteady**0.5, levels[:, None], take.rng.uniform(0, 6.28, 3), _RATE_HZ)
