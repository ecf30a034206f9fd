"""The bell of a grazing cow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.12, 0.75)
_RATIOS = np.array([1.0, 1.49, 1.83, 2.44, 3.02, 3.71, 4.62, 5.9, 7.3, 9.1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cowbell:
    """Controls of a cowbell."""

    count: int = 0
    """Strokes; 0 is as the cow moves its head."""
    every_s: float = 0.0
    """Time from stroke to stroke; 0 is with natural pauses."""
    f0_hz: float = 540.0
    """Lowest mode."""
    ring_s: float = 0.7
    """Time in which the lowest mode falls by 60 dB."""


def signal(controls: Cowbell, take: Take) -> NDArray[np.float32]:
    """A clapper on folded sheet steel: inharmonic modes that die within a second, struck at uneven times.

    Two strong modes near 540 and 800 Hz and a dense series above (Rossing 1999, "Science of percussion instruments").
    """
    onsets = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=0.06, gap_s=_PAUSE_S)
    rng = take.rng
    strength = rng.uniform(0.35, 1.0, onsets.size)
    parts = []
    for k, hz in enumerate(controls.f0_hz * _RATIOS * rng.uniform(0.97, 1.03, _RATIOS.size)):
        loss = 6.9 / controls.ring_s * (1 + 0.25 * k)
        parts.append(
            pings.Pings(
                onset_s=onsets + 0.002,
                hz=np.full(onsets.size, hz),
                decay_per_s=np.full(onsets.size, loss),
                amplitude=strength * rng.uniform(0.3, 1.0, onsets.size) / (1 + 0.18 * k),
                pan=np.zeros(onsets.size),
                rise_per_s=np.zeros(onsets.size),
            )
        )
    mono = pings.render(pings.together(parts), take.count, take.sample_rate).mean(axis=1)
    return calls.stage(take, mono, decay_s=0.6, wet=0.06)
