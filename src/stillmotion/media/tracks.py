"""Small changes to the tracks of a finished MP4, in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

_HEADER = 8
_ENABLED = 1


def switch_off(path: Path, handler: bytes) -> None:
    """Clear the mark "enabled" (ISO/IEC 14496-12, 8.3.2) of tracks of a handler, for example b"sbtl".

    Players then offer the track and do not show it unasked; the muxer marks every first track of its kind.
    """
    with path.open("rb+") as file:
        for start, end in _boxes(file, (b"moov", b"trak"), (0, path.stat().st_size)):
            if _handler(file, start, end) == handler:
                ((at, _),) = _boxes(file, (b"tkhd",), (start, end))
                file.seek(at + 3)  # one byte of version, then 24 bits of flags
                flags = file.read(1)[0]
                file.seek(at + 3)
                file.write(bytes([flags & ~_ENABLED]))


def _handler(file: BinaryIO, start: int, end: int) -> bytes:
    ((at, _),) = _boxes(file, (b"mdia", b"hdlr"), (start, end))
    file.seek(at + 8)
    return file.read(4)


def _boxes(file: BinaryIO, names: tuple[bytes, ...], inside: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """First and last byte of what is in the boxes of this path of names."""
    at, end = inside
    while at + _HEADER <= end:
        file.seek(at)
        head = file.read(2 * _HEADER)
        size = int.from_bytes(head[:4], "big")
        skip = _HEADER
        if size == 1:  # the size did not fit and stands behind the name
            size, skip = int.from_bytes(head[8:16], "big"), 2 * _HEADER
        size = size or end - at
        if head[4:8] == names[0]:
            found = (at + skip, at + size)
            yield from _boxes(file, names[1:], found) if names[1:] else (found,)
        at += max(size, _HEADER)
