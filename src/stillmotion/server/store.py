"""Files of the service: uploads and outputs. Whole or absent; a key is written once and never again."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO, Protocol

from stillmotion.errors import DiskFull, StoreTaken
from stillmotion.media.output import disk_full, sync_folder
from stillmotion.server.failpoint import failpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_KEY = re.compile(f"{_NAME.pattern}(?:/{_NAME.pattern}){{0,5}}")
_COPY_BYTES = 1 << 20
_OWNER = ".installation"
"""Names the installation whose files these are; no key begins with a dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file that is in the store."""

    key: str
    size_bytes: int
    sha256: bytes


class Store(Protocol):
    """Where files are kept."""

    @property
    def incoming(self) -> Path:
        """A folder of this machine where files may be gathered before they are put; see `tidy`."""

    def claim(self, installation: str) -> bool:
        """Have the store for an installation if it is nobody's; whether it is that one's now.

        Whoever does not have it knows nothing of its files, and must not take them for nobody's.
        """

    def is_free_for(self, installation: str) -> bool:
        """Whether it is that installation's, or nobody's so far."""

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

    @property
    def incoming(self) -> Path:
        """See `Store.incoming`."""
        return self._incoming

    def claim(self, installation: str) -> bool:
        """See `Store.claim`."""
        with suppress(FileNotFoundError):
            return self._owner() == installation
        handle, name = tempfile.mkstemp(dir=self._incoming)
        try:
            _copy(BytesIO(installation.encode()), handle)
            with suppress(FileExistsError):  # another process was faster
                (self._folder / _OWNER).hardlink_to(name)
        finally:
            Path(name).unlink(missing_ok=True)
        sync_folder(self._folder)
        return self._owner() == installation

    def is_free_for(self, installation: str) -> bool:
        """See `Store.is_free_for`."""
        try:
            return self._owner() == installation
        except FileNotFoundError:
            return True

    def _owner(self) -> str:
        return (self._folder / _OWNER).read_text(encoding="utf-8").strip()

    def put(self, key: str, source: Path) -> Stored:
        """See `Store.put`: written aside, flushed, then linked to its name, which fails if that is taken."""
        target = self._place(key)
        try:
            digest = self._write(source, target)
        except FileExistsError:
            message = f"there is a file under {key} already"
            raise StoreTaken(message) from None
        except OSError as error:
            if disk_full(error):
                message = "The disk of the server is full; nothing was kept."
                raise DiskFull(message) from error
            raise
        return Stored(key=key, size_bytes=target.stat().st_size, sha256=digest)

    def _write(self, source: Path, target: Path) -> bytes:
        """The SHA-256 of a new file that is on the disk, name and all."""
        handle, name = tempfile.mkstemp(dir=self._incoming)
        part = Path(name)
        try:
            with source.open("rb") as given:
                digest = _copy(given, handle)
            failpoint("copied")
            _link(part, target)
            failpoint("linked")
        finally:
            part.unlink(missing_ok=True)
        for folder in target.parents:  # they may be new, too
            sync_folder(folder)
            if folder == self._folder:
                break
        return digest

    def open(self, key: str) -> BinaryIO:
        """See `Store.open`."""
        return self._place(key).open("rb")

    def local_path(self, key: str) -> Path | None:
        """See `Store.local_path`."""
        return self._place(key)

    def delete(self, key: str) -> bool:
        """See `Store.delete`."""
        place = self._place(key)
        there = place.is_file()
        if there:
            place.unlink(missing_ok=True)
        if self._folder not in (place.parent, place.parent.parent):  # those at the top are few, and filled again
            with suppress(OSError):  # other files are in it
                place.parent.rmdir()
        return there

    def keys(self) -> Iterator[tuple[str, int, float]]:
        """See `Store.keys`."""
        for place in sorted(self._places()):
            with suppress(FileNotFoundError):  # it was deleted meanwhile
                facts = place.stat()
                if S_ISREG(facts.st_mode):
                    yield str(place.relative_to(self._folder)), facts.st_size, facts.st_mtime

    def _places(self) -> Iterator[Path]:
        """What lies under a key; what else a system or a person put there (`lost+found`, `.DS_Store`) is not ours."""
        for above, folders, names in os.walk(self._folder, onerror=_unless_gone):
            folders[:] = filter(_NAME.fullmatch, folders)
            yield from (Path(above, name) for name in filter(_NAME.fullmatch, names))

    def tidy(self, before_s: float) -> int:
        """See `Store.tidy`."""
        count = 0
        for part in self._incoming.iterdir():
            with suppress(FileNotFoundError):  # its writer was about to remove it
                if part.stat().st_mtime < before_s:
                    part.unlink()
                    count += 1
        return count

    def _place(self, key: str) -> Path:
        """Where a key lies; keys are ours, so a strange one is a programming error and never a path outside."""
        if not _KEY.fullmatch(key) or ".." in key:
            message = f"{key!r} is no key of the store"
            raise ValueError(message)
        return self._folder / key


def _unless_gone(error: OSError) -> None:
    """A folder that went with its last file while others are listed has nothing to tell; any other error counts."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _link(part: Path, target: Path) -> None:
    """Give a file its name; who deletes the last other file of the folder removes that under our hands."""
    while True:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.hardlink_to(part)
        except FileNotFoundError:
            if not part.exists():
                raise
        else:
            return


def _copy(given: BinaryIO, handle: int) -> bytes:
    """Copy and flush to the disk; the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with os.fdopen(handle, "wb") as part:
        while piece := given.read(_COPY_BYTES):
            digest.update(piece)
            part.write(piece)
        part.flush()
        os.fsync(part.fileno())
    return digest.digest()
