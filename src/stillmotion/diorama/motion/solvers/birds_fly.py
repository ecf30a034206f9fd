"""A small flock of birds far away in the sky."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.motion import particles, pictures
from stillmotion.diorama.motion.records import Part, Stamps
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.particles import Presence, Whole
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("birds_fly",)

Floats = NDArray[np.float32]

_USUAL, _FLOCK, _MOST = 7, 15, 60
_Q = 0.03
_ACROSS_PER_S = 0.055
"""Photo widths a second."""
_SIZE = (0.015, 0.025)
_BEAT_HZ = (2.6, 3.6)
_GLIDES = re.compile(r"\b(glid\w*|soar\w*|circl\w*|hover\w*)\b", re.IGNORECASE)
_CIRCLES = re.compile(r"\bcircl\w*\b", re.IGNORECASE)
_GULL = re.compile(r"\b(sea)?gulls?\b|\bdoves?\b", re.IGNORECASE)
_MANY = re.compile(r"\b(flocks?|swarms?|many)\b", re.IGNORECASE)
_SINGLE = re.compile(r"\b(a|one|single) (bird|gull|seagull|eagle|hawk)\b", re.IGNORECASE)
_SKY_ENOUGH = 0.05
_DIM_SKY = 90.0
"""Against a darker sky birds are black, and gulls pale."""


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Birds need a sky."""
    del cue
    if _sky_rows(stage) is None:
        return "The photo shows no sky in which birds could fly."
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """One flock a cue, behind everything but the sky."""
    return Part(overlays=tuple(_flock(stage, cue, number) for number, cue in enumerate(cues)))


def _sky_rows(stage: Stage) -> tuple[float, float] | None:
    """The rows of the framing that show sky."""
    sky = [layer for layer in stage.scene.layers if layer.surface is Surface.SKY]
    if not sky:
        return None
    bottom = stage.scene.horizon_y if stage.scene.horizon_y is not None else 1.0
    top = stage.shot.framing.y0
    bottom = min(bottom, stage.shot.framing.y1)
    return (top, bottom) if bottom - top > _SKY_ENOUGH else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flock:
    """Birds that keep together loosely, flap and glide. An Overlay."""

    before: str | None
    key: int
    index: Whole
    start: tuple[float, float]
    """Where the flock is at the start of the cue."""
    start_s: float
    velocity: tuple[float, float]
    """Photo widths and photo heights a second."""
    circle: float
    """Radius of the circles that it flies, photo widths; 0 flies straight."""
    offsets: Floats
    """Of each from the middle, photo widths and heights, shape (n, 2)."""
    size: Floats
    glide: float
    """Share of the time that the wings are still."""
    tint: Floats
    aspect: float
    presence: Presence

    def at(self, time_s: float, shutter_s: float) -> Stamps:  # noqa: ARG002 - far away, so slow
        """Every bird with its wings where they are in their beat."""
        none = np.zeros_like(self.index)
        draw = [particles.hashed(self.key, self.index, none, channel) for channel in range(4)]
        since = time_s - self.start_s
        x = self.start[0] + self.velocity[0] * since + self.offsets[:, 0]
        y = self.start[1] + self.velocity[1] * since + self.offsets[:, 1]
        turn = 0.16 * np.sign(self.velocity[0] or 1.0) * since + 2 * np.pi * draw[3] * 0.15
        x = x + self.circle * np.cos(turn) + 0.006 * particles.wander(self.key, self.index, time_s, 0.25, 1)
        lift = 0.3 * self.circle * np.sin(turn) + 0.006 * particles.wander(self.key, self.index, time_s, 0.3, 2)
        beat = (_BEAT_HZ[0] + (_BEAT_HZ[1] - _BEAT_HZ[0]) * draw[0]) * time_s + draw[1]
        gliding = 0.5 + 0.5 * particles.wander(self.key, self.index, time_s, 0.22, 3) < self.glide
        phase = np.where(gliding, 1, np.floor(beat * pictures.BIRD_PHASES) % pictures.BIRD_PHASES)
        count = len(self.index)
        return Stamps(
            pictures=tuple(pictures.bird(k) for k in range(pictures.BIRD_PHASES)),
            which=phase.astype(np.int32),
            places=np.stack([x, y + lift / self.aspect, np.full(count, _Q)], axis=1).astype(np.float32),
            size=self.size,
            turn_deg=(14 * particles.wander(self.key, self.index, time_s, 0.2, 4)).astype(np.float32),
            squash=np.full(count, 0.85, np.float32),
            tint=np.broadcast_to(self.tint, (count, 3)),
            alpha=0.88 * self.presence.opacity(draw[2], time_s, 0.5),
        )


def _flock(stage: Stage, cue: MotionCue, number: int) -> Flock:
    rows = _sky_rows(stage) or (0.0, 0.5)
    usual = _FLOCK if _MANY.search(f"{cue.subject} {cue.words}") else _USUAL
    count = min(cue.count or round(usual * min(max(cue.amount, 0.5), 4.0)), _MOST)
    count = 1 if cue.count is None and _SINGLE.search(cue.words) else count
    key = particles.key(stage.shot.seed, "birds", number)
    index = np.arange(count, dtype=np.int64)
    draw = [particles.hashed(key, index, np.zeros_like(index), 10 + channel) for channel in range(3)]
    circles = bool(_CIRCLES.search(cue.words))
    side = -1.0 if cue.direction == "left" else 1.0
    pace = 0.0 if circles else _ACROSS_PER_S * cue.speed * side
    framing = stage.shot.framing
    seconds = stage.end_s(cue) - cue.start_s
    middle = framing.x0 + framing.width * 0.5 - pace * seconds / 2
    spread = 0.032 * np.sqrt(count)
    sky = stage.scene.photo[: max(1, round(rows[1] * stage.scene.size_px[1]))][::16, ::16].mean(axis=(0, 1))
    dim = float(sky.mean()) < _DIM_SKY
    dark = (0.8 if not dim else 1.5) if _GULL.search(cue.words) else 0.12 if dim else 0.3
    return Flock(
        before=_behind_all(stage),
        key=key,
        index=index,
        start=(float(middle), rows[0] + 0.42 * (rows[1] - rows[0])),
        start_s=cue.start_s,
        velocity=(pace, {"up": -0.02, "down": 0.02}.get(cue.direction, -0.004) * cue.speed),
        circle=0.09 if circles else 0.0,
        offsets=np.stack([(draw[0] - 0.5) * 4 * spread, (draw[1] - 0.5) * 1.6 * spread / stage.aspect], axis=1),
        size=(_SIZE[0] + (_SIZE[1] - _SIZE[0]) * draw[2]).astype(np.float32),
        glide=0.75 if _GLIDES.search(cue.words) else 0.3,
        tint=np.asarray(dark * sky / 255, np.float32),
        aspect=stage.aspect,
        presence=particles.presence(stage, [(cue, 1.0)], 0.8),
    )


def _behind_all(stage: Stage) -> str | None:
    """The first layer in front of the sky."""
    surfaces = [layer.surface for layer in stage.scene.layers]
    after = surfaces.index(Surface.SKY) + 1 if Surface.SKY in surfaces else len(surfaces)
    return stage.scene.layers[after].name if after < len(stage.scene.layers) else None
