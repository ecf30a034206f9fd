"""Something falls into water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PEAK = 0.5
_THROWN = 0.8
_DEEP = 0.2
_SPRAY = ((200, -6.0), (500, 0.0), (1200, -2.0), (3000, -8.0), (8000, -20.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plunge:
    """Controls of a splash."""

    size: float = 0.3
    """0 a drop, 1 a stone as large as a fist."""
    count: int = 1
    """How many splashes; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from one to the next; 0 is at irregular times."""


def signal(controls: Plunge, take: Take) -> NDArray[np.float32]:
    """The slap of the entry, the cavity's bubble, and the shower of small bubbles and drops after it.

    A drop is heard by the bubble that its crater closes on (Pumphrey and Crum 1990); its tone is Minnaert's.
    """
    length_s = 0.3 + 0.9 * controls.size
    starts_s = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=length_s, gap_s=(0.1, 1.8))
    out = pings.render(
        pings.together([_splash(controls, take, start_s) for start_s in starts_s]), take.count, take.sample_rate
    )
    loud = float(np.abs(out).max())
    out = out / np.float32(loud) if loud > 0 else out
    out += _water(controls, take, starts_s)
    return out * np.float32(_PEAK / max(float(np.abs(out).max()), 1e-6))


def _splash(controls: Plunge, take: Take, start_s: float) -> pings.Pings:
    """Bubbles of one splash; no two splashes are alike."""
    rng = take.rng
    size = controls.size * (rng.uniform(0.75, 1.0) if start_s > 0 else 1.0)
    count = int(6 + 240 * size)
    onset = np.minimum(start_s + rng.gamma(2.0, 0.05 + 0.14 * size, count), take.duration_s)
    radius = np.exp(rng.normal(np.log(0.0012 + 0.003 * size), 0.5, count)).clip(0.0004, 0.02)
    shower = pings.bubbles(rng, onset, radius, spread=0.3)
    deep = pings.bubbles(rng, np.array([start_s + 0.018 + 0.03 * size]), np.array([0.0022 + 0.012 * size]))
    deep.amplitude[:] *= _DEEP
    return pings.together((shower, deep))


def _water(controls: Plunge, take: Take, starts_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """The slap of the entry, and the sheet of water that is thrown up and falls back."""
    t = np.arange(take.count) / take.sample_rate
    slap_s = 0.004 + 0.08 * controls.size
    slap, spray = np.zeros(take.count), np.zeros(take.count)
    for start_s in starts_s:
        late = np.maximum(t - start_s, 0)
        share = take.rng.uniform(0.5, 1.0) if start_s > 0 else 1.0
        slap += share * np.where(t >= start_s, np.exp(-late / slap_s), 0.0)
        rain_s = (0.05 + 0.22 * controls.size) * (0.5 + 0.5 * share)
        spray += share * late / rain_s * np.exp(1 - late / rain_s)
    burst = noise.white(take.rng, take.count) * (slap * controls.size * 0.5)[:, None].astype(np.float32)
    out = filters.low(burst, take.sample_rate, 5_000.0)
    thrown = noise.shaped(take.rng, take.count, take.sample_rate, _SPRAY).mean(axis=1, keepdims=True)
    return np.asarray(out + thrown * (spray * _THROWN * controls.size**1.5)[:, None], dtype=np.float32)
