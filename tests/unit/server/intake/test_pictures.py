"""Kind and size of a picture are read from its header alone, whatever the bytes are."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stillmotion.errors import MediaRefused
from stillmotion.server.intake import pictures
from stillmotion.server.intake.pictures import Header

if TYPE_CHECKING:
    from pathlib import Path


def saved(form: str, size: tuple[int, int] = (97, 61), mode: str = "RGB", **options: Any) -> bytes:
    """A picture in a format."""
    file = BytesIO()
    Image.new(mode, size).save(file, form, **options)
    return file.getvalue()


EXIF = Image.Exif()
EXIF[0x0112] = 6
EXIF[0x010E] = "words" * 500
KINDS: dict[str, tuple[bytes, str]] = {
    "PNG": (saved("PNG"), "PNG"),
    "PNG with 16 bits": (saved("PNG", mode="I;16"), "PNG"),
    "PNG with a palette": (saved("PNG", mode="P"), "PNG"),
    "JPEG": (saved("JPEG"), "JPEG"),
    "progressive JPEG": (saved("JPEG", progressive=True), "JPEG"),
    "CMYK JPEG": (saved("JPEG", mode="CMYK"), "JPEG"),
    "JPEG with Exif and profile": (saved("JPEG", exif=EXIF, icc_profile=bytes(70_000)), "JPEG"),
    "JPEG with a comment": (saved("JPEG", comment=b"\xff\xc0" * 100), "JPEG"),
    "lossy WebP": (saved("WEBP"), "WebP"),
    "lossless WebP": (saved("WEBP", lossless=True), "WebP"),
    "extended WebP": (saved("WEBP", exif=EXIF), "WebP"),
    "WebP with alpha": (saved("WEBP", mode="RGBA"), "WebP"),
}


@pytest.mark.parametrize("name", KINDS)
def test_size_is_read(name: str, tmp_path: Path) -> None:
    """As a decoder reads it, and whatever the file is called."""
    content, kind = KINDS[name]
    path = tmp_path / "picture.gif"
    path.write_bytes(content)
    assert pictures.check_header(path) == Header(format=kind, width=97, height=61)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_what_is_cut_off_in_the_header_is_refused(form: str) -> None:
    """At every place before the size is known; later cuts are the decoder's business."""
    whole = saved(form, (300, 200))
    refused = 0
    for length in range(200):
        try:
            found = pictures.check_bytes(whole[:length])
        except MediaRefused:
            refused += 1
        else:
            assert (found.width, found.height) == (300, 200)
    assert refused >= 25


def a_png_of(width: int, height: int) -> bytes:
    """The head of a PNG that claims a size."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0" + bytes(4)


def test_sizes_have_limits() -> None:
    """Refused from the header: nobody decodes a picture of four thousand million pixels to find out."""
    assert pictures.check_bytes(a_png_of(8000, 8000)).width == 8000
    for width, height in ((8001, 8000), (0, 10), (10, 0), (65_535, 65_535), (2**31 - 1, 2**31 - 1)):
        with pytest.raises(MediaRefused, match="pixels"):
            pictures.check_bytes(a_png_of(width, height))


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "not a picture"),
        (b"GIF89a" + bytes(20), "GIF"),
        (b"BM" + bytes(60), "BMP"),
        (b"<svg xmlns=''/>", "SVG"),
        (b"<!DOCTYPE html>", "HTML"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"RIFF\0\0\0\0WAVEfmt ", "WAV"),
        (b"RIFF\x10\0\0\0WEBPVP9 " + bytes(40), "WebP"),
        (b"\xff\xd8\xff" + b"\xff" * 10_000, "JPEG"),
        (b"\xff\xd8" + b"\xff\xe0\0\2" * 10_000, "JPEG"),
        (b"\xff\xd8\xff\xe0\0\0", "JPEG"),
        (b"\xff\xd8\xff\xda\0\2", "JPEG"),
    ],
)
def test_other_files_are_named(head: bytes, words: str) -> None:
    """With advice, and without end in no case."""
    with pytest.raises(MediaRefused, match=words):
        pictures.check_bytes(head)


@given(
    st.sampled_from(sorted(KINDS)),
    st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=4)), max_size=6),
)
def test_changed_bytes_are_answered(name: str, changes: list[tuple[int, bytes]]) -> None:
    """Any bytes: a sensible size or our refusal, never another fault."""
    content = bytearray(KINDS[name][0])
    for place, piece in changes:
        content[place : place + len(piece)] = piece
    try:
        found = pictures.check_bytes(bytes(content))
    except MediaRefused:
        return
    assert 0 < found.width * found.height <= pictures.PIXEL_LIMIT
