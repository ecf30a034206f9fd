"""Thunder, near and far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import signal as dsp

from stillmotion.diorama.sound.dsp import calls, filters, level, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_SPEED_M_S = 343.0
_SEGMENTS = 900
_CHANNEL_M = 6000.0
_LONGEST_S = 13.0
_SLOW_HZ = 100.0
_RUMBLE = ((30, -8.0), (60, 0.0), (400, 0.0), (800, -8.0), (1600, -16.0), (5000, -32.0))
_NEAR_KM = 1.0
_CLAPS = 1.0
"""How far the rumble follows the claps: 0.5 their pressure, 1 their power."""
_UNREST_HZ = 11.0
_AIR_DB, _AIR_TOP_HZ = -29.0, 5000.0
"""The air under it, and up to where: thunder is heard out of doors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thunder:
    """Controls of thunder."""

    distance_km: float = 3.0
    """Of the nearest piece of the channel: under a kilometre it cracks, over five it only rolls."""
    every_s: float = 11.0
    """Mean time between two rolls; the first comes early."""


def signal(controls: Thunder, take: Take) -> NDArray[np.float32]:
    """N-waves from every piece of a crooked channel, each late by its distance, then the echo of the land.

    The channel is a random walk and each piece radiates an N-wave (Few 1969, "Power spectrum of thunder"; Ribner and
    Roy 1982, "Acoustics of thunder: a quasilinear model for tortuous lightning"). Air takes the highs with distance,
    turbulence and hills scatter what is left into a rumble that follows the same claps.
    """
    out = np.zeros((take.count, 2), dtype=np.float32)
    for start_s in _strikes(controls, take):
        first = int(start_s * take.sample_rate)
        roll = _roll(controls, take, min(take.count - first, int(_LONGEST_S * take.sample_rate)))
        out[first : first + len(roll)] += roll
    air = calls.air(take, calls.sounding(out, take.sample_rate) * 10 ** (_AIR_DB / 20))
    out += filters.low(air, take.sample_rate, _AIR_TOP_HZ)
    return level.to_reference(out, take.sample_rate)


def _strikes(controls: Thunder, take: Take) -> list[float]:
    starts = [min(take.duration_s * take.rng.uniform(0.01, 0.06), 0.6)]
    while starts[-1] + controls.every_s * 0.6 < take.duration_s - 2.5:
        starts.append(starts[-1] + controls.every_s * take.rng.uniform(0.6, 1.4))
    return [start for start in starts if start < take.duration_s]


def _roll(controls: Thunder, take: Take, count: int) -> NDArray[np.float32]:
    """One thunder, shape (count, 2)."""
    rate = take.sample_rate
    arrival_s, amplitude = _channel(controls, take.rng)
    claps = np.zeros((count, 2), dtype=np.float32)
    for side in (0, 1):
        # Each ear's path past hills differs a little: enough to set the two sides apart.
        late_s = arrival_s + np.abs(take.rng.normal(0, 0.004 + 0.002 * controls.distance_km, arrival_s.size))
        where = (late_s * rate).astype(np.int64)
        heard = where < count
        np.add.at(claps[:, side], where[heard], amplitude[heard])
    waves = dsp.oaconvolve(claps, _n_wave(controls, rate)[:, None], axes=0)[:count].astype(np.float32)
    dull = filters.low(waves, rate, float(np.clip(5000 / controls.distance_km**1.3, 110, 12_000)))
    dull /= np.float32(np.abs(dull).max() + 1e-9)
    body = dull * np.float32(_crack_share(controls)) + _rumble(controls, take, arrival_s, amplitude, count)
    return level.fade(_echo(body, take), rate, in_s=0.004, out_s=min(2.5, 0.4 * count / rate))


def _crack_share(controls: Thunder) -> float:
    """How much of it is single claps: all of them near, few of them far."""
    return float(1.6 / (1 + (controls.distance_km / _NEAR_KM) ** 1.5))


