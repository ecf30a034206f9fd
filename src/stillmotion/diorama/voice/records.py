"""What a voice gives: samples, and when each sound and each word of the line is spoken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Phoneme:
    """One speech sound."""

    symbol: str
    """In the International Phonetic Alphabet as the voice's network writes it; " " is a pause."""
    start_s: float
    end_s: float
    """From the first sample of the speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """One word of the line."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Speech:
    """A spoken line."""

    samples: NDArray[np.float32]
    """One channel in -1..1, shape (count,)."""
    sample_rate: int
    phonemes: tuple[Phoneme, ...]
    words: tuple[SpokenWord, ...]

    @property
    def duration_s(self) -> float:
        """Length of the samples."""
        return len(self.samples) / self.sample_rate
