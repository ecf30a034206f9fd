"""Drops that fall one by one from an edge, and dew that glints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import depth_bins, particles
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.records import Event, Part, Strokes
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.particles import Presence, Whole
    from stillmotion.diorama.motion.records import Overlay
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("drip",)

Floats = NDArray[np.float32]

_DEW = re.compile(r"\bdew\w*\b", re.IGNORECASE)
_GRAVITY_M_S2 = 9.81
_HANGS_S = 0.5
_EVERY_S = 1.1
_DROPS, _GLINTS = 3, 26
_WIDTH_M = 0.005


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - drops can fall from the upper edge
    """Water can drip in any picture."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Dew stays and glints; everything else falls."""
    overlays: list[Overlay] = []
    events: list[Event] = []
    for number, cue in enumerate(cues):
        if _DEW.search(cue.words):
            overlays.append(_glints(stage, cue, number))
        else:
            falling = _falling(stage, cue, number)
            overlays.append(falling)
            events += falling.landings(cue.start_s, stage.end_s(cue))
    return Part(overlays=tuple(overlays), events=tuple(events))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drops:
    """Drops that swell, let go and fall freely, again and again. An Overlay."""

    before: str | None
    edge: Floats
    """Where each hangs: x, y, q, shape (n, 3)."""
    floor_y: Floats
    per_m: Floats
    """Photo widths a metre, shape (n,)."""
    period_s: Floats
    phase: Floats
    aspect: float
    colour: Floats
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Strokes | None:
        """Those that hang or fall."""
        lived = particles.lives(time_s, self.period_s, self.phase)
        half = np.float32(shutter_s / 2)
        heads, tails = (self._places(lived.age_s + side * half) for side in (1, -1))
        keep = (tails[:, 1] < self.floor_y) & (self.presence.at(lived.birth_s) > 0)
        if not keep.any():
            return None
        swollen = particles.smooth(lived.age_s / _HANGS_S)
        return Strokes(
            heads=heads[keep],
            tails=tails[keep],
            radius=(_WIDTH_M / 2 * self.per_m * (0.35 + 0.65 * swollen))[keep].astype(np.float32),
            colour=np.broadcast_to(self.colour, (int(keep.sum()), 3)),
            alpha=(0.75 * swollen)[keep].astype(np.float32),
            softness=0.6,
        )

    def _places(self, age: Floats) -> Floats:
        fallen = _GRAVITY_M_S2 / 2 * np.maximum(age - _HANGS_S, 0.0) ** 2 * self.per_m / self.aspect
        return np.stack([self.edge[:, 0], self.edge[:, 1] + fallen, self.edge[:, 2]], axis=1).astype(np.float32)

    def landings(self, start_s: float, end_s: float) -> list[Event]:
        """When and where drops hit what is below them, if that is in the picture."""
        # What is infinitely far away takes for ever.
        way_m = (self.floor_y - self.edge[:, 1]) * self.aspect / np.maximum(self.per_m, 1e-9)
        falls = _HANGS_S + np.sqrt(2 * np.maximum(way_m, 0) / _GRAVITY_M_S2)
        found: list[Event] = []
        for k in np.flatnonzero((self.floor_y < 1.0) & (falls < self.period_s)):
            births = (np.arange(np.ceil(end_s / self.period_s[k]) + 1) - self.phase[k]) * self.period_s[k]
            hits = births[births >= start_s] + falls[k]
            found += [self._splash(int(k), float(hit), float(way_m[k])) for hit in hits if hit < end_s]
        return found

    def _splash(self, k: int, time_s: float, way_m: float) -> Event:
        return Event(
            kind="splash",
            time_s=time_s,
            x=float(self.edge[k, 0]),
            y=float(self.floor_y[k]),
            speed=float(np.sqrt(2 * _GRAVITY_M_S2 * way_m)),
            impulse=1e-4,
            materials=("water", ""),
            q=float(self.edge[k, 2]),
            subject="drop",
        )


