"""Bodies are counted while they arrive, and large ones wait on the disk until there is memory for them.

A data URL of a photo has up to 20 MB, and reading one takes several times that. So a large body is put aside while it
arrives; whole, it waits for its turn, and is in memory only while it is read and accepted. Of callers whose key is no
good nothing is taken at all.
"""

from __future__ import annotations

import ctypes
import errno
import sys
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from stillmotion import catalog
from stillmotion.errors import BodyTooLarge, DiskFull, ParameterInvalid, ServerBusy, StillmotionError
from stillmotion.server import sizes
from stillmotion.server.api import shapes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOADS = ("/api/v3/media/upload/", "/api/v2/media/upload/", "/api/v3/upload", "/api/v2/upload", "/uploads/")
"""Paths with a limit of their own, whose bodies are never in memory."""
UNREAD = frozenset(f"/v1/videos/{name}" for name in ("edits", "extensions", "characters"))
"""Paths that answer without a look at the body: a film belongs there, so no size of it is a fault."""
PLAIN_BYTES = 1 << 20
"""Bodies have up to this where no picture belongs."""
SMALL_BYTES = 256 << 10
"""Bodies up to this are read as they come."""
_PIECE_BYTES = 256 << 10
_ASIDE = 64
"""As many of the largest bodies may lie on the disk at once."""
_STEADY_BYTES = 64 << 10
"""An upload of which so much comes each second may take as long as it needs."""
_WITH_BODY = frozenset(("POST", "PUT", "PATCH"))
"""Elsewhere nobody looks at what a client may send, so it is never put aside."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_HELD = "stillmotion.body_is_held"
_MMAP_THRESHOLD, _GIVEN_BACK_BYTES = -3, 512 << 10


def with_pictures() -> frozenset[str]:
    """The paths whose bodies may hold a picture."""
    hosted = (*catalog.by_every_name(), "model/price", "model/pricing")
    native = ("predictions", "drafts", "scenes")
    several = (f"{home}/{name}" for home in ("/api/v3", "/api/v2") for name in hosted)
    return frozenset(("/v1/videos", *(f"/api/native/v1/{name}" for name in native), *several))


def let_go(request: Request) -> None:
    """Say that the body is no longer in memory, before a request is held for long."""
    held: Callable[[], None] = request.scope.get(_HELD, _nothing)
    held()


class Room:
    """Memory for large bodies: those who find none wait in order."""

    def __init__(self, size_bytes: int) -> None:
        self._free_bytes = self._size_bytes = size_bytes
        self._waiting: deque[tuple[int, anyio.Event]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

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
                self.give(0)  # who stood behind it may need less
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a large body may take."""

    body_s: float = 600.0
    """Until all of it is here; of an upload, beyond the time that it needs at a steady pace."""
    turn_s: float = 30.0
    """Until there is memory for it."""


class _Disk:
    """What lies on the disk of all bodies together."""

    def __init__(self, folder: Path | None, size_bytes: int) -> None:
        self.folder, self.size_bytes = folder, size_bytes
        self.used_bytes = 0


class _Aside:
    """A body on the disk."""

    def __init__(self, disk: _Disk) -> None:
        self._disk = disk
        folder = None if disk.folder is None else str(disk.folder)
        self._file = SpooledTemporaryFile(max_size=SMALL_BYTES, dir=folder)  # noqa: SIM115 - see close
        self.count = 0
        self._left = 0

    async def take(self, receive: Receive, limit_bytes: int) -> None:
        """Take it as it arrives.

        Raises:
            BodyTooLarge, ServerBusy, DiskFull: as they say.
            ClientDisconnect: the client is gone.
        """
        more, pieces = True, bytearray()
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise ClientDisconnect
            piece, more = message.get("body", b""), message.get("more_body", False)
            pieces += piece
            self._count(len(piece), limit_bytes)
            if len(pieces) > SMALL_BYTES:
                await run_in_threadpool(self._write, bytes(pieces))  # a busy disk lets writers wait
                pieces.clear()
        self._write(pieces)
        self._file.seek(0)
        self._left = self.count

    def _count(self, more: int, limit_bytes: int) -> None:
        self.count += more
        self._disk.used_bytes += more
        if self.count > limit_bytes:
            raise _too_large(limit_bytes)
        if self._disk.used_bytes > self._disk.size_bytes:
            raise ServerBusy

    def _write(self, piece: bytes | bytearray) -> None:
        try:
            self._file.write(piece)
        except OSError as error:
            if error.errno in _FULL:
                raise DiskFull from None
            raise

    def replayed(self, size: int, receive: Receive) -> Receive:
        """The body in pieces of a size, then what the server says."""

        async def replay() -> Message:
            if self._file.closed:
                return await receive()
            large = self._left > SMALL_BYTES
            piece = await run_in_threadpool(self._file.read, size) if large else self._file.read(size)
            self._left -= len(piece)
            more = self._left > 0
            if not more:
                self.close()
            return {"type": "http.request", "body": piece, "more_body": more}

        return replay

    def close(self) -> None:
        """Take it off the disk."""
        if not self._file.closed:
            self._file.close()
            self._disk.used_bytes -= self.count


