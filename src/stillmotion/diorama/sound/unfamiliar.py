"""Words of sound cues that change nothing, because nobody here knows them: told to people, never taken in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.diorama.sound import matter, palette
from stillmotion.diorama.sound.dsp import grounds
from stillmotion.diorama.sound.registry import control_names
from stillmotion.diorama.sound.score import keys, moods

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.diorama.shot.records import Shot, SoundCue

_MOST_NOTES = 8
_SHOWN = 40


def unfamiliar(shot: Shot) -> tuple[str, ...]:
    """Sentences on surfaces, moods and keys of heard cues that no sound or music answers to."""
    if shot.mix.silent:
        return ()
    notes = (note for cue in shot.sound if cue.performed and cue.sound in palette.VOICES for note in _of(cue))
    return tuple(dict.fromkeys(notes))[:_MOST_NOTES]


def _of(cue: SoundCue) -> Iterator[str]:
    voice = palette.VOICES[cue.sound]
    if voice.stem.value == "music":
        if cue.mood and cue.mood not in moods.MOODS:
            yield f'No music here is "{_shown(cue.mood)}"; it is calm. Choose one of {", ".join(sorted(moods.MOODS))}.'
        if cue.key and keys.parse(cue.key) is None:
            yield f'"{_shown(cue.key)}" is no key; the music chooses its own. Write it like "C" or "A minor".'
    if "surface" in control_names(voice.generator) and cue.surface and not _sounds(cue.surface):
        choices = ", ".join(sorted(grounds.GROUNDS))
        yield f'Nothing sounds like "{_shown(cue.surface)}" here: "{voice.caption}" is as usual. Choose of {choices}.'


def _sounds(surface: str) -> bool:
    """Whether some sound is another on such a surface."""
    return grounds.knows(surface) or matter.of_surface(surface) is not None


def _shown(words: str) -> str:
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 3]}..."
