"""Wood, hinges and ropes that creak: they stick and slip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.sound.dsp import bodies, calls, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Creak:
    """Controls of a creak."""

    slips_per_s: float = 70.0
    """Slips a second in the middle of a creak."""
    climb: float = 0.7
    """By how many octaves the slips quicken from its start to its end."""
    jitter: float = 0.08
    """How uneven the slips are."""
    low_hz: float = 250.0
    """Lowest resonance of the board or door that carries it."""
    high_hz: float = 3500.0
    """Highest one."""
    loss: float = 0.035
    """Loss factor of the resonances."""
    length_s: float = 1.1
    """Of one creak."""
    rest_s: float = 0.9
    """Between two."""
    count: int = 0
    """Exactly how many; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast everything goes."""


def signal(controls: Creak, take: Take) -> NDArray[np.float32]:
    """Each slip of the friction knocks the resonances of the body (Avanzini, Serafin and Rocchesso 2005).

    The joint sticks until its spring overcomes the static friction: the rate of slips follows the pull, which wanders.
    """
    mono = calls.moves(take, controls, lambda length_s: _creak(controls, take, length_s), rests=(0.5, 1.6))
    return calls.stage(take, mono, decay_s=0.5, wet=0.06)


def _creak(controls: Creak, take: Take, length_s: float) -> NDArray[np.float32]:
    length_s *= take.rng.uniform(0.75, 1.0)
    at_s, pull = _slips(controls, take, length_s)
    modes = randomness.generator(take.seed, "creaking", round(controls.low_hz))
    hz = np.sort(controls.low_hz * (controls.high_hz / controls.low_hz) ** modes.random(9))
    weight = modes.uniform(0.3, 1.0, hz.size) * (hz / hz[0]) ** -0.25
    strength = pull * take.rng.uniform(0.6, 1.0, at_s.size)
    rung = pings.Pings(
        onset_s=np.repeat(at_s, hz.size),
        hz=np.tile(hz, at_s.size),
        decay_per_s=np.tile(np.pi * hz * controls.loss, at_s.size),
        amplitude=np.outer(strength, weight).ravel() * take.rng.uniform(0.7, 1.3, at_s.size * hz.size),
        pan=np.zeros(at_s.size * hz.size),
        rise_per_s=np.zeros(at_s.size * hz.size),
    )
    out = bodies.mono(rung, int((length_s + 0.15) * take.sample_rate), take.sample_rate)
    return calls.unit(out, float(take.rng.uniform(0.6, 1.0)))


def _slips(controls: Creak, take: Take, length_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When each slip comes and how hard the joint was pulled."""
    rng = take.rng
    steps = max(int(length_s * _RATE_HZ), 4)
    along = np.linspace(0, 1, steps)
    bend = rng.choice((-1.0, 1.0), p=(0.35, 0.65)) * controls.climb
    octaves = bend * (along - 0.5) + 0.25 * noise.wander(rng, steps, _RATE_HZ, 3.0) + rng.normal(0, 0.15)
    turns = np.cumsum(controls.slips_per_s * max(controls.pace, 0.1) ** 0.5 * 2**octaves) / _RATE_HZ
    whole = np.arange(int(turns[-1]) + 1)
    at_s = np.interp(whole + controls.jitter * rng.standard_normal(whole.size), turns, along * length_s)
    swell = np.sin(np.pi * np.clip(at_s / length_s, 0, 1)) ** 0.6 + 0.1
    return np.maximum(at_s, 0.0), swell * (
        1 + 0.3 * np.interp(at_s, along * length_s, noise.wander(rng, steps, _RATE_HZ, 9.0))
    )