def _rumble(
    controls: Thunder, take: Take, arrival_s: NDArray[np.float64], amplitude: NDArray[np.float64], count: int
) -> NDArray[np.float32]:
    """What turbulence and hills make of the claps: noise as loud as the claps that arrive, blurred, then dying away."""
    steps = int(count / take.sample_rate * _SLOW_HZ) + 2
    power = np.zeros(steps)
    where = (arrival_s * _SLOW_HZ).astype(np.int64)
    np.add.at(power, where[where < steps], amplitude[where < steps] ** 2)
    t = np.arange(steps) / _SLOW_HZ
    rise_s = float(np.clip(0.1 * controls.distance_km, 0.1, 0.6))
    blur = np.minimum(t / rise_s, 1) ** 1.5 * np.exp(-t / (0.5 + 0.06 * controls.distance_km))
    rolls = np.convolve(power**_CLAPS, blur)[:steps]
    rolls *= np.exp(0.6 * noise.wander(take.rng, steps, _SLOW_HZ, _UNREST_HZ)) / max(float(rolls.max()), 1e-9)
    envelope = np.interp(np.arange(count) * (_SLOW_HZ / take.sample_rate), np.arange(steps), rolls)
    source = noise.shaped(take.rng, count, take.sample_rate, _RUMBLE)
    dull = filters.low(source, take.sample_rate, float(np.clip(1800 / controls.distance_km**1.25, 90, 6000)))
    return np.asarray(dull * (0.35 * envelope)[:, None], dtype=np.float32)


def _channel(controls: Thunder, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When each piece is heard after the first, and how strongly."""
    piece_m = _CHANNEL_M / _SEGMENTS
    # From the ground up, then along inside the cloud: both legs wander.
    heading = np.stack(
        [np.linspace(0.1, 1.0, _SEGMENTS), np.full(_SEGMENTS, 0.35), np.linspace(1.0, 0.05, _SEGMENTS)], axis=1
    )
    step_m = piece_m * (0.55 * heading + rng.normal(0, 0.8, (_SEGMENTS, 3)))
    place_m = np.cumsum(step_m, axis=0)
    place_m += np.array((0.0, controls.distance_km * 1000, 0.0)) - place_m[0]
    distance_m = np.maximum(np.linalg.norm(place_m, axis=1), 60.0)
    # A piece that points at the listener is heard stretched and weak; one that lies across, short and strong.
    along = np.abs(np.sum(step_m * place_m, axis=1)) / (np.linalg.norm(step_m, axis=1) * distance_m)
    strength = (1 - along) ** 2 * rng.gamma(0.6, 1.0, _SEGMENTS) * distance_m.min() / distance_m
    return (distance_m - distance_m.min()) / _SPEED_M_S, strength * rng.choice([-1.0, 1.0], _SEGMENTS)


def _n_wave(controls: Thunder, rate: int) -> NDArray[np.float32]:
    """A pressure jump, a straight fall, a jump back: it grows longer on its way, 4 ms near and 18 ms far."""
    count = int(float(np.clip(0.004 * controls.distance_km**0.6 + 0.002, 0.003, 0.018)) * rate)
    return np.linspace(1, -1, count, dtype=np.float32)


def _echo(samples: NDArray[np.float32], take: Take) -> NDArray[np.float32]:
    count = int(3.2 * take.sample_rate)
    t = np.arange(count)[:, None] / take.sample_rate
    tail = take.rng.standard_normal((count, 2)) * np.exp(-1.9 * t) * (1 - np.exp(-6 * t))
    tail /= np.sqrt(np.sum(tail**2, axis=0))
    wet = dsp.oaconvolve(samples, tail.astype(np.float32), axes=0)[: len(samples)]
    return np.asarray(samples + 0.6 * filters.low(wet.astype(np.float32), take.sample_rate, 900.0), dtype=np.float32)
