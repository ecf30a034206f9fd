"""Cicadas in the heat of the day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 50.0
_FAR = ((1500, -30.0), (3500, -9.0), (5000, 0.0), (7000, -2.0), (9000, -9.0), (13000, -24.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cicadas:
    """Controls of cicadas."""

    insects: float = 5.0
    """How many are near enough to tell apart."""
    song_hz: float = 5200.0
    """Resonance of the abdomen."""
    clicks_per_s: float = 190.0
    """Buckling ribs of the tymbal: each insect's own rate lies around this."""


def signal(controls: Cicadas, take: Take) -> NDArray[np.float32]:
    """Insects whose tymbals click a few hundred times a second into a resonant body, before a chorus without number.

    The abdomen is a Helmholtz resonator tuned to the tymbal (Bennet-Clark and Young 1992, "A model of the mechanism of
    sound production in cicadas"); songs swell and fade over seconds.
    """
    out = noise.shaped(take.rng, take.count, take.sample_rate, _FAR) * np.float32(0.3)
    insects = max(1, round(controls.insects))
    for k in range(insects):
        side = (k + take.rng.uniform(0.2, 0.8)) / insects * 1.8 - 0.9
        angle = (side + 1) * np.pi / 4
        song = _insect(controls, take) * np.float32(take.rng.uniform(0.3, 1.0))
        out += song[:, None] * np.array([np.cos(angle), np.sin(angle)], np.float32)
    out = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=0.5, wet=0.08)
    return level.to_reference(out, take.sample_rate, gain_db=-3.0)


def _insect(controls: Cicadas, take: Take) -> NDArray[np.float32]:
    """Clicks through the abdomen, RMS about 1, swelling and fading."""
    rng = take.rng
    steps = take.times_s(_RATE_HZ).size
    rate = controls.clicks_per_s * rng.uniform(0.8, 1.25) * (1 + 0.03 * noise.wander(rng, steps, _RATE_HZ, 1.0))
    phase = np.cumsum(take.stretch(rate, _RATE_HZ).astype(np.float64)) / take.sample_rate
    within = np.mod(phase, 1.0)
    burst = np.exp(-within * 4.0).astype(np.float32) * rng.standard_normal(take.count, dtype=np.float32)
    song_hz = controls.song_hz * rng.uniform(0.85, 1.2)
    ringing = filters.band(burst[:, None], take.sample_rate, 0.86 * song_hz, 1.16 * song_hz)[:, 0]
    swell = np.exp(0.5 * noise.wander(rng, steps, _RATE_HZ, 0.3))
    return ringing / np.float32(np.sqrt(np.mean(ringing**2)) + 1e-9) * take.stretch(swell, _RATE_HZ)
