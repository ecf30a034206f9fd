"""Rain: streaks as long as drops fall while the shutter is open, rings where they land, duller light."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import depth_bins, drops, noise, particles, splashes, winds
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
    name="rain",
    fall_m_s=(FALL_M_S, FALL_M_S),
    width_m=(0.003, 0.008),
    alpha=0.5,
    softness=(0.9, 0.7),
    outshines=75.0,
    lands=True,
)
_NEAR_M, _FAR_M = 1.6, 36.0
_COUNTS = (26, 170, 420, 540, 460)
"""Drops in each depth range of ordinary rain, near to far."""
_NEAREST_Q = 9.0
"""Nearer drops would race through the picture with every camera move."""
_MOST = 4.0
_POURING = 3.4
_RAMP_S = 1.2
_EVERYWHERE = Box(x0=-0.25, y0=-0.25, x1=1.25, y1=1.25)
_HAZE_PX = (64, 40)
_HAZE, _DOWNPOUR, _THICKEST = 0.075, 0.16, 0.7
"""Opacity of distant rain for each amount, what a downpour adds to it, and the most there is."""
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
    overlays.append(_haze(shower))
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
        return min(max(cue.amount, 1.0) * _POURING, _MOST)
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
    """Rain too far away to be seen as drops: it takes contrast from the distance, in sheets that pass. An Overlay."""

    before: str | None
    colour: drops.Floats
    presence: Presence
    profile: drops.Floats
    """How much of it there is from the top of its box to the bottom, shape (rows, 1)."""
    sheets: drops.Floats
    breeze: particles.Breeze
    drift: float
    """Photo widths a second that the sheets pass in the mean wind, to the right."""

    def at(self, time_s: float, shutter_s: float) -> Veil | None:  # noqa: ARG002 - it is too soft to smear
        """A thin veil; in a downpour one that hides the distance."""
        amount = float(self.presence.at(time_s))
        alpha = _HAZE * min(amount, 1.5) + _DOWNPOUR * max(amount - 1.0, 0.0)
        if alpha < 0.004:
            return None
        x = np.linspace(_EVERYWHERE.x0, _EVERYWHERE.x1, _HAZE_PX[0], dtype=np.float32)[None]
        y = np.linspace(_EVERYWHERE.y0, _EVERYWHERE.y1, _HAZE_PX[1], dtype=np.float32)[:, None]
        along = x - np.float32(self.drift * self.breeze.travelled_s(time_s)) + np.float32(0.12) * y
        down = np.float32(0.1) * y - np.float32(0.12 * time_s)
        lumps = noise.read(self.sheets, np.float32(0.55) * along, down + 0 * along)
        share = np.clip(np.float32(alpha) * self.profile * (1 + np.float32(0.22) * lumps), 0, _THICKEST)[..., None]
        rgba = np.concatenate([share * self.colour * np.float32(0.86), 255 * share], axis=-1)
        return Veil(rgba=np.asarray(rgba + np.float32(0.5), np.uint8), box=_EVERYWHERE, plane=Plane(constant=0.3))


def _haze(shower: Shower) -> Haze:
    """Thickest about the horizon, thinner on the near ground and high in the sky."""
    scene = shower.stage.scene
    horizon = 0.5 if scene.horizon_y is None else scene.horizon_y
    y = np.linspace(_EVERYWHERE.y0, _EVERYWHERE.y1, _HAZE_PX[1], dtype=np.float32)[:, None]
    above = 0.6 + 0.4 * particles.smooth(1 + (y - horizon) / 0.5)
    below = 1.0 - 0.55 * particles.smooth((y - horizon) / max(1.0 - horizon, 0.3))
    return Haze(
        before=_far_side(shower.stage),
        colour=shower.colour,
        presence=shower.presence,
        profile=np.asarray(np.where(y < horizon, above, below), np.float32),
        sheets=noise.tile(shower.stage.shot.seed, "sheets of rain", slope=1.9),
        breeze=shower.breeze,
        drift=0.3 * shower.wind_m_s / shower.metres + 0.02,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overcast:
    """A little darker and duller while it rains. A Grade."""

    presence: Presence

    def at(self, time_s: float) -> Tone:
        """More rain, less light."""
        amount = min(float(self.presence.at(time_s)), 2.6)
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
