"""A film projector: claw, sprockets and fan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, level, noise, resonators

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_FRAMES_PER_S = 16.0
_FAN = ((80, -6.0), (200, 0.0), (800, -4.0), (2500, -12.0), (8000, -26.0))
_CLAW = ((0.0, 1.0), (0.22, 0.45), (0.55, 0.7), (0.71, 0.3))
"""Parts of a turn at which the claw enters, pulls, leaves and the shutter's cam knocks: phase, strength."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projector:
    """Controls of a projector."""

    pace: float = 1.0
    """1 runs 16 frames a second."""
    fan: float = 0.02
    """Share of the lamp's fan."""


def signal(controls: Projector, take: Take) -> NDArray[np.float32]:
    """The claw of a silent-film projector knocks several times at each of 16 frames a second, never twice alike.

    Rate and order of the contacts follow the claw intermittent (Kloepfel 1969, "Motion-picture projection").
    """
    rng, rate = take.rng, take.sample_rate
    rough, blows = np.zeros(take.count, np.float32), np.zeros(take.count, np.float32)
    turn_s = 1 / (_FRAMES_PER_S * max(controls.pace, 0.1))
    loose = 1 + 0.3 * noise.wander(rng, int(take.duration_s / turn_s) + 2, 1 / turn_s, 1.5)
    for turn, slack in enumerate(loose):
        for phase, strength in _CLAW:
            at_s = (turn + phase) * turn_s + rng.normal(0, 0.0007)
            blow = strength * max(slack, 0.2) * rng.uniform(0.6, 1.2)
            resonators.burst(rough, rate, rng, at_s, length_s=_ROUGH_S, strength=blow)
            resonators.knock(blows, rate, at_s, contact_s=0.0004, strength=blow)
    mono = filters.band(rough[:, None], rate, _LOW_HZ, _HIGH_HZ)[:, 0]
    mono += np.float32(_PLATES) * resonators.ring(blows, rate, _GATE)
    mono += np.float32(_HOLLOW) * resonators.ring(blows, rate, _CASE)
    clatter = calls.stage(take, mono, decay_s=0.3, wet=0.03, level=1.0)
    fan = noise.shaped(rng, take.count, rate, _FAN) * np.float32(0.4 * controls.fan)
    return level.to_reference(clatter + fan, rate)


_ROUGH_S, _LOW_HZ, _HIGH_HZ, _PLATES, _HOLLOW = 0.0024, 1850.0, 7750.0, 0.036, 0.01
_GATE = resonators.modes(
    (1450, 0.02, 0.6), (2300, 0.016, 0.8), (3400, 0.012, 0.8), (4900, 0.010, 0.6), (7200, 0.007, 0.4)
)
_CASE = resonators.modes((180, 0.06, 0.4), (330, 0.05, 0.5), (610, 0.04, 0.5), (980, 0.03, 0.5))
