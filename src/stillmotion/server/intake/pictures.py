"""Pictures before anybody decodes them: what kind they are and how large, read from the header alone."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from stillmotion.errors import MediaRefused
from stillmotion.media.formats import HEAD_BYTES, format_name, refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA_URL_LIMIT = 20_971_520
"""Characters of a data URL."""
PIXEL_LIMIT = 64_000_000
READABLE = "JPEG, PNG and WebP"
_DATA_URL = re.compile(
    r"data:(?:image/[a-z0-9.+-]{1,40}|application/octet-stream)?(?:;[a-z0-9=._-]{1,80})*;base64,", re.IGNORECASE
)
_SPACES = re.compile(r"[ \t\r\n]+")
_PADDING = "= \t\r\n"
_PIECE = 1 << 20
_MARKERS_LIMIT = 4096
_STANDALONE = frozenset((0x01, *range(0xD0, 0xD9)))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_END, _SCAN = 0xD9, 0xDA


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the header of a picture says."""

    format: str
    """"JPEG", "PNG" or "WebP"."""
    width: int
    height: int


def check_header(path: Path) -> Header:
    """Kind and size of a picture in a file.

    Raises:
        MediaRefused: it is no picture of a kind that we read, its header is broken, or it has too many pixels.
    """
    with path.open("rb") as file:
        return check_open(file)


def check_bytes(content: bytes) -> Header:
    """The same for a picture in memory."""
    return check_open(BytesIO(content))


def check_kind(head: bytes) -> str:
    """The kind of a picture, from the first bytes.

    Raises:
        MediaRefused: it is no kind that we read.
    """
    found = format_name(head[:HEAD_BYTES])
    if found is None or found not in _READERS:
        raise MediaRefused(refusal(head[:HEAD_BYTES], READABLE))
    return found


def is_data_url(text: str) -> bool:
    """Whether a text is meant as one."""
    return text[:5].lower() == "data:"


def read_data_url(text: str) -> bytes:
    """The picture in a data URL.

    Raises:
        MediaRefused: it is too long, not in base64, or no picture that we read.
    """
    if len(text) > DATA_URL_LIMIT:
        message = f"The data URL has {len(text):,} characters; {DATA_URL_LIMIT:,} are allowed. Upload the picture."
        raise MediaRefused(message)
    head = _DATA_URL.match(text, 0, 256)
    if head is None:
        message = 'The data URL is no picture in base64; write "data:image/jpeg;base64,..."'
        raise MediaRefused(message)
    content = _decoded(text, head.end())
    check_bytes(content)
    return content


def _decoded(text: str, begin: int) -> bytes:
    """Piece by piece: whole copies of the text, spaces out, padding out, would be several times its size."""
    end = begin + len(text[begin:].rstrip(_PADDING))
    content, rest = bytearray(), ""
    try:
        for at in range(begin, end, _PIECE):
            piece = rest + _SPACES.sub("", text[at : min(at + _PIECE, end)])
            rest = piece[len(piece) // 4 * 4 :]
            whole = piece[: len(piece) - len(rest)]
            content += base64.b64decode(whole.replace("=", "?"), validate=True)  # padding stands at the end only
        content += base64.b64decode(rest + "=" * (-len(rest) % 4), validate=True)
    except (binascii.Error, ValueError):
        message = "The data URL's base64 is broken; encode the whole file with the standard alphabet."
        raise MediaRefused(message) from None
    return bytes(content)


def check_open(file: BinaryIO) -> Header:
    """The same for a picture that is open, at its beginning."""
    head = file.read(HEAD_BYTES)
    kind = check_kind(head)
    file.seek(0)
    size = _READERS[kind](file)
    if size is None:
        message = f"The {kind} picture's header is broken or cut off; save it again."
        raise MediaRefused(message)
    width, height = size
    if width < 1 or height < 1 or width * height > PIXEL_LIMIT:
        message = f"The picture has {width} x {height} pixels; at least one and at most {PIXEL_LIMIT:,} are allowed."
        raise MediaRefused(message)
    return Header(format=kind, width=width, height=height)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _png(file: BinaryIO) -> tuple[int, int] | None:
    head = file.read(33)
    if len(head) < 33 or head[8:16] != b"\0\0\0\rIHDR":
        return None
    return _number(head[16:20]), _number(head[20:24])


def _webp(file: BinaryIO) -> tuple[int, int] | None:
    """Lossy, lossless and extended WebP keep the size at different places."""
    head = file.read(30)
    if len(head) < 30:
        return None
    if head[12:16] == b"VP8X":
        return _little(head[24:27]) + 1, _little(head[27:30]) + 1
    if head[12:16] == b"VP8L" and head[20] == 0x2F:
        bits = _little(head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if head[12:16] == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF
    return None


def _jpeg(file: BinaryIO) -> tuple[int, int] | None:
    """From marker to marker until the frame's; what lies between is skipped unread."""
    file.seek(2)
    for _ in range(_MARKERS_LIMIT):
        marker = _marker(file)
        if marker is None or marker in {_END, _SCAN}:
            return None
        if marker in _STANDALONE:
            continue
        length = _number(file.read(2))
        if length < 2:
            return None
        if marker in _FRAMES:
            frame = file.read(5)
            return (_number(frame[3:5]), _number(frame[1:3])) if len(frame) == 5 else None
        file.seek(length - 2, 1)
    return None


def _marker(file: BinaryIO) -> int | None:
    """The next marker; any number of fill bytes may stand before it, here up to a limit."""
    if file.read(1) != b"\xff":
        return None
    for _ in range(_MARKERS_LIMIT):
        found = file.read(1)
        if found != b"\xff":
            return found[0] if found else None
    return None


_READERS: dict[str, Callable[[BinaryIO], tuple[int, int] | None]] = {"JPEG": _jpeg, "PNG": _png, "WebP": _webp}
