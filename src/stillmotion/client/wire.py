"""Requests to a server: what is sent again and when, and how a refusal becomes an error of ours."""

from __future__ import annotations

import random
import socket
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2

from stillmotion import errors
from stillmotion.errors import (
    AnswerIncomplete,
    InputRefused,
    QueueFull,
    RateLimited,
    ServerFault,
    ServerUnknown,
    ServerUnreachable,
    StillmotionError,
)
from stillmotion.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Never

    from httpx2 import BaseTransport, Response

KEY_HEADER = "Idempotency-Key"
_AGAIN = frozenset((429, 500, 502, 503, 504))
_NOT_BEGUN = 429
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""After these, and after a 429, nothing was done: also what must not be done twice is sent again."""
_HERE = frozenset(("localhost", "127.0.0.1", "::1"))
_DONE, _REFUSED, _MISSING, _FAULT = 204, 400, 404, 500
_NO_ROUTE = "no_such_route"
_DIALECTS = ("/api/v3", "/api/v2", "/v1")
_TRIES_HERE = 3
"""On this machine nobody is on the way to an address where nobody listens: more than a second is not waited for."""
_LONG_PAUSE_S = 5.0
"""A pause from which on a person would think that the program hangs."""
_LEAST_S = 1.0
"""For an answer, also when there is no time left: whoever waits for nothing asks once all the same."""
_BY_STATUS: dict[int, type[StillmotionError]] = {
    401: errors.KeyRefused,
    402: errors.BalanceTooLow,
    403: errors.KeyRefused,
    413: errors.BodyTooLarge,
    429: errors.RateLimited,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a client waits, and how often it asks again."""

    connect_s: float = 10.0
    read_s: float | None = 60.0
    """For the answer to one request; None waits for ever."""
    upload_s: float | None = 300.0
    retries: int = 5
    pause_s: float = 0.5
    """Before the first repeat; doubled each time, with jitter, and never less than the server's Retry-After."""
    longest_pause_s: float = 60.0
    """When the server asks for more, it is not asked again and its refusal is raised."""
    away_s: float = 300.0
    """How long `wait` and `run` go on asking for what the server accepted, while it does not answer."""


class Answer(dict[str, Any]):
    """An object in an answer. What it lacks is the server's fault, and said so; nothing else is put down to it."""

    def __missing__(self, name: str) -> Never:
        raise AnswerIncomplete(_incomplete(f"there is no {name!r} in its answer"))


