"""Bubbles that rise and burst: a boiling pot, a hot spring, a diver's breath."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_ROIL = ((60, -8.0), (150, 0.0), (400, -1.0), (1000, -10.0), (3000, -22.0), (8000, -34.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubbling:
    """Controls of bubbling liquid."""

    rate_per_s: float = 360.0
    """Bubbles a second."""
    radius_mm: float = 6.2
    """Median size: 3 Hz m over the radius is the tone."""
    rolling: float = 0.1
    """0 single bubbles, 1 a rolling boil."""
    variety: float = 0.25
    """Deviation of the logarithm of the sizes."""
    splatter: float = 0.65
    """How much the surface spits as bubbles burst."""
    damping: float = 1.0
    """Of the tones, as a factor of a lone bubble's."""
    rising: float = 0.75
    """Share of bubbles that reach the surface and rise in pitch."""


def signal(controls: Bubbling, take: Take) -> NDArray[np.float32]:
    """Large bubbles that rise in pitch as they break the surface, in gushes, over the roil of the liquid.

    The tone climbs as the bubble nears the surface (van den Doel 2005, "Physically based models for liquid sounds").
    """
    times_s = take.times_s(_RATE_HZ)
    gush = np.exp(0.8 * noise.wander(take.rng, times_s.size, _RATE_HZ, 3.0) - 0.3)
    onset_s = pings.arrivals(take.rng, controls.rate_per_s * gush, _RATE_HZ)
    radius_m = np.exp(take.rng.normal(np.log(controls.radius_mm / 1000), controls.variety, onset_s.size)).clip(
        0.0008, 0.02
    )
    tones = pings.bubbles(take.rng, onset_s, radius_m, spread=0.6)
    # Crowded bubbles ring into each other's foam, which damps them; a large one is torn apart before it rings fully.
    tones.decay_per_s[:] *= controls.damping
    tones.amplitude[:] /= np.sqrt(radius_m / 0.002)
    # Most reach the surface: more of them rise than in a stream.
    rising = take.rng.random(onset_s.size) < controls.rising
    tones.rise_per_s[:] = np.where(rising, take.rng.uniform(0.03, 0.15, onset_s.size) * tones.decay_per_s, 0.0)
    out = pings.render(
        pings.together((tones, _bursts(controls, take, tones))), take.count, take.sample_rate
    ) * np.float32(0.2)
    roil = noise.shaped(take.rng, take.count, take.sample_rate, _ROIL)
    out += roil * take.stretch(0.5 * controls.rolling * gush**0.5, _RATE_HZ)[:, None]
    return level.to_reference(filters.high(out, take.sample_rate, 40), take.sample_rate)


def _bursts(controls: Bubbling, take: Take, bubbles: pings.Pings) -> pings.Pings:
    """When its film breaks, a bubble clicks and throws up droplets."""
    burst = np.repeat(np.arange(bubbles.onset_s.size), 2)
    count = burst.size
    return pings.Pings(
        onset_s=bubbles.onset_s[burst] + take.rng.exponential(0.02, count),
        hz=np.exp(take.rng.uniform(np.log(500), np.log(3600), count)),
        decay_per_s=take.rng.uniform(160, 700, count),
        amplitude=controls.splatter * take.rng.choice((-1.0, 1.0), count) * take.rng.pareto(2.2, count).clip(0, 8),
        pan=np.clip(bubbles.pan[burst] + take.rng.normal(0, 0.1, count), -1, 1),
        rise_per_s=np.zeros(count),
    )
