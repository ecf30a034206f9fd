"""A vehicle comes, passes and goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

SPEED_OF_SOUND = 340.0
_RATE_HZ = 200.0
_ORDERS = 24
_EAR_M = 1.5
_TYRES = ((60, -4.0), (200, -2.0), (500, -1.0), (1000, 0.0), (1800, -5.0), (4000, -14.0), (10000, -30.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Controls of something that passes."""

    count: int = 0
    """Exactly how many pass; 0 is one every six seconds or so."""
    every_s: float = 0.0
    """Time from one to the next; 0 is at irregular times."""
    speed_m_s: float = 17.0
    pace: float = 1.0
    """Factor on the speed."""
    distance_m: float = 5.0
    """From the listener to the lane."""
    engine_hz: float = 85.0
    """Firing rate of the engine as the driver hears it."""
    engine: float = 2.6
    """Share of the engine."""
    tyres: float = 1.0
    """Share of the road under the tyres."""


_MOST_PER_S, _FEW = 2.0, 4
"""Denser traffic is a bed; so many may pass in any time."""


def signal(controls: Passing, take: Take) -> NDArray[np.float32]:
    """What the vehicle made at the moment at which the sound left it: Doppler, 1 / r and the echo of the road follow.

    The samples of a still source are read at t - r(t) / c (Strauss 1998, "Implementation and simulation of the Doppler
    effect"), once along the straight path and once by way of the road.
    """
    out = np.zeros((take.count, 2), np.float32)
    for at_s in _moments(controls, take):
        out += _pass(controls, take, at_s)
    return level.to_reference(filters.high(out, take.sample_rate, 30), take.sample_rate, gain_db=2.0)


def _moments(controls: Passing, take: Take) -> list[float]:
    """When each is abreast."""
    wanted = round(controls.count) or max(1, round(take.duration_s / (controls.every_s or 6.0)))
    wanted = min(wanted, max(_FEW, round(_MOST_PER_S * take.duration_s)))
    if controls.every_s > 0:
        first_s = min(0.5 * controls.every_s, 0.5 * take.duration_s)
        return [first_s + k * controls.every_s for k in range(wanted)]
    share_s = take.duration_s / wanted
    return [(k + 0.5 + take.rng.uniform(-0.12, 0.12)) * share_s for k in range(wanted)]


def _pass(controls: Passing, take: Take, at_s: float) -> NDArray[np.float32]:
    rng, rate = take.rng, take.sample_rate
    speed = controls.speed_m_s * controls.pace * (1.0 if rng.random() < 0.5 else -1.0)
    along_m = speed * (np.arange(take.count) / rate - at_s)
    source = _source(controls, take, lead_s=float(np.abs(along_m).max()) / SPEED_OF_SOUND + 0.2)
    mono = np.zeros(take.count)
    for height_m, share in ((0.0, 1.0), (2 * _EAR_M, 0.45)):
        distance_m = np.sqrt(along_m**2 + controls.distance_m**2 + height_m**2)
        # Read backwards from the end: the source is as long as the take and its longest way.
        left = np.arange(take.count) - distance_m * (rate / SPEED_OF_SOUND) + (source.size - take.count)
        mono += share * np.interp(left, np.arange(source.size), source) * (controls.distance_m / distance_m)
    far = np.hypot(along_m, controls.distance_m)
    side = np.clip(along_m / (far + controls.distance_m), -0.8, 0.8)
    angle = (side + 1) * np.pi / 4
    return np.asarray(mono[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), dtype=np.float32)


def _source(controls: Passing, take: Take, lead_s: float) -> NDArray[np.float32]:
    """Tyres on the road and an engine, as heard beside it."""
    rng = take.rng
    longer = type(take)(duration_s=take.duration_s + lead_s, sample_rate=take.sample_rate, rng=rng, seed=take.seed)
    road = noise.shaped(rng, longer.count, take.sample_rate, _TYRES)[:, 0]
    half = np.arange(1, _ORDERS + 1)
    levels = np.where(half % 2, 0.25, 1.0) * rng.uniform(0.5, 1.0, _ORDERS) / (half / 2) ** 1.1
    hz = (
        0.5
        * controls.engine_hz
        * controls.pace**0.5
        * (1 + 0.01 * noise.wander(rng, longer.times_s(_RATE_HZ).size, _RATE_HZ, 4))
    )
    engine = tones.harmonics(longer, hz, controls.engine * levels[:, None], rng.uniform(0, 6.28, _ORDERS), _RATE_HZ)
    return np.asarray(np.float32(controls.tyres) * road + engine, np.float32)
