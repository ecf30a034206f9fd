"""Bodies and what becomes of them, in metres, seconds and radians: x to the right, y up, angles counter-clockwise."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Points = tuple[tuple[float, float], ...]
Floats = NDArray[np.float64]
RATE_HZ = 240
"""Steps a second of the simulation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Something that moves by itself: a circle, or convex pieces that together have its outline."""

    name: str
    place: tuple[float, float]
    """Centre of mass at the start."""
    radius: float | None = None
    """Of a circle about the centre of mass; None when `pieces` tell the shape."""
    pieces: tuple[Points, ...] = ()
    """Convex outlines relative to the centre of mass."""
    gyration: float
    """Radius of gyration: the moment of inertia is mass x gyration^2."""
    mass_kg: float = 1.0
    angle: float = 0.0
    velocity: tuple[float, float] = (0.0, 0.0)
    spin: float = 0.0
    """Radians a second."""
    restitution: float = 0.5
    """Share of the closing speed that a bounce off something hard and fixed gives back."""
    exact: bool = False
    """Whether the restitution holds against everything that stands still, however soft that is."""
    friction: float = 0.5
    """Coulomb coefficient against what stands still; between two bodies the coefficients multiply."""
    rolling: float = 0.0
    """Rolling resistance: share of the weight that pulls back."""
    bounces: int | None = None
    """After so many bounces off things that stand still it stays down; None is no limit."""
    bounced_restitution: tuple[float, ...] = ()
    """Restitution of the first, second, ... bounce where each has its own."""
    material: str = ""
    start_s: float = 0.0
    """When it is let go; before that it stands still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Something that stands still: the ground, a wall, another layer's outline."""

    name: str
    pieces: tuple[Points, ...]
    """Convex outlines."""
    softness: float = 1.0
    """Factor on the restitution of what hits it: 1 is hard, 0.1 is snow."""
    grip: float = 1.0
    """Factor on the friction of what touches it."""
    material: str = ""
    holds: tuple[str, ...] | None = None
    """Names of the bodies that it stops; None is all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that a simulation starts from."""

    bodies: tuple[Body, ...]
    obstacles: tuple[Obstacle, ...] = ()
    gravity: float = 9.81
    """Downwards, m/s^2."""
    duration_s: float
    pixel_m: float = 0.002
    """What is too small to be seen: penetrations stay below a tenth of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Two things touched."""

    time_s: float
    place: tuple[float, float]
    bodies: tuple[str, str]
    materials: tuple[str, str]
    speed: float
    """Closing speed along the normal, m/s."""
    impulse: float
    """Newton seconds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """Where a body is, by time: straight between the knots, which stand at every step and every impact."""

    name: str
    times: Floats
    """Shape (n,), rising."""
    places: Floats
    """Centre of mass, shape (n, 2)."""
    angles: Floats
    """Shape (n,)."""
    touching: tuple[tuple[float, float], ...] = ()
    """Spans during which it touched something that stands still."""

    def at(self, time_s: float) -> tuple[float, float, float]:
        """X, y and angle; before the first knot and after the last it stands still."""
        last = len(self.times) - 1
        after = min(max(int(np.searchsorted(self.times, time_s, side="right")), 1), last)
        before = after - 1
        span = self.times[after] - self.times[before]
        share = float(np.clip((time_s - self.times[before]) / span, 0.0, 1.0)) if span > 0 else 1.0
        x, y = self.places[before] * (1 - share) + self.places[after] * share
        return float(x), float(y), float(self.angles[before] * (1 - share) + self.angles[after] * share)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What became of a world."""

    paths: dict[str, Path] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    """By time."""
