"""Why one source of an asset did not work; the next one is tried."""

from __future__ import annotations

import struct
import zlib

LYING_BYTES = (
    ArithmeticError,
    AssertionError,
    EOFError,
    LookupError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What the standard library's parsers raise about bytes that lie: unreadable names, impossible numbers, odd methods."""


class SourceError(Exception):
    """One source could not serve; the text says why in a few words."""


class UnreachableError(SourceError):
    """Nothing answered at the source's host."""


class CorruptError(SourceError):
    """The source served bytes, but not the right ones."""


class StoppedError(Exception):
    """The caller's progress function raised: no source is to blame, and none is tried after it."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason
