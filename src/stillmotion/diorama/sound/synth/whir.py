"""Small electric motors: servos, drills, fans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, rooms, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_ORDERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Whir:
    """Controls of a motor."""

    turns_per_s: float = 95.0
    """Of the shaft at full speed."""
    pace: float = 1.0
    """Factor on the speed."""
    teeth: float = 9.0
    """Of the first gear: the strongest tone is this many times the turns."""
    whine: float = 0.5
    """Share of the gear's tones."""
    brushes: float = 0.3
    """Share of the rasp of brushes, which comes and goes with each turn."""
    air: float = 0.5
    """Share of moved air."""
    air_hz: float = 700.0
    """Where the noise of the air is loudest: low for wide blades."""
    spin_up_s: float = 0.35
    """From rest to full speed."""
    load: float = 0.0
    """0 runs freely, 1 is pressed into something hard again and again: it slows and growls."""


def signal(controls: Whir, take: Take) -> NDArray[np.float32]:
    """Tones at whole multiples of the turning speed, strongest where the gear's teeth meet, brush noise, moved air.

    Gear noise stands at the meshing frequency with sidebands of the shaft (Randall 1982, "A new method of modeling
    gear faults"); fan noise is broad with faint tones of the blades (Neise 1992, "Review of fan noise").
    """
    turning, pressed = _speed(controls, take)
    hz = controls.turns_per_s * controls.pace * turning
    whine = _whine(controls, take, hz, pressed)
    loud = take.stretch(turning**1.5, _RATE_HZ)
    turn = np.cumsum(take.stretch(hz, _RATE_HZ), dtype=np.float64) / take.sample_rate
    each = np.float32(1.0) + np.float32(0.8) * np.sin(2 * np.pi * turn).astype(np.float32)
    rasp = filters.band(noise.white(take.rng, take.count), take.sample_rate, 1800, 7000).mean(axis=1) * each
    mono = np.float32(controls.whine) * whine + np.float32(0.55 * controls.brushes) * rasp
    air = noise.shaped(take.rng, take.count, take.sample_rate, _air(controls.air_hz)) * np.float32(0.4 * controls.air)
    out = (mono[:, None] + air) * loud[:, None]
    out = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=0.35, wet=0.05)
    return level.to_reference(filters.high(out, take.sample_rate, 40), take.sample_rate, gain_db=0.0)


def _speed(controls: Whir, take: Take) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turning speed over full speed, and how hard the tool is pressed, both at the slow rate."""
    time_s = take.times_s(_RATE_HZ) - take.start_s
    pressed = np.zeros(time_s.size)
    at_s = 0.9
    while controls.load > 0 and at_s < take.duration_s:
        length_s = take.rng.uniform(1.0, 2.2)
        inside = (time_s - at_s) / length_s
        pressed += np.where((inside > 0) & (inside < 1), np.minimum(1, 8 * inside * (1 - inside)), 0.0)
        at_s += length_s + take.rng.uniform(0.4, 1.0)
    unsteady = 1 + 0.006 * noise.wander(take.rng, time_s.size, _RATE_HZ, 4.0)
    up = 1 - np.exp(-(time_s + 0.01) / max(controls.spin_up_s / 3, 1e-3))
    return up * unsteady * (1 - 0.22 * controls.load * pressed), pressed * controls.load


def _whine(controls: Whir, take: Take, hz: NDArray[np.float64], pressed: NDArray[np.float64]) -> NDArray[np.float32]:
    orders = np.arange(1, _ORDERS + 1)
    mesh = np.min(np.abs(orders[:, None] - controls.teeth * np.arange(1, 5)), axis=1)
    height = 0.12 / orders**0.5 + np.exp(-((mesh / 0.8) ** 2)) / (1 + orders / controls.teeth)
    height *= take.rng.uniform(0.5, 1.2, _ORDERS)
    # The edge of hearing: what would fold back is left out.
    height = np.where(orders * hz.max() < 0.45 * take.sample_rate, height, 0.0)
    flutter = np.exp(0.25 * np.stack([noise.wander(take.rng, hz.size, _RATE_HZ, 12.0) for _ in orders]))
    levels = height[:, None] * flutter * (1 + 0.8 * pressed)
    return tones.harmonics(take, hz, levels, take.rng.uniform(0, 2 * np.pi, _ORDERS), _RATE_HZ)


def _air(peak_hz: float) -> tuple[tuple[float, float], ...]:
    return (
        (0.15 * peak_hz, -7.0),
        (peak_hz, 0.0),
        (3 * peak_hz, -5.0),
        (8 * peak_hz, -16.0),
        (max(20 * peak_hz, 12_000), -38.0),
    )
