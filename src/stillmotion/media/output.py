"""Files that are whole or absent: written beside their place under another name, synced, then renamed."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from stillmotion.errors import DiskFull, OutputUnwritable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PART_PREFIX = ".stillmotion-"
PART_SUFFIX = ".part"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def check_writable(path: Path) -> None:
    """Prove that a file of that name can be written, before any long work.

    Raises:
        OutputUnwritable: the folder is missing or closed, or the name belongs to a folder.
        DiskFull: not even an empty file fits.
    """
    _create(path).unlink(missing_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path in the folder of `path`; it takes that name when the block ends well and is gone otherwise.

    Raises:
        OutputUnwritable: see `check_writable`.
        DiskFull: the disk filled up while the block wrote.
    """
    part = _create(path)
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if disk_full(error):
            msg = f"The disk is full while writing {path}; nothing was left behind. Free some space."
            raise DiskFull(msg) from error
        raise


def disk_full(error: BaseException | None) -> bool:
    """Whether an error, or one that it came from, says that no more bytes fit."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False


def _create(path: Path) -> Path:
    """An empty file beside `path`, with the permissions that any new file gets."""
    if path.is_dir():
        message = f"{path} is a folder; give the name of a file with -o."
        raise OutputUnwritable(message)
    part = path.parent / f"{PART_PREFIX}{secrets.token_hex(6)}{PART_SUFFIX}"
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull from error
        message = f"{path} cannot be written: {error.strerror}. Choose another place with -o."
        raise OutputUnwritable(message) from error
    return part


def _sync_folder(folder: Path) -> None:
    """Make the new name last. Not every system can sync folders; the file itself is safe by now."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
