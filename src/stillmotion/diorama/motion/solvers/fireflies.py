"""Fireflies: points of light with a soft halo that wander low and blink."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.motion import depth_bins, particles
from stillmotion.diorama.motion.records import Part, Strokes

if TYPE_CHECKING:
    from stillmotion.diorama.motion.depth_bins import Bin
    from stillmotion.diorama.motion.particles import Presence, Whole
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("fireflies",)

Floats = NDArray[np.float32]

_COUNTS = (5, 9, 14)
_RATE_HZ = (0.9, 1.6)
"""Blinks a second."""
_LIT = 0.7
"""Share of a blink that is bright."""
_GLOW = np.array([190.0, 238.0, 40.0], np.float32)
_CORE = np.array([252.0, 255.0, 165.0], np.float32)
_RADIUS = 0.0032
_HALO = 7.0
_WANDER = 0.075
_WANDER_HZ = 0.11
_COMES_OUT = re.compile(r"\b(come out|appear|emerge|begin|start|light up)\b", re.IGNORECASE)


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - they fly anywhere
    """Fireflies can glow in any picture."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Cores and halos in three depth ranges; where they come out, one after another."""
    presence = particles.presence(stage, [(cue, min(cue.amount, 3.0)) for cue in cues], 2.0)
    if any(_COMES_OUT.search(cue.words) for cue in cues):
        seconds = stage.shot.duration_s
        windows = tuple((max(start, 0.1 * seconds), end, amount) for start, end, amount in presence.windows)
        presence = particles.Presence(windows=windows, ramp_s=0.7 * seconds)
    rooms = depth_bins.bins(stage.scene, 2.0, 0.5, len(_COUNTS))
    speed = max(cue.speed for cue in cues)
    swarms = [
        _swarm(stage, room, round(count * presence.most), presence, speed)
        for room, count in zip(rooms, _COUNTS, strict=True)
    ]
    return Part(overlays=tuple(Swarm(flies=flies, halo=halo) for flies in swarms for halo in (True, False)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flies:
    """Where they are at home and how they blink."""

    before: str | None
    key: int
    index: Whole
    home: Floats
    rate_hz: Floats
    phase: Floats
    rank: Floats
    aspect: float
    speed: float
    presence: Presence

    def places(self, time_s: float) -> Floats:
        """x, y, q, shape (n, 3)."""
        reach = _WANDER * np.sqrt(self.home[:, 2])
        x, y = (
            reach * particles.wander(self.key, self.index, time_s * self.speed, _WANDER_HZ, channel)
            for channel in (0, 1)
        )
        return self.home + np.stack([x, 0.6 * y / self.aspect, np.zeros_like(x)], axis=1)

    def brightness(self, time_s: float) -> Floats:
        """0..1: quick to light up, slow to fade, then dark."""
        turn = np.mod(self.rate_hz * time_s + self.phase, 1.0) / _LIT
        lit = particles.smooth(turn / 0.25) * (1 - particles.smooth((turn - 0.3) / 0.7))
        return np.asarray(lit * self.presence.opacity(self.rank, time_s), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Swarm:
    """The points, or their halos. An Overlay."""

    flies: Flies
    halo: bool

    @property
    def before(self) -> str | None:
        """As for the flies."""
        return self.flies.before

    def at(self, time_s: float, shutter_s: float) -> Strokes:
        """Light that is added."""
        radius = _RADIUS * (_HALO if self.halo else 1.0) * self.flies.home[:, 2] ** 0.6
        count = len(radius)
        return Strokes(
            heads=self.flies.places(time_s + shutter_s / 2),
            tails=self.flies.places(time_s - shutter_s / 2),
            radius=radius.astype(np.float32),
            colour=np.broadcast_to(_GLOW if self.halo else _CORE, (count, 3)),
            alpha=self.flies.brightness(time_s) * np.float32(0.26 if self.halo else 0.95),
            softness=1.0,
            adds=True,
        )


def _swarm(stage: Stage, room: Bin, count: int, presence: Presence, speed: float) -> Flies:
    key = particles.key(stage.shot.seed, "fireflies", f"{room.near_q:.5g}")
    index = np.arange(count, dtype=np.int64)
    draw = [particles.hashed(key, index, np.zeros_like(index), channel) for channel in range(6)]
    q = room.far_q * (room.near_q / room.far_q) ** draw[2]
    top = 0.3 if stage.scene.horizon_y is None else min(max(stage.scene.horizon_y - 0.12, 0.1), 0.6)
    return Flies(
        before=room.before,
        key=key,
        index=index,
        home=np.stack([draw[0] * 1.1 - 0.05, top + (0.98 - top) * draw[1], q], axis=1).astype(np.float32),
        rate_hz=(_RATE_HZ[0] + (_RATE_HZ[1] - _RATE_HZ[0]) * draw[3]).astype(np.float32),
        phase=draw[4],
        rank=draw[5],
        aspect=stage.aspect,
        speed=speed,
        presence=presence,
    )
