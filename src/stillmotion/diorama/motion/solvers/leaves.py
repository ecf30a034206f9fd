"""Leaves that fall, or that the wind drives through the picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import particles, pictures, tumbling, winds
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.records import Part
from stillmotion.diorama.motion.tumbling import Flurry, Kind

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("leaves",)

_FALLING = Kind(name="leaves", fall_m_s=(0.8, 1.5), size_m=(0.045, 0.085), counts=(3, 8, 14, 18), sway_m=0.16)
_FLYING = Kind(
    name="leaves flying",
    fall_m_s=(0.35, 1.2),
    size_m=(0.05, 0.1),
    counts=(4, 14, 26, 24),
    sway_m=0.14,
    sway_hz=(0.6, 1.5),
    tumble_hz=(0.8, 2.4),
    spin_hz=1.2,
    lands=False,
)
_FLIES = re.compile(r"\b(fly|flies|flying|blow\w*|blown|past|whirl\w*|swirl\w*|wind|storm|gust\w*)\b", re.IGNORECASE)
_AUTUMN = re.compile(r"\b(autumn|fall leaves|golden|brown|dry|dead|october|november)\b", re.IGNORECASE)
_BROWNS = ((176, 104, 44), (146, 74, 34), (196, 142, 62), (120, 82, 46))
_GREENS = ((108, 122, 54), (146, 138, 62), (160, 112, 52), (92, 104, 50))
_DRIVEN_M_S = 4.0


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - leaves blow anywhere
    """Leaves can come into any picture."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """One field of leaves; it flies when words or wind say so."""
    words = " ".join(cue.words for cue in cues)
    flies = bool(_FLIES.search(words)) or any(cue.direction in {"left", "right"} for cue in cues)
    palette = _BROWNS if _AUTUMN.search(words) else _GREENS
    drawn = tuple(pictures.leaf(colour, lobes) for colour, lobes in zip(palette, (0, 3, 0, 2), strict=True))
    amounts = [(cue, min(cue.amount, 3.0)) for cue in cues]
    return Part(
        overlays=tumbling.tumblers(
            Flurry(
                stage=stage,
                kind=_FLYING if flies else _FALLING,
                pictures=drawn,
                presence=particles.presence(stage, amounts, 1.2),
                wind_m_s=winds.sideways_m_s(stage, cues, _DRIVEN_M_S) * 0.7
                if flies
                else winds.sideways_m_s(stage, cues, 0.3),
                speed=max(cue.speed for cue in cues),
                tint=ambient(stage.scene).tint,
                metres=tumbling.light_metres(stage),
            )
        )
    )
