"""The engine process: warm before its first work, one film after another, gone when its worker is gone.

It reads work from stdin and tells about it on what was stdout; whatever a library prints goes to stderr.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue

from stillmotion.errors import Cancelled
from stillmotion.server import log
from stillmotion.server.codes import Code
from stillmotion.server.worker import limits, messages
from stillmotion.server.worker.messages import Leave, Left, Message, Ready, Refused, Work

WARM = "--warm"
"""Argument: film something before saying that work is welcome."""


def main(arguments: list[str]) -> None:
    """Serve one worker until it goes away."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    log.set_up()
    orders = Orders()
    threading.Thread(target=orders.listen, daemon=True, name="worker").start()

    gc.disable()  # what is loaded now stays, and looking for garbage in it takes half a second
    from stillmotion.server.worker import films, warming  # noqa: PLC0415 - the worker's end is seen while this loads

    gc.enable()

    one_at_a_time = threading.Lock()

    def tell(message: Message, token: str = "") -> None:
        try:
            with one_at_a_time:  # a preview is more than a pipe takes at once, and told beside the frames
                answers.write(messages.write(message, token))
        except BrokenPipeError:
            os._exit(0)

    warming.warm_up(thoroughly=WARM in arguments)
    gc.freeze()
    limits.step_back()  # not before: on a busy machine nothing could be filmed for minutes
    tell(Ready())
    while True:
        work = orders.work.get()
        about = partial(tell, token=work.token)
        try:
            about(films.film(work, about, partial(orders.want, work.token)))
        except Cancelled:
            about(Left())
        except Exception as error:  # noqa: BLE001 - a fault of the engine ends the film, not the process
            _note(error)
            words = f"The engine failed ({type(error).__name__}); nothing was charged."
            about(Refused(code=Code.EXECUTION_FAILED, error=words))


@dataclass(frozen=True, slots=True)
class Orders:
    """What the worker wants."""

    work: SimpleQueue[Work] = field(default_factory=SimpleQueue)
    left: set[str] = field(default_factory=set)
    """Tokens of films that nobody wants any more."""

    def want(self, token: str) -> bool:
        """Whether a film is still wanted."""
        return token not in self.left

    def listen(self) -> None:
        """Take orders; the end of the worker is the end of us, whatever we are doing."""
        for line in sys.stdin:
            wanted = messages.order(line)
            if isinstance(wanted, Leave):
                self.left.add(wanted.token)
            else:
                self.work.put(wanted)
        os._exit(0)


def _note(error: Exception) -> None:
    """Where it went wrong, without the words of the error, which may hold a prompt."""
    log.get().error("engine failed", error=type(error).__name__, places=log.places(error.__traceback__))


if __name__ == "__main__":
    main(sys.argv[1:])
