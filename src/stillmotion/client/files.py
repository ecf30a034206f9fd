"""Files on their way: pictures up to the server, films down to a file that is whole or absent."""

from __future__ import annotations

import io
import mimetypes
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import httpx2

from stillmotion.client.wire import refusal
from stillmotion.errors import ImageUnreadable, InputRefused, ServerUnreachable
from stillmotion.media.output import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

    from stillmotion.client.wire import Wire

_PIECE_BYTES = 1 << 20
_REFUSED, _OUTSIDE, _FAULT = 400, 416, 500
_NO_ADDRESS = (httpx2.InvalidURL, httpx2.UnsupportedProtocol)
_AGAIN = frozenset((408, 429, 500, 502, 503, 504))
Source = str | os.PathLike[str] | bytes | IO[bytes]


def upload(wire: Wire, source: Source, *, filename: str | None = None, content_type: str | None = None) -> str:
    """Give the server a file and return the address by which a run can name it.

    Raises:
        ImageUnreadable: the file cannot be read, or is empty.
        InputRefused: the server does not take it.
        ServerUnreachable: it does not answer.
    """
    name, content = _opened(source, filename)
    with content:
        size = content.seek(0, io.SEEK_END)
        if not size:
            message = f"{name} is empty; there is nothing to send. Look at how it was written."
            raise ImageUnreadable(message)
        kind = content_type or mimetypes.guess_type(name)[0]
        asked = {"filename": name, "size": size, **({"content_type": kind} if kind else {})}
        ticket = wire.post("/api/v3/media/uploads", asked)
        _put(wire, ticket, content, size)
    return str(ticket["download_url"])


def _opened(source: Source, filename: str | None) -> tuple[str, IO[bytes]]:
    if isinstance(source, bytes):
        return filename or "upload", io.BytesIO(source)
    if not isinstance(source, str | os.PathLike):
        return filename or Path(str(getattr(source, "name", "upload"))).name, _seekable(source)
    path = Path(source)
    try:
        return filename or path.name, path.open("rb")
    except OSError as error:
        message = f"{path} cannot be opened: {error.strerror}. Check the path and its permissions."
        raise ImageUnreadable(message) from error


def _seekable(stream: IO[bytes]) -> IO[bytes]:
    """From here on, and such that it can be sent again; the caller's stream stays open."""
    return io.BytesIO(stream.read())


def _put(wire: Wire, ticket: dict[str, Any], content: IO[bytes], size: int) -> None:
    target = ticket["upload"]
    headers = {**target.get("headers", {}), "Content-Length": str(size)}
    timeout = httpx2.Timeout(wire.patience.upload_s, connect=wire.patience.connect_s)
    for attempt in range(wire.patience.retries + 1):
        content.seek(0)
        response = None
        try:
            response = wire.raw().put(target["url"], content=_pieces(content), headers=headers, timeout=timeout)
        except _NO_ADDRESS as error:
            message = f"{wire.base_url} gave no address that a file can be sent to ({error}); its operator can mend it."
            raise ServerUnreachable(message) from error
        except httpx2.TransportError as error:
            if attempt == wire.patience.retries:
                message = f"{_told(wire, target['url'])} did not take the file ({error}); try again."
                raise ServerUnreachable(message) from error
        if response is not None and (response.status_code not in _AGAIN or attempt == wire.patience.retries):
            _check(response)
            return
        wire.again(attempt, response, _place(target["url"]))


def _told(wire: Wire, url: str) -> str:
    """Who was asked, and for what reason it was not the server itself: its operator may have named it wrongly."""
    place = _place(url)
    here = _place(wire.base_url)
    return place if place == here else f"{place}, where {wire.base_url} says that its files are,"


def _place(url: str) -> str:
    """An address without what comes behind its host, for that may be a signature."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(_PIECE_BYTES):
        yield piece


def download(wire: Wire, url: str, path: Path) -> Path:
    """Fetch an output into a file of that name, replaced if it is there; whole or absent.

    When the line breaks, the rest is asked for; patience counts tries that brought nothing new.

    Raises:
        OutputUnwritable: the file cannot be written.
        InputRefused: the address is none, or no longer good.
        ServerUnreachable: the server does not answer, or hung up in the middle.
    """
    address = _address(wire, url)
    with whole_file(path) as part, part.open("wb") as file:
        fetching = _Fetching(wire, address, file)
        vain = 0
        while (error := fetching.go_on()) is not None:
            vain = 1 if fetching.gained else vain + 1
            if vain > wire.patience.retries:
                place = _told(wire, address)
                message = f"{path.name} could not be fetched: {place} does not give it ({error}); try again."
                raise ServerUnreachable(message) from error
            wire.again(vain - 1, None, _place(address))
    return path


def _address(wire: Wire, url: str) -> str:
    """The whole address of an output."""
    try:
        return str(httpx2.URL(urljoin(f"{wire.base_url}/", url)))
    except (ValueError, httpx2.InvalidURL) as error:
        raise _no_address(error) from error


def _no_address(error: Exception) -> InputRefused:
    """Without the address, which may carry a signature."""
    message = f"This is no address of a file ({error}); an output's begins with http:// or https://."
    return InputRefused(message)


class _Fetching:
    """A file on its way: what is there already is not fetched again, if it is still the same file."""

    def __init__(self, wire: Wire, address: str, file: IO[bytes]) -> None:
        self._wire, self._address, self._file = wire, address, file
        self._version = ""
        self._furthest = 0
        self.gained = False
        """Whether the last try came further than all before it; a line that breaks again and again has an end."""

    def go_on(self) -> httpx2.TransportError | None:
        """Fetch what is missing; the fault after which it makes sense to go on."""
        self.gained = False
        here = self._file.tell() if self._version else 0
        asked = {"Range": f"bytes={here}-", "If-Range": self._version} if here else {}
        try:
            with self._wire.raw().stream(
                "GET", self._address, headers={"Accept-Encoding": "identity", **asked}, follow_redirects=True
            ) as response:
                return self._take(response, here)
        except _NO_ADDRESS as error:
            raise _no_address(error) from error
        except httpx2.TransportError as error:
            return error
        except httpx2.HTTPError as error:
            message = f"The file could not be fetched ({error}); the server that holds it is set up wrongly."
            raise ServerUnreachable(message) from error

    def _take(self, response: Response, here: int) -> httpx2.TransportError | None:
        if response.status_code in _AGAIN or (here and response.status_code == _OUTSIDE):
            self._version = ""
            return httpx2.TransportError(f"HTTP {response.status_code}")
        if response.status_code >= _REFUSED:
            response.read()
        _check(response)
        if not response.headers.get("content-range", "").startswith(f"bytes {here}-"):
            self._file.seek(0)
            self._file.truncate()
        tag = response.headers.get("etag", "")
        self._version = tag if tag.startswith('"') else ""
        for piece in response.iter_bytes():
            self._file.write(piece)
            self.gained = self.gained or self._file.tell() > self._furthest
            self._furthest = max(self._furthest, self._file.tell())
        return None


def _check(response: Response) -> None:
    if response.status_code < _REFUSED:
        return
    try:
        content = response.json()
    except ValueError:
        content = None
    error = refusal(response.status_code, content, response)
    if response.status_code < _FAULT and not isinstance(content, dict):
        message = f"The server refused the file (HTTP {response.status_code})."
        raise InputRefused(message)
    raise error
