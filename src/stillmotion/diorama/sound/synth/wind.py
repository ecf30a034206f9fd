"""Wind in the open and round corners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import gust
from stillmotion.diorama.sound.dsp import filters, level, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_BANDS = ((380.0, 1.1, 1.0, 1.6), (720.0, 1.6, 0.42, 2.1), (1450.0, 1.3, 0.12, 2.6))
"""Centre in hertz at mean speed, Q, level, power of the wind speed that its gain follows."""
_RUMBLE = ((22, 4.0), (70, 3.0), (160, -3.0), (320, -14.0))
_SOURCE = ((60, 0.0), (300, 0.0), (1000, -4.0), (5000, -14.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wind:
    """Controls of the wind."""

    speed: float = 0.5
    """0 a breeze, 1 a gale: how high and how rough it sounds."""
    gustiness: float = 0.5
    """Deviation of the logarithm of the speed; leaves that read the same gusts use the same number."""
    whistle: float = 0.15
    """How much edges and wires sing, 0..1."""


def signal(controls: Wind, take: Take) -> NDArray[np.float32]:
    """Turbulence noise through resonances that follow the gusts (Farnell 2010, "Designing Sound", wind).

    Vortices shed at a frequency proportional to the speed (Strouhal), and aeroacoustic power grows with a high power
    of it.
    """
    speed = _speeds(controls, take)
    source = noise.shaped(take.rng, take.count, take.sample_rate, _SOURCE)
    pitch = np.float32(0.75 + 0.5 * controls.speed)
    out = noise.shaped(take.rng, take.count, take.sample_rate, _RUMBLE) * speed**1.3 * np.float32(0.55)
    for centre_hz, q, share, power in _BANDS:
        centre = np.float32(centre_hz) * pitch * (np.float32(0.45) + np.float32(0.55) * speed)
        out += (
            filters.moving_band(source, take.sample_rate, centre, q)
            * speed ** np.float32(power)
            * np.float32(3 * share)
        )
    if controls.whistle > 0:
        out += _whistle(controls, take, source, speed)
    return level.to_reference(out, take.sample_rate, gain_db=6 * (controls.speed - 0.5))


def _speeds(controls: Wind, take: Take) -> NDArray[np.float32]:
    """Speed at each ear as a factor of its mean: the gust arrives left first, small eddies differ. Shape (count, 2)."""
    times_s = take.times_s(_RATE_HZ)
    sides = []
    for x in (0.35, 0.65):
        eddies = np.exp(0.16 * noise.wander(take.rng, times_s.size, _RATE_HZ, 3.0))
        sides.append(
            take.stretch(gust.strength(take.seed, times_s, x=x, gustiness=controls.gustiness) * eddies, _RATE_HZ)
        )
    return np.stack(sides, axis=1)


def _whistle(
    controls: Wind, take: Take, source: NDArray[np.float32], speed: NDArray[np.float32]
) -> NDArray[np.float32]:
    centre = np.float32(620.0) * (np.float32(0.5) + np.float32(0.5) * speed)
    tone = filters.moving_band(source, take.sample_rate, centre, 14.0)
    return tone * speed ** np.float32(2.5) * np.float32(2.2 * controls.whistle)
