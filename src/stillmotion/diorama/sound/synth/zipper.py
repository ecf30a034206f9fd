"""A zip fastener is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import bodies, calls, filters, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Zipper:
    """Controls of a zip."""

    teeth_per_s: float = 260.0
    """At the fastest."""
    length_s: float = 0.75
    """Of one pull."""
    rest_s: float = 0.6
    """Between two."""
    rub: float = 0.35
    """Level of the slider on the tape."""
    count: int = 0
    """Exactly how many pulls; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""


def signal(controls: Zipper, take: Take) -> NDArray[np.float32]:
    """Every tooth clicks as it closes: the rate of the clicks is the speed of the hand, which the pitch follows."""
    mono = calls.moves(take, controls, lambda length_s: _pull(controls, take, length_s), rests=(0.6, 1.5))
    return calls.stage(take, mono, decay_s=0.15, wet=0.02)


def _pull(controls: Zipper, take: Take, length_s: float) -> NDArray[np.float32]:
    rng, rate = take.rng, take.sample_rate
    length_s *= rng.uniform(0.75, 1.0)
    steps = max(int(length_s * _RATE_HZ), 4)
    along = np.linspace(0, 1, steps)
    speed = np.sin(np.pi * (0.12 + 0.8 * along ** rng.uniform(0.8, 1.6))) ** 0.7
    speed = speed * np.maximum(1 + 0.12 * noise.wander(rng, steps, _RATE_HZ, 10.0), 0.1)
    turns = np.cumsum(controls.teeth_per_s * speed) / _RATE_HZ
    teeth = np.arange(int(turns[-1]) + 1)
    at_s = np.maximum(np.interp(teeth + rng.normal(0, 0.06, teeth.size), turns, along * length_s), 0)
    count = max(int((length_s + 0.03) * rate), 64)
    loud = np.repeat(np.interp(at_s, along * length_s, speed), 3)
    made = bodies.grains(rng, np.repeat(at_s, 3), (1600.0, 11_000.0), loss=0.07, tail=6.0, tilt=0.1)
    clicks = bodies.mono(made, count, rate)
    push = np.interp(np.arange(count) / rate, along * length_s, speed).astype(np.float32)
    rub = np.resize(filters.band(bodies.noise(take, count / rate), rate, 900.0, 8000.0), count) * push
    out = clicks / np.float32(np.std(clicks) + 1e-9) * push ** np.float32(0.8)
    out += np.float32(controls.rub / max(float(np.std(rub)), 1e-6)) * rub * np.float32(loud.mean())
    return out * np.float32(rng.uniform(0.7, 1.0))
