"""What an engine says, put together for those who listen: each transaction takes the cores from the film."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stillmotion.server.worker.messages import Stand, Told

if TYPE_CHECKING:
    from collections.abc import Sequence

RENDER = "render"
TOGETHER_S = 0.1
"""What is said within this time is passed on at once; faster than that nobody looks."""
EVERY_S = 0.4
"""Between two shares of the same stage, whose pictures go with them."""


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

    @classmethod
    def begun(cls, said: Stand, now_s: float) -> Telling:
        """After the first word."""
        return cls(said=said, passed_on_s=now_s)

    def hear(self, message: Stand | Told) -> None:
        """Keep what the engine says; a stand takes the place of the one before."""
        if isinstance(message, Stand):
            self.stand = message
        else:
            self.told.append(message)

    def due_s(self) -> float:
        """When to pass on what waits: the first frame at once, news soon, more of the same less often; else never."""
        stand = self.stand
        if stand is not None and _begins(stand) and not _begins(self.said):
            return -math.inf
        if stand is not None and stand.stage != self.said.stage:
            return self.passed_on_s + TOGETHER_S
        return math.inf if stand is None and not self.told else self.passed_on_s + EVERY_S

    def take(self, now_s: float) -> Sequence[Stand | Told]:
        """What waits, which counts as passed on: a database that is away is told no word twice."""
        taken: list[Stand | Told] = [*([] if self.stand is None else [self.stand]), *self.told]
        self.said = self.stand or self.said
        self.passed_on_s, self.stand, self.told = now_s, None, []
        return taken


def _begins(stand: Stand) -> bool:
    """Whether there is a frame."""
    return stand.stage == RENDER and stand.progress > 0
