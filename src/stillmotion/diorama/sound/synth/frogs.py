"""Frogs at a pond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, pings, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_NEAR = 3
_PAUSE_S = (0.25, 1.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frogs:
    """Controls of croaking frogs."""

    count: int = 0
    """Croaks of one frog; 0 is several that answer each other."""
    every_s: float = 0.0
    """Time from croak to croak; 0 is with natural pauses."""
    pulses_per_s: float = 67.0
    body_hz: float = 2600.0
    """Main resonance: 300 a bullfrog, 1200 a pool frog, 2500 a tree frog."""
    length_s: float = 0.45


def signal(controls: Frogs, take: Take) -> NDArray[np.float32]:
    """Trains of pulses that swell, each ringing in the vocal sac at two or three resonances.

    Calls of water and tree frogs are trains of 30 to 100 pulses a second with two spectral peaks about an octave apart
    (Gerhardt and Huber 2002, "Acoustic communication in insects and anurans"; Wells 2007).
    """
    out = np.zeros((take.count, 2), np.float32)
    frogs = 1 if controls.count else _NEAR
    for k in range(frogs):
        side = 0.0 if frogs == 1 else (k + take.rng.uniform(0.2, 0.8)) / frogs * 1.7 - 0.85
        size = 1.0 if frogs == 1 else take.rng.choice([0.55, 0.85, 1.0, 1.2])
        out += pings.render(_frog(controls, take, size, side, late=k > 0), take.count, take.sample_rate)
    pond = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=0.6, wet=0.06)
    pond = filters.high(pond, take.sample_rate, 60.0)
    return calls.leveled(pond, take.sample_rate)


def _frog(controls: Frogs, take: Take, size: float, side: float, *, late: bool) -> pings.Pings:
    """All pulses of one frog."""
    rng = take.rng
    onsets = calls.onsets_s(
        take, count=controls.count, every_s=controls.every_s, length_s=controls.length_s, gap_s=_PAUSE_S
    )
    if late:
        onsets = onsets + rng.uniform(0.15, 0.9)
    gain = rng.uniform(0.25, 0.7) if late else 1.0
    croaks = [_croak(controls, take, size, float(at)) for at in onsets]
    onset_s = np.concatenate([at for at, _ in croaks])
    strength = gain * np.concatenate([strong for _, strong in croaks])
    body_hz = controls.body_hz / size
    parts = []
    for ratio, decay, part in ((1.0, 150.0, 1.0), (0.52, 110.0, 0.6), (2.05, 300.0, 0.45), (3.3, 500.0, 0.2)):
        count = onset_s.size
        parts.append(
            pings.Pings(
                onset_s=onset_s + rng.uniform(0, 0.0008, count),
                hz=body_hz * ratio * rng.uniform(0.95, 1.05, count),
                decay_per_s=decay * rng.uniform(0.8, 1.25, count),
                amplitude=part * strength * rng.uniform(0.7, 1.2, count),
                pan=np.full(count, side),
                rise_per_s=np.zeros(count),
            )
        )
    return pings.together(parts)


def _croak(controls: Frogs, take: Take, size: float, onset_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Instants and strengths of the pulses of one croak."""
    rng = take.rng
    rate = controls.pulses_per_s / size**0.5 * rng.uniform(0.93, 1.07)
    length_s = min(controls.length_s * rng.uniform(0.7, 1.25), max(0.9 * take.duration_s, 0.06))
    pulses = max(int(length_s * rate), 3)
    interval_s = rng.normal(1, 0.04, pulses) * np.linspace(1.15, 0.92, pulses) / rate
    u = np.linspace(0, 1, pulses)
    strength = np.clip(u * 3 + 0.25, 0, 1) * np.clip((1 - u) * 6 + 0.15, 0, 1)
    return onset_s + 0.002 + np.cumsum(interval_s) - interval_s[0], strength * rng.uniform(0.75, 1.1, pulses)
