"""Whoever moves or breathes does so in clothes and in air: never quite silent between two steps or two breaths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_COLOUR = ((60, 0.0), (300, -3.0), (1500, -12.0), (8000, -25.0))
_RATE_HZ = 50.0


def rustle(take: Take, level: float = 0.0025) -> NDArray[np.float32]:
    """Faint cloth that moves now more, now less, shape (count, 2), about 30 dB under a step at the usual level."""
    steps = int(take.duration_s * _RATE_HZ) + 3
    moves = take.stretch(np.exp(0.35 * noise.wander(take.rng, steps, _RATE_HZ, 2.0)), _RATE_HZ)
    return noise.shaped(take.rng, take.count, take.sample_rate, _COLOUR) * (moves * np.float32(level))[:, None]
