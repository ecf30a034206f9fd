"""What a file is, from its first bytes. Names are only for the words of an error: decoding never trusts them."""

from __future__ import annotations

HEAD_BYTES = 64

_ISO_BRANDS = {
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"hevc": "HEIC",
    b"heim": "HEIC",
    b"heis": "HEIC",
    b"hevx": "HEIC",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"crx ": "Canon raw",
}
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"%PDF", "PDF"),
    (b"8BPS", "Photoshop"),
    (b"gimp xcf", "GIMP"),
    (b"<svg", "SVG"),
    (b"<?xml", "XML or SVG"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"II*\x00\x10\x00\x00\x00CR", "Canon raw"),
    (b"FUJIFILM", "Fujifilm raw"),
    (b"IIU\x00", "Panasonic raw"),
    (b"IIRO", "Olympus raw"),
    (b"\x1aE\xdf\xa3", "Matroska or WebM video"),
    (b"PK\x03\x04", "ZIP"),
    (b"<!DOCTYPE html", "HTML"),
    (b"<html", "HTML"),
    (b"version https://git-lfs", "Git LFS pointer"),
)
_ADVICE = {
    "HEIC": "Export it as JPEG; on an iPhone, Settings > Camera > Formats > Most Compatible makes JPEG from now on.",
    "HEIF": "Export it as JPEG.",
    "PDF": "Export the page as PNG.",
    "MP4 video": "Save one frame of it as PNG or JPEG.",
    "Matroska or WebM video": "Save one frame of it as PNG or JPEG.",
    "SVG": "Export it as PNG.",
    "Git LFS pointer": "Fetch the real file with `git lfs pull`.",
}
_DEFAULT_ADVICE = "Save it as JPEG, PNG or WebP."


def format_name(head: bytes) -> str | None:
    """Name of the format that a file with these first bytes claims to be; None when unknown."""
    if head[4:8] == b"ftyp":
        return _ISO_BRANDS.get(head[8:12], "MP4 video")
    if head[:4] == b"RIFF":
        return {b"WEBP": "WebP", b"AVI ": "AVI video", b"WAVE": "WAV sound"}.get(head[8:12], "RIFF")
    stripped = head.lstrip()
    for signature, name in _SIGNATURES:
        if head.startswith(signature) or stripped.startswith(signature):
            return name
    return None


def is_film(head: bytes) -> bool:
    """Whether a file with these first bytes is an MP4 or QuickTime film."""
    return format_name(head) == "MP4 video"


def refusal(head: bytes, readable: str) -> str:
    """One line that says what the file is and what to do, for a format that is not in the list `readable`."""
    name = format_name(head)
    if name is None:
        return f"The file is not a picture in a format that we read ({readable}). {_DEFAULT_ADVICE}"
    return f"{name} files are not read; we read {readable}. {_ADVICE.get(name, _DEFAULT_ADVICE)}"
