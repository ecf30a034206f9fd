"""A telephone rings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, resonators

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_CADENCE_S = (2.0, 4.0)
_GONG_RATIO = 1.26


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """Controls of a telephone with a bell."""

    count: int = 0
    """Exactly how many rings; 0 is as many as fit."""
    every_s: float = 6.0
    """From one ring to the next: 2 s on, 4 s off."""
    strikes_per_s: float = 40.0
    """Of the clapper, over both gongs."""
    gong_hz: float = 1180.0
    """The lower gong."""
    pace: float = 1.0


def signal(controls: Phone, take: Take) -> NDArray[np.float32]:
    """A clapper driven at 20 Hz strikes two small gongs in turn, two seconds on and four off.

    Ringing current of 20 Hz and its cadence: Bell System Practices; gongs are a major third apart.
    """
    rng, rate = take.rng, take.sample_rate
    every_s = max(controls.every_s / max(controls.pace, 0.1), 0.4)
    on_s = min(_CADENCE_S[0], every_s / 3 * 1.5)
    rings = round(controls.count) or int(np.ceil(take.duration_s / every_s))
    drives = np.zeros((2, take.count), np.float32)
    case = np.zeros(take.count, np.float32)
    for ring in range(rings):
        for k in range(int(on_s * controls.strikes_per_s)):
            at_s = ring * every_s + k / controls.strikes_per_s + rng.normal(0, 0.0006)
            blow = rng.uniform(0.75, 1.0)
            resonators.knock(drives[k % 2], rate, at_s, contact_s=0.00012, strength=blow)
            resonators.burst(case, rate, rng, at_s, length_s=0.0015, strength=0.03 * blow)
    mono = case
    for drive, pitch in zip(drives, (1.0, _GONG_RATIO), strict=True):
        mono = mono + resonators.ring(drive, rate, _gong(controls.gong_hz * pitch))
    return calls.stage(take, mono, decay_s=0.4, wet=0.04)


def _gong(hz: float) -> resonators.Modes:
    return resonators.modes(
        (hz, 1.2, 0.9),
        (hz * 1.004, 1.0, 0.4),
        (hz * 2.41, 0.6, 0.8),
        (hz * 2.43, 0.5, 0.4),
        (hz * 4.2, 0.3, 0.5),
        (hz * 6.1, 0.2, 0.3),
    )
