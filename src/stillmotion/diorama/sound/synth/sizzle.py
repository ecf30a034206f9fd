"""Sizzling and fizzing: very many tiny bursts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_HISS = ((600, -20.0), (1500, -9.0), (3500, -1.0), (7000, 0.0), (12000, -3.0), (18000, -12.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizzle:
    """Controls of a hot pan or of a fizzing drink."""

    rate_per_s: float = 900.0
    """Bursts a second."""
    pitch_hz: float = 5200.0
    """Where the bursts lie: fat in a pan 4 to 6 kHz, the tiny bubbles of soda 7 to 9 kHz."""
    pops: float = 0.5
    """0 even, 1 a pan that spits."""
    fade_s: float = 0.0
    """Time in which it calms to a third; 0 goes on."""


def signal(controls: Sizzle, take: Take) -> NDArray[np.float32]:
    """Bursting vapour bubbles as a Poisson stream of broad clicks over their blurred sum.

    Amplitudes are Pareto, as in crackling processes (Sethna, Dahmen and Myers 2001, "Crackling noise"); the colour of
    frying lies above 3 kHz.
    """
    times_s = take.times_s(_RATE_HZ)
    unrest = np.exp(0.25 * noise.wander(take.rng, times_s.size, _RATE_HZ, 5.0))
    if controls.fade_s > 0:
        unrest *= 1 / 3 + 2 / 3 * np.exp(-(times_s - take.start_s) / controls.fade_s)
    shift = controls.pitch_hz / 5200
    hiss = noise.shaped(take.rng, take.count, take.sample_rate, [(min(hz * shift, 21_000), db) for hz, db in _HISS])
    out = hiss * take.stretch(0.30 * unrest, _RATE_HZ)[:, None]
    out += _bursts(controls, take, unrest)
    return level.to_reference(filters.high(out, take.sample_rate, 300), take.sample_rate)


def _bursts(controls: Sizzle, take: Take, drive: NDArray[np.float64]) -> NDArray[np.float32]:
    rng = take.rng
    onset_s = pings.arrivals(rng, controls.rate_per_s * drive, _RATE_HZ)
    count = onset_s.size
    heavy = 3.2 - 1.4 * controls.pops
    tones = pings.Pings(
        onset_s=onset_s,
        hz=(controls.pitch_hz * np.exp(rng.normal(0, 0.45, count))).clip(900, 19_000),
        decay_per_s=np.exp(rng.uniform(np.log(900), np.log(4500), count)),
        amplitude=rng.choice((-0.3, 0.3), count) * (rng.pareto(heavy, count) + 0.2).clip(0, 14),
        pan=rng.uniform(-0.6, 0.6, count),
        rise_per_s=np.zeros(count),
    )
    return pings.render(tones, take.count, take.sample_rate)
