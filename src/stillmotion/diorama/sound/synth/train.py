"""A train on jointed rails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, resonators, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 50.0
_DULL, _SWAY, _GRIND, _CLACK = 1.34, 0.08, 0.2, 0.074
_AXLES_M = (0.0, 2.5, 14.0, 16.5)
"""Two bogies of two axles in a wagon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """Controls of a train."""

    speed_m_s: float = 22.0
    pace: float = 1.0
    rail_m: float = 20.0
    """From joint to joint; wagons are as long."""
    joints: float = 0.2
    """How hard the wheels knock on them."""
    rumble: float = 0.2
    """Share of wheels rolling on rails."""
    squeal: float = 0.03
    """Share of flanges that sing in curves."""


def signal(controls: Train, take: Take) -> NDArray[np.float32]:
    """Each axle knocks on each joint: two close blows for a bogie, then two for the next; wheels rumble in between.

    Rolling and impact noise of wheels on rails after Thompson (2009, "Railway noise and vibration", chs. 2 and 10).
    """
    rng, rate = take.rng, take.sample_rate
    speed = max(controls.speed_m_s * controls.pace, 1.0)
    rail, truck = np.zeros(take.count, np.float32), np.zeros(take.count, np.float32)
    wagon = 0
    while wagon * controls.rail_m / speed < take.duration_s:
        loud = np.exp(rng.normal(0, 0.18))
        for axle_m in _AXLES_M:
            at_s = (wagon * controls.rail_m + axle_m) / speed + rng.normal(0, 0.004)
            blow = loud * rng.uniform(0.7, 1.1)
            for late_s, share in ((0.0, 1.0), (0.011, 0.5)):
                resonators.knock(rail, rate, at_s + late_s, contact_s=0.0006, strength=blow * share)
                resonators.burst(rail, rate, rng, at_s + late_s, length_s=0.006, strength=_CLACK * blow * share)
                resonators.knock(truck, rate, at_s + late_s, contact_s=0.003, strength=3.0 * blow * share)
        wagon += 1
    knocks = resonators.ring(rail, rate, _RAIL) + resonators.ring(truck, rate, _TRUCK)
    knocks /= np.float32(np.sqrt(np.mean(knocks**2)) + 1e-9)
    steps = take.times_s(_RATE_HZ).size
    sway = np.exp(_SWAY * noise.wander(rng, steps, _RATE_HZ, 1.2))
    roll = noise.shaped(rng, take.count, rate, _rumble()) * take.stretch(sway, _RATE_HZ)[:, None]
    out = np.float32(controls.joints) * np.repeat(knocks[:, None], 2, axis=1) + np.float32(controls.rumble) * roll
    turn = np.cumsum(np.full(take.count, speed / _ROUND_M)) / rate
    wheel = 1 + _GRIND * np.sin(2 * np.pi * turn) * np.sin(2 * np.pi * 1.013 * turn + 1.0)
    out *= wheel.astype(np.float32)[:, None]
    if controls.squeal > 0:
        song = filters.band(noise.white(rng, take.count), rate, 2850, 3150)
        calm = np.maximum(noise.wander(rng, steps, _RATE_HZ, 0.7), 0)
        out += np.float32(controls.squeal) * song * take.stretch(calm, _RATE_HZ)[:, None]
    out = rooms.reverberate(out, rate, rng, decay_s=0.6, wet=0.12)
    return level.to_reference(filters.high(out, rate, 28), rate, gain_db=1.0)


_ROUND_M = 2.9
"""Once around a wheel."""


def _rumble() -> tuple[tuple[float, float], ...]:
    return (
        (30, 0.0),
        (80, 3.0),
        (250, 0.0),
        (700, -4.0 * _DULL),
        (1800, -10.0 * _DULL),
        (5000, -22.0 * _DULL),
        (12000, -40.0 * _DULL),
    )


_RAIL = resonators.modes((760, 0.06, 0.7), (1090, 0.05, 0.8), (1680, 0.04, 0.7), (2450, 0.03, 0.5), (3600, 0.02, 0.3))
_TRUCK = resonators.modes((58, 0.12, 0.6), (96, 0.1, 0.7), (170, 0.08, 0.7), (310, 0.06, 0.5))
