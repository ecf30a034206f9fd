"""A server for tests of the client: it answers what it was told to, one answer after the other, and remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from stillmotion.client.wire import Patience, Wire

Answer = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


def data(value: Any, status: int = 200, **headers: str) -> httpx2.Response:
    """A success in the hosted dialect."""
    return httpx2.Response(status, json={"code": 200, "message": "success", "data": value}, headers=headers)


def refused(status: int, error_code: str = "", message: str = "no", **headers: str) -> httpx2.Response:
    """An error in the hosted dialect."""
    body = {"code": status, "message": message, "error_code": error_code, "error": message}
    return httpx2.Response(status, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


@dataclass
class Told:
    """What it answers, and what it was asked."""

    answers: list[Answer]
    requests: list[httpx2.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """The next answer; the last one is given for ever."""
        self.requests.append(request)
        self.bodies.append(request.read())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    @property
    def transport(self) -> httpx2.MockTransport:
        """The way to it."""
        return httpx2.MockTransport(self)


@dataclass
class Pauses:
    """A sleep that takes no time."""

    taken_s: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        """Remember it."""
        self.taken_s.append(seconds)


def wire_to(
    told: Told,
    pauses: Pauses | None = None,
    *,
    on_pause: Callable[[float, str], None] | None = None,
    **patience: float,
) -> Wire:
    """A connection to it that never sleeps."""
    known, sleep = Patience(**patience), pauses or Pauses()
    return Wire("http://127.0.0.1:1", "a-key", known, transport=told.transport, sleep=sleep, on_pause=on_pause)
