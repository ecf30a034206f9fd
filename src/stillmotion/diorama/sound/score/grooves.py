"""What a drummer plays to a piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from stillmotion.diorama.sound.score.moods import Mood
    from stillmotion.diorama.sound.score.notes import Score

Hit = tuple[float, str, float]
"""When in seconds, which drum, how loud 0..1."""

_SOFT, _GRAND = 0.56, 0.8
_ROCK = ((0.0, "kick", 1.0), (1.0, "snare", 0.9), (2.0, "kick", 0.9), (2.5, "kick", 0.7), (3.0, "snare", 0.95))
_BRUSHED = ((0.0, "kick", 0.5), (1.0, "brush", 0.6), (2.0, "kick", 0.4), (3.0, "brush", 0.65))
_WAR = (
    (0.0, "taiko", 1.0),
    (1.5, "taiko", 0.6),
    (2.0, "taiko", 0.9),
    (3.0, "tom", 0.7),
    (3.25, "tom", 0.6),
    (3.5, "tom", 0.8),
)
_LOFI = ((0.0, "kick", 0.9), (1.0, "snare", 0.55), (1.75, "kick", 0.5), (2.5, "kick", 0.8), (3.0, "snare", 0.6))
_SWING = 0.12


def groove(rng: np.random.Generator, piece: Score, mood: Mood) -> Iterator[Hit]:
    """A beat to a mood: brushes when it is soft, big drums when it is grand, a plain beat otherwise; a last stroke."""
    grand = mood.loudness > _GRAND
    pattern = _WAR if grand else _BRUSHED if mood.loudness < _SOFT else _ROCK
    beats = round(piece.last_s / piece.beat_s)
    for bar in range(0, beats, 4):
        strokes = [
            *pattern,
            *(() if grand else [(0.5 * eighth, "hat", 0.5 + 0.3 * (eighth % 2 == 0)) for eighth in range(8)]),
        ]
        for beat, drum, loudness in strokes:
            if bar + beat < beats:
                yield _human(rng, (bar + beat) * piece.beat_s, drum, loudness)
    yield piece.last_s, "taiko" if grand else "kick", 1.0
    yield piece.last_s, "crash", 0.4 + 0.5 * mood.loudness


def lofi(rng: np.random.Generator, piece: Score) -> Iterator[Hit]:
    """A lazy beat: the second of every two eighths comes late."""
    beats = round(piece.last_s / piece.beat_s)
    for bar in range(0, beats, 4):
        hats = [
            (0.5 * eighth + (_SWING if eighth % 2 else 0.0), "hat", 0.35 + 0.25 * (eighth % 2 == 0))
            for eighth in range(8)
        ]
        for beat, drum, loudness in (*_LOFI, *hats):
            if bar + beat < beats:
                yield _human(rng, (bar + beat) * piece.beat_s, drum, loudness)
    yield piece.last_s, "kick", 0.7


def _human(rng: np.random.Generator, at_s: float, drum: str, loudness: float) -> Hit:
    """No two strokes are alike, and none is exactly on time but for the first."""
    return max(at_s + (rng.normal(0, 0.004) if at_s > 0 else 0.0), 0.0), drum, loudness * float(rng.uniform(0.85, 1.0))
