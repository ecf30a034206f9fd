"""Waiting for a prediction: asking again and again, telling how far it is, giving up in time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stillmotion.errors import (
    InputRefused,
    RateLimited,
    RunFailed,
    ServerFault,
    ServerUnknown,
    ServerUnreachable,
    StillRunning,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.client.wire import Wire
    from stillmotion.errors import StillmotionError

COMPLETED = "completed"
NATIVE = "/api/native/v1/predictions"
_FAILED = frozenset(("failed", "cancelled", "canceled", "timeout", "deleted"))
SERVER_AWAY = "no answer, trying again"
_WAITING = "waiting in the queue"
_WORKING = "working"
_DONE = "done"
_AWAY = (ServerUnreachable, ServerFault, RateLimited)
"""What passes, as far as somebody who waits anyway is concerned."""


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
    """The prediction once it is completed. A server that is away for a while is waited for.

    Raises:
        RunFailed: it failed.
        StillRunning: it was not over in time; it goes on.
        ServerUnreachable: the server did not come back.
    """
    begun = last_heard_s = pace.now_s()
    watch = Watch(wire, prediction_id, progress)

    def left() -> float | None:
        return None if pace.timeout_s is None else pace.timeout_s - (pace.now_s() - begun)

    while True:
        try:
            made = result(wire, prediction_id, within_s=left())
            last_heard_s = pace.now_s()
        except _AWAY as error:
            made = {}
            if isinstance(error, ServerUnknown) or pace.now_s() - last_heard_s >= wire.patience.away_s:
                raise _lost(prediction_id, error) from error
        if made.get("status") == COMPLETED:
            watch.end()
            return made
        check(made)
        watch.look(made, within_s=left())
        left_s = left()
        if left_s is not None and left_s <= 0:
            raise StillRunning(_still(prediction_id, pace.timeout_s), prediction_id=prediction_id)
        pace.sleep(pace.interval_s if left_s is None else min(pace.interval_s, left_s))


def result(wire: Wire, prediction_id: str, *, within_s: float | None = None) -> dict[str, Any]:
    """The prediction as it stands."""
    made: dict[str, Any] = wire.get(f"/api/v3/predictions/{prediction_id}/result", within_s=within_s)
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

    def __init__(self, wire: Wire, prediction_id: str, progress: Callable[[str, float], None] | None) -> None:
        self._wire = wire
        self._path = f"{NATIVE}/{prediction_id}"
        self._progress = progress
        self._knows = True
        self._stage, self._share = _DONE, 0.0

    def look(self, made: dict[str, Any], *, within_s: float | None = None) -> None:
        """Ask and tell; a server that has no such words is asked once. Nothing made is a server that is away."""
        if self._progress is None:
            return
        if not made:
            self._progress(SERVER_AWAY, self._share)
            return
        found = self._found(within_s)
        waiting = made.get("status") == "created"
        self._stage = str(found.get("stage") or (_WAITING if waiting else _WORKING))
        self._share = float(found.get("progress") or 0) / 100
        self._progress(self._stage, self._share)

    def _found(self, within_s: float | None) -> dict[str, Any]:
        if not self._knows or (within_s is not None and within_s <= 0):
            return {}
        try:
            found: dict[str, Any] = self._wire.get(self._path, within_s=within_s)
        except (InputRefused, ServerUnknown):
            self._knows = False
        except _AWAY:
            return {}
        else:
            return found
        return {}

    def end(self) -> None:
        """Tell that it is done."""
        if self._progress is not None:
            self._progress(self._stage, 1.0)


def _still(prediction_id: str, timeout_s: float | None) -> str:
    return (
        f"{prediction_id} is still running after {timeout_s:g} s and goes on; "
        f"`stillmotion show {prediction_id} --wait` waits for its end."
    )


def _lost(prediction_id: str, error: StillmotionError) -> ServerUnreachable:
    message = (
        f"The server has not answered for a while: {error} What it accepted is not lost: "
        f"`stillmotion show {prediction_id} --wait` waits for its end when the server is back."
    )
    return ServerUnreachable(message, prediction_id=prediction_id)
