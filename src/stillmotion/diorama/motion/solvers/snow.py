"""Snow: slow flakes that swing as they sink, soft and large when near, a fine drift far away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import depth_bins, drops, particles, winds
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.drops import Kind, Shower
from stillmotion.diorama.motion.records import Part, Tone

if TYPE_CHECKING:
    from stillmotion.diorama.motion.particles import Presence
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("snow",)

_FLAKE = Kind(
    name="snow",
    fall_m_s=(0.8, 1.5),
    width_m=(0.006, 0.013),
    alpha=0.85,
    softness=(1.0, 0.7),
    flutter_m=0.06,
    flutter_hz=(0.25, 0.7),
    by_birth=False,
)
"""Aggregates of crystals sink at about 1 m/s (Locatelli and Hobbs 1974)."""
_NEAR_M, _FAR_M = 0.9, 28.0
_NEAREST_Q = 6.0
_SPAN_M = (2.8, 6.0)
"""Before a flower seen from a hand away flakes would race by; before a tower they would be too small to see."""
_COUNTS = (12, 90, 360, 850, 1100)
_MOST = 2.4
_BLIZZARD = re.compile(r"\b(blizzard|snow ?storm|heav|thick)", re.IGNORECASE)
_FLURRIES = re.compile(r"\b(flurr|few flakes|lightly|a little)", re.IGNORECASE)


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - it can snow in any picture
    """Snow can fall before any photo."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """All snow of a shot is one field whose density follows the cues."""
    presence = particles.presence(stage, [(cue, heaviness(cue)) for cue in cues], 2.0)
    light = ambient(stage.scene)
    shower = Shower(
        stage=stage,
        kind=_FLAKE,
        presence=presence,
        breeze=particles.breeze(stage),
        wind_m_s=winds.sideways_m_s(stage, cues, 0.35) * 0.7,
        speed=max(cue.speed for cue in cues),
        colour=np.asarray(0.25 * light.mean + 0.75 * light.bright, np.float32),
        light=light,
        metres=float(np.clip(depth_bins.metres_per_width(stage), *_SPAN_M)),
    )
    return Part(overlays=tuple(_flakes(shower)), grades=(SnowLight(presence=presence),))


def heaviness(cue: MotionCue) -> float:
    """How dense the snow is; 1 is ordinary."""
    if _BLIZZARD.search(cue.words):
        return min(max(cue.amount, 1.0) * 1.4, _MOST)
    if _FLURRIES.search(cue.words):
        return min(cue.amount, 1.0) * 0.5
    return min(cue.amount, _MOST)


def _flakes(shower: Shower) -> list[drops.Falling]:
    near = min(max(shower.metres / _NEAR_M, 1.5), _NEAREST_Q)
    rooms = depth_bins.bins(shower.stage.scene, near, near * _NEAR_M / _FAR_M, len(_COUNTS))
    most = shower.presence.most
    return [
        drops.falling(shower, room, 1 - k / (len(rooms) - 1), round(count * most))
        for k, (room, count) in enumerate(zip(rooms, _COUNTS, strict=True))
    ]


class SnowLight:
    """A little less colour and warmth while it snows. A Grade."""

    def __init__(self, *, presence: Presence) -> None:
        self._presence = presence

    def at(self, time_s: float) -> Tone:
        """More snow, less colour."""
        amount = min(float(self._presence.at(time_s)), 2.0)
        return Tone(exposure=1.0 - 0.02 * amount, saturation=1.0 - 0.08 * amount, warmth=-0.012 * amount)
