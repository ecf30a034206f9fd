"""A printer: a carriage to and fro, paper drawn in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, resonators, rooms, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 200.0
_MOTOR, _TURN, _STEP = 0.27, 0.55, 0.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer:
    """Controls of an ink-jet printer."""

    pace: float = 1.0
    line_s: float = 0.73
    """Time of the carriage from side to side."""
    motor_hz: float = 1070.0
    """Tone of the carriage's motor at full speed."""
    belt: float = 0.7
    """Share of the noise of belt and slide."""


def signal(controls: Printer, take: Take) -> NDArray[np.float32]:
    """A motor that speeds up, runs and brakes for each line; a knock where it turns, a burst of steps as paper moves.

    Step motors sound at their step rate and its multiples (Acarnley 2002, "Stepping motors", ch. 5).
    """
    rng, rate = take.rng, take.sample_rate
    line_s = controls.line_s / max(controls.pace, 0.1)
    time_s = take.times_s(_RATE_HZ) - take.start_s
    within = (time_s % line_s) / line_s
    speed = np.clip(np.minimum(within, 0.86 - within) / 0.1, 0, 1)
    hz = controls.motor_hz * (0.25 + 0.75 * speed) * (1 + 0.004 * noise.wander(rng, time_s.size, _RATE_HZ, 8))
    orders = np.arange(1, 17)
    levels = (rng.uniform(0.3, 1.0, 16) / orders**0.7)[:, None] * speed
    mono = np.float32(_MOTOR) * tones.harmonics(take, hz, levels, rng.uniform(0, 6.28, 16), _RATE_HZ)
    slide = filters.band(noise.white(rng, take.count)[:, :1], rate, 900, 6500)[:, 0]
    mono += np.float32(0.6 * controls.belt) * slide * take.stretch(speed, _RATE_HZ)
    frame, steps = np.zeros(take.count, np.float32), np.zeros(take.count, np.float32)
    for line in range(int(take.duration_s / line_s) + 1):
        turn_s = (line + 0.87) * line_s
        resonators.knock(frame, rate, turn_s, contact_s=0.001, strength=_TURN * rng.uniform(0.7, 1.1))
        for k in range(int(rng.integers(6, 11))):
            resonators.burst(
                steps, rate, rng, turn_s + 0.01 + 0.008 * k, length_s=0.0018, strength=_STEP * rng.uniform(0.6, 1)
            )
    mono += resonators.ring(frame, rate, _FRAME) + resonators.ring(steps, rate, _GEARS)
    out = rooms.reverberate(np.repeat(mono[:, None], 2, axis=1), rate, rng, decay_s=0.35, wet=0.05)
    return level.to_reference(filters.high(out, rate, 60), rate)


_FRAME = resonators.modes((170, 0.07, 0.5), (390, 0.05, 0.6), (880, 0.03, 0.4))
_GEARS = resonators.modes((1300, 0.012, 0.15), (2400, 0.01, 0.2), (3900, 0.008, 0.2))
