"""Who is calling, and whether this machine may be called like that."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from stillmotion.errors import HostRefused, KeyRefused
from stillmotion.server import accounts
from stillmotion.server.accounts import Account
from stillmotion.server.service import Service

if TYPE_CHECKING:
    from starlette.datastructures import Headers

_FAULT, _KNOWN = "stillmotion.key_fault", "stillmotion.caller"
_LOCAL_NAMES = frozenset(("localhost", "localhost."))


_SINGLE_USER = Account(id=accounts.SINGLE_USER, name="this machine", admin=True)


async def service_of(request: Request) -> Service:
    """The parts of this process; asynchronous, so that nobody hops to a thread for them."""
    return cast("Service", request.app.state.service)


def caller(request: Request) -> Account:
    """The account that calls. In the single-user mode it is always the same one, with any key or none.

    Raises:
        KeyRefused: the key is missing, wrong or revoked.
        AccountSuspended: the account may do nothing.
    """
    service = cast("Service", request.app.state.service)
    if not service.settings.accounts:
        return _SINGLE_USER
    with service.database.connect() as connection:
        return accounts.of_key(connection, bearer(request.headers))


async def known(request: Request) -> Account:
    """Who calls, looked up here and not again by the route."""
    found = request.scope[_KNOWN] = await _calling(request)
    return found


async def _calling(request: Request) -> Account:
    """See `caller`; a thread is needed only where the database is."""
    found: Account | None = request.scope.get(_KNOWN)
    if found is not None:
        return found
    fault: Exception | None = request.scope.get(_FAULT)
    if fault is not None:
        raise fault
    if not request.app.state.service.settings.accounts:
        return _SINGLE_USER
    return await run_in_threadpool(caller, request)


async def may_call(request: Request) -> bool:
    """Whether the key is good, before the body is looked at; if not, the route says why, in its dialect's words."""
    try:
        await _calling(request)
    except Exception as error:  # noqa: BLE001 - raised again by the route
        request.scope[_FAULT] = error
        return False
    return True


def bearer(headers: Headers) -> str:
    """The key that a request carries.

    Raises:
        KeyRefused: none.
    """
    kind, _, key = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key.strip():
        raise KeyRefused
    return key.strip()


def check_place(headers: Headers) -> None:
    """In the single-user mode only pages and programs of this machine may call: DNS rebinding ends here.

    Raises:
        HostRefused: the Host or the Origin is not this machine.
    """
    if not _is_local(_name(f"//{headers.get('host', '')}")):
        raise HostRefused
    origin = headers.get("origin")
    if origin is not None and not _is_local(_name(origin)):
        raise HostRefused


def _name(address: str) -> str:
    """The name in an address, without port and brackets; empty where there is none, or readers differ about it."""
    if "@" in address or "\\" in address:
        return ""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _is_local(name: str) -> bool:
    if name in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


Caller = Annotated[Account, Depends(_calling)]
Parts = Annotated[Service, Depends(service_of)]
