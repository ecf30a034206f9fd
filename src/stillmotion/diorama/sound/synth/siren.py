"""Sirens and alarms: tones that sweep, or come and go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 400.0
_ORDERS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Siren:
    """Controls of a siren."""

    low_hz: float = 620.0
    high_hz: float = 1500.0
    sweep_s: float = 4.2
    """Time of one rise and fall; 0 does not sweep."""
    steps: float = 0.0
    """1 jumps between the two pitches instead of gliding."""
    pace: float = 1.0
    """Factor on sweeps and beeps."""
    beep_s: float = 0.0
    """Length of a beep; 0 sounds all the time."""
    gap_s: float = 0.1
    """Between beeps."""
    group: int = 0
    """Beeps in a row before a longer pause; 0 is without groups."""
    rest_s: float = 1.5
    """After a group, instead of the gap."""
    count: int = 0
    """Exactly how many beeps; 0 is as many as fit."""
    brightness: float = 0.6
    echo: float = 0.08
    """How much the street or the room answers."""


def signal(controls: Siren, take: Take) -> NDArray[np.float32]:
    """A square-like tone through a horn loudspeaker, its pitch charged and discharged as by a capacitor, or in beeps.

    Wail and yelp: 0.2 and 3 sweeps a second between about 650 and 1600 Hz (SAE J1849); alarms for evacuation beep three
    times half a second each, then pause (ISO 8201).
    """
    time_s = take.times_s(_RATE_HZ) - take.start_s
    hz = _pitch(controls, time_s)
    orders = np.arange(1, _ORDERS + 1)
    fall = np.where(orders % 2, 1.0, 0.35) * orders ** -(2.2 - 1.6 * controls.brightness)
    gate = _gate(controls, time_s)
    heard = (orders[:, None] * hz[None, :] < 15_000) * fall[:, None] * gate
    mono = tones.harmonics(take, hz, heard, take.rng.uniform(0, 2 * np.pi, _ORDERS), _RATE_HZ)
    mono = filters.high(mono[:, None], take.sample_rate, 350)[:, 0]
    return calls.stage(take, mono, decay_s=0.4 + 6 * controls.echo, wet=controls.echo)


def _pitch(controls: Siren, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    if controls.sweep_s <= 0:
        return np.full(time_s.size, controls.high_hz)
    phase = (time_s * controls.pace / controls.sweep_s) % 1.0
    if controls.steps > 0:
        return np.where(phase < 0.5, controls.high_hz, controls.low_hz)
    rise = (1 - np.exp(-np.minimum(phase, 0.45) / 0.16)) / (1 - np.exp(-0.45 / 0.16))
    share = np.where(
        phase < 0.45, rise, (np.exp(-(phase - 0.45) / 0.28) - np.exp(-0.55 / 0.28)) / (1 - np.exp(-0.55 / 0.28))
    )
    return np.asarray(controls.low_hz * (controls.high_hz / controls.low_hz) ** share, dtype=np.float64)


def _gate(controls: Siren, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 while it sounds, with edges of three milliseconds."""
    if controls.beep_s <= 0:
        return np.ones(time_s.size)
    pace = max(controls.pace, 0.1)
    beep_s, gap_s = controls.beep_s / pace, controls.gap_s / pace
    out, at_s, number = np.zeros(time_s.size), 0.0, 0
    while at_s < time_s[-1] and (not controls.count or number < controls.count):
        since = time_s - at_s
        out = np.maximum(out, np.clip(np.minimum(since, beep_s - since) / 0.003, 0, 1))
        number += 1
        at_s += beep_s + gap_s
        if controls.group and number % controls.group == 0:
            at_s += max(controls.rest_s - gap_s, 0.0)
    return out
