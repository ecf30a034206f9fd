"""What the engine can play today. Plans mark everything else as not yet performed; `motion.fit` judges movement."""

from __future__ import annotations

from stillmotion.diorama.shot import lexicon


def makes(sound: str) -> bool:
    """Whether a generator of `diorama.sound` makes a sound of the lexicon."""
    row = lexicon.sounds().get(sound)
    return row is not None and bool(row.get("made", True))
