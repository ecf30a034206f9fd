"""Bounds of the engine process: pictures from outside are decoded within them, and everybody else goes first."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY_BYTES = 3 << 30
"""What decoding may take: the largest picture that we read has 64 megapixels, 0.2 GB a copy."""
CPU_S = 20
NICENESS = 10


_GROUP = Path("/proc/self/autogroup")
_THREADS = Path("/proc/self/task")


def step_back() -> None:
    """Let whoever answers requests have the cores first.

    Where Linux groups processes by session, niceness counts within a session only, and between them that of the group
    does; a process that leads a session of its own sets both.
    """
    if not hasattr(os, "nice"):
        return
    niceness = os.nice(NICENESS)
    if _THREADS.exists():  # on Linux niceness is a thread's own; those of the warm-up are there already
        for thread in _THREADS.iterdir():
            with suppress(OSError):  # it has ended
                os.setpriority(os.PRIO_PROCESS, int(thread.name), niceness)
    if _GROUP.exists() and os.getsid(0) == os.getpid():
        with suppress(OSError):  # not allowed everywhere
            _GROUP.write_text(str(NICENESS), encoding="ascii")


@contextmanager
def bounded() -> Iterator[None]:
    """No more memory and processor time than a picture may take; a process that needs more gets an error, or dies."""
    if sys.platform != "linux":  # other systems do not say what a process has in use, or do not hold to it
        yield
        return
    import resource  # noqa: PLC0415 - not everywhere

    spent = resource.getrusage(resource.RUSAGE_SELF)
    wanted = {
        resource.RLIMIT_AS: _in_use_bytes() + MEMORY_BYTES,
        resource.RLIMIT_CPU: int(spent.ru_utime + spent.ru_stime) + CPU_S,
    }
    before = {kind: resource.getrlimit(kind) for kind in wanted}
    for kind, (soft, hard) in before.items():
        known = [limit for limit in (wanted[kind], soft, hard) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(kind, (min(known), hard))
    try:
        yield
    finally:
        for kind, pair in before.items():
            resource.setrlimit(kind, pair)


def _in_use_bytes() -> int:
    """Addresses that this process has taken."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
