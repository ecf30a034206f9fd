"""That the embedded database is used in one place: one machine, or one container on it.

Whether it runs is read off its process, and nobody sees the processes of another container: to him it looks dead, and
a second one on the same files ruins them for good. What can be seen from everywhere is a lock on a file beside them.
All who use the database share it, and the first of them writes into the file where they are.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from stillmotion.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOCK = "postgres.lock"
_PATIENCE_S, _AGAIN_S = 5.0, 0.02
"""Whoever has the lock for himself only writes a line."""
_FOR_ITS_USER = 0o600
"""Whoever else may open it could keep it locked."""
_BOOT, _CONTAINER = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")


@contextmanager
def alone(data_dir: Path, hidden: Callable[[], bool]) -> Iterator[None]:
    """Keep other places away from the database of a data folder while it is used here.

    Args:
        data_dir: which has it.
        hidden: whether it answers although nobody here runs it; asked when it was used elsewhere before.

    Raises:
        DatabaseUnavailable: it is used elsewhere.
    """
    if sys.platform == "win32":  # no containers that share folders, nor locks that are shared
        yield
        return
    with _opened(data_dir / LOCK) as lock:
        if not _is_ours(lock, hidden):
            message = (
                f"The embedded database in {data_dir} is used by another container or machine; a second one would ruin"
                " it. Run the command in that container (exec), stop it first, or name one PostgreSQL for both with"
                " STILLMOTION_DATABASE_URL."
            )
            raise DatabaseUnavailable(message)
        yield


def _opened(place: Path) -> BinaryIO:
    try:
        return os.fdopen(os.open(place, os.O_RDWR | os.O_CREAT, _FOR_ITS_USER), "r+b")
    except OSError as error:
        message = f"{place} cannot be written ({error.strerror}); the user whose database it is must run this."
        raise DatabaseUnavailable(message) from error


def _is_ours(lock: BinaryIO, hidden: Callable[[], bool]) -> bool:
    """Whether we share it with those of this place alone.

    What the file says changes only in the hands of one who has it for himself. It is read again once it is shared:
    between the two another one may have been faster.
    """
    here, end_s = _here(), time.monotonic() + _PATIENCE_S
    while time.monotonic() < end_s:
        if _locked(lock, shared=False) and _said(lock) != here:
            if hidden():
                return False
            _say(lock, here)
        if _locked(lock, shared=True):
            return _said(lock) == here
        time.sleep(_AGAIN_S)
    return False


def _here() -> bytes:
    """This machine, since it was started, and the container on it."""
    with suppress(OSError):
        return _BOOT.read_bytes().strip() + f" {_CONTAINER.stat().st_ino}\n".encode()
    return b"here\n"  # not Linux: there are no containers that see the same files


def _said(lock: BinaryIO) -> bytes:
    lock.seek(0)
    return lock.read()


def _say(lock: BinaryIO, here: bytes) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(here)
    lock.flush()


def _locked(lock: BinaryIO, *, shared: bool) -> bool:
    """Whether it could be locked; the lock goes with the process, and its children do not inherit it."""
    if sys.platform == "win32":
        return True
    import fcntl  # noqa: PLC0415 - not everywhere

    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def answers(place: Path) -> bool:
    """Whether somebody listens at a socket; unlike a process it is reached from another container, too."""
    if sys.platform == "win32":
        return False
    with suppress(OSError), socket.socket(socket.AF_UNIX) as end:
        end.connect(os.fspath(place))
        return True
    return False
