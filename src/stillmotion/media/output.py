"""Files that are whole or absent: written beside their place under another name, synced, then renamed."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import contextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING

from stillmotion.errors import DiskFull, OutputUnwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
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
    with whole_files([path]) as (part,):
        yield part


@contextmanager
def whole_files(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """The same for files of one folder that belong together: all of them get their names, or none.

    Raises:
        OutputUnwritable, DiskFull: see `whole_file`.
    """
    parts: list[Path] = []
    try:
        parts.extend(_create(path) for path in paths)
        yield parts
        for part in parts:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
        with suppress(OSError):  # they have their names, and what is in them is safe
            sync_folder(paths[0].parent)
    except BaseException as error:
        for part in parts:
            part.unlink(missing_ok=True)
        if disk_full(error):
            msg = f"The disk is full while writing {paths[0]}; nothing of it was left behind. Free some space."
            raise DiskFull(msg) from error
        raise


def write_new(write: Callable[[Path], object], names: Iterable[Path]) -> Path:
    """Write a file under the first of `names` that is free when it is finished, and return that name.

    No file is ever overwritten, also not one that another process finishes at the same moment.

    Args:
        write: writes the file that it is given.
        names: endless, all in one folder.

    Raises:
        OutputUnwritable, DiskFull: see `whole_file`.
    """
    rest = iter(names)
    first = next(rest)
    part = _create(first)
    try:
        write(part)
        name = next(name for name in chain((first,), rest) if _publish(part, name))
        with suppress(OSError):  # as above
            sync_folder(name.parent)
    except DiskFull as error:  # its words name the temporary file, which nobody knows
        raise DiskFull from error
    finally:
        part.unlink(missing_ok=True)
    return name


def sync_folder(folder: Path) -> None:
    """Make new names in a folder outlast a power cut.

    Not every system can, and not everybody may open every folder; but a disk that fails or is full is told.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in (errno.EIO, *_FULL):
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
        message = f"{path} cannot be written: {error.strerror}. Choose another place."
        raise OutputUnwritable(message) from error
    return part


def _publish(part: Path, name: Path) -> bool:
    """Give a finished file its name; False when the name belongs to another file."""
    try:
        os.link(part, name)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        return _publish_reserved(part, name)
    return True


def _publish_reserved(part: Path, name: Path) -> bool:
    """The same by taking the name with an empty file first."""
    try:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return False
    except OSError as error:
        message = f"{name} cannot be written: {error.strerror}. Choose another place."
        raise OutputUnwritable(message) from error
    part.replace(name)
    return True
