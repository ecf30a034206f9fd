"""What every store keeps to, wherever its files lie."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from stillmotion.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
KEY = re.compile(f"{NAME.pattern}(?:/{NAME.pattern}){{0,5}}")
OWNER = ".installation"
"""Names the installation whose files these are; no key begins with a dot."""
PIECE_BYTES = 1 << 20
"""What is read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file that is in the store."""

    key: str
    size_bytes: int
    sha256: bytes


class Store(Protocol):
    """Where files are kept.

    One that lies elsewhere may be away: then everything but `incoming`, `local_path` and `tidy` raises
    StoreUnavailable, after a few quick tries, and nothing is known of what was asked. It may be asked again.
    """

    @property
    def place(self) -> str:
        """Where it is, in words for whoever runs the service."""

    @property
    def listed_every_s(self) -> float:
        """How long to leave between two listings that nobody waits for, because they cost something; 0 if nothing."""

    @property
    def incoming(self) -> Path:
        """A folder of this machine where files may be gathered before they are put; see `tidy`."""

    def claim(self, installation: str) -> bool:
        """Have the store for an installation if it is nobody's; whether it is that one's now.

        Whoever does not have it knows nothing of its files, and must not take them for nobody's.
        """

    def is_free_for(self, installation: str) -> bool:
        """Whether it is that installation's, or nobody's so far.

        Raises:
            StoreUnavailable: it was claimed with success, and is nobody's now: it was emptied, or lies no more there.
        """

    def put(self, key: str, source: Path) -> Stored:
        """Keep a copy of a file under a new key.

        Raises:
            StoreTaken: the key is in use; the file there stays as it is.
            DiskFull: there is no room; nothing is kept.
        """

    def open(self, key: str) -> BinaryIO:
        """The file, for reading at any place of it; FileNotFoundError when there is none."""

    def local_path(self, key: str) -> Path | None:
        """Where the file lies on this machine; None when it lies elsewhere."""

    def delete(self, key: str) -> bool:
        """Remove a file; False when there was none."""

    def keys(self) -> Iterator[tuple[str, int, float]]:
        """Every key with its size in bytes and its age as Unix time."""

    def tidy(self, before_s: float) -> int:
        """Remove what was begun before a Unix time and never became a file, because its writer died; how many."""


def check_owner(store: Store, installation: str) -> None:
    """Be sure that a store is there and an installation's, or nobody's so far, as often as that matters.

    Raises:
        StoreUnavailable: it is away, or another installation's.
    """
    if not store.is_free_for(installation):
        message = f"The files in {store.place} belong to another installation than the database."
        raise StoreUnavailable(message)


def emptied(store: Store) -> StoreUnavailable:
    """What to say of a store that was an installation's and is nobody's now."""
    return StoreUnavailable(
        f"{store.place} has nothing of this installation any more: it was emptied, or something else is in its place."
        " Put it back; if it is gone for good, start the service again."
    )


def checked(key: str) -> str:
    """The key; keys are ours, so a strange one is a programming error and never a place outside."""
    if not KEY.fullmatch(key) or ".." in key:
        message = f"{key!r} is no key of the store"
        raise ValueError(message)
    return key


def tidied(incoming: Path, before_s: float) -> int:
    """Remove what lies in a folder and was last written before a Unix time; how many."""
    count = 0
    for part in incoming.iterdir():
        with suppress(FileNotFoundError):  # its writer was about to remove it
            if part.stat().st_mtime < before_s:
                part.unlink()
                count += 1
    return count
