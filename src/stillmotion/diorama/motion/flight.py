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
        last = len(self.pictures) - 1
        level = 0.42 * last
        return round(min(max(level - effort * beat * last / 2 + effort * 0.08 * last, 0), last))
