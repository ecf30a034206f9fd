"""Movements in place as formulas: turning, hovering, bobbing, rattling. Each is a pose by time about a fixed point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from stillmotion.diorama.motion.rigid.stagecraft import placed

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Matrix


class Pose(Protocol):
    """How far a thing is from where it rests."""

    def at(self, time_s: float) -> tuple[float, float, float]:
        """To the right and downwards in photo widths, and counter-clockwise in radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseTrack:
    """A layer in a pose."""

    pose: Pose
    about: tuple[float, float]
    """The point that it turns about, in photo coordinates."""
    aspect: float

    def matrix(self, time_s: float) -> Matrix:
        """From the layer at rest to where it is."""
        right, down, angle = self.pose.at(time_s)
        x, y = self.about
        return placed(self.about, (x + right, y + down / self.aspect), angle, self.aspect)

    def opacity(self, _time_s: float) -> float:
        """It is there all the time."""
        return 1.0


def eased(time_s: float, start_s: float, end_s: float, ramp_s: float) -> float:
    """0 outside a span, 1 inside, with smooth shoulders that lie inside it."""
    ramp = min(ramp_s, max(end_s - start_s, 1e-3) / 2)
    inside = np.clip(min(time_s - start_s, end_s - time_s) / ramp, 0.0, 1.0)
    return float(inside * inside * (3 - 2 * inside))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """A steady turn, or so many whole turns that begin and end at rest, with a last wobble."""

    start_s: float
    end_s: float
    total: float
    """Radians, counter-clockwise."""
    steady: bool
    """Whether it goes on with one speed from the first to the last instant."""
    wobble: float = 0.0
    """Radians of the wobble after the turn."""

    def at(self, time_s: float) -> tuple[float, float, float]:
        """Its angle."""
        share = float(np.clip((time_s - self.start_s) / (self.end_s - self.start_s), 0.0, 1.0))
        if self.steady:
            return 0.0, 0.0, self.total * share
        # Speeds up quickly and is slowed down by friction: most of the turn is behind it early.
        done = share**2 * (3 - 2 * share) if not self.wobble else 1 - (1 - share) ** 2 * (1 + 2 * share * (1 - share))
        since = max(time_s - self.end_s, 0.0)
        rest = self.wobble * math.exp(-since / 0.25) * math.sin(2 * math.pi * 3.2 * since)
        return 0.0, 0.0, self.total * done + rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Tottering:
    """Something that stands goes round on its rim like a coin that comes to rest: its tilt circles and dies away.

    A photo does not show its back, so it cannot be turned about its upright axis.
    """

    start_s: float
    end_s: float
    turns: float
    """Times round, clockwise as seen from above when negative."""
    tilt: float
    """Radians, at most."""

    def at(self, time_s: float) -> tuple[float, float, float]:
        """The tilt as seen from the front; its lean towards us shows as a small shift."""
        share = float(np.clip((time_s - self.start_s) / (self.end_s - self.start_s), 0.0, 1.0))
        # It goes round faster and faster while it sinks, as such things do.
        round_angle = 2 * math.pi * self.turns * (share + 0.5 * share * share) / 1.5
        lean = self.tilt * math.sin(math.pi * share**0.6) * (1 - share)
        across, towards = lean * math.sin(round_angle), lean * math.cos(round_angle)
        return 0.06 * towards, -0.03 * (lean - towards) * 0.5, across


@dataclass(frozen=True, slots=True, kw_only=True)
class Bobbing:
    """Up and down on water or in the air: two slow waves out of step, a tilt that follows them, and a drift."""

    start_s: float
    end_s: float
    height: float
    """Of the main wave, photo widths."""
    tilt: float
    """Radians."""
    frequency_hz: float
    phase: float
    drift: tuple[float, float] = (0.0, 0.0)
    """Photo widths a second, to the right and downwards."""
    lift: float = 0.0
    """How far up it goes first, photo widths."""

    def at(self, time_s: float) -> tuple[float, float, float]:
        """Its place and tilt."""
        held = eased(time_s, self.start_s, self.end_s, 1.2)
        wave = 2 * math.pi * self.frequency_hz * (time_s - self.start_s) + self.phase
        up = math.sin(wave) - math.sin(self.phase) * math.exp(-(max(time_s - self.start_s, 0.0)))
        up += 0.35 * math.sin(1.618 * wave + 1.3)
        tilt = self.tilt * (math.sin(wave + 1.1) + 0.4 * math.sin(1.39 * wave))
        gone = _way(time_s - self.start_s, self.end_s - self.start_s)
        risen = self.lift * float(np.clip((time_s - self.start_s) / 1.5, 0.0, 1.0)) ** 2
        risen *= 3 - 2 * float(np.clip((time_s - self.start_s) / 1.5, 0.0, 1.0))
        return self.drift[0] * gone, self.drift[1] * gone - self.height * up * held - risen, tilt * held


def _way(since_s: float, lasts_s: float) -> float:
    """Seconds of full speed: the drift starts and ends over a second."""
    ramp = min(1.0, lasts_s / 2)
    now = min(max(since_s, 0.0), lasts_s)
    starting = min(now, ramp)
    ending = max(now - (lasts_s - ramp), 0.0)
    return starting**2 / (2 * ramp) + max(min(now, lasts_s - ramp) - ramp, 0.0) + ending - ending**2 / (2 * ramp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rattling:
    """A quick shake that dies away: a few frequencies that share no common time."""

    start_s: float
    end_s: float
    reach: float
    """Photo widths."""
    turn: float
    """Radians."""
    frequency_hz: float
    dies_s: float | None = None
    """Time constant of its decay; None keeps it up until the end."""

    def at(self, time_s: float) -> tuple[float, float, float]:
        """Its offset."""
        since = time_s - self.start_s
        held = eased(time_s, self.start_s, self.end_s, 0.12)
        if self.dies_s is not None and since > 0:
            held *= math.exp(-since / self.dies_s)
        wave = 2 * math.pi * self.frequency_hz * since
        across = 0.7 * math.sin(wave) + 0.3 * math.sin(1.71 * wave + 0.6)
        down = 0.25 * math.sin(1.31 * wave + 2.0)
        angle = 0.7 * math.sin(wave + 0.4) + 0.3 * math.sin(0.63 * wave)
        return self.reach * across * held, self.reach * down * held, self.turn * angle * held
