"""Somebody types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, noise, resonators

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_KEYS_PER_S = 7.0
_SPACE = 0.16
"""Share of space bars among strokes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyboard:
    """Controls of typing."""

    count: int = 0
    """Exactly how many keys; 0 is typing all the time."""
    every_s: float = 0.0
    """Time from key to key; 0 is in words with pauses."""
    pace: float = 1.0


def signal(controls: Keyboard, take: Take) -> NDArray[np.float32]:
    """Each key is struck, lands on its plate and springs back, on a hollow case; words come in runs with pauses.

    Times between keys scatter log-normally about 0.14 s (Dhakal et al. 2018, "Observations on typing from 136 million
    keystrokes").
    """
    rough, case = np.zeros(take.count, np.float32), np.zeros(take.count, np.float32)
    for onset_s, wide in _strokes(controls, take):
        _key(rough, case, take, onset_s, wide=wide)
    mono = filters.band(rough[:, None], take.sample_rate, _LOW_HZ, _HIGH_HZ)[:, 0]
    mono += np.float32(_PLASTIC) * resonators.ring(case, take.sample_rate, _TOPS)
    mono += np.float32(_HOLLOW) * resonators.ring(case, take.sample_rate, _CASE)
    murmur = noise.shaped(take.rng, take.count, take.sample_rate, _ROOM)[:, 0]
    mono += murmur * np.float32(_ROOM_SHARE * np.abs(mono).max())
    return calls.stage(take, mono, decay_s=0.25, wet=0.06)


_LOW_HZ, _HIGH_HZ, _ROUGH_S, _PLASTIC, _HOLLOW, _ROOM_SHARE = 520.0, 5250.0, 0.005, 0.07, 0.022, 0.01
_ROOM = ((60, 0.0), (300, 0.0), (1000, -9.0), (4000, -21.0), (12000, -30.0))
_TOPS = resonators.modes(
    (1750, 0.014, 0.5), (2600, 0.012, 0.8), (3900, 0.010, 0.8), (5200, 0.008, 0.7), (7300, 0.006, 0.5)
)
_CASE = resonators.modes((210, 0.035, 0.25), (460, 0.028, 0.4), (830, 0.022, 0.5), (1280, 0.018, 0.5))


def _strokes(controls: Keyboard, take: Take) -> list[tuple[float, bool]]:
    """When each key goes down, and whether it is the space bar."""
    rng = take.rng
    wanted = round(controls.count) or int(take.duration_s * _KEYS_PER_S * max(controls.pace, 0.1) * 2) + 1
    step_s = np.exp(rng.normal(np.log(1 / _KEYS_PER_S), 0.32, wanted)) / max(controls.pace, 0.1)
    wide = rng.random(wanted) < _SPACE
    wide[0] = False
    step_s += np.where(wide & (rng.random(wanted) < 0.25), rng.uniform(0.2, 0.6, wanted), 0.0)
    if controls.every_s > 0:
        step_s = controls.every_s * rng.uniform(0.93, 1.07, wanted)
    onset_s = np.concatenate([[0.0], np.cumsum(step_s)[:-1]])
    if controls.count and onset_s[-1] > max(take.duration_s - 0.15, 0.0):
        onset_s *= max(take.duration_s - 0.15, 0.5 * take.duration_s) / onset_s[-1]
    return [(float(time_s), bool(long)) for time_s, long in zip(onset_s, wide, strict=True) if time_s < take.duration_s]


def _key(rough: NDArray[np.float32], case: NDArray[np.float32], take: Take, at_s: float, *, wide: bool) -> None:
    """Finger on the cap, cap on the plate, cap back at its stop."""
    rng = take.rng
    blow = rng.uniform(0.55, 1.0) * (1.15 if wide else 1.0)
    down_s, up_s = at_s + rng.uniform(0.008, 0.014), at_s + rng.uniform(0.07, 0.12)
    for time_s, bright, dull in ((at_s, 0.25, 0.05), (down_s, 1.0, 1.0 + 0.8 * wide), (up_s, 0.45, 0.25)):
        length_s = _ROUGH_S * rng.uniform(0.7, 1.3)
        resonators.burst(rough, take.sample_rate, rng, time_s, length_s=length_s, strength=blow * bright)
        resonators.knock(case, take.sample_rate, time_s, contact_s=0.0004, strength=blow * dull)