class _Passing:
    """A body that is read as it arrives, by somebody who puts it on the disk: it counts there until it is answered."""

    def __init__(self, disk: _Disk, receive: Receive, body_s: float) -> None:
        self._disk, self._receive, self._body_s = disk, receive, body_s
        self._begin_s = anyio.current_time()
        self._count, self._over = 0, False

    async def receive(self) -> Message:
        """See the ASGI specification.

        Raises:
            ParameterInvalid: it comes too slowly.
            ServerBusy: too many of them lie on the disk.
        """
        if self._over:
            return await self._receive()
        end_s = self._begin_s + self._body_s + self._count / _STEADY_BYTES
        try:
            with anyio.fail_after(max(0.0, end_s - anyio.current_time())):
                message = await self._receive()
        except TimeoutError:
            raise _late(self._body_s) from None
        self._over = not message.get("more_body", False)
        self._count += len(message.get("body", b""))
        self._disk.used_bytes += len(message.get("body", b""))
        if self._disk.used_bytes > self._disk.size_bytes:
            raise ServerBusy
        if not self._over and anyio.current_time() > end_s:  # there is always a little of it
            raise _late(self._body_s)
        return message

    def close(self) -> None:
        """It is not on the disk any more, or counts there as what it became."""
        self._disk.used_bytes -= self._count


def _too_large(limit_bytes: int, size_bytes: int | None = None) -> BodyTooLarge:
    """In words that fit what was asked for: a picture can come another way, a list can only be shorter."""
    has = "it has more" if size_bytes is None else f"it has {sizes.words(size_bytes)}"
    advice = "upload the picture first, or send its address" if limit_bytes > PLAIN_BYTES else "ask for less at once"
    return BodyTooLarge(f"A request to this address may have {sizes.words(limit_bytes)}, and {has}; {advice}.")


def _late(body_s: float) -> ParameterInvalid:
    return ParameterInvalid(f"The body did not arrive within {body_s:g} s; send the request again.")


class BodyLimit:
    """An ASGI layer that ends requests whose body is too large, and lets large ones in one after the other."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit_bytes: int,
        upload_bytes: int = 0,
        folder: Path | None = None,
        may_call: Callable[[Request], Awaitable[bool]] | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Put it around an application.

        Args:
            app: whoever gets the requests that pass.
            limit_bytes: of a body that may hold a picture.
            upload_bytes: of an upload, whose limit is looked at elsewhere.
            folder: for what is put aside; without it, where the system wants such things.
            may_call: whether the key of a request is good; without it everybody may call.
            patience: with large bodies.
        """
        self._app, self._limit_bytes, self._may_call = app, limit_bytes, may_call
        self._patience, self._pictures = patience or Patience(), with_pictures()
        self.room, self._disk = Room(limit_bytes), _Disk(folder, _ASIDE * max(limit_bytes, upload_bytes))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY or scope["path"].rstrip("/") in UNREAD:
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith(UPLOADS):
            await self._upload(scope, receive, send)
            return
        headers = dict(scope["headers"])
        declared, chunked = headers.get(b"content-length", b""), b"transfer-encoding" in headers
        small = not chunked and (not declared or (declared.isdigit() and int(declared) <= SMALL_BYTES))
        limit_bytes = self._limit_of(scope["path"])
        if declared.isdigit() and int(declared) > limit_bytes:
            await _refuse(scope, receive, send, _too_large(limit_bytes, int(declared)))
        elif (chunked or declared) and self._may_call is not None and not await self._may_call(Request(scope)):
            await self._app(scope, _nothing_of(receive), send)  # which says what is wrong with the key
        elif small:
            await self._app(scope, receive, send)  # the server itself holds clients to what they declare
        else:
            await self._by_the_disk(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        passing = _Passing(self._disk, receive, self._patience.body_s)
        try:
            await self._app(scope, passing.receive, send)
        finally:
            passing.close()

    def _limit_of(self, path: str) -> int:
        return self._limit_bytes if path.rstrip("/") in self._pictures else min(PLAIN_BYTES, self._limit_bytes)

    async def _by_the_disk(self, scope: Scope, receive: Receive, send: Send) -> None:
        aside = _Aside(self._disk)
        try:
            await self._arrived(aside, receive, self._limit_of(scope["path"]))
            if aside.count > SMALL_BYTES:
                await self._turn(aside.count)
        except StillmotionError as error:
            aside.close()
            await _refuse(scope, receive, send, error)
            return
        except ClientDisconnect:
            aside.close()
            return
        except BaseException:
            aside.close()
            raise
        await self._let_in(scope, receive, send, aside)

    async def _arrived(self, aside: _Aside, receive: Receive, limit_bytes: int) -> None:
        try:
            with anyio.fail_after(self._patience.body_s):
                await aside.take(receive, limit_bytes)
        except TimeoutError:
            raise _late(self._patience.body_s) from None

    async def _turn(self, count: int) -> None:
        try:
            with anyio.fail_after(self._patience.turn_s):
                await self.room.take(count)
        except TimeoutError:
            raise ServerBusy from None

    async def _let_in(self, scope: Scope, receive: Receive, send: Send, aside: _Aside) -> None:
        """Have a request answered; a large one holds memory until it says otherwise, or its answer begins."""
        held = [aside.count] if aside.count > SMALL_BYTES else []

        def give_back() -> None:
            while held:
                self.room.give(held.pop())

        async def begun(message: Message) -> None:
            if message["type"] == "http.response.start":
                give_back()  # however slowly it is read then
            await send(message)

        scope[_HELD] = give_back
        try:
            await self._app(scope, aside.replayed(_piece_bytes(scope, aside.count), receive), begun)
        finally:
            give_back()
            aside.close()


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


def _nothing_of(receive: Receive) -> Receive:
    """An empty body, then what the server says."""
    over = False

    async def replay() -> Message:
        nonlocal over
        if over:
            return await receive()
        over = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return replay


async def _refuse(scope: Scope, receive: Receive, send: Send, error: StillmotionError) -> None:
    status = shapes.status_of(error)
    found = shapes.body(shapes.dialect_of(scope["path"]), status, str(error), error.code)
    headers = {"retry-after": "5"} if status == 503 else {"x-should-retry": "false"}
    await JSONResponse(found, status, headers)(scope, receive, send)


def _nothing() -> None:
    pass