def _falling(stage: Stage, cue: MotionCue, number: int) -> Drops:
    rng = randomness.generator(stage.shot.seed, "drips", number)
    count = cue.count if cue.count is not None and cue.count < 40 else max(1, round(_DROPS * cue.amount))
    layer = stage.layer(cue)
    q = 1.02 if layer is None else depth_bins.middle_q(stage.scene, layer) * 1.02
    x, y = _edge(stage, layer, rng, count)
    metres = float(np.clip(depth_bins.metres_per_width(stage), 0.3, 6.0))
    depth = np.full(count, q, np.float32)
    return Drops(
        before=depth_bins.before(stage.scene, q),
        edge=np.stack([x, y, depth], axis=1).astype(np.float32),
        floor_y=np.maximum(depth_bins.landing_row(stage.scene, depth, 1.3), y + 0.02).astype(np.float32),
        per_m=depth / np.float32(metres),
        period_s=(_HANGS_S + _EVERY_S * rng.uniform(0.8, 1.4, count) / max(cue.speed, 0.2)).astype(np.float32),
        phase=rng.random(count).astype(np.float32),
        aspect=stage.aspect,
        colour=np.asarray(0.3 * ambient(stage.scene).mean + 0.7 * ambient(stage.scene).bright, np.float32),
        presence=particles.presence(stage, [(cue, 1.0)], 0.4),
    )


def _edge(stage: Stage, layer: Layer | None, rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Points on the lower edge of a layer; without one, the upper edge of the picture."""
    framing = stage.shot.framing
    if layer is None or layer is stage.scene.layers[0]:
        x = framing.x0 + framing.width * rng.uniform(0.15, 0.85, count)
        return x.astype(np.float32), np.full(count, framing.y0 - 0.02, np.float32)
    solid = layer.rgba[..., 3] > 128
    columns = rng.choice(np.flatnonzero(solid.any(axis=0)), count)
    rows = solid.shape[0] - 1 - np.argmax(solid[::-1, columns], axis=0)
    width, height = stage.scene.size_px
    x, y = (layer.left_px + columns + 0.5) / width, (layer.top_px + rows + 0.5) / height
    return x.astype(np.float32), y.astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glints:
    """Points that catch the light now and then. An Overlay."""

    before: str | None
    key: int
    index: Whole
    places: Floats
    radius: Floats
    colour: Floats
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Strokes:  # noqa: ARG002 - they stay
        """Light that is added: sharp, short gleams."""
        gleam = np.clip(particles.wander(self.key, self.index, time_s, 0.8, 0) * 1.6 - 0.35, 0, 1) ** 1.5
        return Strokes(
            heads=self.places,
            tails=self.places,
            radius=self.radius * (0.6 + 0.4 * gleam),
            colour=np.broadcast_to(self.colour, (len(gleam), 3)),
            alpha=(0.9 * gleam * float(self.presence.at(time_s))).astype(np.float32),
            softness=1.0,
            adds=True,
        )


def _glints(stage: Stage, cue: MotionCue, number: int) -> Glints:
    """On the plant, where it is bright already."""
    rng = randomness.generator(stage.shot.seed, "dew", number)
    plants = [layer for layer in stage.scene.layers[1:] if layer.surface in {Surface.PLANT, Surface.FOLIAGE}]
    layer = plants[-1] if plants else stage.scene.layers[-1]
    small = cv2.resize(layer.rgba, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float64)
    weight = (small[..., :3].sum(axis=-1) * (small[..., 3] > 200)).ravel() ** 2
    weight = weight if weight.sum() > 0 else np.ones(weight.size)
    chosen = rng.choice(weight.size, round(_GLINTS * min(cue.amount, 3.0)), p=weight / weight.sum())
    width, height = stage.scene.size_px
    x = (layer.left_px + (chosen % 64 + rng.random(len(chosen))) / 64 * layer.size_px[0]) / width
    y = (layer.top_px + (chosen // 64 + rng.random(len(chosen))) / 64 * layer.size_px[1]) / height
    q = np.full(len(chosen), depth_bins.middle_q(stage.scene, layer))
    index = np.arange(len(chosen), dtype=np.int64)
    return Glints(
        before=depth_bins.before(stage.scene, float(q[0])),
        key=particles.key(stage.shot.seed, "dew", number),
        index=index,
        places=np.stack([x, y, q], axis=1).astype(np.float32),
        radius=(0.0012 + 0.0012 * rng.random(len(chosen))).astype(np.float32),
        colour=ambient(stage.scene).bright,
        presence=particles.presence(stage, [(cue, 1.0)], 0.8),
    )
