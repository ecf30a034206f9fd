"""Dust and pollen that hang in the light, seeds that drift, sand that the wind drives over the ground."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import depth_bins, ground, particles, winds
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.records import Part, Strokes, Veil

if TYPE_CHECKING:
    from stillmotion.diorama.motion.ambient import Ambient
    from stillmotion.diorama.motion.depth_bins import Bin
    from stillmotion.diorama.motion.particles import Breeze, Presence, Whole
    from stillmotion.diorama.motion.records import Overlay
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("dust",)

Floats = NDArray[np.float32]

_SAND = re.compile(r"\bsand\b", re.IGNORECASE)
_POLLEN = re.compile(r"\b(pollen|seeds?|dandelion)\b", re.IGNORECASE)
_COUNTS = (16, 50, 100, 80)
_ROOM_M = (0.4, 3.0)
_MARGIN = 0.15
_DRIFT_M_S = 0.02
_WANDER_M = 0.07
_WANDER_HZ = 0.16
_MOTE_M = (0.002, 0.005)
_POLLEN_M = (0.003, 0.007)
_GRAINS = 2200
_SAND_M_S = 4.5
_NEAR_Z, _FAR_Z = 0.42, 6.0


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - there is air everywhere
    """Dust can hang in any picture."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Motes for all that hangs in the air; sand runs along the ground."""
    sandy = tuple(cue for cue in cues if _SAND.search(cue.words))
    airy = tuple(cue for cue in cues if not _SAND.search(cue.words))
    overlays: list[Overlay] = []
    if airy:
        overlays += _motes(stage, airy)
    if sandy:
        grains = _grains(stage, sandy)
        overlays += [_drifts(stage, grains), grains]
    return Part(overlays=tuple(overlays))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motes:
    """Specks that drift without aim and gleam as they turn; brightest where the picture is. An Overlay."""

    before: str | None
    key: int
    index: Whole
    home: Floats
    """x, y, q at time 0, shape (n, 3)."""
    reach: Floats
    """How far each wanders, photo widths, shape (n,)."""
    radius: Floats
    drift: float
    """To the right, photo widths a second at q = 1."""
    sink: float
    """Down, photo heights a second at q = 1."""
    breeze: Breeze
    aspect: float
    light: Ambient
    tint: Floats
    presence: Presence
    softness: float

    def at(self, time_s: float, shutter_s: float) -> Strokes:
        """Every mote, as far as it moves while the shutter is open."""
        heads, tails = (self._places(time_s + side * shutter_s / 2) for side in (1, -1))
        # One that leaves at an edge comes back at the other: not within one exposure.
        tails = np.where(np.abs(heads - tails) < 0.2, tails, heads)
        shine = 0.45 + 0.55 * particles.wander(self.key, self.index, time_s, 0.45, 2)
        around = self.light.near(heads[:, 0], heads[:, 1])
        lit = np.clip(around.max(axis=1) / 255, 0.06, 1.0)
        edge = np.minimum(np.minimum(heads[:, 0], 1 - heads[:, 0]), np.minimum(heads[:, 1], 1 - heads[:, 1]))
        rank = particles.hashed(self.key, self.index, np.zeros_like(self.index), 7)
        strength = np.clip(shine, 0.05, 1) * (0.2 + 0.8 * lit) * particles.smooth((edge + _MARGIN) / 0.05)
        return Strokes(
            heads=heads,
            tails=tails,
            radius=self.radius,
            colour=np.asarray(0.5 * around + 0.5 * self.light.bright * self.tint, np.float32),
            alpha=(0.95 * strength * self.presence.opacity(rank, time_s)).astype(np.float32),
            softness=self.softness,
            adds=True,
        )

    def _places(self, time_s: float) -> Floats:
        span = np.float32(1 + 2 * _MARGIN)
        q = self.home[:, 2]
        x = self.home[:, 0] + self.drift * self.breeze.travelled_s(time_s) * q
        y = self.home[:, 1] + self.sink * time_s * q
        x = x + self.reach * particles.wander(self.key, self.index, time_s, _WANDER_HZ, 0)
        y = y + self.reach / self.aspect * particles.wander(self.key, self.index, time_s, _WANDER_HZ, 1)
        return np.stack([np.mod(x + _MARGIN, span) - _MARGIN, np.mod(y + _MARGIN, span) - _MARGIN, q], axis=1)


