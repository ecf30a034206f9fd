"""Keys and their scales and chords."""

from __future__ import annotations

import re

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)
_LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
_SIGNS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}
_KEY = re.compile(r"\s*([a-h])\s*(#|♯|b|♭|sharp|flat)?\s*-?\s*(major|minor|maj|min|moll|dur|m)?\s*", re.IGNORECASE)


def parse(key: str) -> tuple[int, bool] | None:
    """Pitch class of the tonic (0 = C) and whether it is minor; None for what names no key.

    "C" is C major, "A minor", "Am", "F# minor", "B flat major" are understood.
    """
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    letter, sign, mode = match.groups()
    root = (_LETTERS[letter.lower()] + _SIGNS.get((sign or "").lower(), 0)) % 12
    # "m" is minor and "M" major.
    minor = (mode or "").lower() in {"minor", "min", "moll"} or mode == "m"
    return root, minor


def scale(root: int, *, minor: bool) -> tuple[int, ...]:
    """Pitch classes of the scale, from the tonic upwards."""
    return tuple((root + step) % 12 for step in (MINOR if minor else MAJOR))


def chord(degree: int, root: int, *, minor: bool, seventh: bool = False) -> tuple[int, ...]:
    """Pitch classes of the chord on a degree (0 is the tonic), root first.

    The fifth degree of a minor key has the raised leading note, as dominants do.
    """
    steps = scale(root, minor=minor)
    tones = [steps[(degree + third) % 7] for third in ((0, 2, 4, 6) if seventh else (0, 2, 4))]
    if minor and degree % 7 == 4:
        tones[1] = (tones[1] + 1) % 12
    return tuple(tones)
