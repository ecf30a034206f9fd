"""What a client meets who talks to a service."""

from __future__ import annotations

from stillmotion.errors.root import Cancelled, StillmotionError


class ServerUnreachable(StillmotionError):
    """The server does not answer; check its address and whether `stillmotion serve` is running."""

    code = "server_unreachable"
    exit_code = 5


class ServerFault(StillmotionError):
    """The server failed to answer the request; try again later."""

    code = "server_fault"
    exit_code = 5


class ServerUnknown(ServerFault):
    """Who answers at the address is no server of this API, or one of another version; check the address."""

    code = "server_unknown"


class AnswerIncomplete(ServerUnknown, KeyError):
    """An answer of the server lacks what ours has; it may be of another version."""

    code = "answer_incomplete"

    def __str__(self) -> str:  # that of a KeyError puts it in quotes
        return str(self.args[0])


class RunFailed(StillmotionError):
    """The prediction failed; nothing was charged for it."""

    code = "run_failed"

    def __init__(self, message: str | None = None, *, prediction_id: str = "", task_code: int = 0) -> None:
        super().__init__(message, prediction_id=prediction_id)
        self.task_code = task_code


class StillRunning(StillmotionError):
    """The prediction is still running; `stillmotion show` tells how it ends."""

    code = "still_running"
    exit_code = 6


class LeftRunning(Cancelled):
    """Waiting was interrupted; what the server accepted goes on there. `stillmotion history` lists it."""

    code = "left_running"
