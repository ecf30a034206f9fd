"""Rain: streaks as long as drops fall while the shutter is open, rings where they land, duller light."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import depth_bins, drops, particles, splashes, winds
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.drops import Kind, Shower
from stillmotion.diorama.motion.records import Event, Part, Tone, Veil

if TYPE_CHECKING:
    from stillmotion.diorama.motion.ambient import Ambient
    from stillmotion.diorama.motion.particles import Presence
    from stillmotion.diorama.motion.records import Overlay
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("rain",)

FALL_M_S = 8.0
"""Terminal speed of a drop of 3 mm (Gunn and Kinzer 1949)."""
_DROP = Kind(
    name="rain", fall_m_s=(FALL_M_S, FALL_M_S), width_m=(0.003, 0.008), alpha=0.5, softness=(0.9, 0.7), lands=True
)
_NEAR_M, _FAR_M = 1.6, 36.0
_COUNTS = (26, 170, 420, 540, 460)
"""Drops in each depth range of ordinary rain, near to far."""
_NEAREST_Q = 9.0
"""Nearer drops would race through the picture with every camera move."""
_MOST = 2.4
_RAMP_S = 1.2
_EVERYWHERE = Box(x0=-0.5, y0=-0.5, x1=1.5, y1=1.5)
_POURS = re.compile(r"\b(pour|downpour|torrent|cats and dogs|deluge|monsoon|lash)", re.IGNORECASE)
_DRIZZLES = re.compile(r"\b(drizzl|gentl|light(?:ly)?\b|soft|a few drops|spitt|start)", re.IGNORECASE)


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - it can rain in any picture
    """Rain can fall before any photo."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """All rain of a shot is one field whose density follows the cues."""
    amounts = [(cue, heaviness(cue)) for cue in cues]
    presence = particles.presence(stage, amounts, _RAMP_S)
    light = ambient(stage.scene)
    shower = Shower(
        stage=stage,
        kind=_DROP,
        presence=presence,
        breeze=particles.breeze(stage),
        wind_m_s=winds.sideways_m_s(stage, cues, 0.9),
        speed=max(cue.speed for cue in cues),
        colour=_colour(light),
        light=light,
        metres=depth_bins.metres_per_width(stage),
    )
    overlays: list[Overlay] = list(_streaks(shower, cues))
    overlays.append(Haze(before=_far_side(stage), colour=shower.colour, presence=presence))
    overlays += splashes.rings(stage, presence)
    overlays += splashes.crowns(stage, presence, shower.colour)
    return Part(
        overlays=tuple(overlays),
        grades=(Overcast(presence=presence),),
        events=tuple(_heard(stage, cue, amount) for cue, amount in amounts),
    )


def heaviness(cue: MotionCue) -> float:
    """How dense the rain is; 1 is ordinary. Rain that starts gently is thin, not slow."""
    if cue.count is not None:
        return 1.0
    if _POURS.search(cue.words):
        return min(max(cue.amount, 1.0) * 1.8, _MOST)
    if _DRIZZLES.search(cue.words):
        return min(cue.amount, 1.0) * 0.4
    return min(cue.amount, _MOST)


def _streaks(shower: Shower, cues: tuple[MotionCue, ...]) -> list[drops.Falling]:
    """A counted rain is that many drops at the subject's distance."""
    metres = shower.metres
    asked = [cue.count for cue in cues if cue.count is not None]
    if asked:
        here = depth_bins.Bin(near_q=1.0, far_q=1.0, before=depth_bins.before(shower.stage.scene, 1.0))
        return [drops.falling(shower, here, 0.5, max(asked))]
    near = min(max(metres / _NEAR_M, 1.5), _NEAREST_Q)
    rooms = depth_bins.bins(shower.stage.scene, near, near * _NEAR_M / _FAR_M, len(_COUNTS))
    most = shower.presence.most
    return [
        drops.falling(shower, room, 1 - k / (len(rooms) - 1), round(count * most))
        for k, (room, count) in enumerate(zip(rooms, _COUNTS, strict=True))
    ]


def _colour(light: Ambient) -> drops.Floats:
    """A drop shows the whole sky upside down: it is as bright as the brighter half of the picture, and nearly grey."""
    mixed = 0.35 * light.mean + 0.65 * light.bright
    return np.asarray(0.6 * mixed + 0.4 * mixed.mean(), np.float32)


def _far_side(stage: Stage) -> str | None:
    """The layer before which distant rain hangs: the nearest that stands, or nothing behind which it could."""
    return depth_bins.before(stage.scene, 0.6)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Haze:
    """Rain too far away to be seen as drops: it takes contrast from the distance. An Overlay."""

    before: str | None
    colour: drops.Floats
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Veil | None:  # noqa: ARG002 - it does not move
        """A thin even veil."""
        alpha = 0.075 * min(float(self.presence.at(time_s)), 2.0)
        if alpha < 0.004:
            return None
        rgba = np.full((4, 4, 4), 255 * alpha, np.float32)
        rgba[..., :3] = self.colour * 0.8 * alpha
        return Veil(rgba=np.round(rgba).astype(np.uint8), box=_EVERYWHERE, plane=Plane(constant=0.3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overcast:
    """A little darker and duller while it rains. A Grade."""

    presence: Presence

    def at(self, time_s: float) -> Tone:
        """More rain, less light."""
        amount = min(float(self.presence.at(time_s)), 2.0)
        return Tone(exposure=1.0 - 0.07 * amount, saturation=1.0 - 0.12 * amount, warmth=-0.015 * amount)


def _heard(stage: Stage, cue: MotionCue, amount: float) -> Event:
    return Event(
        kind="rain",
        time_s=cue.start_s,
        x=0.5,
        y=0.5,
        impulse=amount,
        speed=FALL_M_S * cue.speed,
        duration_s=stage.end_s(cue) - cue.start_s,
        materials=("water", ""),
        subject="rain",
    )
