"""Small facts about media files and about what the codec library on this machine can do."""

from __future__ import annotations

from pathlib import Path

import av.codec

from stillmotion.media.formats import HEAD_BYTES, is_film

CODECS_NEEDED = ("libx264", "aac", "mov_text")


def is_film_file(path: str | Path) -> bool:
    """Whether the file begins like an MP4; False when it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return is_film(file.read(HEAD_BYTES))
    except (OSError, ValueError):
        return False


def missing_codecs() -> tuple[str, ...]:
    """Encoders that we need and the codec library lacks; empty when all is well."""
    return tuple(name for name in CODECS_NEEDED if name not in av.codec.codecs_available)