class Wire:
    """A connection to one server."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        patience: Patience,
        *,
        transport: BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now_s: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
        on_pause: Callable[[float, str], None] | None = None,
    ) -> None:
        self.base_url = root_of(base_url)
        self.patience = patience
        self._on_pause = on_pause
        self._sleep, self._now_s = sleep, now_s
        self._chance = chance or random.Random()  # noqa: S311 - spreads repeats, keeps no secret
        headers = {"User-Agent": f"stillmotion-python/{__version__}", "Accept": "application/json"}
        if api_key:
            headers["Authorization"] = f"Bearer {api_key}"
        timeout = httpx2.Timeout(patience.read_s, connect=patience.connect_s)
        self._headers = headers
        # A proxy of the environment is for the world outside, never for this machine.
        self._http = httpx2.Client(transport=transport, timeout=timeout, trust_env=not _is_here(self.base_url))

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, *, within_s: float | None = None, kind: type = dict) -> Any:  # noqa: ANN401 - JSON
        """What the server answers.

        Args:
            path: below the base address.
            within_s: how long to try; None tries as long as patience says. One try has a second in any case.
            kind: what the answer is; anything else is no answer of ours.
        """
        return self._answer("GET", path, within_s=within_s, kind=kind)

    def delete(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """What the server answers. It is asked again when an answer was lost; what is gone then, we have deleted."""
        return self._answer("DELETE", path, kind=object)

    def post(
        self,
        path: str,
        content: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        query: Mapping[str, str] | None = None,
        patient: bool = False,
        again: bool = True,
    ) -> Any:  # noqa: ANN401 - JSON
        """What the server answers.

        Args:
            path: below the base address.
            content: becomes JSON.
            key: what names a create, so that sending it again is not asking twice. Servers read it on creates alone.
            query: goes into the address.
            patient: whether the answer may take as long as the work does.
            again: whether doing it twice is doing it once; else it is not repeated when it may have been done.
        """
        headers = {KEY_HEADER: key} if key else {}
        timeout = httpx2.Timeout(None, connect=self.patience.connect_s) if patient else None
        sent: dict[str, Any] = {"content": content or {}, "headers": headers, "query": query, "timeout": timeout}
        return self._answer("POST", path, again=again, **sent)

    def raw(self) -> httpx2.Client:
        """For files: no key of ours is sent along, addresses of files carry their own."""
        return self._http

    def again(self, attempt: int, response: Response | None, place: str = "") -> None:
        """Wait before the next attempt, at the server itself unless another place is named."""
        pause = self.patience.pause_s * 2**attempt * self._chance.uniform(0.5, 1.0)
        asked = retry_after_s(response) if response is not None else 0.0
        pause = max(min(pause, self.patience.longest_pause_s), asked)
        if self._on_pause is not None and pause >= _LONG_PAUSE_S:
            self._on_pause(pause, _reason(place or self.base_url, response))
        self._sleep(pause)

    def _is_final(self, response: Response, attempt: int, *, again: bool) -> bool:
        """Whether asking again would not help, or is not wanted so soon or at all. A full queue is asked twice."""
        return (
            response.status_code not in _AGAIN
            or (not again and response.status_code != _NOT_BEGUN)
            or (attempt > 0 and _code(_body(response)) == QueueFull.code)
            or response.headers.get("x-should-retry") == "false"
            or retry_after_s(response) > self.patience.longest_pause_s
        )

    def _is_hopeless(self, attempt: int, error: httpx2.TransportError) -> bool:
        """Whether trying again would only keep a person waiting: no such name, no TLS there, nobody on this machine."""
        if not isinstance(error, httpx2.ConnectError):
            return False
        if any(isinstance(each, socket.gaierror | ssl.SSLError) for each in _causes(error)):
            return True
        return _is_here(self.base_url) and attempt + 1 >= _TRIES_HERE

    def _answer(self, method: str, path: str, *, kind: type = dict, **sent: Any) -> Any:  # noqa: ANN401 - JSON
        response, perhaps_done = self._tried(method, path, **sent)
        if method == "DELETE" and response.status_code == _DONE:
            return None
        content = _json(response)
        if _is_elsewhere(response.status_code, content):
            raise ServerUnknown(_elsewhere(self.base_url, path, response.status_code))
        if method == "DELETE" and perhaps_done and response.status_code == _MISSING:
            return None
        if not response.is_success:
            raise refusal(response.status_code, content, response)
        return _as(kind, content.get("data", content) if isinstance(content, dict) else content)

    def _tried(
        self,
        method: str,
        path: str,
        *,
        within_s: float | None = None,
        again: bool = True,
        **sent: Any,  # noqa: ANN401 - passed through
    ) -> tuple[Response, bool]:
        """The last answer, and whether it may have been done at an attempt before that."""
        until_s, perhaps_done = None if within_s is None else self._now_s() + within_s, False
        for attempt in range(self.patience.retries + 1):
            sent |= {} if until_s is None else {"timeout": self._timeout(until_s - self._now_s())}
            try:
                response = self._once(method, path, **sent)
            except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
                message = f"{self.base_url!r} is no address of a server; it begins with http:// or https://."
                raise ServerUnreachable(message) from error
            except httpx2.TransportError as error:
                if not again and not isinstance(error, _NEVER_SENT):
                    raise _unheard(self.base_url, error) from error
                if self._is_last(attempt, until_s) or self._is_hopeless(attempt, error):
                    raise _unreachable(self.base_url, error) from error
                perhaps_done |= not isinstance(error, _NEVER_SENT)
                self.again(attempt, None)
                continue
            if self._is_last(attempt, until_s, retry_after_s(response)) or self._is_final(
                response, attempt, again=again
            ):
                return response, perhaps_done
            perhaps_done |= response.status_code != _NOT_BEGUN
            self.again(attempt, response)
        raise ServerUnreachable  # only with fewer than no retries

    def _is_last(self, attempt: int, until_s: float | None, asked_s: float = 0.0) -> bool:
        """Whether there is no other attempt, or no time for the pause before it, which the server may ask for."""
        pause_s = max(min(self.patience.pause_s * 2**attempt, self.patience.longest_pause_s), asked_s)
        return attempt >= self.patience.retries or (until_s is not None and self._now_s() + pause_s >= until_s)

    def _timeout(self, left_s: float) -> httpx2.Timeout:
        """That of one attempt when so much time is left."""
        known = self.patience
        left_s = max(left_s, _LEAST_S)
        return httpx2.Timeout(min(known.read_s or left_s, left_s), connect=min(known.connect_s, left_s))

    def _once(
        self,
        method: str,
        path: str,
        *,
        content: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
    ) -> Response:
        return self._http.request(
            method,
            f"{self.base_url}{path}",
            json=content,
            params=query,
            headers={**self._headers, **(headers or {})},
            timeout=httpx2.USE_CLIENT_DEFAULT if timeout is None else timeout,
        )


def root_of(base_url: str) -> str:
    """The address of a server, also when the path of a dialect was copied with it from another program."""
    root = base_url.strip().rstrip("/")
    path = next((each for each in _DIALECTS if root.endswith(each)), "")
    return root.removesuffix(path).rstrip("/")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_elsewhere(status: int, content: object) -> bool:
    """Whether who answers is no server of this API, or one that does not know what was asked."""
    if not isinstance(content, dict):
        return status < _REFUSED or status == _MISSING
    return status == _MISSING and _code(content) == _NO_ROUTE


def _elsewhere(base_url: str, path: str, status: int) -> str:
    return (
        f"{base_url} does not speak this API: its answer to {path} (HTTP {status}) is none of ours. The address of a "
        "server has no path of an API, such as http://127.0.0.1:8000; a server of another version may lack this."
    )


def _is_here(base_url: str) -> bool:
    try:
        return (urlsplit(base_url).hostname or "") in _HERE
    except ValueError:
        return False


def retry_after_s(response: Response) -> float:
    """How long the server asks us to wait; 0 when it does not say."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return 0.0


