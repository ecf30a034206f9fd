"""A hand saw in wood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 200.0
_SLIP, _LOW, _MIDDLE, _HIGH = 0.88, 0.4, 0.27, 0.27


@dataclass(frozen=True, slots=True, kw_only=True)
class Saw:
    """Controls of sawing."""

    count: int = 0
    """Exactly how many pushes; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from push to push; 0 is at a workman's natural pace."""
    pace: float = 1.0
    teeth_per_m: float = 229.0
    stroke_m: float = 0.45


def signal(controls: Saw, take: Take) -> NDArray[np.float32]:
    """Teeth tear fibres at the speed of the blade: push and pull are half sines of speed, the pull lighter and duller.

    Stick-slip cutting as noise gated at the rate of the teeth, in the resonances of board and blade (Farnell 2010,
    "Designing Sound", ch. 32).
    """
    rng, rate = take.rng, take.sample_rate
    every_s = (controls.every_s or 0.63) / max(controls.pace, 0.1)
    onsets = calls.onsets_s(take, count=controls.count, every_s=every_s, length_s=0.9 * every_s, gap_s=(0.1, 0.2))
    time_s = take.times_s(_RATE_HZ) - take.start_s
    speed, press = np.zeros(time_s.size), np.zeros(time_s.size)
    for onset_s in onsets:
        for late, length, weight in ((0.0, 0.44, 1.0), (0.5, 0.42, 0.55)):
            inside = (time_s - onset_s - late * every_s) / (length * every_s)
            arch = np.where((inside > 0) & (inside < 1), np.sin(np.pi * np.clip(inside, 0, 1)) ** 0.6, 0.0)
            speed += arch * controls.stroke_m / (length * every_s) * rng.uniform(1.3, 1.7)
            press += arch * weight * rng.uniform(0.85, 1.0)
    tooth = np.cumsum(take.stretch(speed, _RATE_HZ) * np.float32(controls.teeth_per_m), dtype=np.float64) / rate
    tooth += 0.12 * noise.wander(rng, take.count, rate, 300.0)
    grip = (_SLIP + (tooth % 1.0) ** 3 * 1.8).astype(np.float32)
    rough = noise.white(rng, take.count)[:, :1]
    torn = sum(
        np.float32(share) * filters.band(rough, rate, low_hz, high_hz)[:, 0]
        for low_hz, high_hz, share in ((350, 900, _LOW), (1100, 2600, _MIDDLE), (3000, 7500, _HIGH))
    )
    return calls.stage(
        take, np.asarray(torn * grip * take.stretch(press, _RATE_HZ), np.float32), decay_s=0.35, wet=0.04
    )
