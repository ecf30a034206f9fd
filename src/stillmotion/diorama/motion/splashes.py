"""Where drops land on surfaces that face up: rings that spread on wet ground and water, and tiny crowns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import depth_bins, particles
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.records import Stamps, Strokes
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.particles import Presence
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer

Floats = NDArray[np.float32]

_NEAREST_Q, _FARTHEST_Q = 2.0, 0.12
_RINGS, _CROWNS = 130, 120
"""On all surfaces together, in ordinary rain."""
_MOST = 2.0
_RING_PX = 96
_GRAVITY_M_S2 = 9.81
_WATER_RING_M, _GROUND_RING_M = 0.16, 0.07
_WATER_RING_S, _GROUND_RING_S = 0.7, 0.32
_CROWN_S = 0.17
_CROWN_M_S = 1.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spots:
    """Places on one surface, each array of shape (n,)."""

    before: str | None
    x: Floats
    y: Floats
    q: Floats
    tilt: Floats
    """How high a circle on the ground looks for its width."""
    water: bool


def spots(stage: Stage, purpose: str, count: int) -> tuple[Spots, ...]:
    """Places on everything that faces up, grouped by what hides them; nearer ground gets them farther apart."""
    found: list[Spots] = []
    for layer in stage.scene.layers:
        if depth_bins.lies(layer):
            found += _on(stage, layer, purpose, count)
    return tuple(found)


def _on(stage: Stage, layer: Layer, purpose: str, count: int) -> list[Spots]:
    rng = randomness.generator(stage.shot.seed, purpose, layer.name)
    x, y = _candidates(stage, layer, rng, count)
    plane = layer.plane
    q = (plane.per_x * x + plane.per_y * y + plane.constant).astype(np.float32)
    keep = (q > _FARTHEST_Q) & (q < _NEAREST_Q)
    x, y, q = x[keep], y[keep], q[keep]
    tilt = np.clip(q / plane.per_y * stage.aspect / stage.scene.focal, 0.04, 0.9).astype(np.float32)
    hidden_by = np.array([depth_bins.before(stage.scene, float(one)) or "" for one in q])
    return [
        Spots(
            before=name or None,
            x=x[hidden_by == name],
            y=y[hidden_by == name],
            q=q[hidden_by == name],
            tilt=tilt[hidden_by == name],
            water=layer.surface is Surface.WATER,
        )
        for name in dict.fromkeys(hidden_by.tolist())
    ]


def _candidates(stage: Stage, layer: Layer, rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Random opaque pixels of a layer; far rows hold more of the ground than near ones."""
    alpha = layer.rgba[..., 3]
    height, width = alpha.shape
    share = height * width / (stage.scene.size_px[0] * stage.scene.size_px[1])
    tries = round(count * 3 * min(1.0, share * 2) + 1)
    columns, rows = rng.integers(0, width, tries), (height * rng.random(tries) ** 1.35).astype(np.int64)
    solid = alpha[rows, columns] > 200
    x = (layer.left_px + columns[solid][:count] + 0.5) / stage.scene.size_px[0]
    y = (layer.top_px + rows[solid][:count] + 0.5) / stage.scene.size_px[1]
    return x.astype(np.float32), y.astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rings:
    """Circles that spread and fade where drops land. An Overlay."""

    before: str | None
    places: Floats
    width: Floats
    """Of the largest, in photo widths, shape (n,)."""
    tilt: Floats
    period_s: Floats
    phase: Floats
    rank: Floats
    life_s: float
    alpha: float
    tint: Floats
    presence: Presence
    key: int

    def at(self, time_s: float, shutter_s: float) -> Stamps | None:  # noqa: ARG002 - too slow to smear
        """Rings of all ages."""
        lived = particles.lives(time_s, self.period_s, self.phase)
        age = lived.age_s / self.life_s
        share = self.presence.at(lived.birth_s) / max(self.presence.most, 1e-6)
        keep = (age < 1.0) & (self.rank < share)
        if not keep.any():
            return None
        age, places = age[keep], self.places[keep].copy()
        index, cycle = np.flatnonzero(keep), lived.cycle[keep]
        # The next drop lands somewhere near the last one.
        places[:, 0] += (particles.hashed(self.key, index, cycle, 1) - 0.5) * 4 * self.width[keep]
        count = len(age)
        return Stamps(
            pictures=(_ring(),),
            which=np.zeros(count, np.int32),
            places=places,
            size=self.width[keep] * (0.12 + 0.88 * np.sqrt(age)),
            turn_deg=np.zeros(count, np.float32),
            squash=self.tilt[keep],
            tint=np.broadcast_to(self.tint, (count, 3)),
            alpha=(self.alpha * (1 - age) ** 1.5 * particles.smooth(age / 0.1)).astype(np.float32),
        )


