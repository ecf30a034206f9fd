"""Music: a short piece, composed for the shot and played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, rooms
from stillmotion.diorama.sound.instruments import bowed, brass, flute, guitar, kit, music_box, piano
from stillmotion.diorama.sound.score import composing, grooves, moods

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take
    from stillmotion.diorama.sound.score.moods import Mood
    from stillmotion.diorama.sound.score.notes import Note, Score

_HALL_S, _WET = 1.7, 0.07
_OUT_S = 1.4
_LOFI_TOP_HZ = 3400.0
_LOFI_BPM = 78.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Music:
    """Controls of the music."""

    instrument: str = ""
    """"" a small ensemble; "piano", "strings", "flute", "guitar", "brass", "music_box", "drums", "lofi"."""
    mood: str = ""
    """"calm", "tense", "sad", "happy", "epic", "mysterious", "romantic", "playful"."""
    key: str = ""
    """"C", "A minor"; "" is some key of the mood's mode."""
    tempo_bpm: float = 0.0
    """Beats a minute, exactly; 0 is the mood's, fitted to the time."""


def signal(controls: Music, take: Take) -> NDArray[np.float32]:
    """Compose, play, and put it into a hall; the final chord comes in time to die away with the shot.

    The piece: `score.composing`. The players: `instruments`.
    """
    mood = moods.mood(controls.mood)
    play = _BANDS.get(controls.instrument, _ensemble)
    tempo_bpm = controls.tempo_bpm or (_LOFI_BPM if play is _lofi else 0.0)
    piece = composing.compose(take.rng, take.duration_s, mood, key=controls.key, tempo_bpm=tempo_bpm)
    dry = play(piece, mood, take)
    wet = rooms.reverberate(dry, take.sample_rate, take.rng, decay_s=_HALL_S, wet=_WET)
    out_s = min(_OUT_S, 0.25 * take.duration_s)
    clean = filters.high(wet, take.sample_rate, 28.0)
    return level.to_reference(level.fade(clean, take.sample_rate, in_s=0.002, out_s=out_s), take.sample_rate)


def _moved(notes: Iterable[Note], semitones: int, gain: float = 1.0) -> list[Note]:
    return [
        type(note)(
            start_s=note.start_s,
            length_s=note.length_s,
            pitch=note.pitch + semitones,
            loudness=min(note.loudness * gain, 1.0),
        )
        for note in notes
    ]


def _piano(piece: Score, mood: Mood, take: Take) -> NDArray[np.float32]:
    del mood
    return piano.play([*piece.bass, *piece.broken, *_moved(piece.melody, 0, 1.2)], take)


def _strings(piece: Score, mood: Mood, take: Take) -> NDArray[np.float32]:
    slow = bowed.play([*piece.bass, *piece.chords], take, attack_s=0.12 + 0.25 * (1 - mood.loudness))
    return slow + np.float32(1.3) * bowed.play(_moved(piece.melody, 0, 1.1), take, attack_s=0.12)


def _flute(piece: Score, mood: Mood, take: Take) -> NDArray[np.float32]:
    del mood
    soft = bowed.play(_moved(piece.chords, 0, 0.5), take, attack_s=0.5, players=2)
    return np.float32(0.14) * soft + flute.play(_moved(piece.melody, 5 if piece.root < 5 else 0), take)


def _guitar(piece: Score, mood: Mood, take: Take) -> NDArray[np.float32]:
    del mood
    return guitar.play([*_moved(piece.bass, 4 if piece.root < 4 else 0), *piece.broken, *piece.melody], take)


def _brass(piece: Score, mood: Mood, take: Take) -> NDArray[np.float32]:
    loud = 0.6 + 0.5 * mood.loudness
    low = brass.play([*_moved(piece.bass, 0, loud), *_moved(piece.chords, 0, 0.7 * loud)], take)
    return low + np.float32(1.2) * brass.play(_moved(piece.melody, 0, 1.3), take)


def _music_box(piece: Score, mood: Mood, take: Take) -> NDArray[np.float32]:
    del mood
    return music_box.play([*_moved(piece.broken, 12, 0.5), *_moved(piece.melody, 12)], take)


def _drums(piece: Score, mood: Mood, take: Take) -> NDArray[np.float32]:
    return kit.play(grooves.groove(take.rng, piece, mood), take)


def _lofi(piece: Score, mood: Mood, take: Take) -> NDArray[np.float32]:
    tines = piano.play([*piece.chords, *_moved(piece.melody, -12, 0.8)], take, electric=True)
    low = piano.play(_moved(piece.bass, 0, 1.2), take, electric=True)
    beat = kit.play(grooves.lofi(take.rng, piece), take)
    del mood
    return filters.low(tines + low + np.float32(0.5) * beat, take.sample_rate, _LOFI_TOP_HZ)


def _ensemble(piece: Score, mood: Mood, take: Take) -> NDArray[np.float32]:
    """Strings sing over a piano; brass and drums when it is grand."""
    keys = piano.play([*piece.bass, *piece.broken, *_moved(piece.melody, 0, 0.5)], take)
    pad = bowed.play(_moved(piece.chords, 0, 0.6), take, attack_s=0.4, players=2)
    lead = bowed.play(_moved(piece.melody, 0, 1.1), take, attack_s=0.12, players=3)
    out: NDArray[np.float32] = keys + np.float32(1.2) * pad + np.float32(0.9) * lead
    if mood.loudness > 0.8:
        out += np.float32(0.5) * brass.play(_moved(piece.melody, -12), take)
        out += np.float32(0.5) * kit.play(grooves.groove(take.rng, piece, mood), take)
    return out


_BANDS: dict[str, Callable[[Score, Mood, Take], NDArray[np.float32]]] = {
    "piano": _piano,
    "strings": _strings,
    "flute": _flute,
    "guitar": _guitar,
    "brass": _brass,
    "music_box": _music_box,
    "drums": _drums,
    "lofi": _lofi,
}
