"""Files in a bucket of any store that speaks S3.

An object appears whole or not at all, by a single conditional write, so nothing half-made is ever left there. Requests
are few and short: each is tried again quickly when that may help, and then the store counts as away. Endpoint, region
and keys come from the usual variables of the environment, never from our settings.
"""

from __future__ import annotations

import hashlib
import mmap
import secrets
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store as Bucket

from stillmotion.errors import StoreTaken, StoreUnavailable
from stillmotion.server.failpoint import failpoint
from stillmotion.server.store import surroundings
from stillmotion.server.store.contract import KEY, OWNER, PIECE_BYTES, Stored, checked, emptied, tidied
from stillmotion.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _typeshed import WriteableBuffer
    from obstore.store import ClientConfig, RetryConfig, S3Config

_CONNECT_S, _REQUEST_S = 2.0, 8
_LEAST_BYTES_S = 256 << 10
"""What a connection must at least carry: a file has as much time as it then needs."""
_AGAIN: RetryConfig = {
    "max_retries": 2,
    "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=1), "base": 2},
    "retry_timeout": timedelta(seconds=8),
}
_TRIES = 3
_PROBE, _PROBED = "probe", b"stillmotion"
"""A folder among the files: what a probe leaves that is killed is nobody's, so the next sweep removes it."""
_LISTED = 1000
"""What one request lists at most, by the rules of S3."""


