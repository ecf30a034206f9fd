"""Taking single members out of zip and gzipped tar archives that nobody trusts.

Members are matched by their exact name and go to files that we opened: a name in an archive never becomes a path here.
Every size is checked against the manifest's before and while bytes are written, so nothing unpacks to more than was
expected.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import IO, TYPE_CHECKING, Protocol, cast

from stillmotion.assets.failures import LYING_BYTES, CorruptError, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAR_BLOCK = 512
_COPY_BYTES = 1 << 18
_LONGEST_NAME_RECORD_BYTES = 1 << 16
_MOST_UNPACKED_BYTES = 1 << 32
_STORED_OR_DEFLATED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Sink(Protocol):
    """Takes the bytes of one member; knows how many there must be."""

    @property
    def size_bytes(self) -> int:
        """How many bytes the manifest promises."""

    def write(self, block: bytes, /) -> object:
        """Take the next bytes."""


def copy_zip_member(archive: IO[bytes], member: str, sink: Sink) -> None:
    """Write one member of a seekable zip (a wheel is one)."""
    try:
        with zipfile.ZipFile(archive) as opened:
            info = opened.getinfo(member)
            _check_size(member, info.file_size, sink)
            if info.compress_type not in _STORED_OR_DEFLATED or info.flag_bits & 1:
                message = f"{member} is encrypted or compressed in an unusual way"
                raise CorruptError(message)
            with opened.open(info) as stream:
                _copy_exactly(stream, sink, member)
    except KeyError:
        message = f"the archive has no member {member}"
        raise SourceError(message) from None
    except (zipfile.BadZipFile, *LYING_BYTES) as error:
        message = f"the archive is damaged ({error})"
        raise CorruptError(message) from None


def copy_tar_members(compressed: IO[bytes], wanted: Mapping[str, Sink]) -> None:
    """Write the wanted members of a gzipped tar stream, and stop reading as soon as the last one is complete."""
    missing = dict(wanted)
    try:
        stream = _Unpacked(compressed)
        while missing and (header := _next_header(stream)) is not None:
            name, kind, size = header
            sink = missing.pop(name, None) if kind in tarfile.REGULAR_TYPES else None
            if sink is None:
                stream.skip(_padded(size))
                continue
            _check_size(name, size, sink)
            _copy_exactly(stream, sink, name)
            stream.skip(_padded(size) - size)
    except (tarfile.HeaderError, gzip.BadGzipFile, *LYING_BYTES) as error:
        message = f"the archive is damaged ({error})"
        raise CorruptError(message) from None
    if missing:
        message = f"the archive has no member {', '.join(missing)}"
        raise SourceError(message)


class _Unpacked(io.RawIOBase):
    """The decompressed side of a gzip stream, with an end to how much it may unpack."""

    def __init__(self, compressed: IO[bytes]) -> None:
        super().__init__()
        self._stream = gzip.GzipFile(fileobj=compressed, mode="rb")
        self._left = _MOST_UNPACKED_BYTES

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, at most `size`."""
        block = self._stream.read(_COPY_BYTES if size is None or size < 0 else min(size, _COPY_BYTES))
        self._left -= len(block)
        if self._left < 0:
            message = "the archive unpacks to an unreasonable size"
            raise CorruptError(message)
        return block

    def exactly(self, size: int) -> bytes:
        """`size` bytes, or `EOFError`."""
        blocks = bytearray()
        while len(blocks) < size:
            block = self.read(size - len(blocks))
            if not block:
                raise EOFError
            blocks += block
        return bytes(blocks)

    def skip(self, size: int) -> None:
        """Pass over `size` bytes."""
        while size:
            block = self.read(min(size, _COPY_BYTES))
            if not block:
                raise EOFError
            size -= len(block)


def _next_header(stream: _Unpacked) -> tuple[str, bytes, int] | None:
    """Name, type and size of the next member; None at the end of the archive.

    The long names of POSIX and GNU tar are the only extensions that matter here. Python's own reader would take records
    of any length into memory; this one refuses long ones.
    """
    long_name = ""
    while True:
        block = stream.exactly(_TAR_BLOCK)
        if not any(block):
            return None
        info = tarfile.TarInfo.frombuf(block, encoding="utf-8", errors="surrogateescape")
        if info.type not in {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}:
            return long_name or info.name, info.type, _member_size(info)
        record = _name_record(stream, info.size)
        if info.type == tarfile.GNUTYPE_LONGNAME:
            long_name = record.rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif info.type == tarfile.XHDTYPE:
            long_name = _pax_path(record) or long_name


def _member_size(info: tarfile.TarInfo) -> int:
    if info.size < 0:
        message = "a member has a negative size"
        raise ValueError(message)
    return info.size if info.isreg() else 0


def _name_record(stream: _Unpacked, size: int) -> bytes:
    if not 0 <= size <= _LONGEST_NAME_RECORD_BYTES:
        message = "a name in it is unreasonably long"
        raise ValueError(message)
    return stream.exactly(_padded(size))[:size]


def _pax_path(record: bytes) -> str:
    """The `path` of a POSIX extended header: lines of `length key=value`."""
    while record:
        length_text, _, _ = record.partition(b" ")
        length = int(length_text)
        if not len(length_text) < length <= len(record):
            message = "an extended header is broken"
            raise ValueError(message)
        key, _, value = record[len(length_text) + 1 : length].rstrip(b"\n").partition(b"=")
        if key == b"path":
            return value.decode("utf-8", "surrogateescape")
        record = record[length:]
    return ""


def _padded(size: int) -> int:
    return -(-size // _TAR_BLOCK) * _TAR_BLOCK


def _check_size(member: str, size: int, sink: Sink) -> None:
    if size != sink.size_bytes:
        message = f"{member} has {size} bytes in the archive, not {sink.size_bytes}"
        raise CorruptError(message)


def _copy_exactly(stream: io.RawIOBase | IO[bytes], sink: Sink, member: str) -> None:
    """Copy as many bytes as the sink wants; a stream that ends early or goes on for ever is refused."""
    left = sink.size_bytes
    while left:
        block = cast("bytes", stream.read(min(left, _COPY_BYTES)))
        if not block:
            message = f"{member} ends too early"
            raise CorruptError(message)
        sink.write(block)
        left -= len(block)
