"""Why one source of an asset did not work; the next one is tried."""

from __future__ import annotations


class SourceFailed(Exception):
    """One source could not serve; the text says why in a few words."""


class SourceUnreachable(SourceFailed):
    """Nothing answered at the source's host."""


class SourceCorrupt(SourceFailed):
    """The source served bytes, but not the right ones."""
