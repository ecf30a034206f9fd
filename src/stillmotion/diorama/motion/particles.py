"""Many small things at once: where each one is follows from its number and the time, never from the frame before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import gust, randomness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]

_AT_ONCE_S = 0.05
"""A cue that starts this early was there before the film began."""
_TABLE_HZ = 30.0
_BEFORE_S = 4.0


def key(seed: int, *purpose: str | int) -> int:
    """A number that makes the fields of one purpose differ from those of all others."""
    return int(randomness.generator(seed, *purpose).integers(0, 2**32))


def hashed(key_: int, index: Whole, cycle: Whole, channel: int) -> Floats:
    """Uniform numbers in [0, 1) that depend on nothing but the four arguments, shape of `index`.

    An integer hash with two rounds of multiply and xor-shift; the constants are those of `lowbias32` (Wellons 2018,
    "Prospecting for hash functions").
    """
    mixed = (index * 0x9E3779B1 + cycle * 0x85EBCA77 + (channel * 0xC2B2AE3D + key_)).astype(np.uint32)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        mixed = (mixed ^ (mixed >> np.uint32(shift))) * np.uint32(factor)
    mixed ^= mixed >> np.uint32(16)
    return (mixed >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def smooth(share: NDArray[np.floating] | float) -> Floats:
    """From 0 to 1 with flat ends, for shares from 0 to 1; clamped outside."""
    inside = np.clip(share, 0.0, 1.0)
    return np.asarray(inside * inside * (3.0 - 2.0 * inside), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """How much of a field there is over time: the amounts of its cues, with soft beginnings and ends."""

    windows: tuple[tuple[float, float, float], ...]
    """Start, end and amount of each cue; infinite where the film does not show the start or the end."""
    ramp_s: float = 1.0

    @property
    def most(self) -> float:
        """The largest amount at any time."""
        return max((amount for _, _, amount in self.windows), default=0.0)

    def at(self, times_s: Floats | float) -> Floats:
        """Amounts, shape of `times_s`."""
        times = np.asarray(times_s, np.float32)
        level = np.zeros(times.shape, np.float32)
        for start, end, amount in self.windows:
            share = np.ones(times.shape, np.float32)
            if np.isfinite(start):
                share = share * smooth((times - start) / self.ramp_s)
            if np.isfinite(end):
                share = share * (1.0 - smooth((times - end) / self.ramp_s))
            level = np.maximum(level, amount * share)
        return level

    def opacity(self, rank: Floats, time_s: float, softness: float = 0.3) -> Floats:
        """How visible things of rank 0..1 are: as there come to be more, higher ranks fade in."""
        level = float(self.at(time_s)) / max(self.most, 1e-6)
        return smooth((level * (1.0 + softness) - rank) / softness)


def presence(stage: Stage, amounts: Sequence[tuple[MotionCue, float]], ramp_s: float = 1.0) -> Presence:
    """The presence of a field that several cues ask for, each with its own amount."""
    windows = []
    for cue, amount in amounts:
        start = -np.inf if cue.start_s <= _AT_ONCE_S else cue.start_s
        end = np.inf if stage.end_s(cue) >= stage.shot.duration_s - _AT_ONCE_S else stage.end_s(cue)
        windows.append((float(start), float(end), amount))
    return Presence(windows=tuple(windows), ramp_s=ramp_s)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lives:
    """Where n things that come and go are in their lives at one instant, each array of shape (n,)."""

    cycle: Whole
    """How many lives it has had: what it draws from `hashed` changes with each."""
    age_s: Floats
    birth_s: Floats


def lives(time_s: float, period_s: Floats, phase: Floats) -> Lives:
    """Each thing lives for its period and is then born again; phases spread the births evenly.

    Args:
        time_s: the instant.
        period_s: how long a life lasts, shape (n,).
        phase: 0..1, shape (n,).
    """
    turns = np.float64(time_s) / period_s + phase
    cycle = np.floor(turns)
    age = ((turns - cycle) * period_s).astype(np.float32)
    return Lives(cycle=cycle.astype(np.int64), age_s=age, birth_s=np.float32(time_s) - age)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Breeze:
    """The wind that carries things sideways: the gust field of the film and what it adds up to."""

    strength: NDArray[np.float64]
    """Factor of the mean wind on a regular grid of times."""
    way: NDArray[np.float64]
    """Its integral from time 0, in seconds of mean wind."""

    def factor(self, time_s: float) -> float:
        """How strong the wind is, 1 on average."""
        return float(np.interp((time_s + _BEFORE_S) * _TABLE_HZ, np.arange(len(self.strength)), self.strength))

    def travelled_s(self, time_s: float) -> float:
        """How far it carried things since time 0, in seconds of mean wind."""
        return float(np.interp((time_s + _BEFORE_S) * _TABLE_HZ, np.arange(len(self.way)), self.way))


def breeze(stage: Stage, gustiness: float = 0.3) -> Breeze:
    """The gusts of this film, in the middle of the picture."""
    count = round((stage.shot.duration_s + 2 * _BEFORE_S) * _TABLE_HZ) + 1
    times = np.arange(count) / _TABLE_HZ - _BEFORE_S
    strength = np.asarray(gust.strength(stage.shot.seed, times, gustiness=gustiness), np.float64)
    way = np.concatenate([[0.0], np.cumsum((strength[1:] + strength[:-1]) / 2)]) / _TABLE_HZ
    return Breeze(strength=strength, way=way - way[round(_BEFORE_S * _TABLE_HZ)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """n things that cross a box from one end to the other at a steady speed and start again elsewhere.

    The density in the box is the same at all times.
    """

    key: int
    index: Whole
    low: Floats
    """Upper end of each one's way in photo heights, shape (n,)."""
    high: Floats
    """Lower end: the ground where there is one."""
    left: Floats
    """Where the box starts and how wide it is, in photo widths, shape (n,)."""
    width: Floats
    speed: Floats
    """Downwards, in photo heights a second, shape (n,); negative rises."""

    def at(self, time_s: float, carried: Floats) -> tuple[Floats, Floats, Lives]:
        """x, y, and how long each has been on its way.

        Args:
            time_s: the instant.
            carried: how far each was blown to the right since time 0, in photo widths, shape (n,).
        """
        span = self.high - self.low
        period = np.asarray(span / np.abs(self.speed), np.float32)
        lived = lives(time_s, period, hashed(self.key, self.index, _NO_CYCLE, 0))
        gone = lived.age_s * np.abs(self.speed)
        y = np.where(self.speed > 0, self.low + gone, self.high - gone)
        place = hashed(self.key, self.index, lived.cycle, 1) * self.width
        return self.left + np.mod(place + carried, self.width), y, lived


