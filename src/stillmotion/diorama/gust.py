"""How the wind swells and drops: one slow process that leaves, flags and the sound of wind all read.

It has a closed form, so any instant can be asked for in any order, and picture and sound agree without talking to
each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_WAVES = 28
_SLOWEST_HZ = 0.04
_FASTEST_HZ = 1.6
_CROSSING_S = 1.4
"""Time that a gust takes from the left edge of the picture to the right one."""


def strength(seed: int, times_s: ArrayLike, *, x: float = 0.5, gustiness: float = 0.5) -> NDArray[np.float64]:
    """Wind speed as a factor of its mean, always positive, mean about 1.

    The logarithm is a Gaussian process with the -5/3 slope of wind turbulence (Kaimal et al. 1972, "Spectral
    characteristics of surface-layer turbulence"), carried across the picture unchanged (Taylor's frozen turbulence,
    1938).

    Args:
        seed: the Shot's seed.
        times_s: instants, any shape.
        x: photo coordinate; a gust reaches x = 0 first.
        gustiness: standard deviation of the logarithm; 0 is a steady wind.
    """
    rng = randomness.generator(seed, "gust")
    hz = np.geomspace(_SLOWEST_HZ, _FASTEST_HZ, _WAVES) * rng.uniform(0.96, 1.04, _WAVES)
    # Power per logarithmic step falls with hz ** (-2/3) above the energy-holding range at about 0.1 Hz.
    power = hz / (0.1 + hz) ** (5 / 3)
    amplitude = np.sqrt(2 * power / power.sum())
    phase = rng.uniform(0, 2 * np.pi, _WAVES)
    local_s = np.asarray(times_s, dtype=np.float64) - x * _CROSSING_S
    swing = np.zeros_like(local_s)
    for k in range(_WAVES):
        swing += amplitude[k] * np.sin(2 * np.pi * hz[k] * local_s + phase[k])
    return np.exp(gustiness * swing - gustiness**2 / 2)
