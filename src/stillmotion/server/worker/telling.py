"""What an engine says, put together for those who listen: each transaction takes the cores from the film."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from stillmotion.server.worker.messages import RENDER, Stand, Told

TOGETHER_S = 0.1
"""Stages that follow each other within this time are passed on as the last of them; faster nobody looks."""
EVERY_S = 0.4
"""Between two shares of the same stage; pictures and warnings go with them."""
_WARNING = "warning"


@dataclass(slots=True, kw_only=True)
class Telling:
    """What has been passed on about an attempt, and what waits for it. Times are those of a monotonic clock."""

    said: Stand
    """The last one that was passed on."""
    passed_on_s: float
    """When anything was."""
    stand: Stand | None = None
    """The newest one that was not passed on."""
    told: list[Told] = field(default_factory=list)

    def hear(self, message: Stand | Told) -> None:
        """Keep what the engine says; a stand takes the place of the one before."""
        if isinstance(message, Stand):
            self.stand = message
        else:
            self.told.append(message)

    def due_s(self) -> float:
        """When to pass on what waits: the first frame at once, news soon, more of the same less often; else never."""
        stand = self.stand
        if stand is not None and is_rendering(stand) and not is_rendering(self.said):
            return -math.inf
        if stand is not None and stand.stage != self.said.stage:
            return self.passed_on_s + TOGETHER_S
        return math.inf if stand is None and not self.told else self.passed_on_s + EVERY_S

    def take(self, now_s: float) -> tuple[Stand | None, tuple[Told, ...]]:
        """What waits, which counts as passed on."""
        stand, told = self.stand, tuple(self.told)
        self.said = stand or self.said
        self.passed_on_s, self.stand, self.told = now_s, None, []
        return stand, told

    def give_back(self, told: tuple[Told, ...]) -> None:
        """Nobody heard it: warnings are told later, while stands and pictures grow old."""
        self.told = [*(one for one in told if one.kind == _WARNING), *self.told]


def is_rendering(stand: Stand) -> bool:
    """Whether there is a frame."""
    return stand.stage == RENDER and stand.progress > 0
