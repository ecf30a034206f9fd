"""Words that say how something sounds: on what, how quickly, in which key, mood and tempo, with which echo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon, slots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.shot.words import Token

_KEY = re.compile(r"\b(?:in|key of) ([a-g])(?: ?(flat|sharp|b|#))?(?: (major|minor))?\b")
_TEMPO = re.compile(r"\b(\d{2,3}) ?(?:bpm|beats (?:per|a) minute)\b")
_TEMPI_BPM = (20.0, 300.0)
_MODES = ("major", "minor")


def surface(tokens: Sequence[Token]) -> str:
    """What it happens on or is made of, as the generators call it: "wood", "gravel"; empty when nothing says."""
    return slots.value("surface", tokens) or ""


def mood(tokens: Sequence[Token]) -> str:
    """Of music: "calm", "tense"; empty when nothing says."""
    return slots.value("mood", tokens) or ""


def pace(tokens: Sequence[Token]) -> float:
    """How quickly; 1 when nothing says. "Soft" and "gentle" are about loudness here."""
    quiet = {token for match in lexicon.slot_book("level_db").find(tokens) for token in range(match.start, match.end)}
    found = [match for match in lexicon.slot_book("speed").find(tokens) if match.start not in quiet]
    return float(found[0].entry.name) if found else 1.0


def key(tokens: Sequence[Token]) -> str:
    """Of music: "C", "F# minor"; empty when nothing says. A bare "in a" is an article."""
    for match in _KEY.finditer(slots.joined(tokens)):
        note, sign, mode = match.groups()
        if note == "a" and not (sign or mode):
            continue
        if sign or mode or "key of" in match.group(0):
            shift = {"flat": "b", "b": "b", "sharp": "#", "#": "#"}.get(sign or "", "")
            return note.upper() + shift + (" minor" if mode == _MODES[1] else "")
    return ""


def tempo_bpm(tokens: Sequence[Token]) -> float | None:
    """Beats per minute, when the words give them."""
    match = _TEMPO.search(slots.joined(tokens))
    low, high = _TEMPI_BPM
    return None if match is None else min(max(float(match.group(1)), low), high)


def echo(tokens: Sequence[Token]) -> float:
    """How much it echoes: 0 as the place is, 1 a cave."""
    if not any(match.entry.name == "echo" for match in lexicon.sound_book().find(tokens)):
        return 0.0
    return 1.0 if {"cave", "cathedral", "canyon", "tunnel"} & {token.key for token in tokens} else 0.6
