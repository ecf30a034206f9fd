"""What a film file says about itself, read by means that do not come from the package."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFacts:
    """What a film file says about itself."""

    size_px: tuple[int, int]
    rate: Fraction
    """Frames per second."""
    frame_count: int
    duration_s: Fraction
    """Of the picture."""
    sound_duration_s: Fraction
    sample_rate: int
    channels: int
    index_first: bool
    """Whether a player can start before the whole file has arrived."""


def film_facts(path: str | Path) -> FilmFacts:
    """Read the facts from the container; nothing is decoded.

    Raises:
        ValueError: the file has no picture track or no sound track, or is no film.
    """
    try:
        with av.open(str(path)) as container:
            video, audio = container.streams.video[0], container.streams.audio[0]
            return FilmFacts(
                size_px=(video.width, video.height),
                rate=video.average_rate or Fraction(0),
                frame_count=video.frames,
                duration_s=(video.duration or 0) * (video.time_base or Fraction(0)),
                sound_duration_s=(audio.duration or 0) * (audio.time_base or Fraction(0)),
                sample_rate=audio.rate,
                channels=audio.channels,
                index_first=_index_first(Path(path)),
            )
    except (av.error.FFmpegError, IndexError) as error:
        message = f"{path} is not a film with picture and sound: {error}"
        raise ValueError(message) from error


def _index_first(path: Path) -> bool:
    """Whether the index (moov) stands before the pictures (mdat)."""
    with path.open("rb") as file:
        while head := file.read(8):
            length = int.from_bytes(head[:4], "big")
            if head[4:8] in (b"moov", b"mdat"):
                return head[4:8] == b"moov"
            if length < len(head):
                return False
            file.seek(length - len(head), 1)
    return False
