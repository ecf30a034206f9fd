"""Explosions, shots and fireworks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import bodies, calls, filters, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Blast:
    """Controls of something that goes off."""

    positive_s: float = 0.02
    """Length of the overpressure: 0.0015 a rifle, 0.005 a firework, 0.03 a bomb."""
    roar: float = 1.0
    """Level of the burning and tumbling gas."""
    roar_s: float = 0.7
    """How long that lasts."""
    top_hz: float = 3500.0
    """What the air between leaves of it."""
    echo_s: float = 1.8
    """Decay of the echoes of ground and houses."""
    echo: float = 0.5
    """Energy of the echoes over that of the blast."""
    debris: float = 0.2
    """Level of what rains down."""
    crackle: float = 0.0
    """Level of stars that burst after it, each a bang of its own."""
    whistle: float = 0.0
    """Level of the shell that rises before it."""
    rest_s: float = 3.0
    """Until the next."""
    count: int = 0
    """Exactly how many; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""


def signal(controls: Blast, take: Take) -> NDArray[np.float32]:
    """Friedlander's pressure (1 - t/T) exp(-t/T), gas that roars, echoes, and what falls afterwards."""
    pace = max(controls.pace, 0.1)
    length_s = min(0.3 + controls.roar_s, take.duration_s)
    onsets = calls.onsets_s(
        take,
        count=controls.count,
        every_s=controls.every_s / pace,
        length_s=length_s,
        gap_s=(0.6 * controls.rest_s / pace, 1.4 * controls.rest_s / pace),
    )
    mono = calls.line(take, ((float(onset), _gone_off(controls, take)) for onset in onsets))
    mono = filters.low(mono, take.sample_rate, controls.top_hz)
    return calls.stage(take, mono, decay_s=controls.echo_s, wet=controls.echo)


def _gone_off(controls: Blast, take: Take) -> NDArray[np.float32]:
    rng, rate = take.rng, take.sample_rate
    rises_s = rng.uniform(0.5, 0.8) if controls.whistle > 0 else 0.0
    count = int((rises_s + 0.4 + 3 * controls.roar_s) * rate)
    first = int(rises_s * rate)
    out = np.zeros(count, np.float32)
    out[first:] = _bang(controls, take, count - first)
    if controls.whistle > 0:
        out[:first] += _rise(controls, take, first)
    if controls.crackle > 0:
        at_s = rises_s + rng.uniform(0.12, 0.3) + rng.gamma(2.5, controls.roar_s / 4, int(rng.integers(35, 70)))
        for when in at_s:
            spark = _spark(take) * np.float32(controls.crackle * rng.exponential(0.5) + 0.02)
            begin = int(when * rate)
            out[begin : begin + spark.size] += spark[: max(count - begin, 0)]
    return out * np.float32(rng.uniform(0.7, 1.0))


def _bang(controls: Blast, take: Take, count: int) -> NDArray[np.float32]:
    rng, rate = take.rng, take.sample_rate
    t = np.arange(count) / rate
    lasts = controls.positive_s * rng.uniform(0.85, 1.15)
    pulse = (1 - t / lasts) * np.exp(-t / lasts)
    corner = float(np.clip(0.9 / controls.positive_s, 60, 2500))
    gas = noise.shaped(rng, count, rate, ((25, -4), (corner, 0), (4 * corner, -9), (16_000, -30)))[:, 0]
    tumbling = np.maximum(1 + 0.5 * np.interp(t, np.linspace(0, t[-1], 400), noise.wander(rng, 400, 60, 8)), 0.1)
    body = gas * np.exp(-t / (0.35 * controls.roar_s)) * tumbling
    crack = rng.standard_normal(count) * np.exp(-t / (0.3 * lasts + 0.001))
    out = np.asarray(1.4 * pulse + 0.5 * crack + 0.45 * controls.roar * body, np.float32)
    if controls.debris > 0:
        at_s = rng.gamma(3.0, controls.roar_s / 3, 160)
        fallen = bodies.grains(rng, at_s, (300.0, 4000.0), loss=0.2, tail=1.8, tilt=0.5)
        out += calls.unit(bodies.mono(fallen, count, rate), 0.35 * controls.debris)
    return out


def _rise(controls: Blast, take: Take, count: int) -> NDArray[np.float32]:
    """The shell whistles up, ever farther away."""
    along = np.linspace(0, 1, max(count, 2))
    hz = 1900 * 2 ** (-0.5 * along) * (1 + 0.02 * np.sin(2 * np.pi * 9 * along))
    tone = np.sin(2 * np.pi * np.cumsum(hz) / take.sample_rate)
    hiss = filters.band(take.rng.standard_normal(along.size, dtype=np.float32), take.sample_rate, 900.0, 4000.0)
    return np.asarray(controls.whistle * (0.25 * tone + 0.4 * hiss) * np.sin(np.pi * along) ** 0.7, np.float32)


def _spark(take: Take) -> NDArray[np.float32]:
    count = int(0.05 * take.sample_rate)
    t = np.arange(count) / take.sample_rate
    return np.asarray(take.rng.standard_normal(count) * np.exp(-t / take.rng.uniform(0.002, 0.009)), np.float32)
