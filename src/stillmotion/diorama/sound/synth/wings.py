"""Wings that flap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_COLOUR = ((60, -8.0), (150, 0.0), (500, -3.0), (1200, -6.0), (3000, -12.0), (7000, -20.0), (12000, -30.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wings:
    """Controls of flapping wings."""

    beats_per_s: float = 7.0
    """Wing beats a second: 3 a heron, 7 a pigeon, 15 a sparrow."""
    pace: float = 1.0
    count: int = 0
    """Beats; 0 is as many as fit."""


def signal(controls: Wings, take: Take) -> NDArray[np.float32]:
    """A gust of noise for each stroke down and a lighter one for the way up, feathers rustling at the turn.

    Pigeons beat their wings 6 to 9 times a second, more at take-off (Pennycuick 1968, "Power requirements for
    horizontal flight in the pigeon"); the sound of a stroke is turbulence whose band follows the speed of the wing.
    """
    down_s, strength = _strokes(controls, take)
    length_s = 0.55 / (controls.beats_per_s * controls.pace)
    air = noise.shaped(take.rng, take.count, take.sample_rate, _COLOUR)[:, 0]
    stroke = _gate(take, down_s, strength, length_s, 0.4)
    back = _gate(take, down_s + 1.1 * length_s, 0.3 * strength, 0.6 * length_s, 0.5)
    feathers = filters.band(
        take.rng.standard_normal(take.count, dtype=np.float32)[:, None], take.sample_rate, 1800, 8000
    )[:, 0]
    turn = _gate(take, down_s + 0.28 * length_s, strength, 0.25 * length_s, 0.2)
    flutter = take.stretch(np.exp(0.5 * noise.wander(take.rng, take.times_s(400.0).size, 400.0, 45.0)), 400.0)
    mono = (air * (stroke + back) + feathers * turn * np.float32(0.5)) * flutter
    return calls.stage(take, mono.astype(np.float32), decay_s=0.35, wet=0.03)


def _strokes(controls: Wings, take: Take) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Instants and strengths of the beats."""
    rate = controls.beats_per_s * controls.pace
    wanted = round(controls.count) or int(take.duration_s * rate) + 1
    interval_s = take.rng.normal(1, 0.04, wanted).clip(0.85, 1.15) / rate
    at_s = np.cumsum(interval_s) - interval_s[0]
    if controls.count:
        at_s *= min(1.0, max(take.duration_s - 0.6 / rate, 0.05) / max(float(at_s[-1]), 1e-3))
    return at_s, take.rng.uniform(0.75, 1.1, wanted)


def _gate(
    take: Take, onset_s: NDArray[np.float64], strength: NDArray[np.float64], length_s: float, rise: float
) -> NDArray[np.float32]:
    """A rise and fall at every onset: `rise` is the share of the time before the peak."""
    at = (onset_s * take.sample_rate).astype(np.int64)
    inside = at < take.count
    gate = np.zeros(take.count)
    gate[at[inside]] = strength[inside]
    u = np.arange(int(length_s * take.sample_rate)) / (length_s * take.sample_rate)
    shape = np.where(u < rise, u / rise, (1 - u) / (1 - rise)) ** 2
    return calls.smeared(gate, shape)
