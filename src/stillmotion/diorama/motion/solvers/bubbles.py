"""Soap bubbles that float up and past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import particles, pictures, tumbling, winds
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.records import Part
from stillmotion.diorama.motion.tumbling import Flurry, Kind

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("bubbles",)

_BUBBLE = Kind(
    name="bubbles",
    fall_m_s=(-0.35, -0.12),
    size_m=(0.025, 0.08),
    counts=(2, 6, 10, 12),
    sway_m=0.06,
    sway_hz=(0.15, 0.4),
    upright=True,
    lands=False,
)


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - bubbles float anywhere
    """Bubbles can float through any picture."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """One field of bubbles."""
    light = ambient(stage.scene)
    return Part(
        overlays=tumbling.tumblers(
            Flurry(
                stage=stage,
                kind=_BUBBLE,
                pictures=(pictures.bubble(),),
                presence=particles.presence(stage, [(cue, min(cue.amount, 3.0)) for cue in cues], 1.5),
                wind_m_s=winds.sideways_m_s(stage, cues, 0.12) * 0.4,
                speed=max(cue.speed for cue in cues),
                tint=np.asarray(0.3 + 0.7 * light.tint, np.float32) * np.float32(min(1.0, 0.4 + light.level)),
                metres=tumbling.light_metres(stage),
            )
        )
    )
