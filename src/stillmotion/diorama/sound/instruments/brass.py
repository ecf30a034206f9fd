"""Brass: trumpets, horns and trombones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import noise, wavetables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take
    from stillmotion.diorama.sound.score.notes import Note

_RELEASE_S = 0.12
_BELL_HZ = 1100.0


def play(notes: Iterable[Note], take: Take, *, players: int = 2) -> NDArray[np.float32]:
    """Tones whose upper harmonics come after the lower ones and grow with loudness.

    The spectrum of brass depends on its level, and harmonics enter in order during the attack: Risset and Mathews
    (1969, "Analysis of musical-instrument tones"); Beauchamp (1975).
    """
    out = np.zeros((take.count, 2), np.float32)
    for note in notes:
        k = np.arange(1, 41)
        hz = k * note.hz
        # The bell throws out the middle best.
        bell = (hz / _BELL_HZ) / (1 + (hz / _BELL_HZ) ** 2) + 0.25
        dark, bright = (
            wavetables.table(bell * np.exp(-hz / fall_hz), 1.02 * note.hz, take.sample_rate)
            for fall_hz in (500.0, 2600.0)
        )
        for player in range(players):
            tone = _tone(note, take, (dark, bright), 0.5 * (player - (players - 1) / 2))
            wavetables.add(out, tone, take.sample_rate)
    return out / np.float32(players**0.5)


def _tone(
    note: Note, take: Take, tables: tuple[NDArray[np.float32], NDArray[np.float32]], pan: float
) -> wavetables.Tone:
    rng = take.rng
    t = wavetables.steps(note.length_s + _RELEASE_S)
    attack_s = 0.07 - 0.03 * note.loudness
    late = np.clip((t - note.length_s) / _RELEASE_S, 0, 1)
    # A marked start, then a level that holds.
    level = np.minimum(t / attack_s, 1) * (0.8 + 0.3 * np.exp(-t / 0.12)) * (0.5 + 0.5 * np.cos(np.pi * late))
    vibrato = 0.002 * np.clip((t - 0.4) / 0.4, 0, 1) * np.sin(2 * np.pi * rng.uniform(4.6, 5.4) * t)
    wobble = 0.001 * noise.wander(rng, t.size, wavetables.RATE_HZ, 5.0)
    return wavetables.Tone(
        onset_s=note.start_s + rng.uniform(0, 0.012),
        hz=note.hz * (1 + rng.normal(0, 0.0015) + vibrato + wobble - 0.012 * np.exp(-t / 0.025)),
        level=0.12 * (0.25 + note.loudness) * level,
        brightness=np.clip(level**1.6 * (0.25 + 0.75 * note.loudness), 0, 1),
        dark=tables[0],
        bright=tables[1],
        pan=pan,
    )