class S3Store:
    """A bucket, or what begins with a prefix in one: `s3://bucket/prefix`."""

    def __init__(self, address: str, *, incoming: Path) -> None:
        self._address, self._incoming = address, incoming
        self._buckets: dict[int, Bucket] = {}
        self._claimed = False
        surroundings.endpoint()  # what is wrong there is told before anything starts
        incoming.mkdir(parents=True, exist_ok=True)

    @property
    def place(self) -> str:
        """See `Store.place`."""
        return self._address

    @property
    def listed_every_s(self) -> float:
        """See `Store.listed_every_s`: a request for each thousand files, which some providers charge."""
        return 600.0

    @property
    def incoming(self) -> Path:
        """See `Store.incoming`."""
        return self._incoming

    def claim(self, installation: str) -> bool:
        """See `Store.claim`."""
        with self._asking():
            try:
                owner = self._owner()
            except FileNotFoundError:
                with suppress(AlreadyExistsError):  # another process was faster
                    self._write(OWNER, installation.encode())
                owner = self._owner()
        self._claimed = owner == installation
        return self._claimed

    def is_free_for(self, installation: str) -> bool:
        """See `Store.is_free_for`."""
        with self._asking():
            try:
                return self._owner() == installation
            except FileNotFoundError:
                if self._claimed:
                    raise emptied(self) from None
                return True

    def _owner(self) -> str:
        return bytes(obstore.get(self._bucket(), OWNER).bytes()).decode().strip()

    def put(self, key: str, source: Path) -> Stored:
        """See `Store.put`: one write that is refused if there is an object of that name.

        The same file under the same key once more is no fault: an answer may have been lost on its way.
        """
        size_bytes = source.stat().st_size
        with source.open("rb") as given, self._asking():
            digest = hashlib.file_digest(given, "sha256").digest()
            # Not read into memory: the system reads it while it is sent.
            content = mmap.mmap(given.fileno(), 0, access=mmap.ACCESS_READ) if size_bytes else b""
            self._put(checked(key), content, digest)
        return Stored(key=key, size_bytes=size_bytes, sha256=digest)

    def _put(self, key: str, content: bytes | mmap.mmap, digest: bytes) -> None:
        for _ in range(_TRIES):
            try:
                return self._write(key, content)
            except AlreadyExistsError:
                with suppress(FileNotFoundError):  # it was removed at this moment; then it may be written
                    return self._is_the_same(key, len(content), digest)
        message = f"There is a file under {key} that comes and goes."
        raise StoreTaken(message)

    def _write(self, key: str, content: bytes | mmap.mmap) -> None:
        failpoint("copied")
        try:
            obstore.put(self._bucket(len(content)), key, content, mode="create", use_multipart=False)
        except FileNotFoundError:
            message = f"There is no bucket for {self._address}: make it, or correct STILLMOTION_STORE_URL."
            raise StoreUnavailable(message) from None
        failpoint("linked")

    def _is_the_same(self, key: str, size_bytes: int, digest: bytes) -> None:
        with self.open(key) as kept:
            if kept.seek(0, SEEK_END) == size_bytes:
                kept.seek(0)
                if hashlib.file_digest(kept, "sha256").digest() == digest:
                    return
        message = f"there is a file under {key} already"
        raise StoreTaken(message)

    def open(self, key: str) -> BufferedReader:
        """See `Store.open`: read piece by piece, each by a request of its own, however slowly it is asked for."""
        with self._asking():
            try:
                size_bytes = obstore.head(self._bucket(), checked(key))["size"]
            except FileNotFoundError:
                if self._claimed:
                    self.is_free_for("")  # what is gone says of every object what a good bucket says of a missing one
                raise
        return BufferedReader(_Object(self, key, size_bytes), PIECE_BYTES)

    def piece(self, key: str, start: int, length: int) -> memoryview:
        """A part of a file that lies within it."""
        with self._asking():
            return memoryview(obstore.get_range(self._bucket(), checked(key), start=start, length=length))

    def local_path(self, key: str) -> None:
        """See `Store.local_path`."""
        checked(key)

    def delete(self, key: str) -> bool:
        """See `Store.delete`."""
        with self._asking():
            try:
                obstore.head(self._bucket(), checked(key))
            except FileNotFoundError:
                return False
            obstore.delete(self._bucket(), key)
        return True

    def keys(self) -> Iterator[tuple[str, int, float]]:
        """See `Store.keys`."""
        with self._asking():
            for some in obstore.list(self._bucket(), chunk_size=_LISTED):
                for one in some:
                    if KEY.fullmatch(one["path"]):
                        yield one["path"], one["size"], one["last_modified"].timestamp()

    def tidy(self, before_s: float) -> int:
        """See `Store.tidy`; in the bucket there is nothing of the kind."""
        return tidied(self._incoming, before_s)

    def probe(self) -> None:
        """Write, be refused to write again, read a part, list and remove, as films will be.

        Raises:
            StoreUnavailable: the message says what of that the store does not do.
        """
        name = f"{_PROBE}/{secrets.token_hex(8)}"
        with self._asking():
            self._write(name, _PROBED)
            try:
                missing = self._missing(name)
            finally:
                obstore.delete(self._bucket(), name)
        if missing:
            message = f"{self._address} does not {missing}, as S3 does. Update that store, or choose another."
            raise StoreUnavailable(message)

    def _missing(self, name: str) -> str:
        """What the store does not do, in words."""
        if self._writes_again(name):
            return "refuse to write an object twice (`If-None-Match: *`)"
        if bytes(obstore.get_range(self._bucket(), name, start=1, length=4)) != _PROBED[1:5]:
            return "read a part of an object"
        listed = {one["path"] for some in obstore.list(self._bucket(), _PROBE) for one in some}
        return "" if name in listed else "list its objects"

    def _writes_again(self, name: str) -> bool:
        with suppress(AlreadyExistsError):
            self._write(name, _PROBED)
            return True
        return False

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Have whatever hinders an answer told in one way; not in the library's words, which may name keys."""
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError):
            message = (
                f"The store {self._address} refuses us: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what that"
                " key may do; it has to read, write, list and remove."
            )
            raise StoreUnavailable(message) from None
        except AlreadyExistsError:
            raise
        except BaseError as error:
            message = (
                f"The store {self._address} does not answer ({type(error).__name__}): check AWS_ENDPOINT_URL,"
                " AWS_REGION and whether it runs."
            )
            raise StoreUnavailable(message) from None

    def _bucket(self, size_bytes: int = 0) -> Bucket:
        """A way there that has time for so many bytes; few of them, however many sizes there are."""
        time_s = 1 << (max(_REQUEST_S, size_bytes // _LEAST_BYTES_S) - 1).bit_length()
        if time_s not in self._buckets:
            self._buckets[time_s] = _opened(self._address, time_s)
        return self._buckets[time_s]


class _Object(RawIOBase):
    """An object as a file."""

    def __init__(self, store: S3Store, key: str, size_bytes: int) -> None:
        self._store, self._key, self._size_bytes, self._at = store, key, size_bytes, 0

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def seekable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """See `io.RawIOBase`."""
        self._at = max({SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size_bytes}[whence] + offset, 0)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """See `io.RawIOBase`; at most a piece."""
        into = memoryview(buffer)
        length = min(len(into), self._size_bytes - self._at, PIECE_BYTES)
        if length <= 0:
            return 0
        into[:length] = self._store.piece(self._key, self._at, length)
        self._at += length
        return length

    def readall(self) -> bytes:
        """See `io.RawIOBase`; in pieces that are larger than usual."""
        whole = bytearray(max(self._size_bytes - self._at, 0))
        view, done = memoryview(whole), 0
        while count := self.readinto(view[done:]):
            done += count
        return bytes(whole)


def _opened(address: str, time_s: int) -> Bucket:
    """A bucket, or a part of one, as the environment says that it is reached."""
    named = urlsplit(address)
    endpoint = surroundings.endpoint()
    client: ClientConfig = {
        "allow_http": endpoint is not None and endpoint.lower().startswith("http:"),
        "connect_timeout": timedelta(seconds=_CONNECT_S),
        "timeout": timedelta(seconds=time_s),
        "user_agent": f"stillmotion/{__version__}",
    }
    config: S3Config = {"conditional_put": "etag"}
    if endpoint is not None:
        config["endpoint"] = endpoint
    prefix = named.path.strip("/") or None
    return Bucket(named.netloc, prefix=prefix, config=config, client_options=client, retry_config=_AGAIN)
