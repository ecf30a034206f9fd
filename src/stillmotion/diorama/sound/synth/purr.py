"""A cat that purrs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_BODY = ((1.0, 1.35, 1.0), (2.1, 1.3, 0.8), (3.8, 1.3, 0.5))
"""Resonances of the chest and throat: centre over the lowest, half width as a factor, level."""
_THROAT = ((320.0, 5800.0, 1.0), (620.0, 1050.0, 0.7), (1680.0, 2830.0, 0.9))
"""Bands of the breath in hertz and their levels: turbulence and the two lowest resonances of a throat of 9 cm."""
_OUT_HZ, _IN_HZ = (21.6, 26.4), (23.5, 25.7)
"""Pulses a second while the cat breathes out and in."""
_JITTER, _SHIMMER = 0.02, 0.06
_RAGGED = 0.44
"""How unevenly strong the puffs are; the chest evens its own out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purr:
    """Controls of a purr."""

    pace: float = 1.0
    """How quickly the cat breathes; the pulses themselves keep their rate."""
    breath: float = 0.2
    """Share of the breath that the pulses cut, 0..1."""
    leak: float = 0.8
    """How much of that breath flows between the pulses."""
    softness_s: float = 0.007
    """In which a pulse dies."""
    chest_hz: float = 205.0
    """Lowest resonance of the body."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Phase:
    """One breath: when its pulses come, and how strong they are over it."""

    onset_s: NDArray[np.float64]
    strength: NDArray[np.float64]
    brightness: float


def signal(controls: Purr, take: Take) -> NDArray[np.float32]:
    """Clicks of the glottis through the chest, breathing out and in by turns.

    Pulse rates of 20.9 to 27.2 a second out and 23.0 to 26.1 in, phases of half a second to a second with short pauses
    (Schotz and Eklund 2011, "A comparative acoustic analysis of purring in four cats"). Each pulse opens the glottis
    with a click that rings through a body of 80 to 1000 Hz and lets a puff of breath through a throat of 9 cm.
    """
    phases = _phases(controls, take)
    mono = _chest(controls, phases, take)
    puffs = _puffs(controls, phases, take)
    mono += puffs * np.float32(controls.breath / (np.sqrt(np.mean(puffs**2)) + 1e-9))
    return calls.stage(take, mono, decay_s=0.25, wet=0.016, level=1.1, air_db=-32.0)


def _phases(controls: Purr, take: Take) -> list[_Phase]:
    """Breaths one after another; the first begins at once."""
    rng, time_s = take.rng, 0.0
    phases: list[_Phase] = []
    while time_s < take.duration_s:
        out = len(phases) % 2 == 0
        length_s = rng.uniform(0.6, 1.0) / max(controls.pace, 0.2) * (1.0 if out else 0.85)
        onset_s = _pulses(rng, _OUT_HZ if out else _IN_HZ, length_s)
        u = onset_s / length_s
        swell = np.clip(u * 7 + 0.35, 0, 1) * np.clip((1 - u) * 5 + 0.1, 0, 1)
        strength = swell * (1.0 if out else 0.62) * rng.uniform(0.85, 1.15, u.size)
        phases.append(_Phase(onset_s=time_s + onset_s, strength=strength, brightness=1.0 if out else 1.7))
        time_s += length_s + rng.uniform(0.03, 0.09)
    return phases


def _pulses(rng: np.random.Generator, span_hz: tuple[float, float], length_s: float) -> NDArray[np.float64]:
    """Instants of one breath's pulses: the rate falls over it and each interval wavers."""
    low_hz, high_hz = span_hz
    first, last = rng.uniform(0.5, 1.0), rng.uniform(0.0, 0.5)
    steps = int(length_s * high_hz) + 1
    hz = low_hz + (high_hz - low_hz) * np.linspace(first, last, steps)
    interval_s = rng.normal(1.0, _JITTER, steps).clip(0.96, 1.04) / hz
    onset_s = np.cumsum(interval_s) - interval_s[0] + 0.004
    return np.asarray(onset_s[onset_s < length_s], np.float64)


def _chest(controls: Purr, phases: list[_Phase], take: Take) -> NDArray[np.float32]:
    """Every pulse shakes the chest anew: a burst of its own, ringing in a few broad resonances."""
    drive = _gate(
        phases, take, lambda phase: phase.strength, (0.25 * controls.softness_s, controls.softness_s), _SHIMMER
    )
    drive *= take.rng.standard_normal(take.count, dtype=np.float32)
    size = take.rng.uniform(0.92, 1.08)
    out = np.zeros(take.count, np.float32)
    for ratio, width, part in _BODY:
        ringing = filters.band(
            drive[:, None],
            take.sample_rate,
            controls.chest_hz * ratio * size / width,
            controls.chest_hz * ratio * size * width,
        )[:, 0]
        out += ringing * np.float32(part / (np.sqrt(np.mean(ringing**2)) + 1e-9))
    return out


def _gate(
    phases: list[_Phase],
    take: Take,
    height: Callable[[_Phase], NDArray[np.float64]],
    shape_s: tuple[float, float],
    shimmer: float,
) -> NDArray[np.float32]:
    """A rise and fall (seconds) at every pulse."""
    gate = np.zeros(take.count)
    for phase in phases:
        at = (phase.onset_s * take.sample_rate).astype(np.int64)
        inside = at < take.count
        gate[at[inside]] += height(phase)[inside] * np.exp(shimmer * take.rng.standard_normal(int(inside.sum())))
    t = np.arange(int(0.06 * take.sample_rate)) / take.sample_rate
    rise_s, fall_s = shape_s
    return calls.smeared(gate, np.minimum(t / rise_s, 1) * np.exp(-t / fall_s))


def _puffs(controls: Purr, phases: list[_Phase], take: Take) -> NDArray[np.float32]:
    """Breath through the throat, let through at every pulse and a little between."""
    opened = _gate(phases, take, lambda phase: phase.strength * phase.brightness, (0.0044, 0.0135), _RAGGED)
    between = _gate(phases, take, lambda phase: phase.strength * phase.brightness, (0.01, 0.05), _RAGGED)
    white = take.rng.standard_normal((take.count, 1), dtype=np.float32)
    air = np.zeros(take.count, np.float32)
    for low_hz, high_hz, part in _THROAT:
        passed = filters.band(white, take.sample_rate, low_hz, high_hz)[:, 0]
        air += passed * np.float32(part / (np.std(passed) + 1e-9))
    return np.asarray(air * (opened + between * np.float32(controls.leak)), np.float32)