_NO_CYCLE = np.zeros(1, np.int64)


def wander(key_: int, index: Whole, time_s: float | Floats, hz: float, channel: int) -> Floats:
    """A smooth aimless path in -1..1 for each thing: three sines of unrelated rates, shape of `index`.

    Args:
        key_: of the field.
        index: of the things.
        time_s: one instant for all, or one for each.
        hz: the middle rate.
        channel: paths of different channels are unrelated.
    """
    rate, phase = _waves(key_, index.tobytes(), channel)
    moved = np.sin((rate * np.float32(2 * np.pi * hz)) * np.asarray(time_s, np.float32) + phase)
    return np.asarray(_WEIGHTS @ moved, np.float32)


@lru_cache(maxsize=256)
def _waves(key_: int, index: bytes, channel: int) -> tuple[Floats, Floats]:
    """Rates as factors of the middle one, and phases in radians, of three sines for each thing, shape (3, n)."""
    own = np.frombuffer(index, np.int64)
    draw = [hashed(key_, own, _NO_CYCLE, 100 + 10 * channel + k) for k in range(6)]
    rate = np.stack([factor * (0.75 + 0.5 * draw[k]) for k, factor in enumerate((0.61, 1.0, 1.73))])
    return rate.astype(np.float32), np.asarray(2 * np.pi * np.stack(draw[3:]), np.float32)


_WEIGHTS = np.array([0.5, 0.33, 0.17], np.float32)
