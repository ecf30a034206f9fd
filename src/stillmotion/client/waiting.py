"""Waiting for a prediction: asking again and again, telling how far it is, giving up in time."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stillmotion.errors import InputRefused, RunFailed, StillRunning

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.client.wire import Wire

COMPLETED = "completed"
NATIVE = "/api/native/v1/predictions"
_FAILED = frozenset(("failed", "cancelled", "canceled", "timeout", "deleted"))
_WAITING = "waiting in the queue"
_WORKING = "working"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often is asked, and until when."""

    timeout_s: float | None
    interval_s: float
    now_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def wait(
    wire: Wire, prediction_id: str, pace: Pace, progress: Callable[[str, float], None] | None = None
) -> dict[str, Any]:
    """The prediction once it is completed.

    Raises:
        RunFailed: it failed.
        StillRunning: it was not over in time; it goes on.
    """
    begun = pace.now_s()
    watch = Watch(wire, prediction_id, progress) if progress else None
    while True:
        made = result(wire, prediction_id)
        if made["status"] == COMPLETED:
            if progress:
                progress(watch.stage if watch and watch.stage else _WORKING, 1.0)
            return made
        check(made)
        if watch:
            watch.look(made)
        left = None if pace.timeout_s is None else pace.timeout_s - (pace.now_s() - begun)
        if left is not None and left <= 0:
            raise StillRunning(_still(prediction_id, pace.timeout_s), prediction_id=prediction_id)
        pace.sleep(pace.interval_s if left is None else min(pace.interval_s, left))


def result(wire: Wire, prediction_id: str) -> dict[str, Any]:
    """The prediction as it stands."""
    made: dict[str, Any] = wire.get(f"/api/v3/predictions/{prediction_id}/result")
    return made


def check(made: dict[str, Any]) -> None:
    """Refuse a prediction that failed.

    Raises:
        RunFailed: it did.
    """
    if made.get("status") in _FAILED:
        why = made.get("error") or f"it is {made['status']}"
        message = f"{made.get('id', 'The prediction')} failed: {why}"
        raise RunFailed(message, prediction_id=str(made.get("id", "")), task_code=int(made.get("code") or 0))


class Watch:
    """Tells how far a prediction is. The hosted dialect does not say it; servers of ours do in their own words."""

    def __init__(self, wire: Wire, prediction_id: str, progress: Callable[[str, float], None]) -> None:
        self._wire = wire
        self._path = f"{NATIVE}/{prediction_id}"
        self._progress = progress
        self._knows = True
        self.stage = ""

    def look(self, made: dict[str, Any]) -> None:
        """Ask and tell; a server that has no such words is asked once."""
        found: dict[str, Any] = {}
        if self._knows:
            self._knows = False
            with suppress(InputRefused):
                found = self._wire.get(self._path)
                self._knows = True
        waiting = made.get("status") == "created"
        self.stage = str(found.get("stage") or (_WAITING if waiting else _WORKING))
        self._progress(self.stage, float(found.get("progress") or 0) / 100)


def _still(prediction_id: str, timeout_s: float | None) -> str:
    return (
        f"{prediction_id} is still running after {timeout_s:g} s and goes on; `stillmotion show {prediction_id}` tells."
    )
