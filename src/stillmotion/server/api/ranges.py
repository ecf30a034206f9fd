"""Files whole or in ranges, with what goes wrong told in the words of the dialect."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from io import SEEK_END
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.datastructures import Headers

from stillmotion.server.api import shapes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from starlette.types import Message, Receive, Scope, Send

    from stillmotion.errors import StillmotionError
    from stillmotion.server.store import Store

_MALFORMED, _OUTSIDE = 400, 416
_PIECE_BYTES = 1 << 18
_AT_ONCE = 16
_SPAN = re.compile(r"\s*bytes\s*=\s*(\d{0,999})\s*-\s*(\d{0,999})\s*", re.IGNORECASE | re.ASCII)
"""Longer numbers are as good as none: of more than some thousand digits there are no integers."""
Value = TypeVar("Value")


def answer(
    store: Store,
    key: str,
    *,
    media_type: str,
    missing: StillmotionError,
    headers: Mapping[str, str] | None = None,
    filename: str = "",
) -> Response:
    """A stored file as the answer to a request, wherever it lies.

    Args:
        store: that has it.
        key: of the file.
        media_type: its own.
        missing: what to raise when it is not there; also by the answer, when it is sent.
        headers: more of them.
        filename: under which it is saved; without it, `headers` say how it is shown.
    """
    named = {"content-disposition": f'attachment; filename="{quote(filename)}"'} if filename else {}
    told = {**(headers or {}), **named}
    place = store.local_path(key)
    if place is None:
        return RangedObject(store, key, media_type=media_type, missing=missing, headers=told)
    if not place.is_file():
        raise missing
    return RangedFile(place, media_type=media_type, headers=told)


class RangedFile(FileResponse):
    """A stored file. A range that nobody can read is as good as none, as HTTP has it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        refused: Message | None = None

        async def tried(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] in {_MALFORMED, _OUTSIDE}:
                refused = message
            if refused is None:
                await send(message)

        await super().__call__(scope, receive, tried)
        if refused is None:
            return
        if refused["status"] == _OUTSIDE:
            size = Headers(raw=list(refused["headers"]))["content-range"].rpartition("/")[2]
            await _outside(scope["path"], int(size))(scope, receive, send)
            return
        whole = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": whole}, receive, send)


class RangedObject(Response):
    """A file that lies elsewhere, sent piece by piece: however large it is, little of it is in memory.

    It is only asked for by threads of its own, for while its store is slow or away other answers must not wait. To a
    request for several ranges at once the whole is sent, as HTTP allows. A key is written once, so it is its own etag.
    """

    def __init__(
        self, store: Store, key: str, *, media_type: str, missing: StillmotionError, headers: Mapping[str, str]
    ) -> None:
        etag = f'"{hashlib.sha256(key.encode()).hexdigest()[:32]}"'
        super().__init__(media_type=media_type, headers={**headers, "accept-ranges": "bytes", "etag": etag})
        self._store, self._key, self._missing = store, key, missing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        try:
            opened = await _beside(partial(self._store.open, self._key))
            size_bytes = await _beside(partial(opened.seek, 0, SEEK_END))
            span = self._span(Headers(scope=scope), size_bytes)
            start, end = span or (0, size_bytes)
            if span and start >= size_bytes:
                await _outside(scope["path"], size_bytes)(scope, receive, send)
                return
            self.headers["content-length"] = str(end - start)
            if span:
                self.status_code, self.headers["content-range"] = 206, f"bytes {start}-{end - 1}/{size_bytes}"
            wanted = 0 if scope["method"] == "HEAD" else end - start
            await _beside(partial(opened.seek, start))
            first = await _beside(partial(opened.read, min(wanted, _PIECE_BYTES)))
        except FileNotFoundError:
            raise self._missing from None
        streamed = StreamingResponse(_pieces(opened, first, wanted), self.status_code)
        streamed.raw_headers = self.raw_headers
        await streamed(scope, receive, send)

    def _span(self, asked: Headers, size_bytes: int) -> tuple[int, int] | None:
        """What is wanted of it, from where to before where; None when it is the whole, or nobody can read it."""
        found = _SPAN.fullmatch(asked.get("range", ""))
        if found is None or asked.get("if-range", self.headers["etag"]) != self.headers["etag"]:
            return None
        first, last = found.groups()
        if not first:
            return (max(size_bytes - int(last), 0), size_bytes) if last else None
        start, end = int(first), min(int(last) + 1, size_bytes) if last else size_bytes
        return (start, end) if start < end or start >= size_bytes else None


async def _pieces(opened: BinaryIO, first: bytes, wanted: int) -> AsyncIterator[bytes]:
    piece = first
    while wanted > 0 and piece:
        yield piece
        wanted -= len(piece)
        piece = await _beside(partial(opened.read, min(wanted, _PIECE_BYTES)))


_READERS: RunVar[CapacityLimiter] = RunVar("readers of the store")


async def _beside(act: Callable[[], Value]) -> Value:
    """Do it in one of the threads that are for reading elsewhere."""
    readers = _READERS.get(None)
    if readers is None:
        readers = CapacityLimiter(_AT_ONCE)
        _READERS.set(readers)
    return await to_thread.run_sync(act, limiter=readers)


def _outside(path: str, size_bytes: int) -> JSONResponse:
    message = f"The range lies outside of the file, which has {size_bytes} bytes; ask for less."
    told = shapes.body(shapes.dialect_of(path), _OUTSIDE, message, "range_outside", field=None)
    named = {"content-range": f"bytes */{size_bytes}", "accept-ranges": "bytes", "x-should-retry": "false"}
    return JSONResponse(told, _OUTSIDE, named)
