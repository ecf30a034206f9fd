"""An open wood fire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 200.0
_MODES = 12
_LAP = ((25, 0.0), (60, 0.0), (90, -4.0), (200, -16.0), (500, -28.0))
_HISS = ((900, -12.0), (2500, -2.0), (6000, 0.0), (12000, -6.0), (18000, -16.0))
_BREATH = ((100, -6.0), (250, 0.0), (600, -3.0), (1500, -14.0), (4000, -26.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """Controls of a fire."""

    size: float = 0.5
    """0 a candle or embers, 1 a bonfire."""
    crackle: float = 0.6
    """0 dry charcoal, 1 resinous wood."""


def signal(controls: Fire, take: Take) -> NDArray[np.float32]:
    """Lapping flames, a flickering hiss and bursts of crackles (Farnell 2010, "Designing Sound", fire).

    Snaps come in clusters: a Poisson stream whose rate itself is bursty, with Pareto amplitudes.
    """
    times_s = take.times_s(_RATE_HZ)
    flicker = np.exp(0.3 * noise.wander(take.rng, times_s.size, _RATE_HZ, 4.0) - 0.05)
    out = np.zeros((take.count, 2), dtype=np.float32)
    for curve, share, power in ((_LAP, 0.05, 1.0), (_BREATH, 0.02, 1.3), (_HISS, 0.06, 1.5)):
        amount = np.float32(share * (0.3 + 1.4 * controls.size))
        source = noise.shaped(take.rng, take.count, take.sample_rate, curve)
        out += source * take.stretch(flicker**power, _RATE_HZ)[:, None] * amount
    out += _crackles(controls, take, times_s)
    return level.to_reference(out, take.sample_rate)


def _crackles(controls: Fire, take: Take, times_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """Each snap is a handful of damped modes of a splitting fibre, so short that they are a coloured click."""
    rng = take.rng
    bursts = np.exp(0.9 * noise.wander(rng, times_s.size, _RATE_HZ, 1.5) - 0.4)
    snap_s = pings.arrivals(rng, (20 + 165 * controls.crackle) * bursts, _RATE_HZ)
    strength = (rng.pareto(1.4, snap_s.size) + 0.15).clip(0, 5)
    colour_hz = np.exp(rng.normal(np.log(3500), 1.0, snap_s.size))
    decay_per_s = np.exp(rng.uniform(np.log(800), np.log(5000), snap_s.size))
    place = rng.uniform(-0.6, 0.6, snap_s.size)
    snap = np.repeat(np.arange(snap_s.size), _MODES)
    tones = pings.Pings(
        onset_s=snap_s[snap] + 0.4 * rng.exponential(1.0, snap.size) / decay_per_s[snap],
        hz=(colour_hz[snap] * np.exp(rng.normal(0, 0.6, snap.size))).clip(200, 19_000),
        decay_per_s=decay_per_s[snap] * rng.uniform(0.7, 1.5, snap.size),
        amplitude=0.14 * strength[snap] * rng.normal(0, 1, snap.size),
        pan=place[snap],
        rise_per_s=np.zeros(snap.size),
    )
    return pings.render(tones, take.count, take.sample_rate)
