"""Hail: pale stones that fall fast and hop where they hit the ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.motion import depth_bins, drops, particles, splashes, winds
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.drops import Kind, Shower
from stillmotion.diorama.motion.records import Part, Strokes

if TYPE_CHECKING:
    from stillmotion.diorama.motion.particles import Presence, Whole
    from stillmotion.diorama.motion.records import Overlay
    from stillmotion.diorama.motion.splashes import Spots
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("hail",)

Floats = NDArray[np.float32]

_STONE = Kind(name="hail", fall_m_s=(9.0, 13.0), width_m=(0.006, 0.012), alpha=0.6, softness=(0.9, 0.6))
_NEAR_M, _FAR_M, _NEAREST_Q = 1.6, 24.0, 8.0
_COUNTS = (10, 60, 150, 200)
_HOPS = 110
_HOP_S = 0.42
_HOP_M_S = 1.7
_SECOND = 0.45
"""Share of the speed that is left after the second hit."""
_GRAVITY_M_S2 = 9.81


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - it can hail in any picture
    """Hail can fall before any photo."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Falling stones, and stones that hop on what faces up."""
    presence = particles.presence(stage, [(cue, min(cue.amount, 2.4)) for cue in cues], 1.0)
    light = ambient(stage.scene)
    metres = depth_bins.metres_per_width(stage)
    shower = Shower(
        stage=stage,
        kind=_STONE,
        presence=presence,
        breeze=particles.breeze(stage),
        wind_m_s=winds.sideways_m_s(stage, cues, 0.8),
        speed=max(cue.speed for cue in cues),
        colour=np.asarray(0.2 * light.mean + 0.8 * light.bright, np.float32),
        light=light,
        metres=metres,
    )
    near = min(max(metres / _NEAR_M, 1.5), _NEAREST_Q)
    rooms = depth_bins.bins(stage.scene, near, near * _NEAR_M / _FAR_M, len(_COUNTS))
    overlays: list[Overlay] = [
        drops.falling(shower, room, 1 - k / (len(rooms) - 1), round(count * presence.most))
        for k, (room, count) in enumerate(zip(rooms, _COUNTS, strict=True))
    ]
    for number, spots in enumerate(splashes.spots(stage, "hail", round(_HOPS * presence.most))):
        overlays.append(_hops(shower, spots, number))
    return Part(overlays=tuple(overlays))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hops:
    """Stones that have just hit the ground: one hop, then a smaller one. An Overlay."""

    before: str | None
    key: int
    index: Whole
    places: Floats
    per_m: Floats
    aspect: float
    colour: Floats
    period_s: Floats
    phase: Floats
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Strokes | None:
        """Those in the air, each along its way while the shutter is open."""
        lived = particles.lives(time_s, self.period_s, self.phase)
        rank = particles.hashed(self.key, self.index, np.zeros_like(self.index), 1)
        here = rank < self.presence.at(lived.birth_s) / max(self.presence.most, 1e-6)
        keep = here & (lived.age_s < _HOP_S)
        if not keep.any():
            return None
        half = np.float32(shutter_s / 2)
        heads, tails = (self._places(np.maximum(lived.age_s + side * half, 0), lived.cycle)[keep] for side in (1, -1))
        fade = 1 - particles.smooth((lived.age_s[keep] / _HOP_S - 0.75) / 0.25)
        return Strokes(
            heads=heads,
            tails=tails,
            radius=0.0045 * self.per_m[keep],
            colour=np.broadcast_to(self.colour, (len(fade), 3)),
            alpha=np.asarray(0.8 * fade, np.float32),
        )

    def _places(self, age: Floats, cycle: Whole) -> Floats:
        up = _HOP_M_S * (0.5 + 0.6 * particles.hashed(self.key, self.index, cycle, 2))
        side = 0.7 * (2 * particles.hashed(self.key, self.index, cycle, 3) - 1)
        first = 2 * up / _GRAVITY_M_S2
        later = np.maximum(age - first, 0)
        height = np.where(
            age < first,
            up * age - _GRAVITY_M_S2 / 2 * age**2,
            np.maximum(_SECOND * up * later - _GRAVITY_M_S2 / 2 * later**2, 0),
        )
        x = self.places[:, 0] + side * age * self.per_m
        y = self.places[:, 1] - height * self.per_m / self.aspect
        return np.stack([x, y, self.places[:, 2]], axis=1).astype(np.float32)


def _hops(shower: Shower, spots: Spots, number: int) -> Hops:
    key = particles.key(shower.stage.shot.seed, "hail hops", number)
    index = np.arange(len(spots.x), dtype=np.int64)
    draw = [particles.hashed(key, index, np.zeros_like(index), 10 + channel) for channel in range(2)]
    return Hops(
        before=spots.before,
        key=key,
        index=index,
        places=np.stack([spots.x, spots.y, spots.q], axis=1),
        per_m=(spots.q / shower.metres).astype(np.float32),
        aspect=shower.stage.aspect,
        colour=shower.colour,
        period_s=(_HOP_S * (1.5 + draw[0])).astype(np.float32),
        phase=draw[1],
        presence=shower.presence,
    )
