"""What the engine can show and play today. Plans mark everything else as not yet performed."""

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

BEHAVIOURS: tuple[str, ...] = ()
"""Behaviours of the motion lexicon that `diorama.motion` performs."""

SPEECH = False
"""Whether lines of dialogue are spoken."""
