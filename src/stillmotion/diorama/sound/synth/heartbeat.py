"""A heart beats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_BEATS_HZ = 1.1
_TONES = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """Controls of a heart."""

    count: int = 0
    """Exactly so many beats, each a pair; 0 for as many as the time takes."""
    every_s: float = 0.0
    """Time from beat to beat; 0 for a natural one."""
    pace: float = 1.0
    """Factor of a calm 66 beats a minute."""
    clarity: float = 0.7
    """0 through the ribs, 1 through a stethoscope: more above 150 Hz."""


def signal(controls: Heartbeat, take: Take) -> NDArray[np.float32]:
    """Two heart sounds a beat, each a handful of damped tones of the valves and of the walls that they shake.

    The first is lower and longer (25 to 45 Hz and up to 150 Hz, 0.14 s), the second higher and shorter (50 to 70 Hz and
    up to 200 Hz, 0.11 s); the time between them is about 0.3 s at rest and shrinks less than the beat when the heart
    hurries (Weissler et al. 1968, "Systolic time intervals in heart failure in man").
    """
    rate_hz = _BEATS_HZ * max(controls.pace, 0.2)
    systole_s = min(0.546 - 0.0021 * 60 * rate_hz - 0.09, 0.42 / rate_hz)
    length_s = systole_s + 0.15
    apart_s = 1 / rate_hz - length_s
    gap_s = apart_s * 0.94, apart_s * 1.06
    beats = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=length_s, gap_s=gap_s)
    tones = [
        _sound(beats, take, low_hz=34.0, high_hz=150.0, decay_per_s=32.0, strength=1.0),
        _sound(beats + systole_s, take, low_hz=52.0, high_hz=200.0, decay_per_s=44.0, strength=0.7),
    ]
    both = pings.render(pings.together(tones), take.count, take.sample_rate)
    brighter = filters.band(both, take.sample_rate, 110.0, 320.0) * np.float32(3.0 * controls.clarity)
    return calls.stage(take, (both + brighter).mean(axis=1), decay_s=0.12, wet=0.01)


def _sound(
    onset_s: NDArray[np.float64], take: Take, *, low_hz: float, high_hz: float, decay_per_s: float, strength: float
) -> pings.Pings:
    rng = take.rng
    shape = (onset_s.size, _TONES)
    hz = np.exp(rng.uniform(np.log(low_hz), np.log(high_hz), shape))
    loud = strength * rng.uniform(0.85, 1.1, (onset_s.size, 1))
    return pings.Pings(
        onset_s=(onset_s[:, None] + rng.beta(1.5, 2.5, shape) * 0.05).ravel(),
        hz=hz.ravel(),
        decay_per_s=np.full(hz.size, decay_per_s) * rng.uniform(0.8, 1.4, hz.size),
        amplitude=(loud * (low_hz / hz) ** 0.7 * rng.uniform(0.4, 1.0, shape) * rng.choice([-1.0, 1.0], shape)).ravel(),
        pan=np.zeros(hz.size),
        rise_per_s=np.zeros(hz.size),
    )
