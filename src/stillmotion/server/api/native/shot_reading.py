"""Shots are read in a process of their own: reading one takes the whole engine, and the API's process stays small."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import TypedDict

from stillmotion.errors import ShotInvalid

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


@dataclass(slots=True)
class Reader:
    """A process that is started by the first Shot, and anew when it has died."""

    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)
    _process: subprocess.Popen[str] | None = None

    def read(self, text: str) -> Answer:
        """What a Shot fixes.

        Raises:
            ShotInvalid: it is no Shot; the message names the field.
        """
        if len(text) > LIMIT:
            message = f"it has {len(text):,} characters; {LIMIT:,} are allowed."
            raise ShotInvalid(message)
        with self._one_at_a_time:
            answer = next(filter(None, (self._asked(text) for _ in range(_TRIES))), None)
        if answer is None:
            message = "it cannot be read: whoever tried broke."
            raise ShotInvalid(message)
        if answer["error"]:
            raise ShotInvalid(answer["error"])
        return answer

    def _asked(self, text: str) -> Answer | None:
        """The process's answer; None when it died over it."""
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101 - both are pipes
        try:
            process.stdin.write(json.dumps(text) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.close()
            return None
        answer: Answer = json.loads(line)
        return answer

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
            )
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
