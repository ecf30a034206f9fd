"""Where the service listens, and who may come in without a key."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from typing import TYPE_CHECKING

from stillmotion.errors import ListenRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.server.settings import Settings

_BACKLOG = 2048


def check_host(settings: Settings) -> None:
    """Refuse to open a server without accounts to other machines.

    Raises:
        ListenRefused: the message says what to do.
    """
    if settings.accounts or is_loopback(settings.host):
        return
    message = (
        f"Without accounts anybody who reaches {settings.host} could use this server. Leave out --host to listen on"
        " this machine only, or set STILLMOTION_ACCOUNTS=true and give keys to those who may."
    )
    raise ListenRefused(message)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there; port 0 is any free one.

    Raises:
        ListenRefused: another program listens there, or there is no such address here.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        door = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ListenRefused(_no_door(host, port, error)) from error
    with door:
        try:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(place)
            door.listen(_BACKLOG)
        except OSError as error:
            raise ListenRefused(_no_door(host, port, error)) from error
        yield door


def _no_door(host: str, port: int, error: OSError) -> str:
    return f"Cannot listen on {host} port {port}: {error.strerror or error}. Choose another with --port."
