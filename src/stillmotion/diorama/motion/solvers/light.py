"""Light that shifts: rays that fan out from the bright side of the picture, shadows of clouds that cross the ground."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import depth_bins, particles
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.records import LayerMotion, Part, Veil
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.particles import Presence
    from stillmotion.diorama.motion.records import Points
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("light",)

Floats = NDArray[np.float32]

_SHADOW = re.compile(r"\bshadows?\b", re.IGNORECASE)
_COLUMNS, _ROWS = 112, 70
_RAYS = 9
_RAY_STRENGTH = 0.16
_SHADE = 0.26
_SHADOW_PER_S = 0.05
"""Photo widths a second."""


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - light falls in every photo
    """Light can shift in any photo."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Shadows where the words name them, rays otherwise."""
    shady = tuple(cue for cue in cues if _SHADOW.search(cue.words))
    bright = tuple(cue for cue in cues if not _SHADOW.search(cue.words))
    lights = tuple(_shadows(stage, cue, number) for number, cue in enumerate(shady))
    lit = [layer for layer in stage.scene.layers if layer.surface is not Surface.SKY]
    return Part(
        layers=tuple(LayerMotion(layer=layer.name, lights=lights) for layer in lit) if lights else (),
        overlays=tuple(_rays(stage, cue, number) for number, cue in enumerate(bright)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rays:
    """Shafts of light from a point at the edge; each gets brighter and dimmer as what shades it moves. An Overlay."""

    before: str | None
    seen: tuple[Floats, Floats]
    """Direction of each part of the veil from the source in radians, and what share of the light gets there."""
    angles: Floats
    widths: Floats
    key: int
    speed: float
    strength: float
    colour: Floats
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Veil | None:  # noqa: ARG002 - slow
        """Light that is added, fading with the distance from its source."""
        amount = self.strength * float(self.presence.at(time_s))
        if amount < 0.004:
            return None
        angle, falloff = self.seen
        index = np.arange(len(self.angles), dtype=np.int64)
        turned = self.angles + 0.05 * particles.wander(self.key, index, time_s * self.speed, 0.12, 0)
        bright = 0.55 + 0.45 * particles.wander(self.key, index, time_s * self.speed, 0.22, 1)
        light = np.zeros_like(angle)
        for way, width, level in zip(turned, self.widths, bright, strict=True):
            light += max(float(level), 0.0) * np.exp(-(((angle - way) / width) ** 2))
        light = light * falloff * np.float32(amount)
        rgba = np.zeros((_ROWS, _COLUMNS, 4), np.uint8)
        rgba[..., :3] = np.clip(light[..., None] * self.colour, 0, 255)
        return Veil(rgba=rgba, box=Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0), plane=Plane(constant=0.9))


def _rays(stage: Stage, cue: MotionCue, number: int) -> Rays:
    source = _bright_side(stage)
    key = particles.key(stage.shot.seed, "rays", number)
    rng = randomness.generator(stage.shot.seed, "rays", number)
    middle = float(np.arctan2((0.62 - source[1]) * stage.aspect, 0.5 - source[0]))
    light = ambient(stage.scene)
    warm = np.array([1.0, 0.94, 0.8], np.float32) * (0.5 * light.bright + 110)
    return Rays(
        before=depth_bins.before(stage.scene, 1.4),
        seen=_fan(source, stage.aspect),
        angles=(middle + np.linspace(-0.75, 0.75, _RAYS) + rng.uniform(-0.06, 0.06, _RAYS)).astype(np.float32),
        widths=rng.uniform(0.025, 0.075, _RAYS).astype(np.float32),
        key=key,
        speed=cue.speed,
        strength=_RAY_STRENGTH * min(cue.amount, 2.0),
        colour=np.minimum(warm, 255).astype(np.float32),
        presence=particles.presence(stage, [(cue, 1.0)], 1.2),
    )


def _fan(source: tuple[float, float], aspect: float) -> tuple[Floats, Floats]:
    x = (np.arange(_COLUMNS, dtype=np.float32) + 0.5) / _COLUMNS - source[0]
    y = ((np.arange(_ROWS, dtype=np.float32) + 0.5) / _ROWS - source[1]) * aspect
    across, down = np.meshgrid(x, y)
    away = np.hypot(across, down)
    falloff = particles.smooth(away / 0.12) * np.exp(-1.3 * away)
    return np.arctan2(down, across).astype(np.float32), falloff.astype(np.float32)


def _bright_side(stage: Stage) -> tuple[float, float]:
    """Just outside the upper edge, above where the top of the picture is brightest."""
    small = cv2.resize(stage.scene.photo, (32, 20), interpolation=cv2.INTER_AREA).astype(np.float32).max(axis=-1)
    columns = cv2.GaussianBlur(small[:8], (0, 0), 3).mean(axis=0)
    best = (int(np.argmax(columns)) + 0.5) / 32
    return float(0.5 + (best - 0.5) * 1.2), stage.shot.framing.y0 - 0.12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CloudShadow:
    """Soft dark patches that cross a layer. A Light; before its cue and after it the photo's own light."""

    pattern: Floats
    """0..1, repeats at its edges."""
    velocity: tuple[float, float]
    """Photo widths and heights a second."""
    start_s: float
    amount: float
    presence: Presence
    step_px: int = 16

    def factor(self, points: Points, time_s: float) -> Floats:
        """Darker and a little bluer in the shadow; lighter outside it, so that the mean stays."""
        rows, columns = self.pattern.shape
        since = time_s - self.start_s
        x = np.mod((points[..., 0] - self.velocity[0] * since) * 0.5, 1.0) * columns
        y = np.mod((points[..., 1] - self.velocity[1] * since) * 0.5, 1.0) * rows
        wrapped = cv2.copyMakeBorder(self.pattern, 0, 1, 0, 1, cv2.BORDER_WRAP)
        shade = cv2.remap(wrapped, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
        depth = np.float32(self.amount * float(self.presence.at(time_s))) * (shade - 0.5)
        return (1 - depth[..., None] * np.array([1.06, 1.0, 0.9], np.float32)).astype(np.float32)


def _shadows(stage: Stage, cue: MotionCue, number: int) -> CloudShadow:
    rng = randomness.generator(stage.shot.seed, "cloud shadows", number)
    noise = rng.normal(size=(64, 96)).astype(np.float32)
    tiled = np.tile(noise, (3, 3))
    soft = cv2.GaussianBlur(tiled, (0, 0), 7.0)[64:128, 96:192]
    pattern = particles.smooth(0.5 + np.asarray(soft, np.float32) / np.float32(3.2 * soft.std()))
    side = {"left": -1.0, "right": 1.0}.get(cue.direction, 1.0)
    return CloudShadow(
        pattern=pattern,
        velocity=(side * _SHADOW_PER_S * cue.speed, 0.01 * cue.speed),
        start_s=cue.start_s,
        amount=_SHADE * 2 * min(cue.amount, 1.8),
        presence=particles.presence(stage, [(cue, 1.0)], 1.2),
    )
