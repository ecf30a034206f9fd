"""Wings that flap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wings:
    """Controls of flapping wings."""

    beats_per_s: float = 7.0
    """Wing beats a second: 3 a heron, 7 a pigeon, 15 a sparrow."""
    air_hz: float = 1600.0
    """Middle of the band of a strong stroke."""
    stroke: float = 0.75
    """Share of a beat in which the wing goes down."""
    back: float = 0.48
    """Strength of the way up."""
    feathers: float = 0.5
    """Share of the rustle of the feathers."""
    pace: float = 1.0
    count: int = 0
    """Beats; 0 is as many as fit."""


def signal(controls: Wings, take: Take) -> NDArray[np.float32]:
    """A gust of noise for each stroke down and a lighter one for the way up, feathers rustling at the turn.

    Pigeons beat their wings 6 to 9 times a second, more at take-off (Pennycuick 1968, "Power requirements for
    horizontal flight in the pigeon"); the sound of a stroke is turbulence whose band follows the speed of the wing.
    """
    down_s, strength = _strokes(controls, take)
    length_s = controls.stroke / (controls.beats_per_s * controls.pace)
    steps = take.times_s(_RATE_HZ).size
    stroke = _gate(take, down_s, strength, length_s, 0.45)
    back = _gate(take, down_s + length_s, controls.back * strength, 0.8 * length_s, 0.5)
    speed = np.clip(stroke + back, 0.05, 1.5)
    air = noise.white(take.rng, take.count)[:, :1]
    band_hz = np.asarray(controls.air_hz * (0.4 + 0.8 * speed), np.float32)[:, None]
    rush = filters.moving_band(air, take.sample_rate, band_hz, 0.7)[:, 0]
    feathers = filters.band(air, take.sample_rate, 1800, 7000)[:, 0]
    flutter = take.stretch(np.exp(0.35 * noise.wander(take.rng, steps, _RATE_HZ, 40.0)), _RATE_HZ)
    mono = (rush + feathers * np.float32(controls.feathers)) * speed * flutter
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
    shape = np.sin(0.5 * np.pi * np.where(u < rise, u / rise, (1 - u) / (1 - rise))) ** 2
    return calls.smeared(gate, shape)
