"""Which solver performs which behaviour of the lexicon."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from stillmotion.diorama.motion.solvers import (
    birds_fly,
    breathe,
    bubbles,
    clouds,
    confetti,
    drip,
    dusk,
    dust,
    face,
    fire,
    fireflies,
    flicker,
    flow,
    flutter,
    fog,
    hail,
    head,
    hop,
    in_place,
    insects,
    lean,
    leaves,
    light,
    lightning,
    petals,
    rain,
    rigid,
    ripple,
    smoke,
    snow,
    sparks,
    splash,
    sway,
    swing,
    talk,
    travel,
    twitch,
    waves,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stillmotion.diorama.motion.records import Part
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue


class Solver(Protocol):
    """A module of `motion.solvers`."""

    @property
    def VERBS(self) -> tuple[str, ...]:  # noqa: N802 - a constant of a module
        """The behaviours that it performs."""

    def refusal(self, stage: Stage, cue: MotionCue) -> str | None:
        """Why this scene cannot show a cue, as one sentence for a person; None when it can."""

    def perform(self, stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
        """What the solver's cues, in the order of the shot, make happen. None of them is refused."""


SOLVERS: tuple[Solver, ...] = (
    in_place,
    swing,
    rigid,
    hop,
    lean,
    breathe,
    sway,
    flutter,
    rain,
    snow,
    dusk,
    lightning,
    twitch,
    head,
    talk,
    face,
    travel,
    clouds,
    fire,
    fog,
    ripple,
    smoke,
    waves,
    flow,
    splash,
    hail,
    leaves,
    petals,
    confetti,
    dust,
    sparks,
    fireflies,
    bubbles,
    insects,
    birds_fly,
    light,
    flicker,
    drip,
)


MOVED_WHOLE = frozenset(
    {"fall", "bounce", "roll", "slide", "spin", "swing", "topple", "collide", "push", "throw", "settle", "float"}
    | {"shake", "fly", "rise", "move", "drive", "sail", "hop"}
)
"""Behaviours that move a thing as a whole: a part of a layer must be cut out before it can do so."""


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
