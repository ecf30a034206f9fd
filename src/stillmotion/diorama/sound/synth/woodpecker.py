"""A woodpecker that drums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_PAUSE_S = (0.8, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Woodpecker:
    """Controls of a drumming woodpecker."""

    count: int = 0
    """Rolls; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from roll to roll; 0 is with natural pauses."""
    strikes_per_s: float = 14.6
    trunk_hz: float = 943.0
    """Lowest loud resonance of the dead wood."""
    loss: float = 0.0746
    """Loss factor of the wood."""
    bill: float = 0.414
    """Share of the bill's own tap."""


def signal(controls: Woodpecker, take: Take) -> NDArray[np.float32]:
    """Rolls of strikes on one resonant trunk, a little faster and weaker towards the end, with the wood's echo.

    Great spotted woodpeckers drum 8 to 20 strikes within 0.4 to 1 second, the intervals shortening (Zabka 1980,
    "Zur funktionellen Bedeutung der Instrumentallaute europaeischer Spechte").
    """
    length_s = min(0.9, 0.9 * take.duration_s)
    rolls = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=length_s, gap_s=_PAUSE_S)
    modes = take.rng.uniform(0.93, 1.07, 6) * np.array([1.0, 1.62, 2.35, 3.4, 4.9, 7.3]) * controls.trunk_hz
    strikes = [_roll(controls, take, float(at), length_s) for at in rolls]
    onset_s = np.concatenate([at for at, _ in strikes])
    strength = np.concatenate([strong for _, strong in strikes])
    mono = pings.render(_rings(controls, onset_s, strength, modes, take), take.count, take.sample_rate).mean(axis=1)
    mono += _clicks(onset_s, controls.bill * strength, take)
    return calls.stage(take, mono, decay_s=1.45, wet=0.17, air_db=-34.0)


def _roll(
    controls: Woodpecker, take: Take, onset_s: float, length_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Instants and strengths of one roll's strikes."""
    strikes = max(int(length_s * controls.strikes_per_s * take.rng.uniform(0.85, 1.1)), 3)
    interval_s = np.linspace(1.12, 0.84, strikes) * take.rng.normal(1, 0.03, strikes) / controls.strikes_per_s
    at_s = onset_s + 0.003 + np.cumsum(interval_s) - interval_s[0]
    u = np.linspace(0, 1, strikes)
    strength = (0.75 + 0.25 * np.sin(np.pi * np.minimum(u * 2.5, 0.5))) * (1 - 0.65 * u**1.5)
    return at_s, strength * take.rng.uniform(0.8, 1.15, strikes)


def _rings(
    controls: Woodpecker,
    onset_s: NDArray[np.float64],
    strength: NDArray[np.float64],
    modes: NDArray[np.float64],
    take: Take,
) -> pings.Pings:
    rng, count = take.rng, onset_s.size
    parts = []
    for hz, part in zip(modes, (1.0, 0.653, 0.426, 0.278, 0.182, 0.119), strict=True):
        parts.append(
            pings.Pings(
                onset_s=onset_s,
                hz=hz * rng.uniform(0.94, 1.06, count),
                decay_per_s=np.full(count, max(np.pi * hz * controls.loss, 60.0)) * rng.uniform(0.8, 1.2, count),
                amplitude=part * strength * rng.uniform(0.6, 1.2, count),
                pan=np.zeros(count),
                rise_per_s=np.zeros(count),
            )
        )
    return pings.together(parts)


def _clicks(onset_s: NDArray[np.float64], strength: NDArray[np.float64], take: Take) -> NDArray[np.float32]:
    """The bill's own tap on the bark."""
    at = (onset_s * take.sample_rate).astype(np.int64)
    inside = at < take.count
    gate = np.zeros(take.count)
    gate[at[inside]] = strength[inside]
    t = np.arange(int(0.012 * take.sample_rate)) / take.sample_rate
    burst = take.rng.standard_normal(take.count, dtype=np.float32) * calls.smeared(gate, np.exp(-t / 0.0013))
    return filters.band(burst[:, None], take.sample_rate, 1230.0, 7000.0)[:, 0]
