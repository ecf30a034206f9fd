"""A strict reader of WebVTT, written from the W3C text and not from our writer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

_TIME = re.compile(r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One cue."""

    start_s: float
    end_s: float
    text: str


def read(text: str) -> list[Cue]:
    """The cues of a file.

    Raises:
        ValueError: something that the format does not allow, with the line.
    """
    lines = text.split("\n")
    if lines[0] != "WEBVTT" or lines[1] != "":
        message = f"no header: {lines[:2]}"
        raise ValueError(message)
    blocks = re.split(r"\n{2,}", "\n".join(lines[2:]).strip("\n"))
    cues = [_cue(block) for block in blocks if block]
    if any(later.start_s < earlier.start_s for earlier, later in pairwise(cues)):
        message = "cues out of order"
        raise ValueError(message)
    return cues


def _cue(block: str) -> Cue:
    timing, *payload = block.split("\n")
    start, arrow, end = timing.partition(" --> ")
    if not arrow or not payload or any("-->" in line for line in payload):
        message = f"no cue: {block!r}"
        raise ValueError(message)
    text = "\n".join(payload)
    if "<" in text or ">" in text or re.search(r"&(?!amp;|lt;|gt;|nbsp;|lrm;|rlm;|#)", text):
        message = f"not escaped: {text!r}"
        raise ValueError(message)
    cue = Cue(start_s=_seconds(start), end_s=_seconds(end), text=unescape(text))
    if cue.end_s <= cue.start_s:
        message = f"ends before it starts: {timing}"
        raise ValueError(message)
    return cue


def _seconds(text: str) -> float:
    found = _TIME.fullmatch(text)
    if found is None:
        message = f"no time: {text!r}"
        raise ValueError(message)
    hours, minutes, seconds, thousandths = (int(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds + thousandths / 1000
