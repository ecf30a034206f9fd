"""Files in a folder: each is written aside, flushed, and linked to its name."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO

from stillmotion.errors import DiskFull, StoreTaken
from stillmotion.media.output import disk_full, sync_folder
from stillmotion.server.failpoint import failpoint
from stillmotion.server.store.contract import NAME, OWNER, PIECE_BYTES, Stored, checked, emptied, tidied

if TYPE_CHECKING:
    from collections.abc import Iterator


class FolderStore:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / ".incoming"
        self._claimed = False
        self._incoming.mkdir(parents=True, exist_ok=True)

    @property
    def place(self) -> str:
        """See `Store.place`."""
        return str(self._folder)

    @property
    def listed_every_s(self) -> float:
        """See `Store.listed_every_s`."""
        return 0.0

    @property
    def incoming(self) -> Path:
        """See `Store.incoming`."""
        return self._incoming

    def claim(self, installation: str) -> bool:
        """See `Store.claim`."""
        try:
            owner = self._owner()
        except FileNotFoundError:
            self._write_owner(installation)
            owner = self._owner()
        self._claimed = owner == installation
        return self._claimed

    def _write_owner(self, installation: str) -> None:
        handle, name = tempfile.mkstemp(dir=self._incoming)
        try:
            _copy(BytesIO(installation.encode()), handle)
            with suppress(FileExistsError):  # another process was faster
                (self._folder / OWNER).hardlink_to(name)
        finally:
            Path(name).unlink(missing_ok=True)
        sync_folder(self._folder)

    def is_free_for(self, installation: str) -> bool:
        """See `Store.is_free_for`."""
        try:
            return self._owner() == installation
        except FileNotFoundError:
            if self._claimed:
                raise emptied(self) from None
            return True

    def _owner(self) -> str:
        return (self._folder / OWNER).read_text(encoding="utf-8").strip()

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
            folders[:] = filter(NAME.fullmatch, folders)
            yield from (Path(above, name) for name in filter(NAME.fullmatch, names))

    def tidy(self, before_s: float) -> int:
        """See `Store.tidy`."""
        return tidied(self._incoming, before_s)

    def _place(self, key: str) -> Path:
        return self._folder / checked(key)


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
        while piece := given.read(PIECE_BYTES):
            digest.update(piece)
            part.write(piece)
        part.flush()
        os.fsync(part.fileno())
    return digest.digest()
