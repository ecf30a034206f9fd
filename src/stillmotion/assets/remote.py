"""A file on a server, read at any place, that survives a broken line.

One stretch of the remote file is kept on disk (the spool). Reading on from its end continues the download, after a cut
connection or in the next process; reading elsewhere starts a new stretch. A server without ranges is read from the
start.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import re
import time
from typing import IO, TYPE_CHECKING, Any, NoReturn

from stillmotion.assets.failures import CorruptError, SourceError, UnreachableError
from stillmotion.assets.web import Place, TryAgainError, open_place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

_BLOCK_BYTES = 1 << 18
_TAIL_BYTES = 1 << 16
_LARGEST_READ_BYTES = 1 << 26
_ATTEMPTS = 5
FIRST_PAUSE_S = 0.5
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18})")
_LENGTH = re.compile(r"[0-9]{1,18}")


class RemoteFile(io.RawIOBase):
    """Read-only, seekable file behind a `Place`; raises `SourceError` when the server cannot serve."""

    def __init__(self, place: Place, spool: Path, *, on_bytes: Callable[[int], None] = lambda _: None) -> None:
        super().__init__()
        self._place = place
        self._on_bytes = on_bytes
        self._position = 0
        self._response: http.client.HTTPResponse | None = None
        self._ranges = True
        self._tail = b""
        self._tail_start = 0
        self._meta_path = spool.with_name(f"{spool.name}.json")
        spool.touch()
        self._file: IO[bytes] = spool.open("r+b", buffering=0)
        self._spool = spool
        meta = self._read_meta()
        self._start: int = meta.get("start", 0)
        self._size: int | None = meta.get("size")
        self._validator: str | None = meta.get("validator")
        self._length = spool.stat().st_size if meta else 0
        self._resuming = self._length > 0
        self.doubtful = self._resuming
        """Whether bytes of an earlier process, or of an earlier file at that address, may have been read."""

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the place of the next read; asks the server for the size when counting from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence)
        self._position = max(0, offset + (self.size() if base is None else base))
        return self._position

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the type of a writable buffer has no name before 3.12
        """Fill the buffer as far as one read goes."""
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes from the current position; empty at the end."""
        wanted = _LARGEST_READ_BYTES if size is None or size < 0 else size
        if wanted > _LARGEST_READ_BYTES:
            message = "the archive asks for an unreasonably large read"
            raise CorruptError(message)
        if self._tail and self._position >= self._tail_start:
            offset = self._position - self._tail_start
            block = self._tail[offset : offset + wanted]
        else:
            self._ensure(self._position, wanted)
            self._file.seek(self._position - self._start)
            block = self._file.read(min(wanted, max(0, self._start + self._length - self._position)))
        self._position += len(block)
        return block

    def size(self) -> int:
        """Length of the whole remote file in bytes; reads its tail in the same request when the server can."""
        if not self._tail and self._ranges:
            self._persist(self._read_tail)
        while self._size is None:
            self._extend()
        return self._size

    def discard(self) -> None:
        """Close, and forget the spool: the work is done, or its bytes were wrong."""
        self._length = 0
        self.close()

    def _forget(self) -> None:
        self._spool.unlink(missing_ok=True)
        self._meta_path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the line and the spool; the spool stays on disk for the next attempt."""
        self._hang_up()
        self._file.close()
        super().close()
        if not self._length:
            self._forget()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _ensure(self, position: int, wanted: int) -> None:
        """Make the spool cover the position, and `wanted` bytes from it as far as the file goes."""
        if self._resuming and not self._at_end():
            self._extend()  # hear first whether the file has changed since
        self._resuming = False
        outside = not self._start <= position <= self._start + self._length
        if outside and self._ranges:
            self._begin(position)
        while self._start + self._length < position + wanted and not self._at_end():
            self._extend()

    def _at_end(self) -> bool:
        return self._size is not None and self._start + self._length >= self._size

    def _begin(self, position: int) -> None:
        """Start a new stretch."""
        self._hang_up()
        self._start, self._length = position, 0
        self._file.truncate(0)
        self._write_meta()

    def _extend(self) -> None:
        """Append a block from the network, through as many connections as it takes."""
        self._persist(self._append)

    def _persist(self, step: Callable[[], bool]) -> None:
        """Repeat a step that needs the network until it works, with growing pauses."""
        for attempt in range(_ATTEMPTS):
            last = attempt + 1 == _ATTEMPTS
            try:
                if step():
                    return
            except TryAgainError:
                if last:
                    raise
            except UnreachableError:
                if last or not self._length:  # a host that never answered is not worth the wait
                    raise
            self._hang_up()
            time.sleep(FIRST_PAUSE_S * 2**attempt)
        message = "the connection broke again and again"
        raise SourceError(message)

    def _append(self) -> bool:
        """Move one block from the line to the spool; False when the line ended too early."""
        response = self._response = self._response or self._connect()
        try:
            block = response.read1(_BLOCK_BYTES)
        except (OSError, http.client.HTTPException):
            return False
        if not block:
            if self._size is None and response.headers.get("Content-Length") is None:
                self._size = self._start + self._length
            return self._at_end()
        self._file.seek(self._length)
        self._file.write(block)
        self._length += len(block)
        self._on_bytes(len(block))
        return True

    def _connect(self) -> http.client.HTTPResponse:
        """A line that continues where the spool ends."""
        at = self._start + self._length
        headers = {"Range": f"bytes={at}-"} if self._ranges else {}
        if at and self._ranges and self._validator:
            headers["If-Range"] = self._validator
        try:
            response = open_place(self._place, headers)
        except (TryAgainError, UnreachableError):
            raise
        except SourceError as error:
            if at and self._ranges:
                self._start_over(str(error))
            raise
        try:
            self._accept(response, at)
        except BaseException:
            response.close()
            raise
        return response

    def _accept(self, response: http.client.HTTPResponse, at: int) -> None:
        """Note what the server says about itself, and bring a whole-file answer to the place where we are."""
        if response.status == http.HTTPStatus.PARTIAL_CONTENT:
            start, total = _content_range(response)
            if start != at or self._size not in {None, total}:
                self._start_over("the server sent another range than asked for")
            self._learn(response, total)
            return
        size = _content_length(response)
        unchanged = self._validator == _validator(response) and self._size in {None, size}
        self._ranges = False
        if self._start or not unchanged:
            self.doubtful = self.doubtful or at > 0
            self._begin(0)
        self._learn(response, size)
        self._skip(response, self._length)

    def _skip(self, response: http.client.HTTPResponse, count: int) -> None:
        """Pass over bytes that the spool has already."""
        while count:
            try:
                block = response.read1(min(count, _BLOCK_BYTES))
            except (OSError, http.client.HTTPException):
                block = b""
            if not block:
                message = "the connection broke"
                raise TryAgainError(message)
            count -= len(block)

    def _read_tail(self) -> bool:
        """Fetch the end of the file, where a zip keeps its directory; False when the line broke."""
        with open_place(self._place, {"Range": f"bytes=-{_TAIL_BYTES}"}) as response:
            if response.status != http.HTTPStatus.PARTIAL_CONTENT:
                self._ranges = False  # it will be read from the start
                if self._start:
                    self._begin(0)
                return True
            start, size = _content_range(response)
            try:
                tail = response.read(size - start)
            except (OSError, http.client.HTTPException):
                return False
        if len(tail) != size - start or start < 0:
            return False
        if self._length and (self._size != size or self._validator != _validator(response)):
            self._begin(0)
        self._resuming = False
        self._learn(response, size)
        self._tail, self._tail_start = tail, start
        self._on_bytes(len(tail))
        return True

    def _learn(self, response: http.client.HTTPResponse, size: int | None) -> None:
        self._size, self._validator = size, _validator(response)
        self._write_meta()

    def _start_over(self, message: str) -> NoReturn:
        self.doubtful = True
        self._begin(0)
        self._size = self._validator = None
        raise TryAgainError(message)

    def _hang_up(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None

    def _read_meta(self) -> dict[str, Any]:
        try:
            meta = json.loads(self._meta_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return meta if isinstance(meta, dict) and isinstance(meta.get("start"), int) else {}

    def _write_meta(self) -> None:
        meta = {"start": self._start, "size": self._size, "validator": self._validator}
        with contextlib.suppress(OSError):
            self._meta_path.write_text(json.dumps(meta), encoding="utf-8")


def _content_range(response: http.client.HTTPResponse) -> tuple[int, int]:
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if match is None:
        message = "the server sent a range that cannot be understood"
        raise SourceError(message)
    return int(match[1]), int(match[2])


def _content_length(response: http.client.HTTPResponse) -> int | None:
    length = response.headers.get("Content-Length")
    if length and not _LENGTH.fullmatch(length):
        message = "the server sent a length that cannot be understood"
        raise SourceError(message)
    return int(length) if length else None


def _validator(response: http.client.HTTPResponse) -> str | None:
    """A strong ETag, else the modification time: what `If-Range` accepts (RFC 9110, 13.1.5)."""
    etag: str | None = response.headers.get("ETag")
    if etag and not etag.startswith("W/"):
        return etag
    return response.headers.get("Last-Modified")
