"""What a file is, from its first bytes: what a client says about it is often missing or wrong."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_BYTES = 64
"""As much as is looked at."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A format that may be uploaded."""

    media_type: str
    extension: str

    @property
    def family(self) -> str:
        """The first half of the media type: "image", "video" or "audio"."""
        return self.media_type.partition("/")[0]


_BEGINS = (
    (b"\xff\xd8\xff", Kind("image/jpeg", ".jpg")),
    (b"\x89PNG\r\n\x1a\n", Kind("image/png", ".png")),
    (b"GIF87a", Kind("image/gif", ".gif")),
    (b"GIF89a", Kind("image/gif", ".gif")),
    (b"BM", Kind("image/bmp", ".bmp")),
    (b"II*\0", Kind("image/tiff", ".tiff")),
    (b"MM\0*", Kind("image/tiff", ".tiff")),
    (b"FLV\x01", Kind("video/x-flv", ".flv")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind("video/x-ms-wmv", ".wmv")),
    (b"\x1a\x45\xdf\xa3", Kind("video/webm", ".webm")),
    (b"ID3", Kind("audio/mpeg", ".mp3")),
    (b"fLaC", Kind("audio/flac", ".flac")),
    (b"\xff\xf1", Kind("audio/aac", ".aac")),
    (b"\xff\xf9", Kind("audio/aac", ".aac")),
    (b"\xff\xfb", Kind("audio/mpeg", ".mp3")),
    (b"\xff\xf3", Kind("audio/mpeg", ".mp3")),
    (b"\xff\xf2", Kind("audio/mpeg", ".mp3")),
)
_RIFF = {
    b"WEBP": Kind("image/webp", ".webp"),
    b"WAVE": Kind("audio/wav", ".wav"),
    b"AVI ": Kind("video/x-msvideo", ".avi"),
}
_HEIC, _HEIF, _AVIF = (Kind(f"image/{name}", f".{name}") for name in ("heic", "heif", "avif"))
_BRANDS = {
    b"heic": _HEIC,
    b"heix": _HEIC,
    b"heim": _HEIC,
    b"heis": _HEIC,
    b"hevc": _HEIC,
    b"hevx": _HEIC,
    b"mif1": _HEIF,
    b"msf1": _HEIF,
    b"avif": _AVIF,
    b"avis": _AVIF,
    b"crx ": Kind("image/x-canon-cr3", ".cr3"),
    b"qt  ": Kind("video/quicktime", ".mov"),
    b"M4A ": Kind("audio/mp4", ".m4a"),
    b"3gp": Kind("video/3gpp", ".3gp"),
}
_MP4 = Kind("video/mp4", ".mp4")
_OGG_SOUND, _OGG_FILM = Kind("audio/ogg", ".ogg"), Kind("video/ogg", ".ogv")


def sniff(head: bytes) -> Kind | None:
    """The format of a file that begins like this; None when it is none of those that may be uploaded."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return next((kind for brand, kind in _BRANDS.items() if head[8:12].startswith(brand)), _MP4)
    if head[:4] == b"OggS":
        return _OGG_FILM if b"theora" in head else _OGG_SOUND
    return next((kind for begin, kind in _BEGINS if head.startswith(begin)), None)
