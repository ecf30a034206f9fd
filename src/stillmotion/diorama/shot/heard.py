"""Which lines of a Shot are heard, decided once for picture, sound and captions; nothing is dropped silently."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from stillmotion.diorama import voice
from stillmotion.errors import AssetError
from stillmotion.progress import Stage, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.shot.records import DialogueLine, Shot
    from stillmotion.progress import Progress

MOST_LINES = 64
"""In one film."""
_CHARACTERS_PER_S = 32.0
"""At 1.25 times the usual pace nobody says so many: more need not be spoken to know that they do not fit."""
_AT_ONCE = 2.0
"""All lines together hold at most the text of so many voices that speak all the time."""
_LEAST_S = 0.1
"""Of a line must be heard for it to be worth speaking."""
_SHOWN = 60
_MOST_NOTES = 8


@dataclass(slots=True)
class _Told:
    """What is said to people, and how much may still be spoken."""

    characters: int
    notes: list[str] = field(default_factory=list)
    shortened: set[str] = field(default_factory=set)
    """Texts of which people know that they are not whole."""


def heard(shot: Shot, progress: Progress = ignore_progress) -> tuple[Shot, tuple[str, ...]]:
    """The Shot with its lines as they are heard, and sentences on those that are not.

    A line that is not heard is not performed; one that is has a start, an end inside the film, and as `said` no more
    than what there is time for. Lines of a planned Shot stay as they are.

    Args:
        shot: perhaps written by hand. Tracks that are muted are not spoken at all.
        progress: told when voices are fetched, and before each line: raising from it ends the work.
    """
    if shot.mix.silent or "dialogue" in shot.mix.muted:
        return replace(shot, dialogue=tuple(_unheard(line) for line in shot.dialogue)), ()
    told = _Told(characters=int(_AT_ONCE * _CHARACTERS_PER_S * shot.duration_s))
    lines = [_bounded(line, place, float(shot.duration_s), told) for place, line in enumerate(shot.dialogue)]
    if not any(line.performed for line in lines):
        return replace(shot, dialogue=tuple(lines)), _few(told.notes)
    try:
        voice.ready(progress)
        lines = [_timed(line, float(shot.duration_s), progress, told) for line in lines]
    except AssetError as error:
        lines = [_unheard(line) for line in lines]
        told.notes.append(f"Nothing is spoken, because the voices are not here ({error}).")
    told.notes.extend(_at_once(lines))
    return replace(shot, dialogue=tuple(lines)), _few(told.notes)


def _few(notes: Sequence[str]) -> tuple[str, ...]:
    """As many as people read; of the others how many there are."""
    if len(notes) <= _MOST_NOTES:
        return tuple(notes)
    return (*notes[:_MOST_NOTES], f"{len(notes) - _MOST_NOTES} more remarks on lines are of the same kind.")


def _unheard(line: DialogueLine) -> DialogueLine:
    return replace(line, performed=False) if line.performed else line


def _bounded(line: DialogueLine, place: int, total_s: float, told: _Told) -> DialogueLine:
    """The line with no more text than the time to the film's end can hold; unheard when that is nothing."""
    if not line.performed:
        return line
    start_s = line.start_s or 0.0
    text = line.said or line.text
    reason = voice.refusal(text)
    if place >= MOST_LINES:
        reason = f"a film holds {MOST_LINES} lines at most"
    elif total_s - start_s < _LEAST_S:
        reason = "the film is over before it could begin"
    room = min(int(_CHARACTERS_PER_S * (total_s - start_s)), told.characters)
    said = text if len(text) <= room else _whole_words(text, room)
    if not reason and voice.refusal(said):
        reason = "so many words at once do not fit the film"
    if reason:
        told.notes.append(f'The line "{_shown(text)}" is not heard: {reason}.')
        return _unheard(line)
    told.characters -= len(said)
    if said == text:
        return line
    told.shortened.add(said)
    told.notes.append(f'The line "{_shown(text)}" is longer than the film; it ends with "{_last(said)}".')
    return replace(line, said=said)


def _whole_words(text: str, room: int) -> str:
    """The start of a text, without the word that it would be cut in."""
    cut = text[: room + 1]
    return cut.rsplit(maxsplit=1)[0].rstrip(",;:") if len(cut.split()) > 1 and not cut[-1:].isspace() else cut[:room]


def _timed(line: DialogueLine, total_s: float, progress: Progress, told: _Told) -> DialogueLine:
    """The line with the times at which it is heard; speaking it tells how long it is."""
    if not line.performed:
        return line
    progress(Stage.SOUND, 0.0)
    start_s = line.start_s or 0.0
    text = line.said or line.text
    name = line.voice or voice.choose(line.speaker, line.manner)
    end_s = start_s + voice.speak(text, voice=name, speed=line.speed, manner=line.manner).duration_s
    if end_s > total_s + _LEAST_S and text not in told.shortened:
        told.notes.append(f'The film ends before "{_shown(text)}" is said to its end.')
    return replace(line, voice=name, start_s=start_s, end_s=round(min(end_s, total_s), 3))


def _at_once(lines: Sequence[DialogueLine]) -> list[str]:
    """A mouth that says two lines at the same time."""
    seen = [line for line in lines if line.performed and line.layer is not None and not line.off_screen]
    seen.sort(key=lambda line: (line.layer or "", line.start_s or 0.0))
    return [
        f'"{_shown(later.said or later.text)}" begins while the same mouth still says "{_shown(one.said or one.text)}".'
        for one, later in pairwise(seen)
        if one.layer == later.layer and (later.start_s or 0.0) < (one.end_s or 0.0) - _LEAST_S
    ]


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 3] + "..."


def _last(text: str) -> str:
    """The last words of a text."""
    return " ".join(text.split()[-4:])[-_SHOWN:]
