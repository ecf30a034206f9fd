"""Bodies are counted while they arrive, and large ones wait on the disk until there is memory for them.

A data URL of a photo has up to 20 MB, and reading one takes several times that. So a large body is put aside while it
arrives, however slowly; whole, it waits for its turn, and is in memory only while it is read and accepted.
"""

from __future__ import annotations

import ctypes
import sys
from collections import deque
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from stillmotion.errors import BodyTooLarge
from stillmotion.server.api import shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOADS = ("/api/v3/media/upload/", "/api/v2/media/upload/", "/uploads/")
"""Paths with a limit of their own, whose bodies are never in memory."""
SMALL_BYTES = 256 << 10
"""Bodies up to this are read as they come."""
_PIECE_BYTES = 256 << 10
_HELD = "stillmotion.body_is_held"
_MMAP_THRESHOLD, _GIVEN_BACK_BYTES = -3, 512 << 10


def let_go(request: Request) -> None:
    """Say that the body is no longer in memory, before a request is held for long."""
    held: Callable[[], None] = request.scope.get(_HELD, _nothing)
    held()


class Room:
    """Memory for large bodies: those who find none wait in order."""

    def __init__(self, size_bytes: int) -> None:
        self._free_bytes = self._size_bytes = size_bytes
        self._waiting: deque[tuple[int, anyio.Event]] = deque()

    async def take(self, count: int) -> None:
        """Wait until that many bytes are free, and take them; nobody waits for more than there are."""
        wanted = min(count, self._size_bytes)
        if not self._waiting and wanted <= self._free_bytes:
            self._free_bytes -= wanted
            return
        turn = (wanted, anyio.Event())
        self._waiting.append(turn)
        try:
            await turn[1].wait()
        except BaseException:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:
                self.give(count)
            raise

    def give(self, count: int) -> None:
        """Give them back; those who waited longest come next."""
        self._free_bytes += min(count, self._size_bytes)
        while self._waiting and self._waiting[0][0] <= self._free_bytes:
            wanted, turn = self._waiting.popleft()
            self._free_bytes -= wanted
            turn.set()


class BodyLimit:
    """An ASGI layer that ends requests whose body is too large, and lets large ones in one after the other."""

    def __init__(self, app: ASGIApp, *, limit_bytes: int) -> None:
        self._app, self._limit_bytes = app, limit_bytes
        self._room = Room(limit_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http" or scope["path"].startswith(UPLOADS):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"")
        chunked = b"transfer-encoding" in headers
        if declared.isdigit() and int(declared) > self._limit_bytes:
            await _refuse(scope, receive, send)
        elif not chunked and (not declared or (declared.isdigit() and int(declared) <= SMALL_BYTES)):
            await self._app(scope, receive, send)  # the server itself holds clients to what they declare
        else:
            with SpooledTemporaryFile(max_size=SMALL_BYTES) as aside:
                await self._put_aside(scope, receive, send, aside)

    async def _put_aside(self, scope: Scope, receive: Receive, send: Send, aside: IO[bytes]) -> None:
        count, more, pieces = 0, True, bytearray()
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # the client is gone
            piece, more = message.get("body", b""), message.get("more_body", False)
            count += len(piece)
            if count > self._limit_bytes:
                await _refuse(scope, receive, send)
                return
            pieces += piece
            if len(pieces) > SMALL_BYTES:  # a busy disk lets writers wait
                await run_in_threadpool(aside.write, bytes(pieces))
                pieces.clear()
        aside.write(pieces)
        aside.seek(0)
        if count <= SMALL_BYTES:
            await self._app(scope, _replayed(aside, count, count, receive), send)
            return
        await self._room.take(count)
        await self._let_in(scope, _replayed(aside, count, _piece_bytes(scope, count), receive), send, count)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send, count: int) -> None:
        """Have a request answered that holds so much memory until it says otherwise, or has its answer."""
        held = [count]

        def give_back() -> None:
            while held:
                self._room.give(held.pop())

        scope[_HELD] = give_back
        try:
            await self._app(scope, receive, send)
        finally:
            give_back()


def _piece_bytes(scope: Scope, count: int) -> int:
    """Forms are read in pieces and go to the disk again; all else would be put together again anyway."""
    return _PIECE_BYTES if b"multipart" in dict(scope["headers"]).get(b"content-type", b"") else count


def keep_no_freed_memory() -> None:
    """Have what large bodies took given back to the system at once, not kept for the next ones; for the whole process.

    The C library of Linux otherwise learns from the first of them to keep memory of that size, in each thread.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _GIVEN_BACK_BYTES)


def _replayed(aside: IO[bytes], count: int, size: int, receive: Receive) -> Receive:
    """The body in pieces of a size, then what the server says."""
    left, over = count, False

    async def replay() -> Message:
        nonlocal left, over
        if over:
            return await receive()
        piece = await run_in_threadpool(aside.read, size) if left > SMALL_BYTES else aside.read(size)
        left -= len(piece)
        over = left <= 0
        return {"type": "http.request", "body": piece, "more_body": not over}

    return replay


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    error = BodyTooLarge()
    found = shapes.body(shapes.dialect_of(scope["path"]), 413, str(error), error.code)
    await JSONResponse(found, 413)(scope, receive, send)


def _nothing() -> None:
    pass
