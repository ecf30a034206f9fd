"""Butterflies that flutter by, bees that buzz around a flower, swarms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.motion import depth_bins, particles, pictures, tumbling
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.records import Part, Stamps, Strokes
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.particles import Presence, Whole
    from stillmotion.diorama.motion.records import Overlay
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("insects",)

Floats = NDArray[np.float32]

_BEES = re.compile(r"\bbees?\b|\bbuzz|\bbumble|\bwasps?\b", re.IGNORECASE)
_SWARM = re.compile(r"\b(swarm|flies|midges|mosquito\w*|gnats)\b", re.IGNORECASE)
_MOTHS = re.compile(r"\bmoths?\b", re.IGNORECASE)
_WINGS = ((226, 132, 44), (236, 206, 90), (96, 140, 214), (238, 236, 226))
_MOTH_WINGS = ((172, 156, 132), (150, 136, 118))
_BUTTERFLIES, _BEE_COUNT, _SWARM_COUNT, _MOST = 4, 4, 40, 80
_BUTTERFLY_M, _BEE_M = 0.055, 0.018
_CROSSING_S = 6.0
_FLAP_HZ = 6.5
_SIDES = {"left": -1.0, "right": 1.0}


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - they fly anywhere
    """Insects can fly in any picture."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """One group a cue."""
    overlays: list[Overlay] = []
    for number, cue in enumerate(cues):
        said = f"{cue.subject} {cue.words}"
        if _SWARM.search(said) and not _BEES.search(said):
            overlays.append(_specks(stage, cue, number))
        elif _BEES.search(said):
            overlays.append(_bees(stage, cue, number))
        else:
            overlays += _butterflies(stage, cue, number)
    return Part(overlays=tuple(overlays))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paths:
    """Where n insects fly: on their way across or about a place, always wandering."""

    key: int
    index: Whole
    home: Floats
    """x, y, q, shape (n, 3)."""
    pace: float
    """To the right, photo widths a second; 0 stays about its home."""
    span: float
    """Those that cross come back after this many photo widths."""
    reach: tuple[float, float]
    """How far they wander, photo widths and photo heights."""
    hz: float

    def places(self, time_s: float) -> Floats:
        """x, y, q, shape (n, 3)."""
        x, y = (
            self.reach[axis] * particles.wander(self.key, self.index, time_s, self.hz * (1 + 0.35 * axis), axis)
            for axis in (0, 1)
        )
        bob = 0.12 * self.reach[1] * particles.wander(self.key, self.index, time_s, 2.4, 5)
        along = self.home[:, 0] + self.pace * time_s * np.sqrt(self.home[:, 2])
        edge = (self.span - 1) / 2
        across = np.mod(along + edge, self.span) - edge if self.pace else along
        return np.stack([across + x, self.home[:, 1] + y + bob, self.home[:, 2]], axis=1).astype(np.float32)

    def heading(self, time_s: float, aspect: float) -> tuple[Floats, Floats]:
        """Velocity to the right and down, photo widths a second, shape (n,) each."""
        step = 0.03
        moved = (self.places(time_s + step) - self.places(time_s - step)) / (2 * step)
        return np.clip(moved[:, 0], -2, 2), moved[:, 1] * aspect


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Butterflies:
    """Seen obliquely from above: the wings close and open across the body. An Overlay."""

    before: str | None
    paths: Paths
    drawn: tuple[NDArray[np.uint8], ...]
    size: Floats
    tint: Floats
    aspect: float
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Stamps:  # noqa: ARG002 - the wings are too blurred to tell
        """Each with its head where it flies."""
        paths = self.paths
        none = np.zeros_like(paths.index)
        right, down = paths.heading(time_s, self.aspect)
        phase = particles.hashed(paths.key, paths.index, none, 3)
        rate = _FLAP_HZ * (0.8 + 0.4 * particles.hashed(paths.key, paths.index, none, 4))
        beats = np.maximum(particles.wander(paths.key, paths.index, time_s, 0.5, 7) + 0.6, 0.0)
        opened = 0.62 + 0.36 * np.cos(2 * np.pi * (rate * time_s + phase)) * np.minimum(beats * 2, 1.0)
        count = len(phase)
        return Stamps(
            pictures=self.drawn,
            which=(np.arange(count) % len(self.drawn)).astype(np.int32),
            places=paths.places(time_s),
            size=self.size,
            turn_deg=np.degrees(np.arctan2(0.6 * down, right)).astype(np.float32),
            squash=opened.astype(np.float32),
            tint=np.asarray((0.75 + 0.25 * opened)[:, None] * self.tint, np.float32),
            alpha=self.presence.opacity(phase, time_s),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bees:
    """Seen from the side, always upright. An Overlay."""

    before: str | None
    paths: Paths
    size: Floats
    tint: Floats
    aspect: float
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Stamps:  # noqa: ARG002 - they hover more than they fly
        """Each looks where it flies."""
        paths = self.paths
        right, down = paths.heading(time_s, self.aspect)
        side = np.where(right < 0, -1.0, 1.0)
        tilt = np.clip(np.degrees(np.arctan2(down, np.abs(right) + 0.05)), -35, 35)
        count = len(side)
        return Stamps(
            pictures=(pictures.bee(),),
            which=np.zeros(count, np.int32),
            places=paths.places(time_s),
            size=self.size,
            # Turned by half a turn and seen from behind is the mirror image.
            turn_deg=np.where(side > 0, tilt, 180 - tilt).astype(np.float32),
            squash=side.astype(np.float32),
            tint=np.broadcast_to(self.tint, (count, 3)),
            alpha=self.presence.opacity(
                particles.hashed(paths.key, paths.index, np.zeros_like(paths.index), 3), time_s
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Specks:
    """A swarm too small to be seen as more than dark points. An Overlay."""

    before: str | None
    paths: Paths
    radius: Floats
    colour: Floats
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Strokes:
        """Short dark streaks."""
        rank = particles.hashed(self.paths.key, self.paths.index, np.zeros_like(self.paths.index), 3)
        return Strokes(
            heads=self.paths.places(time_s + shutter_s / 2),
            tails=self.paths.places(time_s - shutter_s / 2),
            radius=self.radius,
            colour=np.broadcast_to(self.colour, (len(rank), 3)),
            alpha=0.75 * self.presence.opacity(rank, time_s),
        )


def _group(stage: Stage, cue: MotionCue, number: int, usual: int) -> tuple[int, Whole, list[Floats]]:
    count = min(cue.count or max(1, round(usual * cue.amount)), _MOST)
    key = particles.key(stage.shot.seed, "insects", number)
    index = np.arange(count, dtype=np.int64)
    return key, index, [particles.hashed(key, index, np.zeros_like(index), 20 + channel) for channel in range(4)]


def _butterflies(stage: Stage, cue: MotionCue, number: int) -> list[Butterflies]:
    key, index, draw = _group(stage, cue, number, _BUTTERFLIES)
    framing = stage.shot.framing
    q = (0.75 + 1.0 * draw[2]).astype(np.float32)
    x = framing.x0 + framing.width * (0.05 + 0.9 * (index + draw[0]) / len(index))
    y = framing.y0 + framing.height * (0.25 + 0.45 * draw[1])
    size = np.clip(_BUTTERFLY_M / tumbling.light_metres(stage), 0.042, 0.07) * (0.8 + 0.4 * draw[3]) * q
    wings = _MOTH_WINGS if _MOTHS.search(f"{cue.subject} {cue.words}") else _WINGS
    drawn = tuple(pictures.butterfly(colour) for colour in wings)
    made = []
    for before in dict.fromkeys(depth_bins.before(stage.scene, float(one)) for one in q):
        mine = np.array([depth_bins.before(stage.scene, float(one)) == before for one in q])
        made.append(
            Butterflies(
                before=before,
                paths=Paths(
                    key=key,
                    index=index[mine],
                    home=np.stack([x, y, q], axis=1)[mine].astype(np.float32),
                    pace=_SIDES.get(cue.direction, 1.0) * cue.speed / _CROSSING_S,
                    span=1.3,
                    reach=(0.07, 0.1),
                    hz=0.3,
                ),
                drawn=drawn,
                size=size[mine].astype(np.float32),
                tint=ambient(stage.scene).tint,
                aspect=stage.aspect,
                presence=particles.presence(stage, [(cue, 1.0)], 0.8),
            )
        )
    return made


def _bees(stage: Stage, cue: MotionCue, number: int) -> Bees:
    key, index, draw = _group(stage, cue, number, _BEE_COUNT)
    x, y, half = _centre(stage)
    q = 1.12
    return Bees(
        before=depth_bins.before(stage.scene, q),
        paths=Paths(
            key=key,
            index=index,
            home=np.stack([x + half * (draw[0] - 0.5), y + half * (draw[1] - 0.5), 0 * draw[0] + q], axis=1),
            pace=0.0,
            span=1.0,
            reach=(1.15 * half + 0.06, (0.9 * half + 0.05) / stage.aspect),
            hz=0.34 * cue.speed,
        ),
        size=(float(np.clip(_BEE_M / depth_bins.metres_per_width(stage), 0.011, 0.04)) * (0.8 + 0.4 * draw[2])),
        tint=ambient(stage.scene).tint,
        aspect=stage.aspect,
        presence=particles.presence(stage, [(cue, 1.0)], 0.8),
    )


def _specks(stage: Stage, cue: MotionCue, number: int) -> Specks:
    key, index, draw = _group(stage, cue, number, _SWARM_COUNT)
    x, y, half = _centre(stage)
    home = np.stack([x + 0 * draw[0], y + 0 * draw[1], 0.9 + 0.4 * draw[2]], axis=1)
    return Specks(
        before=depth_bins.before(stage.scene, 1.05),
        paths=Paths(
            key=key,
            index=index,
            home=home.astype(np.float32),
            pace=0.0,
            span=1.0,
            reach=(half + 0.12, (half + 0.08) / stage.aspect),
            hz=0.8 * cue.speed,
        ),
        radius=(0.0011 + 0.0009 * draw[3]).astype(np.float32),
        colour=np.asarray(0.22 * ambient(stage.scene).mean, np.float32),
        presence=particles.presence(stage, [(cue, 1.0)], 1.0),
    )


def _centre(stage: Stage) -> tuple[float, float, float]:
    """Middle and half width of the plant, or of what people look at first."""
    plants = [layer for layer in stage.scene.layers[1:] if layer.surface is Surface.PLANT]
    if not plants:
        return (*stage.scene.salience, 0.12)
    width, height = stage.scene.size_px
    layer = plants[-1]
    x = (layer.left_px + layer.size_px[0] / 2) / width
    y = (layer.top_px + layer.size_px[1] / 2) / height
    return x, y, min(layer.size_px[0] / width / 2, 0.25)
