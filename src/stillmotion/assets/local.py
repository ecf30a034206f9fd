"""A file on this machine as a source, whose failures are not taken for those of the cache."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from stillmotion.assets.failures import SourceError

if TYPE_CHECKING:
    from pathlib import Path


class LocalFile(io.FileIO):
    """Read-only file; raises `SourceError` where reading fails, so that an `OSError` can only come from storing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            super().__init__(path, "rb")
        except (OSError, ValueError) as error:
            raise self._failure(error) from None

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes from the current position; empty at the end."""
        try:
            return super().read(-1 if size is None else size) or b""
        except OSError as error:
            raise self._failure(error) from None

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - the type of a writable buffer has no name before 3.12
        """Fill the buffer as far as one read goes."""
        try:
            return super().readinto(buffer) or 0
        except OSError as error:
            raise self._failure(error) from None

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Set the place of the next read; an archive may ask for one that no file has."""
        try:
            return super().seek(offset, whence)
        except OSError as error:
            raise self._failure(error) from None

    def _failure(self, error: OSError | ValueError) -> SourceError:
        reason = getattr(error, "strerror", None) or str(error)
        return SourceError(f"{self._path} cannot be read ({reason})")
