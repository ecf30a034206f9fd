"""What a mood means in music."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """How music of one mood is made."""

    minor: bool
    tempo_bpm: float
    progressions: tuple[tuple[int, ...], ...]
    """Degrees, 0 is the tonic; one is drawn."""
    density: int = 2
    """Notes of the accompaniment a beat."""
    rests: float = 0.25
    """Share of beats on which the melody is silent."""
    held: float = 1.1
    """Length of a melody note as a share of its time: below 1 it is detached."""
    loudness: float = 0.55
    seventh: bool = False
    lift: int = 0
    """Semitones by which the melody lies higher or lower."""


MOODS = MappingProxyType(
    {
        "calm": Mood(minor=False, tempo_bpm=70, progressions=((0, 5, 3, 4), (0, 3, 0, 4), (0, 2, 3, 3)), rests=0.25),
        "tense": Mood(
            minor=True, tempo_bpm=88, progressions=((0, 0, 5, 4), (0, 5, 3, 4)), rests=0.55, loudness=0.6, lift=-7
        ),
        "sad": Mood(minor=True, tempo_bpm=60, progressions=((0, 5, 2, 6), (0, 3, 5, 4)), rests=0.35, loudness=0.45),
        "happy": Mood(
            minor=False,
            tempo_bpm=118,
            progressions=((0, 4, 5, 3), (0, 3, 4, 0), (0, 5, 3, 4)),
            rests=0.12,
            held=0.85,
            loudness=0.7,
        ),
        "epic": Mood(minor=True, tempo_bpm=96, progressions=((0, 5, 2, 6), (0, 2, 6, 3)), loudness=0.9, rests=0.2),
        "mysterious": Mood(
            minor=True, tempo_bpm=66, progressions=((0, 5, 0, 3), (0, 2, 5, 3)), rests=0.5, lift=5, seventh=True
        ),
        "romantic": Mood(
            minor=False, tempo_bpm=74, progressions=((0, 2, 5, 3), (0, 5, 1, 4)), rests=0.2, held=1.25, seventh=True
        ),
        "playful": Mood(
            minor=False,
            tempo_bpm=132,
            progressions=((0, 1, 4, 0), (0, 3, 1, 4)),
            rests=0.2,
            held=0.45,
            loudness=0.65,
            lift=5,
        ),
    }
)
PLAIN = MOODS["calm"]


def mood(name: str) -> Mood:
    """The mood of that name; a calm one for what we do not know."""
    return MOODS.get(name, PLAIN)
