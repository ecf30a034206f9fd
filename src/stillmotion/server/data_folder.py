"""The folder of an installation: whether it can be used, and that one `serve` at a time has it."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from stillmotion.errors import DataFolderUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK = "serve.lock"


def prepare(folder: Path) -> None:
    """Make the folder if it is not there, and be sure that files can be made in it.

    Raises:
        DataFolderUnusable: the message says what to do.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = (
            f"The data folder {folder} cannot be used: {error.strerror}. Choose another with --data-dir or"
            " STILLMOTION_DATA_DIR, or make it writable for this user."
        )
        raise DataFolderUnusable(message) from error


@contextmanager
def spooling(folder: Path) -> Iterator[None]:
    """Have what this process puts aside lie in the folder, while it lasts.

    Where systems want such things there may be little room, or memory that nobody counts.
    """
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """Have the folder for one `serve`, while it lasts; whoever dies leaves it.

    Raises:
        DataFolderUnusable: another `serve` has it.
    """
    prepare(folder)
    with (folder / LOCK).open("a+b") as lock:
        if not _taken(lock):
            message = (
                f"Another `stillmotion serve` (process {_name(lock)}) uses {folder}. Stop it first, choose another"
                " --data-dir, or run `stillmotion worker` to film more at once."
            )
            raise DataFolderUnusable(message)
        lock.truncate(0)
        lock.write(str(os.getpid()).encode())
        lock.flush()
        yield


def server_of(folder: Path) -> str:
    """The process of the `serve` that has a folder; empty when there is none."""
    try:
        with (folder / LOCK).open("rb") as lock:
            return "" if _taken(lock) else _name(lock)
    except OSError:
        return ""


def _name(lock: BinaryIO) -> str:
    lock.seek(0)
    return lock.read(20).decode("ascii", "replace").strip() or "unknown"


def _taken(lock: BinaryIO) -> bool:
    """Whether the file could be locked; the lock goes with the process, and its children do not inherit it."""
    if sys.platform == "win32":
        return True  # there the port alone tells
    import fcntl  # noqa: PLC0415 - not everywhere

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
