"""A radio between stations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, pings, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 50.0
_LOW_HZ, _HIGH_HZ, _TILT = 1480.0, 12_000.0, 4.5


def _band() -> tuple[tuple[float, float], ...]:
    """A small loudspeaker."""
    return ((_LOW_HZ / 2, -12.0), (_LOW_HZ, 0.0), (_HIGH_HZ, -_TILT), (1.8 * _HIGH_HZ, -_TILT - 24.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Radio:
    """Controls of a radio."""

    crackle: float = 2.0
    """Lightning and switches far away, per tenth of a second."""
    whistle: float = 0.004
    """Share of the beat of a carrier that wanders past."""
    fading: float = 0.04
    """How much the noise swells and sinks."""


def signal(controls: Radio, take: Take) -> NDArray[np.float32]:
    """Noise in the band of a small loudspeaker, crackles of atmospherics, a faint whistle of a carrier nearby.

    Atmospherics arrive as a Poisson process with heavy-tailed strengths (Middleton 1977, "Statistical-physical models
    of electromagnetic interference").
    """
    rng = take.rng
    steps = take.times_s(_RATE_HZ).size
    swell = np.exp(controls.fading * noise.wander(rng, steps, _RATE_HZ, 0.8))
    out = noise.shaped(rng, take.count, take.sample_rate, _band()) * take.stretch(swell, _RATE_HZ)[:, None]
    at_s = pings.arrivals(rng, np.full(steps, 10 * controls.crackle), _RATE_HZ)
    crackles = np.zeros((take.count, 2), np.float32)
    for onset_s in at_s[at_s < take.duration_s - 0.01]:
        first, length = round(onset_s * take.sample_rate), int(take.sample_rate * rng.uniform(0.001, 0.008))
        part = noise.white(rng, length)[: take.count - first]
        crackles[first : first + len(part)] += part * np.float32(min(rng.pareto(1.6) + 0.5, 6.0))
    out += filters.band(crackles, take.sample_rate, 300, 5000)
    hz = 1100 * np.exp(0.35 * noise.wander(rng, steps, _RATE_HZ, 0.2))
    out += np.float32(controls.whistle) * tones.harmonics(take, hz, np.ones((1, 1)), np.zeros(1), _RATE_HZ)[:, None]
    return level.to_reference(out, take.sample_rate)
