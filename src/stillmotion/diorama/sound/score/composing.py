"""A short piece in a key, at a tempo, in a mood, that ends with a cadence when its time is over."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.score import keys
from stillmotion.diorama.sound.score.notes import Note, Score

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.diorama.sound.score.moods import Mood

_FINAL_S = 3.0
_FINAL_SHARE = 0.34
_DYING_S = 0.7
"""What is left for the hall when the final chord is let go."""
_CHORD_BEATS = 4
_LOW, _HIGH = 55, 74
_BASS_LOW = 36
_MELODY_LOW, _MELODY_HIGH = 67, 84
_RHYTHMS = ((2.0, 1.0, 1.0), (1.0, 1.0, 2.0), (1.5, 0.5, 2.0), (1.0, 1.0, 1.0, 1.0), (3.0, 1.0), (1.5, 0.5, 1.0, 1.0))
_FIGURES = ((0, 1, 2, 1), (0, 2, 1, 2), (0, 1, 2, 3), (0, 2, 3, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    """One chord of the progression."""

    start_s: float
    beats: float
    tones: tuple[int, ...]
    """Pitch classes, root first."""
    voices: tuple[int, ...]
    """The same, led from chord to chord."""


def compose(rng: np.random.Generator, duration_s: float, mood: Mood, *, key: str = "", tempo_bpm: float = 0.0) -> Score:
    """A piece of exactly that length.

    Chords follow the mood's progression and end V-I (or, in a loop without room, on the tonic); inner voices move as
    little as they can (Tymoczko 2011, "A geometry of music"); the melody takes chord tones on strong beats and steps
    between them, and answers each phrase with a variant of it.

    Args:
        rng: random numbers.
        duration_s: of the whole piece, the ring of the final chord included.
        mood: what it is like.
        key: "C", "A minor"; without one the mood's mode on some tonic.
        tempo_bpm: exact when given; otherwise the mood's, adapted so that the bars fill the time.
    """
    root, minor = keys.parse(key) or (int(rng.choice((0, 2, 5, 7, 9))), mood.minor)
    beat_s, beats = _grid(duration_s, mood, tempo_bpm)
    last_beats = max((duration_s - _DYING_S) / beat_s - beats, 0.5)
    bars = _bars(rng, (beats, last_beats), (root, minor), mood, beat_s)
    melody, broken = _melody(rng, bars, beat_s, (root, minor), mood), _broken(rng, bars, beat_s, mood, duration_s)
    return Score(
        beat_s=beat_s,
        root=root,
        minor=minor,
        melody=tuple(melody),
        chords=tuple(_held(bars, beat_s, mood)),
        broken=tuple(broken),
        bass=tuple(_bass(bars, beat_s, mood)),
        last_s=bars[-1].start_s,
    )


def _grid(duration_s: float, mood: Mood, tempo_bpm: float) -> tuple[float, int]:
    """Length of a beat and how many come before the final chord."""
    moving_s = duration_s - min(_FINAL_S, _FINAL_SHARE * duration_s)
    wanted_s = 60 / (tempo_bpm or mood.tempo_bpm)
    if tempo_bpm:
        return wanted_s, int(moving_s / wanted_s)
    half = _CHORD_BEATS // 2
    beats = max(round(moving_s / wanted_s / half), 1) * half
    # So short that not even half a bar fits: only the final chord.
    return (wanted_s, 0) if moving_s < 0.6 * half * wanted_s else (moving_s / beats, beats)


def _bars(
    rng: np.random.Generator, time: tuple[int, float], key: tuple[int, bool], mood: Mood, beat_s: float
) -> list[_Bar]:
    """Chords with their times; `time` is the beats before the final chord and those of it."""
    beats, last_beats = time
    progression = mood.progressions[rng.integers(len(mood.progressions))]
    lengths = [float(_CHORD_BEATS)] * (beats // _CHORD_BEATS) + (
        [float(beats % _CHORD_BEATS)] if beats % _CHORD_BEATS else []
    )
    degrees = [progression[index % len(progression)] for index in range(len(lengths))]
    if len(degrees) > 1:
        degrees[-1] = 4
    bars: list[_Bar] = []
    voices: tuple[int, ...] = ()
    at = 0.0
    for degree, length in zip([*degrees, 0], [*lengths, last_beats], strict=True):
        seventh = mood.seventh and len(bars) < len(lengths)
        tones = keys.chord(degree, key[0], minor=key[1], seventh=seventh)
        voices = _led(voices, tones)
        bars.append(_Bar(start_s=at * beat_s, beats=length, tones=tones, voices=voices))
        at += length
    return bars


def _led(before: tuple[int, ...], tones: tuple[int, ...]) -> tuple[int, ...]:
    """The voicing of a chord that moves least from the one before."""
    choices = [[pitch for pitch in range(_LOW, _HIGH) if pitch % 12 == tone] for tone in tones]
    best: tuple[int, ...] = ()
    least = np.inf
    for picked in product(*choices):
        voicing = tuple(sorted(picked))
        span = voicing[-1] - voicing[0]
        crowded = min(b - a for a, b in pairwise(voicing))
        moved = sum(abs(a - b) for a, b in zip(voicing, before, strict=False)) if before else abs(voicing[0] - 60)
        cost = moved + 0.3 * max(span - 12, 0) + (4 if crowded < 3 and len(tones) < 4 else 0)
        if cost < least:
            best, least = voicing, cost
    return best


def _held(bars: list[_Bar], beat_s: float, mood: Mood) -> Iterator[Note]:
    for bar in bars:
        for pitch in bar.voices:
            yield Note(start_s=bar.start_s, length_s=bar.beats * beat_s, pitch=pitch, loudness=0.8 * mood.loudness)


def _bass(bars: list[_Bar], beat_s: float, mood: Mood) -> Iterator[Note]:
    for bar in bars:
        pitch = _BASS_LOW + (bar.tones[0] - _BASS_LOW) % 12
        yield Note(start_s=bar.start_s, length_s=bar.beats * beat_s, pitch=pitch, loudness=mood.loudness)


def _broken(rng: np.random.Generator, bars: list[_Bar], beat_s: float, mood: Mood, duration_s: float) -> Iterator[Note]:
    """A figure that stays, over chords that move; the final chord is rolled."""
    figure = _FIGURES[rng.integers(len(_FIGURES))]
    for bar in bars[:-1]:
        ladder = (*bar.voices, bar.voices[0] + 12)
        for index in range(int(bar.beats * mood.density)):
            strong = 0.12 if index % mood.density == 0 else 0.0
            start_s = bar.start_s + index * beat_s / mood.density
            left_s = bar.start_s + bar.beats * beat_s - start_s
            yield Note(
                start_s=start_s + rng.uniform(0, 0.008),
                length_s=min(left_s, 2 * beat_s),
                pitch=ladder[figure[index % len(figure)]],
                loudness=mood.loudness * rng.uniform(0.62, 0.76) + strong,
            )
    last = bars[-1]
    for order, pitch in enumerate((*last.voices, last.voices[0] + 12)):
        start_s = min(last.start_s + 0.045 * order, duration_s)
        yield Note(start_s=start_s, length_s=last.beats * beat_s, pitch=pitch, loudness=0.7 * mood.loudness)


def _melody(
    rng: np.random.Generator, bars: list[_Bar], beat_s: float, key: tuple[int, bool], mood: Mood
) -> Iterator[Note]:
    """Question and answer: every second bar takes the rhythm of the one before."""
    low, high = _MELODY_LOW + mood.lift, _MELODY_HIGH + mood.lift
    steps = [pitch for pitch in range(low, high) if pitch % 12 in keys.scale(key[0], minor=key[1])]
    at = low + 7
    rhythm: tuple[float, ...] = _RHYTHMS[0]
    for order, bar in enumerate(bars[:-1]):
        if order % 2 == 0:
            rhythm = _RHYTHMS[rng.integers(len(_RHYTHMS))]
        beat = 0.0
        for place, length in enumerate(rhythm):
            if beat + length > bar.beats:
                break
            strong = beat % 2 == 0
            at = (
                _nearest(
                    [pitch for pitch in range(low, high) if pitch % 12 in bar.tones], at + int(rng.integers(-3, 4))
                )
                if strong
                else _step(rng, steps, at)
            )
            start_s = bar.start_s + beat * beat_s
            beat += length
            if rng.random() < mood.rests and not (place == 0 and order == 0):
                continue
            yield Note(
                start_s=start_s,
                length_s=length * beat_s * mood.held,
                pitch=at,
                loudness=mood.loudness * rng.uniform(0.9, 1.05) + (0.06 if strong else 0.0),
            )
    last = bars[-1]
    end = _nearest([pitch for pitch in range(low, high) if pitch % 12 in {last.tones[0], last.tones[1]}], at)
    yield Note(start_s=last.start_s, length_s=last.beats * beat_s, pitch=end, loudness=mood.loudness)


def _nearest(pitches: list[int], wanted: int) -> int:
    return min(pitches, key=lambda pitch: abs(pitch - wanted))


def _step(rng: np.random.Generator, steps: list[int], at: int) -> int:
    """One step of the scale up or down, back from the ends of the range."""
    here = steps.index(_nearest(steps, at))
    return steps[int(np.clip(here + rng.choice((-1, 1)), 1, len(steps) - 2))]
