"""Rubber on glass, dry hinges, shoes on a polished floor: what squeaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import bodies, calls, filters, noise, tones
from stillmotion.diorama.sound.dsp.take import Take

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATE_HZ = 400.0
_ORDERS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Squeak:
    """Controls of a squeak."""

    f0_hz: float = 1300.0
    """Pitch in the middle: the mode on which the friction locks."""
    glide: float = 0.35
    """By how many octaves it moves within one squeak."""
    rough: float = 0.25
    """How much the pitch trembles, and how much of it is the hiss of rubbing."""
    length_s: float = 0.35
    """Of one squeak."""
    rest_s: float = 0.35
    """Between two."""
    count: int = 0
    """Exactly how many; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""


def signal(controls: Squeak, take: Take) -> NDArray[np.float32]:
    """Regular stick and slip is a sawtooth at the pitch of a mode, gliding with speed and pressure.

    (Akay 2002, "Acoustics of friction": squeal is a locked mode.)
    """
    mono = calls.moves(take, controls, lambda length_s: _squeak(controls, take, length_s), rests=(0.4, 1.8))
    return calls.stage(take, mono, decay_s=0.3, wet=0.05)


def _squeak(controls: Squeak, take: Take, length_s: float) -> NDArray[np.float32]:
    rng = take.rng
    part = Take(duration_s=length_s * rng.uniform(0.7, 1.0), sample_rate=take.sample_rate, rng=rng, seed=take.seed)
    steps = int(part.duration_s * _RATE_HZ) + 3
    along = np.linspace(-1, 1, steps)
    arch = rng.choice((-1.0, 1.0)) * along * 0.5 + rng.uniform(0.2, 1.0) * (0.4 - along**2)
    tremble = controls.rough * 0.12 * noise.wander(rng, steps, _RATE_HZ, 40.0)
    hz = controls.f0_hz * 2 ** (controls.glide * arch + tremble + rng.normal(0, 0.12))
    order = np.arange(1, _ORDERS + 1)
    levels = (order**-0.9 * rng.uniform(0.4, 1.0, _ORDERS) * (hz.max() * order < 17_000))[:, None]
    tone = tones.harmonics(part, hz, levels, rng.uniform(0, 6.28, _ORDERS), _RATE_HZ)
    pressed = np.maximum(1 + 0.5 * noise.wander(rng, steps, _RATE_HZ, 25.0), 0.05)
    shape = np.minimum(1, (1 - np.abs(along)) * 6) * pressed
    hiss = filters.band(bodies.noise(part, part.duration_s + 0.01)[: part.count], take.sample_rate, 1200.0, 7000.0)
    out = tone + np.float32(0.8 * controls.rough) * hiss
    return calls.unit(out * part.stretch(shape, _RATE_HZ), float(rng.uniform(0.6, 1.0)))
