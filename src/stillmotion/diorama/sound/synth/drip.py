"""Drops that fall into water one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, pings, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_LENGTH_S = 0.12
_CRATER_S = 0.014
"""From the impact to the moment at which the crater pinches off its bubble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip:
    """Controls of dripping water."""

    count: int = 0
    """Exactly how many drops; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one drop to the next; 0 is at irregular times."""
    radius_mm: float = 2.6
    """Of the bubble that a drop leaves: it rings at 3 Hz m over its radius."""
    hollow: float = 0.25
    """0 an open puddle, 1 a cave or a deep sink that answers."""


def signal(controls: Drip, take: Take) -> NDArray[np.float32]:
    """A tick of the impact, then the tone of the bubble that its crater closes on, rising as it nears the surface.

    A drop is heard by its bubble, not by its impact (Pumphrey and Crum 1990, "The underwater noise of rain"); tone and
    damping are those of `pings.bubbles` (Minnaert 1933; van den Doel 2005).
    """
    onset_s = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=_LENGTH_S, gap_s=(0.6, 1.5))
    out = pings.render(
        pings.together([_tick(take, onset_s), *_tones(controls, take, onset_s)]), take.count, take.sample_rate
    )
    wet = rooms.reverberate(
        out, take.sample_rate, take.rng, decay_s=0.3 + 1.2 * controls.hollow, wet=0.03 + 0.25 * controls.hollow
    )
    return calls.leveled(wet, take.sample_rate)


def _tick(take: Take, onset_s: NDArray[np.float64]) -> pings.Pings:
    """The impact itself: a dull, very short click."""
    count = onset_s.size
    return pings.Pings(
        onset_s=onset_s,
        hz=take.rng.uniform(3500, 6000, count),
        decay_per_s=np.full(count, 1500.0),
        amplitude=take.rng.uniform(0.1, 0.25, count),
        pan=np.zeros(count),
        rise_per_s=np.zeros(count),
    )


def _tones(controls: Drip, take: Take, onset_s: NDArray[np.float64]) -> tuple[pings.Pings, pings.Pings]:
    """The main bubble, and one or two small ones that splash up after it."""
    rng = take.rng
    count = onset_s.size
    radius_m = controls.radius_mm / 1000 * np.exp(rng.normal(0, 0.09, count))
    main = pings.bubbles(rng, onset_s + _CRATER_S, radius_m, spread=0.0)
    # The bubble of a clean drop keeps to its crater: it rings about twice as long as one torn about in a stream.
    main.decay_per_s[:] *= 0.45
    main.amplitude[:] = rng.uniform(0.75, 1.0, count)
    main.rise_per_s[:] = rng.uniform(1.0, 4.0, count)
    parent = np.repeat(np.arange(count), rng.integers(1, 4, count))
    late_s = onset_s[parent] + rng.uniform(0.03, 0.09, parent.size)
    small = pings.bubbles(rng, late_s, radius_m[parent] * rng.uniform(0.3, 0.7, parent.size), spread=0.1)
    small.amplitude[:] = 0.3 * rng.random(parent.size)
    return main, small