def rings(stage: Stage, presence: Presence) -> list[Rings]:
    """Rings of rain on ground, water and tables."""
    metres = depth_bins.metres_per_width(stage)
    tint = ambient(stage.scene).tint
    made = []
    for number, spot in enumerate(spots(stage, "rain rings", round(_RINGS * min(presence.most, _MOST)))):
        key = particles.key(stage.shot.seed, "rain rings", number)
        index = np.arange(len(spot.x), dtype=np.int64)
        size, rank, phase, rate = (particles.hashed(key, index, index * 0, channel) for channel in range(4))
        widest = _WATER_RING_M if spot.water else _GROUND_RING_M
        life_s = _WATER_RING_S if spot.water else _GROUND_RING_S
        made.append(
            Rings(
                before=spot.before,
                places=np.stack([spot.x, spot.y, spot.q], axis=1),
                width=(widest * (0.6 + 0.8 * size) * spot.q / metres).astype(np.float32),
                tilt=spot.tilt,
                period_s=(life_s * (1.5 + rate)).astype(np.float32),
                phase=phase,
                rank=rank,
                life_s=life_s,
                alpha=0.55 if spot.water else 0.4,
                tint=tint,
                presence=presence,
                key=key,
            )
        )
    return made


@lru_cache(maxsize=1)
def _ring() -> NDArray[np.uint8]:
    """A bright crest with a dark trough inside it, brighter on the far side, premultiplied."""
    axis = (np.arange(_RING_PX, dtype=np.float32) + 0.5) / _RING_PX * 2 - 1
    x, y = np.meshgrid(axis, axis)
    r = np.hypot(x, y)
    crest = np.exp(-(((r - 0.86) / 0.055) ** 2)) + 0.35 * np.exp(-(((r - 0.52) / 0.05) ** 2))
    trough = 0.75 * np.exp(-(((r - 0.73) / 0.06) ** 2))
    lit = crest * (0.72 - 0.28 * y)
    alpha = np.clip(lit + trough, 0, 1)
    rgba = np.dstack([np.minimum(lit, alpha)] * 3 + [alpha]) * 255
    return np.asarray(cv2.GaussianBlur(rgba, (0, 0), 0.8), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crowns:
    """Droplets thrown up where a drop lands: three to a splash. An Overlay."""

    before: str | None
    places: Floats
    per_m: Floats
    """Photo widths a metre at each place, shape (n,)."""
    period_s: Floats
    phase: Floats
    rank: Floats
    aspect: float
    colour: Floats
    presence: Presence
    key: int

    def at(self, time_s: float, shutter_s: float) -> Strokes | None:
        """Ballistic arcs: up at about 1 m/s, down by gravity."""
        lived = particles.lives(time_s, self.period_s, self.phase)
        share = self.presence.at(lived.birth_s) / max(self.presence.most, 1e-6)
        keep = (lived.age_s < _CROWN_S) & (self.rank < share)
        if not keep.any():
            return None
        index, cycle = np.flatnonzero(keep), lived.cycle[keep]
        heads, tails = (
            self._flown(index, cycle, lived.age_s[keep] + side * np.float32(shutter_s / 2)) for side in (1, -1)
        )
        fade = 1 - lived.age_s[keep] / _CROWN_S
        radius = np.float32(0.0025) * self.per_m[keep]
        return Strokes(
            heads=heads,
            tails=tails,
            radius=np.repeat(radius, 3),
            colour=np.broadcast_to(self.colour, (3 * len(index), 3)),
            alpha=np.repeat(0.8 * fade, 3).astype(np.float32),
            softness=0.8,
        )

    def _flown(self, index: particles.Whole, cycle: particles.Whole, age_s: Floats) -> Floats:
        """Where the droplets are, shape (3 n, 3)."""
        age = np.maximum(age_s, 0.0)
        jitter = (particles.hashed(self.key, index, cycle, 1) - 0.5) * np.float32(0.25)
        places = []
        for droplet in range(3):
            side = particles.hashed(self.key, index, cycle, 10 + droplet) * 2 - 1
            up = _CROWN_M_S * (0.6 + 0.5 * particles.hashed(self.key, index, cycle, 20 + droplet))
            across = (jitter + 0.45 * side * age) * self.per_m[index]
            risen = np.maximum(up * age - _GRAVITY_M_S2 / 2 * age**2, 0.0) * self.per_m[index]
            base = self.places[index]
            places.append(np.stack([base[:, 0] + across, base[:, 1] - risen / self.aspect, base[:, 2]], axis=1))
        return np.stack(places, axis=1).reshape(-1, 3).astype(np.float32)


def crowns(stage: Stage, presence: Presence, colour: Floats) -> list[Crowns]:
    """Splashes of rain on ground, water and tables."""
    metres = depth_bins.metres_per_width(stage)
    made = []
    for number, spot in enumerate(spots(stage, "rain crowns", round(_CROWNS * min(presence.most, _MOST)))):
        key = particles.key(stage.shot.seed, "rain crowns", number)
        index = np.arange(len(spot.x), dtype=np.int64)
        rank, phase, rate = (particles.hashed(key, index, index * 0, channel) for channel in range(3))
        made.append(
            Crowns(
                before=spot.before,
                places=np.stack([spot.x, spot.y, spot.q], axis=1),
                per_m=(spot.q / metres).astype(np.float32),
                period_s=(_CROWN_S * (1.6 + 1.5 * rate)).astype(np.float32),
                phase=phase,
                rank=rank,
                aspect=stage.aspect,
                colour=colour,
                presence=presence,
                key=key,
            )
        )
    return made
