"""What crackles as it gives way: paper, foil, leaves, gravel, sand, snow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import bodies, calls, filters, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crumple:
    """Controls of a crumpling."""

    rate_per_s: float = 500.0
    """Snaps and shifts a second at the strongest."""
    low_hz: float = 900.0
    """Pitch of the largest."""
    high_hz: float = 9000.0
    """Pitch of the smallest."""
    loss: float = 0.12
    """Loss factor of each."""
    tail: float = 1.7
    """Small: few strong snaps among many faint ones; large: all alike."""
    tilt: float = 0.3
    """Amplitude falls with this power of the pitch."""
    rub: float = 0.3
    """Share of the steady friction."""
    thump: float = 0.0
    """Level of the low push of what falls in."""
    sudden: float = 0.0
    """0 it is squeezed by hand in strokes, 1 it is hit: all at once, then less and less."""
    length_s: float = 0.6
    """Of one stroke, or of what follows a hit."""
    rest_s: float = 0.25
    """Between two strokes."""
    count: int = 0
    """Exactly how many; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""
    room_s: float = 0.2
    """Decay of the place around them."""
    wet: float = 0.02
    """Energy of the place over that of the crumpling."""
    air_db: float | None = None
    """Level of the still air of that place under the crumpling; none is silence."""


def signal(controls: Crumple, take: Take) -> NDArray[np.float32]:
    """A storm of separate snaps of power-law energy (Houle and Sethna 1996; Fontana and Bresin 2003, "crumpling")."""
    mono = calls.moves(take, controls, lambda length_s: _stroke(controls, take, length_s), rests=(0.2, 1.8))
    return calls.stage(take, mono, decay_s=controls.room_s, wet=controls.wet, air_db=controls.air_db)


def _stroke(controls: Crumple, take: Take, length_s: float) -> NDArray[np.float32]:
    rng, rate = take.rng, take.sample_rate
    count = max(int(length_s * rate), 64)
    force = _force(controls, take, length_s)
    at_s = np.concatenate([[0.0, 0.001], pings.arrivals(rng, controls.rate_per_s * force, _RATE_HZ)])
    made = bodies.grains(
        rng, at_s, (controls.low_hz, controls.high_hz), loss=controls.loss, tail=controls.tail, tilt=controls.tilt
    )
    out = bodies.mono(made, count, rate)
    out /= np.float32(np.sqrt(np.mean(out**2)) + 1e-9)
    push = np.interp(np.arange(count) / rate, np.arange(force.size) / _RATE_HZ, force).astype(np.float32)
    hiss = filters.band(bodies.noise(take, length_s)[:count], rate, controls.low_hz, controls.high_hz)
    hiss = np.resize(hiss, count) * push
    out += np.float32(controls.rub) * hiss / np.float32(np.sqrt(np.mean(hiss**2)) + 1e-9)
    if controls.thump > 0:
        t = bodies.times_s(out, rate)
        dull = filters.low(bodies.noise(take, length_s)[:count], rate, 260.0)
        out += np.asarray(controls.thump * 12 * np.resize(dull, count) * np.exp(-t / 0.03), np.float32)
    return out * np.float32(rng.uniform(0.6, 1.0))


def _force(controls: Crumple, take: Take, length_s: float) -> NDArray[np.float64]:
    """How hard it is squeezed, at `_RATE_HZ`."""
    steps = max(int(length_s * _RATE_HZ), 4)
    along = np.linspace(0, 1, steps)
    hand = np.sin(np.pi * along**0.7) * np.maximum(1 + 0.8 * noise.wander(take.rng, steps, _RATE_HZ, 12.0), 0.05)
    return (1 - controls.sudden) * hand + controls.sudden * np.exp(-5 * along)
