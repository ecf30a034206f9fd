"""Thunder, far away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import signal as dsp

from stillmotion.diorama.sound.dsp import filters, level, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_SPEED_M_S = 343.0
_SEGMENTS = 500
_ROLL_S = 5.5
_SLOW_HZ = 20.0
_RUMBLE = ((30, 0.0), (100, 0.0), (300, -2.0), (600, -6.0), (1200, -16.0), (3000, -32.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thunder:
    """Controls of distant thunder."""

    distance_km: float = 3.0
    every_s: float = 9.0
    """Mean time between two rolls; the first comes early."""


def signal(controls: Thunder, take: Take) -> NDArray[np.float32]:
    """N-waves from every piece of a crooked channel, each late by its distance, then the echo of the land.

    The channel is a random walk upwards and each piece radiates an N-wave (Few 1969, "Power spectrum of thunder";
    Ribner and Roy 1982, "Acoustics of thunder: a quasilinear model for tortuous lightning"); air and ground keep only
    the lows.
    """
    out = np.zeros((take.count, 2), dtype=np.float32)
    for start_s in _strikes(controls, take):
        roll = _roll(controls, take)
        first = int(start_s * take.sample_rate)
        part = roll[: max(0, take.count - first)]
        out[first : first + len(part)] += part
    return level.to_reference(out, take.sample_rate)


def _strikes(controls: Thunder, take: Take) -> list[float]:
    starts = [take.duration_s * take.rng.uniform(0.05, 0.16)]
    while starts[-1] + controls.every_s * 0.6 < take.duration_s - 2.5:
        starts.append(starts[-1] + controls.every_s * take.rng.uniform(0.6, 1.4))
    return [start for start in starts if start < take.duration_s]


def _roll(controls: Thunder, take: Take) -> NDArray[np.float32]:
    """One roll, shape (count, 2)."""
    rate = take.sample_rate
    count = int((_ROLL_S + 3.5) * rate)
    arrival_s, amplitude = _channel(controls, take.rng)
    train = np.zeros((count, 2), dtype=np.float32)
    for side in (0, 1):
        # Each ear's path past hills differs a little: enough to set the two sides apart.
        late_s = arrival_s + take.rng.normal(0, 0.006, arrival_s.size) + 0.02
        where = (np.clip(late_s, 0, _ROLL_S) * rate).astype(np.int64)
        np.add.at(train[:, side], where, amplitude)
    cracks = dsp.oaconvolve(train, _n_wave(rate)[:, None], axes=0)[:count].astype(np.float32)
    cracks *= np.float32(0.3) / np.float32(np.sqrt(np.mean(cracks**2)) + 1e-9)
    rumble = noise.shaped(take.rng, count, rate, _RUMBLE)
    body = (cracks + rumble) * _swell(count, take)[:, None]
    dull = filters.low(filters.low(body, rate, 1800 / controls.distance_km), rate, 3200 / controls.distance_km)
    return level.fade(_echo(dull, take), rate, in_s=0.05, out_s=2.5)


def _swell(count: int, take: Take) -> NDArray[np.float32]:
    """Rolls come and go for three seconds, then die away among the hills."""
    t = np.arange(int(count / take.sample_rate * _SLOW_HZ) + 2) / _SLOW_HZ
    rolls = np.exp(0.6 * noise.wander(take.rng, t.size, _SLOW_HZ, 1.5))
    shape = np.minimum(t / 0.9, 1) ** 1.5 * np.exp(-np.maximum(t - 3.0, 0) / 1.8)
    position = np.arange(count) * (_SLOW_HZ / take.sample_rate)
    return np.asarray(np.interp(position, np.arange(t.size), rolls * shape), dtype=np.float32)


def _channel(controls: Thunder, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When each piece is heard after the first, and how strongly."""
    step_m = np.stack(
        [rng.normal(0, 16, _SEGMENTS), rng.normal(2.5, 16, _SEGMENTS), np.abs(rng.normal(9, 5, _SEGMENTS))], axis=1
    )
    place_m = np.cumsum(step_m, axis=0) + np.array((0.0, controls.distance_km * 1000, 0.0))
    distance_m = np.linalg.norm(place_m, axis=1)
    # A piece that points at the listener is heard stretched and weak; one that lies across, short and strong.
    along = np.abs(np.sum(step_m * place_m, axis=1)) / (np.linalg.norm(step_m, axis=1) * distance_m)
    strength = (1 - along) ** 2 * rng.gamma(0.7, 1.0, _SEGMENTS) * controls.distance_km * 1000 / distance_m
    return (distance_m - distance_m.min()) / _SPEED_M_S, strength * rng.choice([-1.0, 1.0], _SEGMENTS)


def _n_wave(rate: int) -> NDArray[np.float32]:
    """A pressure jump, a straight fall, a jump back: about 12 ms long far away."""
    count = int(0.012 * rate)
    return np.linspace(1, -1, count, dtype=np.float32)


def _echo(samples: NDArray[np.float32], take: Take) -> NDArray[np.float32]:
    count = int(2.8 * take.sample_rate)
    t = np.arange(count)[:, None] / take.sample_rate
    tail = take.rng.standard_normal((count, 2)) * np.exp(-2.2 * t) * (1 - np.exp(-6 * t))
    tail /= np.sqrt(np.sum(tail**2, axis=0))
    return np.asarray(
        samples + 1.2 * dsp.oaconvolve(samples, tail.astype(np.float32), axes=0)[: len(samples)], dtype=np.float32
    )
