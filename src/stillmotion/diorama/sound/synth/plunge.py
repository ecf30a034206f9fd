"""Something falls into water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PEAK = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plunge:
    """Controls of a splash."""

    size: float = 0.3
    """0 a drop, 1 a stone as large as a fist."""


def signal(controls: Plunge, take: Take) -> NDArray[np.float32]:
    """The slap of the entry, the cavity's bubble, and the shower of small bubbles and drops after it.

    A drop is heard by the bubble that its crater closes on (Pumphrey and Crum 1990); its tone is Minnaert's.
    """
    rng = take.rng
    count = int(6 + 240 * controls.size)
    onset = np.minimum(rng.gamma(2.0, 0.05 + 0.14 * controls.size, count), take.duration_s)
    radius = np.exp(rng.normal(np.log(0.0012 + 0.003 * controls.size), 0.5, count)).clip(0.0004, 0.02)
    shower = pings.bubbles(rng, onset, radius, spread=0.3)
    deep = pings.bubbles(rng, np.array([0.018 + 0.03 * controls.size]), np.array([0.0022 + 0.012 * controls.size]))
    out = pings.render(pings.together([shower, deep]), take.count, take.sample_rate)
    loud = float(np.abs(out).max())
    out = out / np.float32(loud) if loud > 0 else out
    out += _slap(controls, take)
    return out * np.float32(_PEAK / max(float(np.abs(out).max()), 1e-6))


def _slap(controls: Plunge, take: Take) -> NDArray[np.float32]:
    t = np.arange(take.count) / take.sample_rate
    length_s = 0.004 + 0.08 * controls.size
    burst = noise.white(take.rng, take.count) * (np.exp(-t / length_s) * controls.size * 0.5)[:, None]
    return filters.low(burst.astype(np.float32), take.sample_rate, 5_000.0)