def refusal(status: int, content: object, response: Response | None = None) -> StillmotionError:
    """The error behind an answer: by the server's stable code, else by the HTTP status."""
    body = content if isinstance(content, dict) else {}
    inner = body.get("error")
    told = inner if isinstance(inner, dict) else {}
    message = str(body.get("message") or told.get("message") or inner or f"The server answered HTTP {status}.")
    kind = _by_code().get(_code(body))
    if kind is None:
        kind = _BY_STATUS.get(status) or (ServerFault if status >= _FAULT or status < _REFUSED else InputRefused)
    if kind is RateLimited and response is not None:
        return RateLimited(message, retry_after_s=round(retry_after_s(response)) or 60)
    return kind(message)


def _body(response: Response) -> dict[str, Any]:
    content = _json(response)
    return content if isinstance(content, dict) else {}


def _code(body: Mapping[str, Any]) -> str:
    """The stable code of an error, in whichever dialect."""
    inner = body.get("error")
    return str(body.get("error_code") or (inner.get("code") if isinstance(inner, dict) else "") or "").lower()


def _by_code() -> dict[str, type[StillmotionError]]:
    """Every error that a server may name; what it calls its own fault is not ours."""
    found: dict[str, type[StillmotionError]] = {}
    waiting = list(StillmotionError.__subclasses__())
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found


def _incomplete(why: str) -> str:
    return (
        f"The server answered in a way that stillmotion {__version__} does not understand: {why}; "
        "it may be of another version."
    )


def _as(kind: type, found: object) -> object:
    """What was answered, if it is of that kind."""
    if isinstance(found, kind):
        return found
    raise AnswerIncomplete(_incomplete(f"it sent a {type(found).__name__} where a {kind.__name__} belongs"))


def _json(response: Response) -> object:
    try:
        return response.json(object_pairs_hook=Answer)
    except ValueError:
        return None


def _unreachable(base_url: str, error: Exception) -> ServerUnreachable:
    why = _why(error)
    message = f"{base_url} does not answer ({why}); check the address and whether `stillmotion serve` is running there."
    return ServerUnreachable(message)


def _unheard(base_url: str, error: Exception) -> ServerUnreachable:
    message = (
        f"No answer came from {base_url} ({_why(error)}); it may have done it all the same: look before asking again."
    )
    return ServerUnreachable(message)


def _why(error: Exception) -> str:
    return "it took too long" if isinstance(error, httpx2.TimeoutException) else str(error) or type(error).__name__


def _reason(base_url: str, response: Response | None) -> str:
    """Why there is a pause, for a person."""
    if response is None:
        return f"{base_url} does not answer."
    return str(refusal(response.status_code, _json(response), response))
