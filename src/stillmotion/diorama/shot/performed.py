"""What the engine can play today. Plans mark everything else as not yet performed; `motion.fit` judges movement."""

from __future__ import annotations

SOUNDS: tuple[str, ...] = (
    "room_tone",
    "wind",
    "lake",
    "waves",
    "stream",
    "leaves",
    "birds",
    "rain",
    "crickets",
    "crowd",
    "traffic",
    "hum",
    "fire",
    "thunder_distant",
    "drone",
)
"""Names of the generators in `diorama.sound`."""

SPEECH = False
"""Whether lines of dialogue are spoken."""
