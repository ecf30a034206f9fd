"""Cloth that rubs on itself: sleeves, coats, curtains, bedding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import bodies, calls, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rustle:
    """Controls of rubbing cloth."""

    stiffness: float = 0.5
    """0 wool, 1 a windbreaker: how bright and how crackling."""
    length_s: float = 0.45
    """Of one movement."""
    rest_s: float = 0.3
    """Between two."""
    sudden: float = 0.0
    """0 it is moved, 1 it is struck or dropped."""
    count: int = 0
    """Exactly how many movements; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""


def signal(controls: Rustle, take: Take) -> NDArray[np.float32]:
    """Friction noise that follows the speed of the hand (An, James and Marschner 2012, "Motion-driven cloth sound").

    Folds that snap over give it its grain.
    """
    mono = calls.moves(take, controls, lambda length_s: _moved(controls, take, length_s), rests=(0.1, 1.8))
    return calls.stage(take, mono, decay_s=0.15, wet=0.01)


def _moved(controls: Rustle, take: Take, length_s: float) -> NDArray[np.float32]:
    rng, rate = take.rng, take.sample_rate
    length_s *= rng.uniform(0.6, 1.0)
    count = max(int(length_s * rate), 64)
    steps = max(int(length_s * _RATE_HZ), 4)
    along = np.linspace(0, 1, steps)
    hand = np.sin(np.pi * (0.015 + 0.985 * along ** rng.uniform(0.6, 1.3))) ** 1.2
    speed = (1 - controls.sudden) * hand + controls.sudden * np.exp(-6 * along)
    speed = speed * np.maximum(1 + 0.55 * noise.wander(rng, steps, _RATE_HZ, 9.0), 0.05)
    bright = 8 * (controls.stiffness - 0.5)
    curve = ((150, -14), (500, -3), (1500, 0), (3500, bright - 1), (8000, bright - 7), (15_000, bright - 18))
    hiss = noise.shaped(rng, count, rate, curve)[:, 0]
    push = np.interp(np.arange(count) / rate, np.arange(steps) / _RATE_HZ, speed).astype(np.float32)
    at_s = pings.arrivals(rng, (250 + 900 * controls.stiffness) * speed, _RATE_HZ)
    folds = bodies.mono(bodies.grains(rng, at_s, (700.0, 7000.0), loss=0.25, tail=2.2, tilt=0.4), count, rate)
    folds *= np.float32((0.3 + controls.stiffness) * np.sqrt(np.mean(push**2))) / np.float32(np.std(folds) + 1e-9)
    return (hiss * push + folds) * np.float32(rng.uniform(0.5, 1.0))
