"""Dusk and dawn: the light of the whole picture goes down and turns blue, or comes back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import particles
from stillmotion.diorama.motion.records import Part, Tone

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("dusk",)

_RISES = re.compile(r"\b(rise|rises|rising|dawn|daybreak|sunrise|sun comes up|brightens?)\b", re.IGNORECASE)
_NIGHT = re.compile(r"\b(night|dark|darkness)\b", re.IGNORECASE)
_DUSK_EXPOSURE, _NIGHT_EXPOSURE = 0.4, 0.24
_AT_NIGHT = 0.7
"""Of a photo that is dark already."""
_LEAST_S = 1.5
_SHINING = frozenset({"fireflies", "fire", "sparks", "lightning"})
_LAMP = 228
_FEW = 0.004
"""Share of a photo that may be as bright as a lamp; more is sky or snow, which goes dark with the day."""


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - any light can fade
    """Light can fade in any photo."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """One change of light a cue."""
    return Part(grades=tuple(_fading(stage, cue) for cue in cues))


def _fading(stage: Stage, cue: MotionCue) -> Fading:
    darkest = _NIGHT_EXPOSURE if _NIGHT.search(cue.words) else _DUSK_EXPOSURE
    darkest = _AT_NIGHT if stage.scene.night else darkest
    depth = min(1.0, 0.5 + 0.5 * cue.amount)
    end = max(stage.end_s(cue), cue.start_s + _LEAST_S)
    return Fading(
        start_s=cue.start_s,
        end_s=end,
        darkest=darkest**depth,
        blue=0.3 * depth,
        rises=bool(_RISES.search(cue.words)),
        lamps=1.0 if _lamps(stage) else 0.0,
    )


def _lamps(stage: Stage) -> bool:
    """Whether what is very bright shines by itself: lamps at night, or what glows in this shot."""
    glows = stage.scene.night or any(cue.performed and cue.verb in _SHINING for cue in stage.shot.motion)
    return glows and float((stage.scene.photo[::4, ::4].min(axis=2) > _LAMP).mean()) < _FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Fading:
    """Day to dusk: the logarithm of the light goes down evenly, as after sunset; first golden, then blue. A Grade."""

    start_s: float
    end_s: float
    darkest: float
    """Exposure at the dark end."""
    blue: float
    rises: bool
    lamps: float = 0.0

    def at(self, time_s: float) -> Tone:
        """The tone at one instant; before the cue that of its start, after it that of its end."""
        share = float(particles.smooth((time_s - self.start_s) / (self.end_s - self.start_s)))
        gone = 1.0 - share if self.rises else share
        golden = 0.5 * self.blue * float(particles.smooth(gone * 3)) * (1 - float(particles.smooth(gone * 1.6 - 0.3)))
        return Tone(
            exposure=self.darkest**gone,
            saturation=1.0 - 0.35 * gone,
            warmth=golden - self.blue * float(particles.smooth(gone * 1.4 - 0.4)),
            lamps=self.lamps,
        )
