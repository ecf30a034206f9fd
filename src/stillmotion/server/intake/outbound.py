"""Requests to addresses that others gave us: one request, one connection, to a machine that was checked.

The name is resolved and every answer checked at the only place where a connection is made, and the connection goes to
the address that was checked: a name that means another machine a moment later changes nothing. All of a request has one
time limit, which every wait on the network obeys, so that neither a silent nor a dripping peer holds anything for
longer. No proxy, cookie, password or certificate comes from the environment.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import httpcore2
import truststore

from stillmotion.errors import StillmotionError
from stillmotion.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from stillmotion.server.intake.addresses import Address, Machine, Rules

AGENT = f"stillmotion/{__version__}"
_CONNECT_S = 5.0
_LOOK_S = 0.25
"""How long a wait may go on that nobody wants any more."""
_READ_BYTES = 1 << 16
_ANSWERS = 16
"""More answers to a name than this are not looked at."""


class OutboundError(StillmotionError):
    """The other side could not be reached, or did not answer as it should."""

    code = "outbound_failed"


class ForbiddenError(OutboundError):
    """The name cannot be found, or it leads into a network that this server does not go to."""

    code = "outbound_forbidden"


class Resolver(Protocol):
    """Finds the machines behind a name."""

    def __call__(self, host: str, port: int) -> Iterable[str]:
        """IP addresses in the order to try them; OSError when there are none."""


def resolve(host: str, port: int) -> tuple[str, ...]:
    """Ask the machine's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """Trusts whom this machine trusts."""
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """Sends requests by rules."""

    rules: Rules
    limit_s: float
    """For all of one request: name, connection, answer to its last byte."""
    resolver: Resolver = resolve
    tls: Callable[[], ssl.SSLContext] = trusted
    meant: Callable[[Machine], object] | None = None
    """Told of every machine that a name means, before a connection is made."""
    unwanted: threading.Event = field(default_factory=threading.Event)
    """Set by another thread when nobody waits for the answer any more: it then ends as if its time were over."""

    @contextmanager
    def send(
        self, method: str, address: Address, *, headers: Mapping[str, str], content: bytes | None = None
    ) -> Iterator[Answer]:
        """Send one request; the answer's body is read while the block lasts.

        Raises:
            ForbiddenError: the name leads nowhere, or where the rules do not allow.
            OutboundError: no connection, no proper answer, or not in time.
        """
        backend = _Backend(self, time.monotonic() + self.limit_s)
        sent = {"Host": address.authority, "User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close"}
        url = httpcore2.URL(
            scheme=address.scheme, host=address.host, port=address.port, target=address.target.encode("ascii")
        )
        context = self.tls() if address.scheme == "https" else None
        lines = [(name.encode("ascii"), value.encode("ascii")) for name, value in {**sent, **headers}.items()]
        with (
            _told(),
            httpcore2.ConnectionPool(ssl_context=context, network_backend=backend) as pool,
            pool.stream(method, url, headers=lines, content=content) as response,
        ):
            yield Answer(response)


class Answer:
    """What came back."""

    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response
        self.status = response.status

    def header(self, name: str) -> str:
        """A header's value; empty when there is none."""
        wanted = name.lower().encode("ascii")
        found = (value for key, value in self._response.headers if key.lower() == wanted)
        return next(found, b"").decode("latin-1").strip()

    def pieces(self) -> Iterator[bytes]:
        """The body as it arrives, as it was sent: nothing is unpacked."""
        return self._response.iter_stream()


@contextmanager
def _told() -> Iterator[None]:
    """Faults of the network in our words; none of them repeats what the peer said."""
    try:
        yield
    except httpcore2.TimeoutException:
        message = "it did not answer in time"
        raise OutboundError(message) from None
    except httpcore2.ConnectError as error:
        message = "the certificate is not good" if _is_certificate(error) else "no connection could be made"
        raise OutboundError(message) from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError):
        message = "the connection broke off, or the answer was no proper HTTP"
        raise OutboundError(message) from None


def _is_certificate(error: BaseException) -> bool:
    return any(isinstance(one, ssl.SSLError) for one in (error.__cause__, error.__context__, *error.args))


class _Backend(httpcore2.NetworkBackend):
    """Makes the connections of one request."""

    def __init__(self, outbound: Outbound, deadline_s: float) -> None:
        self._outbound = outbound
        self._deadline_s = deadline_s
        self._below = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """To the first machine that takes the connection; only after all of them were checked."""
        del timeout
        failure: Exception = httpcore2.ConnectError("no address")
        for machine in self._machines(host, port):
            within_s = min(_CONNECT_S, self._left_s(httpcore2.ConnectTimeout))
            try:
                stream = self._below.connect_tcp(str(machine), port, within_s, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._left_s)
        raise failure

    def _machines(self, host: str, port: int) -> list[Machine]:
        """All that the name means; none when one of them is out of bounds."""
        try:
            machines = [ipaddress.ip_address(text) for text in self._resolved(host, port)]
        except (OSError, ValueError, UnicodeError):
            raise ForbiddenError from None
        if not 0 < len(machines) <= _ANSWERS or not all(map(self._outbound.rules.allow, machines)):
            raise ForbiddenError
        if self._outbound.meant is not None:
            for machine in machines:
                self._outbound.meant(machine)
        return machines

    def _resolved(self, host: str, port: int) -> list[str]:
        """The resolver's answers; it cannot be interrupted, so a slow one is left behind."""
        if _is_machine(host):
            return [host]
        answers: queue.Queue[list[str] | Exception] = queue.Queue()

        def ask() -> None:
            try:
                answers.put(list(self._outbound.resolver(host, port)))
            except Exception as error:  # noqa: BLE001 - raised again by whoever waits
                answers.put(error)

        threading.Thread(target=ask, name="resolver", daemon=True).start()
        found = None
        while found is None:
            with suppress(queue.Empty):
                found = answers.get(timeout=min(_LOOK_S, self._left_s(httpcore2.ConnectTimeout)))
        if isinstance(found, Exception):
            raise found
        return found

    def _left_s(self, late: type[Exception]) -> float:
        left_s = self._deadline_s - time.monotonic()
        if left_s <= 0 or self._outbound.unwanted.is_set():
            raise late
        return left_s


class _Late(httpcore2.TimeoutException):
    """The time for all of the request is over, not only a look's."""


class _Stream(httpcore2.NetworkStream):
    """A connection on which no wait lasts beyond the deadline."""

    def __init__(self, below: httpcore2.NetworkStream, left_s: Callable[[type[Exception]], float]) -> None:
        self._below = below
        self._left_s = left_s

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """See httpcore."""
        del timeout
        while True:
            with suppress(httpcore2.ReadTimeout):
                return self._below.read(min(max_bytes, _READ_BYTES), min(_LOOK_S, self._left_s(_Late)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """See httpcore."""
        del timeout
        self._below.write(buffer, self._left_s(httpcore2.WriteTimeout))

    def close(self) -> None:
        """See httpcore."""
        self._below.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """See httpcore."""
        del timeout
        within_s = min(_CONNECT_S, self._left_s(httpcore2.ConnectTimeout))
        return _Stream(self._below.start_tls(ssl_context, server_hostname, within_s), self._left_s)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the base class has it
        """See httpcore."""
        return self._below.get_extra_info(info)


def _is_machine(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
