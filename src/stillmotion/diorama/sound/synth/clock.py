"""A clock, a watch, a metronome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, noise, resonators

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_TICK_OVER_TOCK_DB = 2.5
_DROP_S = 0.019
"""From the unlocking of an escapement to the drop of its wheel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Controls of a clock."""

    count: int = 0
    """Exactly how many ticks; 0 is as many as fit."""
    every_s: float = 1.0
    """Time from tick to tock: 1 a wall clock, 0.2 a watch."""
    tempo_bpm: float = 0.0
    """Beats a minute of a metronome; 0 goes by `every_s`."""
    case: float = 0.5
    """0 a watch without a case that answers, 1 a tall case of wood."""


def signal(controls: Clock, take: Take) -> NDArray[np.float32]:
    """Two rough contacts of an escapement, heard through its plates, a wooden case and the murmur of the works.

    The pallets drop on the wheel from two sides, so that tick and tock differ in colour and level (Rawlings 1993, "The
    science of clocks and watches"). Beats come at exact times.
    """
    every_s = 60 / controls.tempo_bpm if controls.tempo_bpm > 0 else max(controls.every_s, 0.05)
    rough, blows = np.zeros((2, take.count), np.float32), np.zeros((2, take.count), np.float32)
    last = round(controls.count) or int(np.ceil(take.duration_s / every_s))
    for beat in range(last):
        _beat(
            rough[beat % 2], blows[beat % 2], take, beat * every_s, 10 ** (-_TICK_OVER_TOCK_DB / 20) if beat % 2 else 1
        )
    mono = np.zeros(take.count, np.float32)
    for side, pitch in enumerate((1.0, 0.9)):
        mono += filters.band(rough[side][:, None], take.sample_rate, 3400 * pitch, 5200 * pitch)[:, 0]
        mono += np.float32(_PLATES) * resonators.ring(blows[side], take.sample_rate, _wheels(pitch))
        mono += np.float32(_CASE * controls.case) * resonators.ring(blows[side], take.sample_rate, _wood(pitch))
    murmur = noise.shaped(take.rng, take.count, take.sample_rate, _MURMUR)[:, 0]
    mono += murmur * np.float32(_MURMUR_SHARE * np.abs(mono).max())
    return calls.stage(take, mono, decay_s=0.25, wet=0.1)


_PLATES, _CASE, _MURMUR_SHARE = 0.14, 0.1, 0.003
_MURMUR = ((60, 0.0), (300, 0.0), (1000, -9.0), (4000, -21.0), (12000, -30.0))


def _beat(rough: NDArray[np.float32], blows: NDArray[np.float32], take: Take, at_s: float, strength: float) -> None:
    """The pallet unlocks, and a fiftieth of a second later the wheel drops on it."""
    for late_s, share in ((0.0, 0.3), (_DROP_S, 1.0)):
        blow = strength * share * take.rng.uniform(0.95, 1.05)
        resonators.burst(rough, take.sample_rate, take.rng, at_s + late_s, length_s=0.005, strength=blow)
        resonators.knock(blows, take.sample_rate, at_s + late_s, contact_s=0.0001, strength=blow)


def _wheels(pitch: float) -> resonators.Modes:
    """Brass plates held tightly by screws: short."""
    return resonators.modes(
        (2350 * pitch, 0.022, 0.5),
        (3120 * pitch, 0.018, 0.7),
        (4480 * pitch, 0.015, 0.8),
        (5750 * pitch, 0.012, 0.6),
        (7900 * pitch, 0.009, 0.4),
    )


def _wood(pitch: float) -> resonators.Modes:
    """A case of thin boards."""
    return resonators.modes(
        (310 * pitch, 0.05, 0.35),
        (540 * pitch, 0.04, 0.45),
        (890 * pitch, 0.032, 0.5),
        (1330 * pitch, 0.026, 0.5),
    )
