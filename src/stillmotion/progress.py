"""What a long job tells its caller: the stage it is in and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Stage(StrEnum):
    """The stages of a job, in the order in which a person sees them."""

    FETCH = "fetching weights"
    ANALYSE = "reading the photo"
    PLAN = "planning the shot"
    SOUND = "making sound"
    RENDER = "rendering"
    FINISH = "writing the file"


Progress = Callable[[Stage, float], None]
"""`progress(stage, fraction)` with fraction in 0..1. Raising from it cancels the job; nothing half-written stays.

Sound is made in a thread of its own, which tells of it from there: at the same time as other stages are told, and also
after `animate` has returned a clip whose sound is still in the making.
"""


def ignore_progress(stage: Stage, fraction: float) -> None:
    """A `Progress` for callers who do not care."""
