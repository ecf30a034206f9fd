"""Names of formats, for the words of an error."""

from __future__ import annotations

import pytest

from stillmotion.media.formats import format_name, is_film, refusal


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0\0\0\x18ftypavif", "AVIF"),
        (b"\0\0\0\x18ftypisom", "MP4 video"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "WebP"),
        (b"  \n<svg width='1'>", "SVG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"", None),
        (b"whatever", None),
    ],
)
def test_names(head: bytes, name: str | None) -> None:
    """The first bytes decide, never the file's name."""
    assert format_name(head) == name
    assert is_film(head) == (name == "MP4 video")


def test_every_refusal_says_what_to_do() -> None:
    """A refused format is named, and the sentence ends with advice."""
    assert "Export it as JPEG" in refusal(b"\0\0\0\x18ftypheic", "JPEG and PNG")
    assert refusal(b"8BPS", "JPEG and PNG").startswith("Photoshop files are not read; we read JPEG and PNG.")
    assert "Save it as JPEG" in refusal(b"?", "JPEG and PNG")
