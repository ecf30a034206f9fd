"""How hard and to which side the wind of a shot blows, from all that its words say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

_SIDES = {"left": -1.0, "right": 1.0}
_STRONG = re.compile(r"\b(storm|gale|strong wind|wind howl|howling|fierce|blizzard|hurricane|gust)", re.IGNORECASE)
_BREEZE = re.compile(r"\b(wind|breeze|breezy|windy|blow|blown|slant)", re.IGNORECASE)
_STRONG_M_S, _BREEZE_M_S = 5.0, 2.2


def sideways_m_s(stage: Stage, cues: tuple[MotionCue, ...], calm_m_s: float) -> float:
    """Mean wind to the right in metres a second.

    Args:
        stage: whose other cues may name the wind too.
        cues: those of one solver; their direction decides the side.
        calm_m_s: when nobody speaks of wind.
    """
    words = " ".join(cue.words for cue in (*stage.shot.motion, *cues))
    speed = calm_m_s
    if _STRONG.search(words):
        speed = max(_STRONG_M_S, calm_m_s)
    elif _BREEZE.search(words) or any(cue.direction in _SIDES for cue in cues):
        speed = max(_BREEZE_M_S, calm_m_s)
    return speed * _side(stage, cues)


def _side(stage: Stage, cues: tuple[MotionCue, ...]) -> float:
    """The side of these cues, or of the shot's wind; to the right otherwise."""
    winds = [cue for cue in stage.shot.motion if cue.verb == "wind"]
    for cue in (*cues, *winds):
        if cue.direction in _SIDES:
            return _SIDES[cue.direction]
    return 1.0
