"""What flaps on its way: drawn wing positions, one after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion.records import Stamps

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Way = Callable[[float], tuple[float, float, float, float]]


_ARRIVES_S, _FROM_AFAR = 1.6, 1.3
"""How long something takes to fly in, and from how many photo widths."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flapping:
    """Flying animals as small pictures; an Overlay."""

    pictures: tuple[NDArray[np.uint8], ...]
    """Wing positions from up to down."""
    ways: tuple[Way, ...]
    """Where each is at a time: x, y in photo coordinates, factor on its size, degrees clockwise."""
    wide: tuple[float, ...]
    """Width of each in photo widths at rest."""
    q: float
    beats_hz: float
    glides: float
    """Share of the time that the wings are held still, 0..1."""
    before: str | None = None
    faces_left: tuple[Callable[[float], bool], ...] = ()
    """Whether each looks to the left at a time; then the second half of the pictures is that half mirrored."""

    def at(self, time_s: float, shutter_s: float) -> Stamps | None:  # noqa: ARG002 - a wing blurs less than it steps
        """Every animal that is on its way."""
        seen = np.array([way(time_s) for way in self.ways], np.float32)
        count = len(seen)
        places = np.column_stack([seen[:, :2], np.full(count, self.q)]).astype(np.float32)
        return Stamps(
            pictures=self.pictures,
            which=np.array([self._pose(time_s, index) for index in range(count)], np.int32),
            places=places,
            size=(np.array(self.wide) * seen[:, 2]).astype(np.float32),
            turn_deg=np.ascontiguousarray(seen[:, 3]),
            squash=np.ones(count, np.float32),
            tint=np.ones((count, 3), np.float32),
            alpha=np.ones(count, np.float32),
        )

    def _pose(self, time_s: float, index: int) -> int:
        """Wings beat for a while, then are held level."""
        phase = 1.7 * index
        rhythm = 0.5 + 0.5 * math.sin(2 * math.pi * 0.31 * time_s + phase)
        effort = 1.0 if self.glides <= 0 else min(max((rhythm - self.glides) / 0.25 + 0.5, 0.0), 1.0)
        beat = math.cos(2 * math.pi * self.beats_hz * (1 + 0.06 * math.sin(phase)) * time_s + phase)
        count = len(self.pictures) // 2 if self.faces_left else len(self.pictures)
        last = count - 1
        level = 0.42 * last
        pose = round(min(max(level - effort * beat * last / 2 + effort * 0.08 * last, 0), last))
        return pose + count if self.faces_left and self.faces_left[index](time_s) else pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Hovering:
    """To and fro in the air around a place, as insects do: slow loops, short darts, a tremble."""

    middle: tuple[float, float]
    """Photo coordinates."""
    reach: tuple[float, float]
    """Of the slow loops, in photo widths and photo heights."""
    wide: float
    """Of the animal, in photo widths."""
    aspect: float
    start_s: float
    pace: float
    phase: float

    def place(self, time_s: float) -> tuple[float, float, float, float]:
        """Where it is, how much larger than at rest, degrees clockwise; it flies in when it is not there at first."""
        slow = self._slow(time_s)
        loops = 0.8 * math.sin(slow) + 0.2 * math.sin(2.63 * slow + 1.0)
        levels = 0.7 * math.sin(1.618 * slow + 0.7) + 0.3 * math.sin(3.1 * slow)
        dart = 0.16 * self.wide * math.sin(5.2 * slow + 0.4)
        tremble = 0.025 * self.wide * math.sin(2 * math.pi * 9.0 * time_s)
        x = self.middle[0] + self.reach[0] * loops + dart
        y = self.middle[1] + self.reach[1] * levels + (0.7 * dart + tremble) / self.aspect
        if self.start_s > 0:
            late = min(max((self.start_s + _ARRIVES_S - time_s) / _ARRIVES_S, 0.0), 1.0)
            x += math.copysign(_FROM_AFAR, -math.cos(slow)) * late * late
        lean = 9.0 * math.cos(slow)
        return x, y, 1.0 + 0.13 * math.cos(0.8 * slow), lean

    def faces_left(self, time_s: float) -> bool:
        """It looks where its slow loops take it."""
        return math.cos(self._slow(time_s)) < 0

    def _slow(self, time_s: float) -> float:
        return 2 * math.pi * 0.19 * self.pace * time_s + self.phase
