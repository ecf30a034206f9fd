"""Switches, buttons and the shutter of a camera: small mechanisms that snap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, noise, resonators

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_SWITCH = ((0.0, 1.0, 0.0), (0.14, 0.5, 0.0))
_SHUTTER = (
    (0.0, 0.75, 0.8),
    (0.012, 0.3, 0.2),
    (0.052, 1.0, 0.0),
    (0.058, 0.6, 0.1),
    (0.098, 0.9, 0.1),
    (0.131, 0.8, 1.0),
    (0.146, 0.35, 0.5),
)
"""Mirror up and its bounce, first curtain, its end, second curtain, mirror down and its bounce: seconds, strength, how
much of it is the dull box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Controls of something that snaps."""

    count: int = 0
    """Exactly how often; 0 is as often as fits."""
    every_s: float = 0.0
    """Time from one to the next; 0 is at irregular times."""
    pace: float = 1.0
    """Of the mechanism and of those who work it."""
    camera: float = 0.0
    """0 a switch that is pressed and let go, 1 a reflex camera with its mirror and two curtains."""
    size: float = 1.0
    """1 a light switch; smaller rings higher."""


def signal(controls: Click, take: Take) -> NDArray[np.float32]:
    """Springs snap parts against their stops; each contact is a rough knock on stiff small plates and a hollow box.

    Order and times of the contacts of a camera are those of a reflex at 1/20 s: mirror, curtain, curtain, mirror.
    """
    steps = _SHUTTER if controls.camera > 0.5 else _SWITCH
    pace = max(controls.pace, 0.1)
    gap_s = (1.1 / pace, 2.2 / pace) if controls.camera > 0.5 else (0.35 / pace, 1.0 / pace)
    onsets = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=0.2, gap_s=gap_s)
    rough, blows = np.zeros(take.count, np.float32), np.zeros(take.count, np.float32)
    for onset_s in onsets:
        for late_s, strength, dull in steps:
            at_s = onset_s + late_s / pace**0.5 * take.rng.uniform(0.94, 1.06)
            blow = strength * take.rng.uniform(0.8, 1.1)
            length_s = _ROUGH_S * (1 + 1.5 * dull)
            resonators.burst(
                rough, take.sample_rate, take.rng, at_s, length_s=length_s, strength=blow * (1 - 0.4 * dull)
            )
            resonators.knock(blows, take.sample_rate, at_s, contact_s=0.0004, strength=blow * (0.3 + dull))
    low_hz = (_LOW_HZ if controls.camera < 0.5 else 0.6 * _LOW_HZ) / controls.size
    mono = filters.band(rough[:, None], take.sample_rate, low_hz, _HIGH_HZ)[:, 0]
    mono += np.float32(_PLATES) * resonators.ring(blows, take.sample_rate, _plates(controls.size))
    mono += np.float32(_BOX) * resonators.ring(blows, take.sample_rate, _box(controls.size))
    murmur = noise.shaped(take.rng, take.count, take.sample_rate, _ROOM)[:, 0]
    mono += murmur * np.float32(_ROOM_SHARE * np.abs(mono).max())
    return calls.stage(take, mono, decay_s=0.3, wet=0.08)


_ROUGH_S, _LOW_HZ, _HIGH_HZ, _PLATES, _BOX, _ROOM_SHARE = 0.0026, 1950.0, 9300.0, 0.026, 0.04, 0.007
_ROOM = ((60, 0.0), (300, 0.0), (1000, -9.0), (4000, -21.0), (12000, -30.0))


def _plates(size: float) -> resonators.Modes:
    return resonators.modes(
        (2150 / size, 0.016, 0.6),
        (3300 / size, 0.012, 0.9),
        (4650 / size, 0.010, 0.8),
        (6400 / size, 0.008, 0.7),
        (9100 / size, 0.006, 0.5),
    )


def _box(size: float) -> resonators.Modes:
    return resonators.modes((390 / size, 0.03, 0.5), (720 / size, 0.025, 0.6), (1240 / size, 0.018, 0.6))
