"""Bowed strings: a section of several players a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import noise, wavetables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take
    from stillmotion.diorama.sound.score.notes import Note

_BODY_HZ = ((280.0, 0.9, 0.25), (460.0, 1.0, 0.2), (700.0, 0.5, 0.3), (1100.0, 0.6, 0.3), (2600.0, 1.1, 0.5))
"""Centre, strength, width in octaves: air and wood resonances, and the bridge hill."""
_WOOD = 0.163
_DARK_HZ, _BRIGHT_HZ = 3700.0, 4400.0
_VIBRATO = 0.0017
_PLAYERS = 3
_RELEASE_S = 0.28


def play(notes: Sequence[Note], take: Take, *, attack_s: float = 0.22, players: int = _PLAYERS) -> NDArray[np.float32]:
    """Helmholtz motion through a wooden body, several players slightly apart, each with a vibrato of its own.

    A bowed string moves as a saw-tooth (harmonics as 1 / k); resonances of the body and vibrato of 5 to 6 Hz as in
    Fletcher and Rossing (1998, "The physics of musical instruments", ch. 10).
    """
    out = np.zeros((take.count, 2), np.float32)
    for note in notes:
        dark, bright = _tables(note, take)
        for player in range(players):
            spot = (player / max(players - 1, 1) - 0.5) * 1.1 + (note.pitch - 62) / 60
            wavetables.add(out, _tone(note, take, (dark, bright), spot, attack_s), take.sample_rate)
    return out / np.float32(players**0.5)


def _tables(note: Note, take: Take) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    k = np.arange(1, 61)
    hz = k * note.hz
    body = 0.35 + _WOOD * sum(gain * np.exp(-0.5 * (np.log2(hz / at) / wide) ** 2) for at, gain, wide in _BODY_HZ)
    dark, bright = (
        wavetables.table(body / k**1.28 / (1 + (hz / corner) ** 2), 1.02 * note.hz, take.sample_rate)
        for corner in (_DARK_HZ, _BRIGHT_HZ)
    )
    return dark, bright


def _tone(
    note: Note, take: Take, tables: tuple[NDArray[np.float32], NDArray[np.float32]], pan: float, attack_s: float
) -> wavetables.Tone:
    rng = take.rng
    t = wavetables.steps(note.length_s + _RELEASE_S)
    attack = min(attack_s, 0.5 * note.length_s)
    late = np.clip((t - note.length_s) / _RELEASE_S, 0, 1)
    level = np.sin(0.5 * np.pi * np.minimum(t / attack, 1)) ** 2 * (0.5 + 0.5 * np.cos(np.pi * late))
    swell = 0.85 + 0.15 * np.sin(np.pi * np.clip(t / note.length_s, 0, 1))
    vibrato = (
        _VIBRATO * np.clip((t - 0.15) / 0.5, 0, 1) * np.sin(2 * np.pi * rng.uniform(5.0, 6.2) * t + rng.uniform(0, 6))
    )
    drift = 0.0012 * noise.wander(rng, t.size, wavetables.RATE_HZ, 2.0)
    unrest = 1 + 0.25 * noise.wander(rng, t.size, wavetables.RATE_HZ, 12.0)
    return wavetables.Tone(
        onset_s=note.start_s + rng.uniform(0, 0.02),
        hz=note.hz * (1 + rng.normal(0, 0.0017) + vibrato + drift),
        level=0.10 * (0.25 + note.loudness) * level * swell * unrest,
        brightness=np.clip(note.loudness * swell * level + 0.1 * vibrato / _VIBRATO, 0, 1),
        dark=tables[0],
        bright=tables[1],
        pan=float(np.clip(pan, -0.8, 0.8)),
    )
