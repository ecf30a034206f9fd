"""What a caller asks for, before anything is known about the photo."""

from __future__ import annotations

from dataclasses import dataclass

from stillmotion.errors import DurationRefused, PromptEmpty, PromptTooLong, SizeRefused

DURATIONS_S = (4, 8, 12, 16, 20)
SIZES_PX = ((1280, 720), (720, 1280), (1792, 1024), (1024, 1792), (1920, 1080), (1080, 1920))
DRAFT_SIZES_PX = ((640, 360), (360, 640))
RATE_FPS = 30
PROMPT_LIMIT = 32_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One request: words, length, size, seed."""

    prompt: str
    duration_s: int = 4
    size_px: tuple[int, int] | None = None
    """Width and height; None follows the photo's orientation at 720p."""
    seed: int = 0
    fps: int = RATE_FPS

    def __post_init__(self) -> None:
        """Refuse what cannot be made, before any work."""
        check_prompt(self.prompt)
        check_duration(self.duration_s)
        if self.size_px is not None:
            check_size(self.size_px)


def check_prompt(prompt: str) -> None:
    """Raise PromptEmpty or PromptTooLong."""
    if not prompt.strip():
        raise PromptEmpty
    if len(prompt) > PROMPT_LIMIT:
        message = f"The prompt has {len(prompt):,} characters; the limit is {PROMPT_LIMIT:,}. Shorten it."
        raise PromptTooLong(message)


def check_duration(duration_s: int) -> None:
    """Raise DurationRefused unless the duration is one of DURATIONS_S."""
    if duration_s not in DURATIONS_S:
        message = f"A shot cannot be {duration_s} seconds long; choose 4, 8, 12, 16 or 20."
        raise DurationRefused(message)


def check_size(size_px: tuple[int, int]) -> None:
    """Raise SizeRefused unless the size is a delivery or a draft size."""
    if size_px not in SIZES_PX + DRAFT_SIZES_PX:
        known = ", ".join(f"{w}x{h}" for w, h in SIZES_PX)
        message = f"{size_px[0]}x{size_px[1]} is not a size that we make; choose one of {known}."
        raise SizeRefused(message)
