"""Steam or air that hisses out of a narrow place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 200.0
_STROUHAL = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Steam:
    """Controls of a jet of steam."""

    pressure: float = 0.5
    """0 a breath, 1 a burst valve: how fast the jet is."""
    nozzle_mm: float = 4.0
    """Width of the opening: the hiss peaks at 0.2 speed over width."""
    puffs: float = 0.0
    """0 steady, 1 comes in puffs."""


def signal(controls: Steam, take: Take) -> NDArray[np.float32]:
    """Jet noise: a broad hump at a Strouhal number of 0.2 that rises with f^2 below and falls as f^-1 above.

    Shape after Lighthill's jet (Goldstein 1976, "Aeroacoustics"; Tam's similarity spectra of fine-scale turbulence).
    """
    speed_m_s = 60 + 120 * controls.pressure
    peak_hz = float(np.clip(_STROUHAL * speed_m_s / (controls.nozzle_mm / 1000), 1500, 9000))
    curve = [(peak_hz * at, db) for at, db in ((0.06, -30.0), (0.25, -13.0), (0.5, -4.0), (1.0, 0.0), (2.0, -3.0))]
    source = noise.shaped(take.rng, take.count, take.sample_rate, [*curve, (20_000.0, -10.0)])
    times_s = take.times_s(_RATE_HZ)
    flutter = np.exp(0.10 * noise.wander(take.rng, times_s.size, _RATE_HZ, 18.0))
    flutter *= np.exp(0.25 * noise.wander(take.rng, times_s.size, _RATE_HZ, 0.7))
    if controls.puffs > 0:
        flutter *= _puffs(controls, take, times_s - take.start_s)
    opening = np.clip((times_s - take.start_s) / 0.08, 0, 1)
    return level.to_reference(source * take.stretch(flutter * opening, _RATE_HZ)[:, None], take.sample_rate)


def _puffs(controls: Steam, take: Take, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    drive = np.full(times_s.size, 1 - controls.puffs)
    start_s = 0.0
    while start_s < take.duration_s:
        t = times_s - start_s
        shape = np.clip(t / 0.05, 0, 1) * np.exp(-np.maximum(t, 0) / take.rng.uniform(0.3, 0.7))
        drive += take.rng.uniform(0.5, 1.0) * shape
        start_s += float(take.rng.gamma(6.0, 0.25))
    return drive
