"""Files of the service: uploads and outputs. Whole or absent; a key is written once and never again."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from stillmotion.errors import DiskFull, StoreTaken
from stillmotion.server.failpoint import failpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*){0,5}")
_COPY_BYTES = 1 << 20
_NO_SPACE = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file that is in the store."""

    key: str
    size_bytes: int
    sha256: bytes


class Store(Protocol):
    """Where files are kept."""

    def put(self, key: str, source: Path) -> Stored:
        """Keep a copy of a file under a new key.

        Raises:
            StoreTaken: the key is in use; the file there stays as it is.
            DiskFull: there is no room; nothing is kept.
        """

    def open(self, key: str) -> BinaryIO:
        """The file, for reading; FileNotFoundError when there is none."""

    def local_path(self, key: str) -> Path | None:
        """Where the file lies on this machine; None when it lies elsewhere."""

    def delete(self, key: str) -> bool:
        """Remove a file; False when there was none."""

    def keys(self) -> Iterator[tuple[str, int, float]]:
        """Every key with its size in bytes and its age as Unix time."""

    def tidy(self, before_s: float) -> int:
        """Remove what was begun before a Unix time and never became a file, because its writer died; how many."""


class FolderStore:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / ".incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, source: Path) -> Stored:
        """See `Store.put`: written aside, flushed, then linked to its name, which fails if that is taken."""
        target = self._place(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._incoming)
            part = Path(name)
            try:
                digest = _copy(source, handle)
                failpoint("copied")
                target.hardlink_to(part)
                failpoint("linked")
            finally:
                part.unlink(missing_ok=True)
        except FileExistsError:
            message = f"there is a file under {key} already"
            raise StoreTaken(message) from None
        except OSError as error:
            if error.errno == _NO_SPACE:
                message = "The disk of the server is full; nothing was kept."
                raise DiskFull(message) from error
            raise
        _sync_folder(target.parent)
        return Stored(key=key, size_bytes=target.stat().st_size, sha256=digest)

    def open(self, key: str) -> BinaryIO:
        """See `Store.open`."""
        return self._place(key).open("rb")

    def local_path(self, key: str) -> Path | None:
        """See `Store.local_path`."""
        return self._place(key)

    def delete(self, key: str) -> bool:
        """See `Store.delete`."""
        place = self._place(key)
        if not place.is_file():
            return False
        place.unlink(missing_ok=True)
        return True

    def keys(self) -> Iterator[tuple[str, int, float]]:
        """See `Store.keys`."""
        for place in sorted(self._folder.rglob("*")):
            if place.is_file() and self._incoming not in place.parents:
                with suppress(FileNotFoundError):  # it was deleted meanwhile
                    facts = place.stat()
                    yield str(place.relative_to(self._folder)), facts.st_size, facts.st_mtime

    def tidy(self, before_s: float) -> int:
        """See `Store.tidy`."""
        count = 0
        for part in self._incoming.iterdir():
            with suppress(FileNotFoundError):  # its writer was about to remove it
                if part.stat().st_mtime < before_s:
                    part.unlink()
                    count += 1
        return count

    def free_bytes(self) -> int:
        """Room on the disk."""
        return shutil.disk_usage(self._folder).free

    def _place(self, key: str) -> Path:
        """Where a key lies; keys are ours, so a strange one is a programming error and never a path outside."""
        if not _KEY.fullmatch(key) or ".." in key:
            message = f"{key!r} is no key of the store"
            raise ValueError(message)
        return self._folder / key


def _copy(source: Path, handle: int) -> bytes:
    """Copy and flush to the disk; the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with source.open("rb") as given, os.fdopen(handle, "wb") as part:
        while piece := given.read(_COPY_BYTES):
            digest.update(piece)
            part.write(piece)
        part.flush()
        os.fsync(part.fileno())
    return digest.digest()


def _sync_folder(folder: Path) -> None:
    """Make a new name survive a power loss, where folders can be flushed."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
