"""Shots are read in a process of their own: reading one takes the whole engine, and the API's process stays small."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypedDict

from stillmotion.errors import ReaderBusy, ShotInvalid
from stillmotion.server import log
from stillmotion.server.settings import for_children

if TYPE_CHECKING:
    from collections.abc import Iterator

_WAITING, _TURN_S, _START_S, _READ_S = 8, 15.0, 60.0, 10.0
"""How many wait for the reader at once, and how long: no more, so that threads are left for everybody else."""
LIMIT = 1_000_000
"""Characters of a Shot; one with all that a plan holds has a few thousand."""
_CHILD = "stillmotion.server.api.native.shot_process"
_TRIES = 2


class Answer(TypedDict):
    """What the process says of a Shot."""

    error: str
    """What is wrong with it; the rest counts only when this is empty."""
    shot: str
    prompt: str
    duration_s: int
    seed: int
    words: list[str]
    """All that is heard, shown or written by it beside its prompt: what a policy judges."""


@dataclass(slots=True)
class Reader:
    """A process that is started by the first Shot, and anew when it has died."""

    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)
    _waiting: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_WAITING))
    _process: subprocess.Popen[str] | None = None

    def read(self, text: str) -> Answer:
        """What a Shot fixes.

        Raises:
            ShotInvalid: it is no Shot; the message names the field.
            ReaderBusy: too many are being read, or it took too long.
        """
        if len(text) > LIMIT:
            message = f"it has {len(text):,} characters; {LIMIT:,} are allowed."
            raise ShotInvalid(message)
        with self._turn():
            answer = next(filter(None, (self._asked(text) for _ in range(_TRIES))), None)
        if answer is None:
            message = "it cannot be read: whoever tried broke."
            raise ShotInvalid(message)
        if answer["error"]:
            raise ShotInvalid(answer["error"])
        return answer

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._waiting.acquire(blocking=False):
            raise ReaderBusy
        try:
            if not self._one_at_a_time.acquire(timeout=_TURN_S):
                raise ReaderBusy
            try:
                yield
            finally:
                self._one_at_a_time.release()
        finally:
            self._waiting.release()

    def _line(self, process: subprocess.Popen[str], within_s: float) -> str:
        """What it says next; nothing when it died.

        Raises:
            ReaderBusy: it says nothing in time, and is ended.
        """
        assert process.stdout is not None  # noqa: S101 - a pipe
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        watch = threading.Timer(within_s, end)
        watch.daemon = True
        watch.start()
        try:
            line = process.stdout.readline()
        finally:
            watch.cancel()
        if late.is_set():
            self.close()
            raise ReaderBusy
        return line

    def _asked(self, text: str) -> Answer | None:
        """The process's answer; None when it died over it."""
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - a pipe
        try:
            process.stdin.write(json.dumps(text) + "\n")
            process.stdin.flush()
            line = self._line(process, _READ_S)
        except BrokenPipeError:
            line = ""
        if not line:
            self.close()
            return None
        answer: Answer = json.loads(line)
        return answer

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            # Its errors may repeat what people sent. -P: what lies in the working folder is not run.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _CHILD],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                env=for_children(records=False),
            )
            if not self._line(self._process, _START_S):
                self.close()
                log.get().error("the reader of Shots cannot be started")
                raise ReaderBusy
        return self._process

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


@cache
def reader() -> Reader:
    """That of this process."""
    made = Reader()
    atexit.register(made.close)
    return made
