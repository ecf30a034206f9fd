"""Which solver performs which behaviour of the lexicon."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stillmotion.diorama.motion.records import Part
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue


class Solver(Protocol):
    """A module of `motion.solvers`."""

    VERBS: tuple[str, ...]
    """The behaviours that it performs."""

    @staticmethod
    def refusal(stage: Stage, cue: MotionCue) -> str | None:
        """Why this scene cannot show a cue, as one sentence for a person; None when it can."""

    @staticmethod
    def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
        """What the solver's cues, in the order of the shot, make happen. None of them is refused."""


SOLVERS: tuple[Solver, ...] = ()


@cache
def by_verb() -> Mapping[str, Solver]:
    """The solver of each behaviour.

    Raises:
        ValueError: two solvers claim the same behaviour.
    """
    found: dict[str, Solver] = {}
    for solver in SOLVERS:
        for verb in solver.VERBS:
            if verb in found:
                message = f"{verb} is performed by two solvers"
                raise ValueError(message)
            found[verb] = solver
    return found
