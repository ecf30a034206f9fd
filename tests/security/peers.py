"""Servers on this machine that answer as they are told: well, badly, slowly, or not at all."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Answer = Callable[[socket.socket], None]


def says(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"", *, length: bool = True) -> Answer:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} Words"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"Content-Length: {len(body)}"] if length else []
    content = "\r\n".join((*lines, "", "")).encode() + body
    return lambda connection: connection.sendall(content)


def raw(content: bytes) -> Answer:
    """These bytes and no more."""
    return lambda connection: connection.sendall(content)


def hangs(connection: socket.socket) -> None:
    """Nothing, until the other side has had enough."""
    while connection.recv(1 << 16):
        pass


def resets(connection: socket.socket) -> None:
    """The connection is torn down."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drips(head: bytes, *, every_s: float = 0.05) -> Answer:
    """A beginning, then a byte now and then for ever; stops when nobody listens."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(head)
        while not _gone(connection, every_s):
            connection.sendall(b"x")

    return drip


def endless(head: bytes) -> Answer:
    """A beginning, then as much as is taken."""

    def pour(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(bytes(1 << 16))

    return pour


def _gone(connection: socket.socket, within_s: float) -> bool:
    connection.settimeout(within_s)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False


@dataclass
class Peer:
    """One server: each connection gets the next answer, the last one again and again."""

    answers: tuple[Answer, ...]
    host: str = "127.0.0.1"
    port: int = 0
    requests: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server((self.host, self.port))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def url(self, path: str = "/picture", host: str | None = None) -> str:
        """Its address."""
        return f"http://{host or self.host}:{self.port}{path}"

    def header(self, name: str, request: int = -1) -> str | None:
        """What a request said."""
        for line in self.requests[request].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    def _heard(self, connection: socket.socket) -> bytes:
        return _request(connection)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                connection.settimeout(10)
                self.requests.append(self._heard(connection))
                self.answers[min(len(self.requests), len(self.answers)) - 1](connection)


def _request(connection: socket.socket) -> bytes:
    """A request with its body; of anything else what comes first."""
    received = connection.recv(1 << 16)
    if not received[:1].isalpha():
        return received
    while b"\r\n\r\n" not in received:
        received += connection.recv(1 << 16)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(1 << 16)
    return head + b"\r\n\r\n" + body
