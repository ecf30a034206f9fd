"""Ways through the scene without contact: how far along at each time, and what the camera sees of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Matrix

_NEAREST = 0.3
"""How near to the camera something comes at most: this share of its first distance."""
_SINKS_S = 0.08
_FADES = 0.75
"""It starts to vanish at this share of the largest size that it comes to."""


class Pace(Protocol):
    """How far something has come."""

    def distance_m(self, time_s: float) -> float:
        """Metres along its way."""

    def speed_m_s(self, time_s: float) -> float:
        """Metres a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """From rest with a constant acceleration up to a top speed: an engine, a wing, a buoyant balloon."""

    start_s: float
    acceleration: float
    """Metres per square second."""
    top: float = math.inf
    """Metres a second."""

    def distance_m(self, time_s: float) -> float:
        """Metres along its way."""
        gone = max(time_s - self.start_s, 0.0)
        reached = self.top / self.acceleration
        if gone <= reached:
            return self.acceleration * gone**2 / 2
        return self.top * (gone - reached / 2)

    def speed_m_s(self, time_s: float) -> float:
        """Metres a second."""
        return min(self.acceleration * max(time_s - self.start_s, 0.0), self.top)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cruise:
    """The same speed all the time: what comes in from outside is under way already."""

    start_s: float
    speed: float

    def distance_m(self, time_s: float) -> float:
        """Metres along its way, never less than none."""
        return self.speed * max(time_s - self.start_s, 0.0)

    def speed_m_s(self, time_s: float) -> float:
        """Metres a second."""
        return self.speed if time_s >= self.start_s else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """From rest to rest: half of the way it speeds up, half of it it slows down, both constantly."""

    start_s: float
    takes_s: float
    way_m: float

    def distance_m(self, time_s: float) -> float:
        """Metres along its way."""
        t = min(max((time_s - self.start_s) / self.takes_s, 0.0), 1.0)
        return self.way_m * (2 * t * t if t < 0.5 else 1 - 2 * (1 - t) ** 2)

    def speed_m_s(self, time_s: float) -> float:
        """Metres a second."""
        t = min(max((time_s - self.start_s) / self.takes_s, 0.0), 1.0)
        return self.way_m / self.takes_s * 4 * min(t, 1 - t)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wobble:
    """Small periodic movement about the way: a boat on waves, a balloon in the air, an insect's buzz."""

    sideways: float = 0.0
    """Photo widths."""
    up: float = 0.0
    """Photo heights."""
    turn_deg: float = 0.0
    hz: float = 0.5
    phase: float = 0.0

    def at(self, time_s: float) -> tuple[float, float, float]:
        """Offset to the right and down in photo coordinates and degrees clockwise."""
        swing = 2 * math.pi * self.hz * time_s + self.phase
        # Two incommensurable sines: it never quite repeats.
        slow = 0.7 * math.sin(swing) + 0.3 * math.sin(1.618 * swing + 1.1)
        late = 0.7 * math.cos(swing) + 0.3 * math.cos(1.618 * swing + 2.3)
        return self.sideways * slow, self.up * late, self.turn_deg * slow


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the camera that took the photo sees something that stood at a point of it."""

    x: float
    """Where its foot is at rest, in photo coordinates."""
    y: float
    horizon: float
    """The row of things at eye height, however far."""
    q: float
    metres_per_width: float
    """At inverse depth 1."""
    focal: float
    aspect: float

    def seen(self, right_m: float, up_m: float, away_m: float) -> tuple[float, float, float]:
        """Where it is seen after a shift in metres, and how much larger than at rest.

        A pinhole camera with a level view: sizes and offsets from the vanishing point go with inverse distance.
        """
        distance = self.metres_per_width * self.focal / max(self.q, 1e-3)
        larger = distance / max(distance + away_m, _NEAREST * distance)
        width_m = self.metres_per_width / max(self.q, 1e-3)
        x = 0.5 + (self.x - 0.5 + right_m / width_m) * larger
        y = self.horizon + (self.y - self.horizon - up_m / (width_m * self.aspect)) * larger
        return x, y, larger


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Journey:
    """A layer on its way; a Track."""

    view: View
    pace: Pace
    heading: tuple[float, float, float]
    """To the right, up and away for each metre of its way."""
    start_s: float
    wobbles: tuple[Wobble, ...] = ()
    ease_s: float = 0.6
    """How long the wobble takes to come up; 0 when it is there from the first frame."""
    bank_deg: float = 0.0
    """How far it leans into its way at full speed, clockwise."""
    pivot: tuple[float, float] | None = None
    """What it turns about, in photo coordinates at rest; its foot when None."""

    def place(self, time_s: float) -> tuple[float, float, float, float]:
        """Where its foot is seen, how much larger than at rest, and its turn in degrees clockwise."""
        along = self.pace.distance_m(time_s)
        x, y, larger = self.view.seen(*(along * part for part in self.heading))
        turn = self.bank_deg * self._share(time_s)
        for wobble in self.wobbles:
            aside, down, lean = wobble.at(time_s)
            share = self._share(time_s)
            x, y, turn = x + share * aside * larger, y + share * down * larger, turn + share * lean
        return x, y, larger, turn

    def matrix(self, time_s: float) -> Matrix:
        """From the layer at rest to where it is."""
        x, y, larger, turn = self.place(time_s)
        foot = (self.view.x, self.view.y)
        pivot = self.pivot if self.pivot is not None else foot
        aspect = self.view.aspect
        cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        spin = larger * np.array([[cosine, -sine * aspect], [sine / aspect, cosine]])
        to = np.array([x, y]) + larger * (np.array(pivot) - np.array(foot))
        shift = to - spin @ np.array(pivot)
        return np.array([[*spin[0], shift[0]], [*spin[1], shift[1]], [0.0, 0.0, 1.0]])

    def opacity(self, time_s: float) -> float:
        """What comes so near that it would hit the camera is gone before it does."""
        along = self.pace.distance_m(time_s)
        larger = self.view.seen(*(along * part for part in self.heading))[2]
        return float(np.clip((1 - larger * _NEAREST) / (1 - _FADES), 0.0, 1.0))

    def _share(self, time_s: float) -> float:
        if self.ease_s <= 0:
            return 1.0
        t = min(max((time_s - self.start_s) / self.ease_s, 0.0), 1.0)
        return t * t * (3 - 2 * t)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lob:
    """A throw into something: an arc from beside the picture down into an opening, where it disappears; a Track."""

    rest: tuple[float, float]
    """Its middle in the still layer, in photo coordinates."""
    end: tuple[float, float]
    """The middle of the opening."""
    apex: float
    """Highest row of its middle."""
    start_s: float
    lasts_s: float
    turns: float
    """Times round on its way, clockwise."""
    grows: float
    """Its size at the opening, as a factor."""
    aspect: float

    def place(self, time_s: float) -> tuple[float, float, float, float]:
        """Where its middle is, how much larger than at rest, and its turn in degrees clockwise.

        Rows follow a parabola through start, apex and end, columns go on steadily, as in every throw.
        """
        share = min(max((time_s - self.start_s) / self.lasts_s, 0.0), 1.0)
        up, down = (math.sqrt(max(row - self.apex, 1e-6)) for row in (self.rest[1], self.end[1]))
        y = self.apex + ((up + down) * share - up) ** 2
        x = self.rest[0] + (self.end[0] - self.rest[0]) * share
        return x, y, 1.0 + (self.grows - 1.0) * share, 360.0 * self.turns * share

    def matrix(self, time_s: float) -> Matrix:
        """From the layer at rest to where it is."""
        x, y, larger, turn = self.place(time_s)
        cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        spin = larger * np.array([[cosine, -sine * self.aspect], [sine / self.aspect, cosine]])
        shift = np.array([x, y]) - spin @ np.array(self.rest)
        return np.array([[*spin[0], shift[0]], [*spin[1], shift[1]], [0.0, 0.0, 1.0]])

    def opacity(self, time_s: float) -> float:
        """Gone as soon as it is in."""
        left = (self.start_s + self.lasts_s - time_s) / _SINKS_S
        return float(np.clip(left, 0.0, 1.0))
