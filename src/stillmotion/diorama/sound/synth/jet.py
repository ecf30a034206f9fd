"""Jets and rockets: streams of gas that tear the air."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, rooms, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_SLOW, _WET = 0.06, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Jet:
    """Controls of a jet."""

    peak_hz: float = 120.0
    """Where the noise of the stream is loudest: 0.2 speed / diameter."""
    steepness: float = 1.0
    """1 close by; the air and the distance take more of the highs."""
    surge: float = 0.026
    """How much the air on the way lets the sound swell and sink several times a second."""
    crackle: float = 0.6
    """How much the loudest moments steepen into shocks."""
    whine: float = 0.0
    """Share of the compressor's tones."""
    whine_hz: float = 2600.0
    passing: float = 0.0
    """1 comes over the listener and goes, once in the recording."""


def signal(controls: Jet, take: Take) -> NDArray[np.float32]:
    """Broad noise that peaks at a Strouhal number of 0.2, with shocks where it is loudest, and a compressor's whine.

    Spectrum of jet mixing noise: Tam, Golebiowski and Seiner (1996, "On the two components of turbulent mixing
    noise"); crackle is a skewed waveform: Ffowcs Williams, Simson and Virchis (1975).
    """
    rng = take.rng
    curve = (
        (0.2 * controls.peak_hz, -8.0),
        (controls.peak_hz, 0.0),
        (4 * controls.peak_hz, -5.0 * controls.steepness),
        (16 * controls.peak_hz, -14.0 * controls.steepness),
        (max(80 * controls.peak_hz, 12_000), -36.0 * controls.steepness),
    )
    out = noise.shaped(rng, take.count, take.sample_rate, curve)
    steps = take.times_s(_RATE_HZ)
    surge = np.exp(
        controls.surge * noise.wander(rng, steps.size, _RATE_HZ, 5.0)
        + _SLOW * noise.wander(rng, steps.size, _RATE_HZ, 0.6)
    )
    out *= take.stretch(surge, _RATE_HZ)[:, None]
    if controls.crackle > 0:
        # Positive peaks steepen into shocks; the ear hears tearing.
        steep = np.float32(controls.crackle) * np.maximum(out - np.float32(1.2), 0) ** 2
        out += filters.high(steep, take.sample_rate, 700) * np.float32(1.6)
    if controls.whine > 0:
        hz = controls.whine_hz * (1 + 0.004 * noise.wander(rng, steps.size, _RATE_HZ, 0.7))
        levels = np.array([1.0, 0.35, 0.5, 0.15, 0.2])
        tone = tones.harmonics(take, hz, levels[:, None], rng.uniform(0, 6.28, 5), _RATE_HZ)
        out += np.float32(controls.whine) * tone[:, None]
    if controls.passing > 0:
        along = (steps - take.start_s - 0.5 * take.duration_s) / (0.22 * take.duration_s)
        out *= take.stretch(1 / np.sqrt(1 + along**2), _RATE_HZ)[:, None]
    out = rooms.reverberate(out, take.sample_rate, rng, decay_s=1.6, wet=_WET)
    return level.to_reference(filters.high(out, take.sample_rate, 25), take.sample_rate, gain_db=3.0)
