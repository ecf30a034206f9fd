"""The engine process: warm before its first work, one film after another, gone when its worker is gone.

It reads work from stdin and tells about it on what was stdout; whatever a library prints goes to stderr.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import partial
from queue import SimpleQueue

from stillmotion.server import log
from stillmotion.server.predictions.records import Code
from stillmotion.server.worker import limits, messages
from stillmotion.server.worker.messages import Message, Ready, Refused, Work

WARM = "--warm"
"""Argument: film something before saying that work is welcome."""


def main(arguments: list[str]) -> None:
    """Serve one worker until it goes away."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    log.set_up()
    lines: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True, name="worker").start()

    from stillmotion.server.worker import films, warming  # noqa: PLC0415 - the worker's end is seen while this loads

    def tell(message: Message, token: str = "") -> None:
        try:
            answers.write(messages.write(message, token))
        except BrokenPipeError:
            os._exit(0)

    warming.warm_up(thoroughly=WARM in arguments)
    limits.step_back()  # not before: on a busy machine nothing could be filmed for minutes
    tell(Ready())
    while True:
        work = Work.read(lines.get())
        about = partial(tell, token=work.token)
        try:
            about(films.film(work, about))
        except Exception as error:  # noqa: BLE001 - a fault of the engine ends the film, not the process
            _note(error)
            words = f"The engine failed ({type(error).__name__}); nothing was charged."
            about(Refused(code=Code.EXECUTION_FAILED, error=words))


def _listen(lines: SimpleQueue[str]) -> None:
    """Pass work on; the end of the worker is the end of us, whatever we are doing."""
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def _note(error: Exception) -> None:
    """Where it went wrong, without the words of the error, which may hold a prompt."""
    log.get().error("engine failed", error=type(error).__name__, places=log.places(error.__traceback__))


if __name__ == "__main__":
    main(sys.argv[1:])
