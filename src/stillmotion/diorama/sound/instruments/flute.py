"""A flute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, noise, wavetables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take
    from stillmotion.diorama.sound.score.notes import Note

_DARK = (1.0, 0.18, 0.07, 0.02, 0.01)
_BRIGHT = (1.0, 0.55, 0.32, 0.12, 0.07, 0.03, 0.02)
_BREATH = ((500, -14.0), (1200, -3.0), (2500, 0.0), (5000, -5.0), (9000, -14.0), (15000, -28.0))
_RELEASE_S = 0.09
_AIR = 0.006


def play(notes: Iterable[Note], take: Take) -> NDArray[np.float32]:
    """Few harmonics, a vibrato that is heard mostly as loudness, a chiff at the start and breath all along.

    Harmonics, breath and 5 Hz vibrato of loudness and timbre as in Fletcher and Rossing (1998, ch. 16). The breath is
    filtered by the same pipe, so it sounds round the note.
    """
    out = np.zeros((take.count, 2), np.float32)
    blown = np.zeros((take.count, 2), np.float32)
    times_s = np.arange(int(take.duration_s * wavetables.RATE_HZ) + 2) / wavetables.RATE_HZ
    air, pitch_hz = np.zeros(times_s.size), np.full(times_s.size, 700.0)
    for note in notes:
        tone = _tone(note, take)
        wavetables.add(out, tone, take.sample_rate)
        first = round(tone.onset_s * wavetables.RATE_HZ)
        kept = max(min(tone.level.size, times_s.size - first), 0)
        chiff = 1 + 1.5 * np.exp(-np.arange(kept) / wavetables.RATE_HZ / 0.03)
        air[first : first + kept] = np.maximum(air[first : first + kept], tone.level[:kept] * chiff)
        pitch_hz[first : first + kept] = note.hz
    breath = noise.shaped(take.rng, take.count, take.sample_rate, _BREATH).mean(axis=1, keepdims=True)
    blown += breath * np.float32(_AIR)
    centre = np.repeat(take.stretch(2 * pitch_hz, wavetables.RATE_HZ)[:, None], 2, axis=1)
    blown += filters.moving_band(blown, take.sample_rate, centre, 8.0) * np.float32(2.0)
    return np.asarray(out + blown * take.stretch(air, wavetables.RATE_HZ)[:, None] * 8, dtype=np.float32)


def _tone(note: Note, take: Take) -> wavetables.Tone:
    rng = take.rng
    t = wavetables.steps(note.length_s + _RELEASE_S)
    late = np.clip((t - note.length_s) / _RELEASE_S, 0, 1)
    level = np.minimum(t / 0.06, 1) ** 1.3 * (0.5 + 0.5 * np.cos(np.pi * late))
    swing = np.clip((t - 0.25) / 0.4, 0, 1) * np.sin(2 * np.pi * rng.uniform(4.8, 5.6) * t + rng.uniform(0, 6))
    wobble = 0.0012 * noise.wander(rng, t.size, wavetables.RATE_HZ, 4.0)
    settle = -0.006 * np.exp(-t / 0.04)
    return wavetables.Tone(
        onset_s=note.start_s,
        hz=note.hz * (1 + 0.0025 * swing + wobble + settle),
        level=0.13 * (0.3 + note.loudness) * level * (1 + 0.16 * swing),
        brightness=np.clip(0.35 + 0.4 * note.loudness + 0.3 * swing, 0, 1) * level,
        dark=wavetables.table(np.array(_DARK), 1.02 * note.hz, take.sample_rate),
        bright=wavetables.table(np.array(_BRIGHT), 1.02 * note.hz, take.sample_rate),
    )
