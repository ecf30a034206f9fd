"""What a caller asks for, before anything is known about the photo."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from typing import Any

from stillmotion.errors import DurationRefused, InputRefused, PromptEmpty, PromptRefused, PromptTooLong, SizeRefused

DURATIONS_S = (4, 8, 12, 16, 20)
SIZES_PX = ((1280, 720), (720, 1280), (1792, 1024), (1024, 1792), (1920, 1080), (1080, 1920))
DRAFT_SIZES_PX = ((640, 360), (360, 640))
RATE_FPS = 30
RATES_FPS = (12, 60)
"""Slowest and fastest frame rate of a film; every whole number between them is made."""
SEED_LIMIT = 2**63 - 1
"""Largest seed; the smallest is 0."""
PROMPT_LIMIT = 32_000
STEMS = ("dialogue", "foley", "ambience", "music")
"""Tracks that a mix has and can leave out."""
LOUDNESS_LUFS = {"loud": -14.0, "standard": -16.0, "soft": -18.0, "broadcast": -23.0}
"""Integrated loudness that has a name."""
LOUDNESS_RANGE_LUFS = (-40.0, -10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One request: words, length, size, seed."""

    prompt: str
    duration_s: int = 4
    size_px: tuple[int, int] | None = None
    """Width and height; None follows the photo's orientation at 720p. A list of two is taken as well."""
    seed: int = 0
    fps: int = RATE_FPS
    loudness_lufs: float | None = None
    """Integrated loudness of the mix; None is as the scene asks: -16 for speech, music or a full bed."""
    muted: tuple[str, ...] = ()
    """Tracks that are left out, of STEMS."""

    def __post_init__(self) -> None:
        """Refuse what cannot be made, before any work."""
        check_prompt(self.prompt)
        check_duration(self.duration_s)
        if self.size_px is not None:
            check_size(self.size_px)
            object.__setattr__(self, "size_px", tuple(index(side) for side in self.size_px))
        check_seed(self.seed)
        check_fps(self.fps)
        check_mix(self.loudness_lufs, self.muted)
        for name in ("duration_s", "seed", "fps"):  # plain numbers, so that they can be written as JSON
            object.__setattr__(self, name, index(getattr(self, name)))


def check_prompt(prompt: object) -> None:
    """Raise PromptRefused, PromptEmpty or PromptTooLong."""
    if not isinstance(prompt, str):
        message = f"The prompt is of the type {type(prompt).__name__}; give text."
        raise PromptRefused(message)
    if not prompt.strip():
        raise PromptEmpty
    if len(prompt) > PROMPT_LIMIT:
        message = f"The prompt has {len(prompt):,} characters; the limit is {PROMPT_LIMIT:,}. Shorten it."
        raise PromptTooLong(message)


def check_duration(duration_s: int) -> None:
    """Raise DurationRefused unless the duration is one of DURATIONS_S."""
    if not _whole(duration_s) or duration_s not in DURATIONS_S:
        message = f"A shot cannot be {duration_s} seconds long; choose 4, 8, 12, 16 or 20."
        raise DurationRefused(message)


def check_size(size_px: object) -> None:
    """Raise SizeRefused unless the size, width and height, is a delivery or a draft size."""
    known = ", ".join(f"{w}x{h}" for w, h in SIZES_PX)
    if not isinstance(size_px, tuple | list) or len(size_px) != 2 or not all(map(_whole, size_px)):
        message = f"{size_px!r} is not a size; give width and height in pixels, one of {known}."
        raise SizeRefused(message)
    if tuple(size_px) not in SIZES_PX + DRAFT_SIZES_PX:
        message = f"{size_px[0]}x{size_px[1]} is not a size that we make; choose one of {known}."
        raise SizeRefused(message)


def check_seed(seed: int) -> None:
    """Raise InputRefused unless the seed is a whole number from 0 to SEED_LIMIT."""
    if not _whole(seed) or not 0 <= seed <= SEED_LIMIT:
        message = f"The seed {seed!r} cannot be used; choose a whole number from 0 to {SEED_LIMIT}."
        raise InputRefused(message)


def check_fps(fps: int) -> None:
    """Raise InputRefused unless the frame rate is a whole number within RATES_FPS."""
    slowest, fastest = RATES_FPS
    if not _whole(fps) or not slowest <= fps <= fastest:
        message = f"{fps!r} frames per second cannot be made; choose a whole number from {slowest} to {fastest}."
        raise InputRefused(message)


def check_mix(loudness_lufs: float | None, muted: tuple[str, ...]) -> None:
    """Raise InputRefused unless the loudness is within LOUDNESS_RANGE_LUFS and each muted track is one of STEMS."""
    low, high = LOUDNESS_RANGE_LUFS
    if loudness_lufs is not None and not low <= loudness_lufs <= high:
        message = f"A film cannot be as loud as {loudness_lufs:g} LUFS; choose {low:g} to {high:g}."
        raise InputRefused(message)
    for name in muted:
        if name not in STEMS:
            message = f"{name!r} is no track of the sound; choose one of {', '.join(STEMS)}."
            raise InputRefused(message)


def loudness_of(value: float | str | None) -> float | None:
    """A loudness in LUFS, given as a number, its text or a name of LOUDNESS_LUFS.

    Raises:
        InputRefused: the text is neither.
    """
    if not isinstance(value, str):
        return None if value is None else float(value)
    if value.strip().lower() in LOUDNESS_LUFS:
        return LOUDNESS_LUFS[value.strip().lower()]
    try:
        return float(value.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        message = f"{value!r} is no loudness; choose {', '.join(LOUDNESS_LUFS)}, or a number of LUFS such as -16."
        raise InputRefused(message) from None


def _whole(value: Any) -> bool:  # noqa: ANN401 - callers give anything
    """Whether the value is a whole number, numpy's included; True, 4.0 and arrays are none."""
    try:
        return type(index(value)) is int and not isinstance(value, bool) and not hasattr(value, "__len__")
    except TypeError:
        return False
