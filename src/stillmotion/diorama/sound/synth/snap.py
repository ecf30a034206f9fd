"""Pops and snaps: a cork, a bubble, a twig, fingers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import bodies, calls, filters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Snap:
    """Controls of a pop or a snap."""

    cavity_hz: float = 0.0
    """Resonance of the bottle or mouth that opens; 0 is none."""
    cavity: float = 1.0
    """Level of that resonance."""
    puff: float = 0.3
    """Level of the air that rushes out."""
    fibres: int = 0
    """Fibres that break one after the other: a twig."""
    body_hz: float = 1400.0
    """Lowest mode of what breaks."""
    burst: float = 0.6
    """Level of the pressure step of something that bursts: a balloon."""
    rest_s: float = 1.4
    """Between two."""
    count: int = 0
    """Exactly how many; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""
    air_db: float | None = None
    """Level of the still air around it; none is silence."""


def signal(controls: Snap, take: Take) -> NDArray[np.float32]:
    """A step of pressure, the Helmholtz tone of the cavity it leaves, the fibres that tear, all within 30 ms."""
    pace = max(controls.pace, 0.1)
    onsets = calls.onsets_s(
        take,
        count=controls.count,
        every_s=controls.every_s / pace,
        length_s=0.06,
        gap_s=(0.6 * controls.rest_s / pace, 1.4 * controls.rest_s / pace),
    )
    mono = calls.line(take, ((float(onset), _snap(controls, take)) for onset in onsets))
    return calls.stage(take, mono, decay_s=0.4, wet=0.05, air_db=controls.air_db)


def _snap(controls: Snap, take: Take) -> NDArray[np.float32]:
    rng, rate = take.rng, take.sample_rate
    count = int(0.3 * rate)
    t = np.arange(count) / rate
    out = np.zeros(count, np.float32)
    if controls.burst > 0:
        # A step that leaves: Friedlander's pulse of a millisecond.
        lasts = rng.uniform(0.0006, 0.001)
        out += np.asarray(controls.burst * np.exp(-t / lasts) * (1 - t / lasts), np.float32)
        out += np.asarray(controls.burst * 0.5 * rng.standard_normal(count) * np.exp(-t / 0.004), np.float32)
    if controls.cavity_hz > 0:
        hz = controls.cavity_hz * rng.uniform(0.9, 1.1) * (1 + 0.35 * np.exp(-t / 0.006))
        tone = np.sin(2 * np.pi * np.cumsum(hz) / rate) * np.exp(-t / 0.016)
        out += np.asarray(controls.cavity * tone, np.float32)
    if controls.puff > 0:
        air = filters.band(rng.standard_normal(count, dtype=np.float32), rate, 500.0, 9000.0)
        out += np.asarray(controls.puff * air * np.minimum(t / 0.002, 1) * np.exp(-t / 0.022), np.float32)
    if controls.fibres > 0:
        out += _tears(controls, take, count)
    return out * np.float32(rng.uniform(0.75, 1.0))


def _tears(controls: Snap, take: Take, count: int) -> NDArray[np.float32]:
    """The main break and the small ones round it."""
    rng, rate = take.rng, take.sample_rate
    wood = bodies.Body(
        f0_hz=controls.body_hz * rng.uniform(0.85, 1.15), loss=0.07, spread=0.8, hardness=1.0, knock=1.3, modes=16
    )
    out = np.zeros(count, np.float32)
    main = bodies.strike(wood, rng, rng, rate, 0.12)
    out[: main.size] += main
    at_s = rng.exponential(0.012, controls.fibres)
    small = bodies.mono(bodies.grains(rng, at_s, (1500.0, 9000.0), loss=0.1, tail=2.0), count, rate)
    return out + calls.unit(small, 0.5)
