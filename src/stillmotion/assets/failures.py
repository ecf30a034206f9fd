"""Why one source of an asset did not work; the next one is tried."""

from __future__ import annotations


class SourceError(Exception):
    """One source could not serve; the text says why in a few words."""


class UnreachableError(SourceError):
    """Nothing answered at the source's host."""


class CorruptError(SourceError):
    """The source served bytes, but not the right ones."""