def _motes(stage: Stage, cues: tuple[MotionCue, ...]) -> list[Motes]:
    metres = float(np.clip(depth_bins.metres_per_width(stage), *_ROOM_M))
    presence = particles.presence(stage, [(cue, min(max(cue.amount, 0.8), 3.0)) for cue in cues], 1.5)
    near = 2.6
    rooms = depth_bins.bins(stage.scene, near, 0.35, len(_COUNTS))
    return [
        _hanging(
            stage,
            cues,
            room,
            count=round(count * presence.most),
            metres=metres,
            nearness=1 - k / (len(rooms) - 1),
            presence=presence,
        )
        for k, (room, count) in enumerate(zip(rooms, _COUNTS, strict=True))
    ]


def _hanging(
    stage: Stage,
    cues: tuple[MotionCue, ...],
    room: Bin,
    *,
    count: int,
    metres: float,
    nearness: float,
    presence: Presence,
) -> Motes:
    pollen = any(_POLLEN.search(cue.words) for cue in cues)
    key = particles.key(stage.shot.seed, "motes", f"{room.near_q:.5g}")
    index = np.arange(count, dtype=np.int64)
    draw = [particles.hashed(key, index, np.zeros_like(index), channel) for channel in range(4)]
    q = (room.far_q * (room.near_q / room.far_q) ** draw[2]).astype(np.float32)
    low, high = _POLLEN_M if pollen else _MOTE_M
    speed = max(cue.speed for cue in cues)
    return Motes(
        before=room.before,
        key=key,
        index=index,
        home=np.stack([draw[0] * 1.3 - _MARGIN, draw[1] * 1.3 - _MARGIN, q], axis=1).astype(np.float32),
        reach=(_WANDER_M / metres * q).astype(np.float32),
        # Near ones are out of focus: larger and softer.
        radius=((low + (high - low) * draw[3] ** 2) / metres * q * (0.5 + 0.9 * nearness)).astype(np.float32),
        drift=winds.sideways_m_s(stage, cues, _DRIFT_M_S) * (0.12 if pollen else 0.05) * speed / metres,
        sink=(-0.2 if pollen else 0.35) * _DRIFT_M_S * speed / metres / stage.aspect,
        breeze=particles.breeze(stage),
        aspect=stage.aspect,
        light=ambient(stage.scene),
        tint=np.array([1.0, 0.95, 0.78] if pollen else [1.0, 0.98, 0.93], np.float32),
        presence=presence,
        softness=0.5 + 0.5 * nearness,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grains:
    """Sand in streams close above the ground, in metres over a plane seen in perspective. An Overlay."""

    before: str | None
    key: int
    index: Whole
    metres: float
    across_m_s: float
    towards_m_s: float
    """Towards the camera."""
    slope: float
    horizon_y: float
    focal: float
    aspect: float
    light: Ambient
    breeze: Breeze
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Strokes:
        """Every grain along its way while the shutter is open; dense where a stream passes."""
        share = [particles.hashed(self.key, self.index, np.zeros_like(self.index), channel) for channel in range(5)]
        way = self.breeze.travelled_s(time_s)
        blown = self.breeze.factor(time_s) * shutter_s / 2
        span_z = np.float32(_FAR_Z - _NEAR_Z)
        # Nearer ground is seen larger, so that fewer grains cover it evenly.
        z = _NEAR_Z + np.mod(share[0] * span_z - self.towards_m_s * way / self.metres, span_z)
        reach = 2.4 * z
        x = np.mod(share[1] * reach + self.across_m_s * way / self.metres, reach) - reach / 2
        hop = 0.5 + 0.5 * np.sin(2 * np.pi * (share[2] + (1.2 + share[3]) * time_s))
        height = np.asarray((0.005 + 0.4 * share[4] ** 2.5) * (0.4 + hop) / self.metres, np.float32)
        heads, tails = (self._seen(x, z, height, side * blown) for side in (1, -1))
        stream = np.sin(5.0 * x + 9.0 * share[1] + 1.4 * time_s) * np.sin(3.1 * z - 2.0 * time_s + 6 * share[2])
        border = particles.smooth((z - _NEAR_Z) / 0.15) * particles.smooth((_FAR_Z - z) / 1.5)
        edge = particles.smooth((reach / 2 - np.abs(x)) / (0.08 * reach))
        around = self.light.near(heads[:, 0], heads[:, 1])
        alpha = 0.55 * particles.smooth(0.35 + 0.65 * stream) * border * edge * self.presence.opacity(share[3], time_s)
        return Strokes(
            heads=heads,
            tails=tails,
            radius=(np.float32(0.004) / self.metres / z).astype(np.float32),
            colour=np.minimum(0.3 * around * 1.15 + 0.7 * self.light.bright * (1.0, 0.94, 0.82), 255).astype(
                np.float32
            ),
            alpha=alpha.astype(np.float32),
            softness=1.0,
        )

    def _seen(self, x: Floats, z: Floats, height: Floats, ahead_s: float) -> Floats:
        """Points in subject distances to photo coordinates and q, shape (n, 3)."""
        x = x + self.across_m_s * ahead_s / self.metres
        q = 1 / np.maximum(z - self.towards_m_s * ahead_s / self.metres, 0.1)
        row = self.horizon_y + q / self.slope - height * q * self.focal / self.aspect
        return np.stack([0.5 + self.focal * x * q, row, q], axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drifts:
    """Sand too fine to be seen as grains: thin streamers that race along the ground. An Overlay."""

    before: str | None
    pattern: Floats
    """0..1, repeats from right to left, shape (rows, columns)."""
    across_per_s: float
    """Photo widths a second."""
    box: Box
    colour: Floats
    breeze: Breeze
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Veil | None:  # noqa: ARG002 - soft already
        """Two sheets of streamers, the nearer one faster."""
        amount = 0.42 * float(self.presence.at(time_s))
        if amount < 0.004:
            return None
        rows, columns = self.pattern.shape
        way = self.across_per_s * self.breeze.travelled_s(time_s) / self.box.width
        sheets = [self._moved(np.mod(way * pace, 1.0) * columns) for pace in (0.6, 1.0)]
        height = (np.arange(rows, dtype=np.float32) + 0.5) / rows
        profile = particles.smooth(height / 0.3) * (1 - 0.6 * height)
        alpha = amount * profile[:, None] * np.maximum(sheets[0], sheets[1][::-1])
        rgba = np.dstack([alpha[..., None] * self.colour, 255 * alpha])
        return Veil(rgba=np.round(rgba).astype(np.uint8), box=self.box, plane=Plane(constant=0.9))

    def _moved(self, shift: float) -> Floats:
        """The pattern carried to the right by a part of columns."""
        whole = int(shift)
        part = np.float32(shift - whole)
        moved = np.roll(self.pattern, whole, axis=1)
        return np.asarray(moved * (1 - part) + np.roll(moved, 1, axis=1) * part, np.float32)


def _drifts(stage: Stage, grains: Grains) -> Drifts:
    noise = randomness.generator(stage.shot.seed, "sand streamers").normal(size=(48, 128)).astype(np.float32)
    wide = cv2.GaussianBlur(np.tile(noise, (1, 3)), (0, 0), sigmaX=9.0, sigmaY=1.3)[:, 128:256]
    pattern = particles.smooth(np.asarray(wide, np.float32) / np.float32(2.6 * wide.std()))
    top = min(max(grains.horizon_y - 0.02, 0.2), 0.8)
    across = grains.across_m_s if abs(grains.across_m_s) > grains.towards_m_s else 2 * grains.across_m_s
    return Drifts(
        before=grains.before,
        pattern=pattern,
        across_per_s=across / grains.metres,
        box=Box(x0=-0.3, y0=top, x1=1.3, y1=1.2),
        colour=np.asarray(grains.light.bright * (1.0, 0.94, 0.82), np.float32),
        breeze=grains.breeze,
        presence=grains.presence,
    )


def _grains(stage: Stage, cues: tuple[MotionCue, ...]) -> Grains:
    plane = ground.plane(stage)
    speed = _SAND_M_S * max(cue.speed for cue in cues)
    coming = any(cue.direction in {"in", "toward", "towards"} or "toward the camera" in cue.words for cue in cues)
    presence = particles.presence(stage, [(cue, min(cue.amount, 2.5)) for cue in cues], 1.2)
    key = particles.key(stage.shot.seed, "sand")
    return Grains(
        before=depth_bins.before(stage.scene, 1.6),
        key=key,
        index=np.arange(round(_GRAINS * presence.most), dtype=np.int64),
        metres=float(np.clip(depth_bins.metres_per_width(stage), 2.0, 8.0)),
        across_m_s=float(np.copysign(speed, winds.sideways_m_s(stage, cues, 1.0))) * (0.3 if coming else 1.0),
        towards_m_s=speed if coming else 0.15 * speed,
        slope=plane.per_y,
        horizon_y=-plane.constant / plane.per_y,
        focal=stage.scene.focal,
        aspect=stage.aspect,
        light=ambient(stage.scene),
        breeze=particles.breeze(stage),
        presence=presence,
    )
