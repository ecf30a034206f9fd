"""Light flat things that tumble as they go: leaves, petals, paper, feathers, and what floats up like bubbles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.motion import depth_bins, particles, pictures
from stillmotion.diorama.motion.drops import between
from stillmotion.diorama.motion.records import Stamps

if TYPE_CHECKING:
    from stillmotion.diorama.motion.depth_bins import Bin
    from stillmotion.diorama.motion.particles import Breeze, Column, Lives, Presence
    from stillmotion.diorama.motion.stage import Stage

Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]

_LEAST_SMEAR = 0.3
_MARGIN, _MARGIN_NEAR = 0.08, 0.1
_NEAREST_Q = 4.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What tumbles. Lengths in metres, speeds in metres a second, rates in Hz."""

    name: str
    fall_m_s: tuple[float, float]
    """Slowest and fastest; negative rises."""
    size_m: tuple[float, float]
    counts: tuple[int, ...]
    """How many in each depth range, near to far, at the usual amount."""
    sway_m: float = 0.12
    sway_hz: tuple[float, float] = (0.4, 0.9)
    tumble_hz: tuple[float, float] = (0.3, 1.0)
    """How often it turns its back."""
    spin_hz: float = 0.25
    upright: bool = False
    """Whether it neither tumbles nor turns."""
    lands: bool = True
    alpha: float = 1.0
    near_m: float = 1.0
    far_m: float = 14.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smears:
    """Pictures, and each of them blurred along several directions when things move far while the shutter is open."""

    pictures: tuple[Picture, ...]
    directions: int
    """How many of each; 1 when they are sharp."""
    wider: float
    """How much wider the blurred picture is."""
    along_deg: float
    """Where things go, clockwise from the right."""

    def which(self, turn_deg: Floats) -> NDArray[np.int32]:
        """The index of the picture of each thing; things are dealt to the kinds of pictures in turn."""
        kinds = len(self.pictures) // self.directions
        first = np.arange(len(turn_deg)) % kinds * self.directions
        step = np.round((self.along_deg - turn_deg) / (180 / self.directions)).astype(np.int64) % self.directions
        return np.asarray(first + step, np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tumblers:
    """One depth range. An Overlay."""

    before: str | None
    kind: Kind
    smears: Smears
    column: Column
    q: Floats
    draw: tuple[Floats, ...]
    size: Floats
    sway: Floats
    """Photo widths, shape (n,)."""
    metres: float
    aspect: float
    wind_m_s: float
    tint: Floats
    breeze: Breeze
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Stamps | None:  # noqa: ARG002 - the pictures are smeared already
        """All that is to be seen of the range."""
        opacity = self.presence.opacity(self.draw[0], time_s)
        keep = opacity > 0.01
        if not keep.any():
            return None
        carried = np.float32(self.wind_m_s * self.breeze.travelled_s(time_s) / self.metres) * self.q
        x, y, lived = self.column.at(time_s, carried)
        swing, turn, squash = self._pose(lived)
        places = np.stack([x + self.sway * swing, y + 0.35 * self.sway * swing**2 / self.aspect, self.q], axis=1)
        shade = (0.72 + 0.28 * np.abs(squash))[:, None] * np.where(squash < 0, 1.06, 1.0)[:, None]
        return Stamps(
            pictures=self.smears.pictures,
            which=self.smears.which(turn)[keep],
            places=places[keep].astype(np.float32),
            size=self.size[keep] * np.float32(self.smears.wider),
            turn_deg=turn[keep],
            squash=squash[keep],
            tint=(shade * self.tint)[keep].astype(np.float32),
            alpha=(self.kind.alpha * opacity[keep]).astype(np.float32),
        )

    def _pose(self, lived: Lives) -> tuple[Floats, Floats, Floats]:
        """How far it swings to the side (-1..1), its turn in degrees and how much of its face is seen."""
        age = lived.age_s
        rate = between(self.kind.sway_hz, self.draw[1])
        swing = np.sin(2 * np.pi * (rate * age + self.draw[2])).astype(np.float32)
        if self.kind.upright:
            return swing, np.zeros_like(age), np.ones_like(age)
        spin = self.kind.spin_hz * (2 * self.draw[3] - 1)
        turn = 360 * (self.draw[4] + spin * age) + 35 * np.cos(2 * np.pi * (rate * age + self.draw[2]))
        tumble = between(self.kind.tumble_hz, self.draw[5])
        squash = np.cos(2 * np.pi * (tumble * age + self.draw[6]))
        return swing, turn.astype(np.float32), squash.astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flurry:
    """What is the same for all depths of a field."""

    stage: Stage
    kind: Kind
    pictures: tuple[Picture, ...]
    presence: Presence
    wind_m_s: float
    speed: float
    tint: Floats
    metres: float
    """What the photo's width is taken to span: see `light_metres`."""


def light_metres(stage: Stage) -> float:
    """What the photo's width spans for light things: near enough to be seen, far enough not to race by."""
    return float(np.clip(depth_bins.metres_per_width(stage), 1.3, 3.2))


def tumblers(flurry: Flurry) -> tuple[Tumblers, ...]:
    """The field in depth ranges, each behind the layers that hide it."""
    kind, scene = flurry.kind, flurry.stage.scene
    near = float(np.clip(flurry.metres / kind.near_m, 1.5, _NEAREST_Q))
    rooms = depth_bins.bins(scene, near, near * kind.near_m / kind.far_m, len(kind.counts))
    blown = particles.breeze(flurry.stage)
    smears = _smears(flurry)
    return tuple(
        _range(flurry, blown, smears, room, round(count * flurry.presence.most) + (count > 0))
        for room, count in zip(rooms, kind.counts, strict=True)
    )


def _smears(flurry: Flurry) -> Smears:
    shot, kind = flurry.stage.shot, flurry.kind
    down = sum(kind.fall_m_s) / 2 * flurry.speed
    way_m = float(np.hypot(flurry.wind_m_s, down)) * shot.look.shutter_deg / 360 / shot.fps
    share = min(way_m / (sum(kind.size_m) / 2), 0.9)
    along = float(np.degrees(np.arctan2(down, flurry.wind_m_s)))
    if share < _LEAST_SMEAR:
        return Smears(pictures=flurry.pictures, directions=1, wider=1.0, along_deg=along)
    blurred = [pictures.smeared(picture, share) for picture in flurry.pictures]
    return Smears(
        pictures=tuple(one for directions in blurred for one in directions),
        directions=pictures.DIRECTIONS,
        wider=1.0 + share,
        along_deg=along,
    )


def _range(flurry: Flurry, blown: Breeze, smears: Smears, room: Bin, count: int) -> Tumblers:
    stage, kind = flurry.stage, flurry.kind
    key = particles.key(stage.shot.seed, kind.name, f"{room.near_q:.5g}")
    index = np.arange(count, dtype=np.int64)
    draw = tuple(particles.hashed(key, index, np.zeros_like(index), 10 + channel) for channel in range(10))
    q = (room.far_q * (room.near_q / room.far_q) ** draw[7]).astype(np.float32)
    across = q / np.float32(flurry.metres)
    size = between(kind.size_m, draw[8]) * across
    speed = between(kind.fall_m_s, draw[9]) * np.float32(flurry.speed) * across / np.float32(stage.aspect)
    margin = _MARGIN + _MARGIN_NEAR * q + size + kind.sway_m * across
    bottom = 1 + margin
    high = np.minimum(bottom, depth_bins.landing_row(stage.scene, q, 9.0)) if kind.lands else bottom
    column = particles.Column(
        key=key,
        index=index,
        low=-margin.astype(np.float32),
        high=np.maximum(high, -margin + 0.05).astype(np.float32),
        left=-margin.astype(np.float32),
        width=(1 + 2 * margin).astype(np.float32),
        speed=speed.astype(np.float32),
    )
    return Tumblers(
        before=room.before,
        kind=kind,
        smears=smears,
        column=column,
        q=q,
        draw=draw,
        size=size.astype(np.float32),
        sway=(kind.sway_m * across).astype(np.float32),
        metres=flurry.metres,
        aspect=stage.aspect,
        wind_m_s=flurry.wind_m_s,
        tint=flurry.tint,
        breeze=blown,
        presence=flurry.presence,
    )
