"""Cicadas in the heat of the day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import signal as dsp

from stillmotion.diorama.sound.dsp import level, noise, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 50.0
_FAR = ((1500, -30.0), (3500, -9.0), (5000, 0.0), (7000, -2.0), (9000, -9.0), (13000, -24.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cicadas:
    """Controls of cicadas."""

    insects: float = 7.0
    """How many are near enough to tell apart."""
    song_hz: float = 6300.0
    """Resonance of the abdomen."""
    clicks_per_s: float = 150.0
    """Buckling ribs of the tymbal: each insect's own rate lies around this."""
    syllables_per_s: float = 25.0
    """How often the song pulses."""
    resonance: float = 18.0
    """Quality of the abdomen's resonance."""
    chorus: float = 0.1
    """Share of those too far to tell apart."""


def signal(controls: Cicadas, take: Take) -> NDArray[np.float32]:
    """Insects whose tymbals click a few hundred times a second into a resonant body, before a chorus without number.

    The abdomen is a Helmholtz resonator tuned to the tymbal (Bennet-Clark and Young 1992, "A model of the mechanism of
    sound production in cicadas"); songs swell and fade over seconds.
    """
    out = noise.shaped(take.rng, take.count, take.sample_rate, _FAR) * np.float32(controls.chorus)
    insects = max(1, round(controls.insects))
    for k in range(insects):
        side = (k + take.rng.uniform(0.2, 0.8)) / insects * 1.8 - 0.9
        angle = (side + 1) * np.pi / 4
        song = _insect(controls, take) * np.float32(take.rng.uniform(0.3, 1.0))
        out += song[:, None] * np.array([np.cos(angle), np.sin(angle)], np.float32)
    out = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=0.5, wet=0.08)
    return level.to_reference(out, take.sample_rate, gain_db=-3.0)


def _insect(controls: Cicadas, take: Take) -> NDArray[np.float32]:
    """Clicks that ring in the abdomen, RMS about 1, in pulsing syllables that swell and fade."""
    rng = take.rng
    steps = take.times_s(_RATE_HZ).size
    wavering = 1 + 0.03 * noise.wander(rng, steps, _RATE_HZ, 1.0)
    phase = np.cumsum(
        take.stretch(controls.clicks_per_s * rng.uniform(0.8, 1.25) * wavering, _RATE_HZ), dtype=np.float64
    )
    at = np.flatnonzero(np.diff(np.floor(phase / take.sample_rate)))
    clicks = np.zeros(take.count, np.float64)
    clicks[at] = rng.uniform(0.6, 1.0, at.size)
    song_hz = controls.song_hz * rng.uniform(0.85, 1.2)
    fall = np.exp(-np.pi * song_hz / controls.resonance / take.sample_rate)
    turn = 2 * fall * np.cos(2 * np.pi * song_hz / take.sample_rate)
    syllables = np.cumsum(take.stretch(controls.syllables_per_s * rng.uniform(0.8, 1.2) * wavering, _RATE_HZ))
    pulse = 0.62 + 0.38 * np.sin(2 * np.pi * syllables / take.sample_rate + rng.uniform(0, 6))
    swell = take.stretch(np.exp(0.5 * noise.wander(rng, steps, _RATE_HZ, 0.3)), _RATE_HZ)
    ringing = dsp.lfilter([1, 0, -1], [1, -turn, fall**2], clicks)
    return np.asarray(ringing / (np.sqrt(np.mean(ringing**2)) + 1e-9) * pulse * swell, np.float32)
