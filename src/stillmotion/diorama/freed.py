"""Memory that was freed goes back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Return what this process freed but still holds; where the C library cannot do that, nothing happens.

    The GNU C library keeps freed memory for the thread that had it. The threads that make sound free a hundred
    megabytes of passing signals for a film of 20 s, which the threads that render could otherwise not use: the peak
    grew with the length of the film by that much.
    """
    # Only the GNU C library has it; elsewhere there is no such function, or not even a library to ask.
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(ctypes.c_size_t(0))
