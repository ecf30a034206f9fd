"""People talking at a distance: a murmur without words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import ndimage
from scipy import signal as dsp

from stillmotion.diorama.sound.dsp import filters, level, noise, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_VOICE_RATE = 16_000
_RATE_HZ = 100.0
_VOWELS_HZ = np.array(
    [
        [730, 1090, 2440],
        [270, 2290, 3010],
        [300, 870, 2240],
        [530, 1840, 2480],
        [570, 840, 2410],
        [490, 1350, 1690],
        [660, 1720, 2410],
    ],
    dtype=np.float64,
)
"""First three formants of seven vowels (Peterson and Barney 1952, "Control methods used in a study of the vowels")."""
_ROOM = ((120, -4.0), (300, 0.0), (800, -4.0), (2500, -14.0), (6000, -28.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Controls of a crowd."""

    count: int = 22
    excitement: float = 0.3
    """0 a library, 1 a market."""


def signal(controls: Crowd, take: Take) -> NDArray[np.float32]:
    """Voices of pulses through vowel formants that change three to six times a second, with pauses, in one room.

    The pulses waver by some percent: many steady voices would sound like an organ.
    """
    count = int(np.ceil(take.duration_s * _VOICE_RATE)) + 8
    voices = np.zeros((count, 2), dtype=np.float32)
    for _ in range(max(1, round(controls.count))):
        angle = (take.rng.uniform(-0.95, 0.95) + 1) * np.pi / 4
        sides = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32) * np.float32(take.rng.uniform(0.25, 1.0))
        voices += _voice(controls, take, count)[:, None] * sides
    full = dsp.resample_poly(voices, take.sample_rate, _VOICE_RATE, axis=0)[: take.count]
    full = rooms.reverberate(full.astype(np.float32), take.sample_rate, take.rng, decay_s=0.8, wet=0.15)
    full /= np.float32(np.sqrt(np.mean(full**2)) + 1e-9)
    full += noise.shaped(take.rng, take.count, take.sample_rate, _ROOM) * np.float32(0.08)
    return level.to_reference(full, take.sample_rate)


def _voice(controls: Crowd, take: Take, count: int) -> NDArray[np.float32]:
    rng = take.rng
    f0_hz = rng.choice([115.0, 205.0]) * rng.uniform(0.85, 1.2) * (1 + 0.25 * controls.excitement)
    tract = 1.0 if f0_hz < 160 else 1.15  # a shorter tract raises the formants
    talk = _talk(int(take.duration_s * _RATE_HZ) + 4, rng)
    out = np.zeros(count, dtype=np.float32)
    hiss = np.zeros(count, dtype=np.float32)
    noise_source = rng.standard_normal(count, dtype=np.float32)
    talk[1] *= f0_hz
    talk[3:] *= tract
    _speak(talk, noise_source, _RATE_HZ / _VOICE_RATE, float(_VOICE_RATE), out, hiss)
    sibilants = filters.band(hiss, _VOICE_RATE, 3000, 7000) * np.float32(0.03)
    return out / np.float32(np.abs(out).max() + 1e-9) + sibilants


def _talk(steps: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Phrases of 4 to 13 syllables, then a breath. Rows: loudness, relative pitch, consonants, three formants."""
    rows = np.zeros((6, steps))
    rows[1], rows[3:] = 1.0, _VOWELS_HZ[0][:, None]
    at = -int(rng.uniform(0, 200))
    while at < steps:
        phrase = int(rng.integers(4, 14))
        for k in range(phrase):
            length = int(rng.uniform(12, 28))
            span = slice(max(at, 0), max(min(at + length, steps), 0))
            u = (np.arange(span.start, span.stop) - at) / length
            rows[:, span] = _syllable(u, k / phrase, rng)
            at += length
        at += int(rng.gamma(2.0, 25))
    rows[3:] = ndimage.uniform_filter1d(ndimage.uniform_filter1d(rows[3:], 5, axis=1), 5, axis=1)
    rows[1] = ndimage.uniform_filter1d(rows[1], 3) * (1 + 0.035 * rng.standard_normal(steps))
    return rows


def _syllable(u: NDArray[np.float64], through: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The rows of one syllable over its time 0..1; `through` is how far the phrase has come: pitch declines."""
    voiced = np.sin(np.pi * np.clip((u - 0.15) / 0.85, 0, 1)).clip(0) ** 0.6 * rng.uniform(0.35, 1.0)
    consonant = np.where(u < 0.22, rng.choice([0.0, 0.0, 0.6, 1.2]), 0.03)
    glide = 1 + 0.5 * rng.normal() * (u - 0.5)
    accent = 1 + 0.08 * rng.uniform(0.2, 1.5) * np.sin(np.pi * u)
    pitch = ((1.2 - 0.35 * through) * glide * accent * rng.uniform(0.92, 1.08)).clip(0.5, 2.2)
    formants = np.outer(_VOWELS_HZ[rng.integers(len(_VOWELS_HZ))] * rng.uniform(0.92, 1.08), np.ones(u.size))
    return np.vstack([voiced, pitch, consonant, formants])


@njit(cache=True, nogil=True)
def _speak(  # noqa: PLR0917  # a compiled loop takes its arrays by position
    talk: NDArray[np.float64],
    noise_source: NDArray[np.float32],
    step: float,
    rate: float,
    out: NDArray[np.float32],
    hiss: NDArray[np.float32],
) -> None:
    """Rounded pulses and breath through three parallel two-pole resonators (Klatt 1980); consonants into `hiss`."""
    state = np.zeros((3, 2))
    a1, a2, b0 = np.zeros(3), np.zeros(3), np.zeros(3)
    share = (0.8, -1.4, 1.0)
    now = np.zeros(6)
    phase = last = 0.0
    for n in range(out.size):
        if n & 15 == 0:
            k = int(n * step)
            part = n * step - k
            for row in range(6):
                now[row] = talk[row, k] + (talk[row, k + 1] - talk[row, k]) * part
            for f in range(3):
                r = np.exp(-np.pi * (70.0 + 40.0 * f) / rate)
                a1[f] = 2.0 * r * np.cos(2.0 * np.pi * now[3 + f] / rate)
                a2[f] = -r * r
                b0[f] = (1.0 - r) * share[f]
        phase += now[1] / rate
        if phase >= 1.0:
            phase -= 1.0
        # A glottal pulse: rises for 40 % of the period, closes quickly, stays shut.
        flow = 0.0
        if phase < 0.4:
            flow = 0.5 - 0.5 * np.cos(np.pi * phase / 0.4)
        elif phase < 0.56:
            flow = np.cos(np.pi * 0.5 * (phase - 0.4) / 0.16)
        source = ((flow - last) * 6.0 + noise_source[n] * (0.075 + 0.075 * now[2])) * now[0]
        last = flow
        hiss[n] = noise_source[n] * now[2]
        total = 0.0
        for f in range(3):
            y = b0[f] * source + a1[f] * state[f, 0] + a2[f] * state[f, 1]
            state[f, 1] = state[f, 0]
            state[f, 0] = y
            total += y
        out[n] = total
