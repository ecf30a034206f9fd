"""Captions as files: WebVTT beside the film, samples of a text track inside it."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from stillmotion.media.output import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from stillmotion.clip import Caption, Clip


def write_vtt(clip: Clip, path: Path) -> None:
    """Write the clip's captions as WebVTT.

    Raises:
        OutputUnwritable: the folder does not exist or cannot be written.
        DiskFull: the disk filled up; nothing stays under `path`.
    """
    with whole_file(path) as part:
        part.write_text(vtt(clip.captions), encoding="utf-8", newline="\n")


def vtt(captions: Iterable[Caption]) -> str:
    """WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format"): cues by start, text escaped, no blank line inside."""
    cues = [f"{_time(one.start_s)} --> {_time(one.end_s)}\n{_payload(one.text)}\n" for one in _in_order(captions)]
    return "\n".join(["WEBVTT\n", *cues])


def tx3g(captions: Iterable[Caption], duration_s: float) -> list[tuple[int, int, bytes]]:
    """Samples of an MP4 text track (3GPP TS 26.245): start and end in milliseconds, length and UTF-8 text.

    What is said at the same time stands in one sample, since samples follow one another. The samples cover the film
    from its first to its last millisecond.
    """
    end_ms = int(1000 * duration_s)
    inside = [(round(1000 * one.start_s), min(round(1000 * one.end_s), end_ms), one.text) for one in captions]
    edges = sorted({0, end_ms - 1, end_ms, *(edge for start, end, _ in inside for edge in (start, end))})
    samples: list[tuple[int, int, bytes]] = []
    for start, end in pairwise(edges):
        text = "\n".join(text for since, until, text in inside if since <= start < until).encode(errors="replace")
        sample = len(text).to_bytes(2, "big") + text
        # An empty track has a last sample all the same: the muxer need not hold the film back until its end.
        if samples and samples[-1][2] == sample and (text or end < end_ms):
            samples[-1] = (samples[-1][0], end, sample)
        else:
            samples.append((start, end, sample))
    return samples


def _in_order(captions: Iterable[Caption]) -> list[Caption]:
    return sorted(captions, key=lambda one: (one.start_s, one.end_s))


def _time(seconds: float) -> str:
    whole, ms = divmod(round(1000 * seconds), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{ms:03d}"


def _payload(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return escape("\n".join(line for line in lines if line), quote=False).encode(errors="replace").decode()
