"""Falling water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 50.0
_PLUNGE = ((40, -6.0), (90, 0.0), (250, -1.0), (600, -4.0), (1500, -14.0), (4000, -30.0))
_SHEET = ((250, -8.0), (700, 0.0), (2000, -2.0), (5000, -6.0), (10000, -14.0), (18000, -26.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """Controls of a waterfall."""

    height_m: float = 8.0
    """A higher fall is deeper: larger clouds of bubbles at its foot."""
    spray: float = 0.5
    """0 a closed sheet, 1 torn to drops."""


def signal(controls: Waterfall, take: Take) -> NDArray[np.float32]:
    """The roar of the plunge pool, the hiss of the sheet and single drops on stones.

    Low noise comes from collective oscillation of the bubble plume, high noise from single bubbles and drops (Carey and
    Evans 2011, "Ocean ambient noise", ch. 3).
    """
    times_s = take.times_s(_RATE_HZ)
    out = np.zeros((take.count, 2), np.float32)
    deep = 0.25 * np.clip(np.log2(max(controls.height_m, 0.5)) / 3, 0.1, 2.0)
    for curve, share, unrest in ((_PLUNGE, deep, 0.16), (_SHEET, 0.45 + 0.2 * controls.spray, 0.08)):
        source = noise.shaped(take.rng, take.count, take.sample_rate, curve)
        for side in (0, 1):
            surge = np.exp(unrest * noise.wander(take.rng, times_s.size, _RATE_HZ, 2.0))
            out[:, side] += source[:, side] * take.stretch(share * surge, _RATE_HZ)
    onset_s = pings.arrivals(take.rng, np.full(times_s.size, 500 + 900 * controls.spray), _RATE_HZ)
    radius_m = np.exp(take.rng.normal(np.log(0.0014), 0.5, onset_s.size)).clip(0.0005, 0.008)
    drops = pings.bubbles(take.rng, onset_s, radius_m, spread=1.0)
    out += pings.render(drops, take.count, take.sample_rate) * np.float32(0.3)
    return level.to_reference(out, take.sample_rate)
