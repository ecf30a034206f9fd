"""People talking at a distance: a murmur without words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import signal as dsp

from stillmotion.diorama.sound.dsp import level, noise, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_VOICE_RATE = 16_000
_RATE_HZ = 100.0
_VOWELS_HZ = np.array(
    [[730, 1090, 2440], [270, 2290, 3010], [300, 870, 2240], [530, 1840, 2480], [570, 840, 2410], [490, 1350, 1690], [660, 1720, 2410]],
    dtype=np.float64,
)
"""First three formants of seven vowels (Peterson and Barney 1952, "Control methods used in a study of the vowels")."""
_ROOM = ((120, -4.0), (300, 0.0), (800, -4.0), (2500, -14.0), (6000, -28.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Controls of a crowd."""

    voices: int = 22
    excitement: float = 0.3
    """0 a library, 1 a market."""


def signal(controls: Crowd, take: Take) -> NDArray[np.float32]:
    """Voices of pulses through vowel formants that change three to six times a second, with pauses, in one room."""
    count = int(np.ceil(take.duration_s * _VOICE_RATE)) + 8
    mix = np.zeros((count, 2), dtype=np.float32)
    for _ in range(max(1, round(controls.voices))):
        angle = (take.rng.uniform(-0.95, 0.95) + 1) * np.pi / 4
        gain = take.rng.uniform(0.25, 1.0)
        mix += gain * _voice(controls, take, count)[:, None] * np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
    factor = take.sample_rate // _VOICE_RATE if take.sample_rate % _VOICE_RATE == 0 else take.sample_rate / _VOICE_RATE
    full = dsp.resample_poly(mix, take.sample_rate, _VOICE_RATE, axis=0) if factor != 1 else mix
    full = np.ascontiguousarray(full[: take.count], dtype=np.float32)
    full = rooms.reverberate(full, take.sample_rate, take.rng, decay_s=1.1, wet=1.2)
    full /= np.float32(np.sqrt(np.mean(full**2)) + 1e-9)
    full += noise.shaped(take.rng, take.count, take.sample_rate, _ROOM) * np.float32(0.12)
    return level.to_reference(full, take.sample_rate)


def _voice(controls: Crowd, take: Take, count: int) -> NDArray[np.float32]:
    rng = take.rng
    f0_hz = rng.choice([115.0, 205.0]) * rng.uniform(0.85, 1.2) * (1 + 0.25 * controls.excitement)
    tract = 1.0 if f0_hz < 160 else 1.15  # noqa: PLR2004  # a shorter tract raises the formants
    steps = int(take.duration_s * _RATE_HZ) + 4
    loud, pitch, breath, formants = _syllables(steps, rng)
    position = np.arange(count) * (_RATE_HZ / _VOICE_RATE)
    grid = np.arange(steps)
    gain = np.interp(position, grid, loud)
    hz = np.interp(position, grid, pitch) * f0_hz
    hiss = rng.standard_normal(count) * np.interp(position, grid, breath)
    tracks = np.stack([np.interp(position, grid, formants[:, k] * tract) for k in range(3)])
    out = np.zeros(count, dtype=np.float32)
    _speak(hz, gain, hiss, tracks, float(_VOICE_RATE), out)
    return out


def _syllables(
    steps: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Loudness, relative pitch, breath noise and formants on the slow grid."""
    loud, pitch, breath = np.zeros(steps), np.ones(steps), np.zeros(steps)
    formants = np.tile(_VOWELS_HZ[0], (steps, 1))
    at = -int(rng.uniform(0, 200))
    while at < steps:
        phrase = int(rng.integers(4, 14))
        for k in range(phrase):
            length = int(rng.uniform(14, 30))
            span = np.arange(max(at, 0), min(at + length, steps))
            u = (span - at) / length
            loud[span] = np.sin(np.pi * np.clip(u * 1.1, 0, 1)) ** 0.8 * rng.uniform(0.45, 1.0)
            breath[span] = np.where(u < 0.2, rng.choice([0.0, 0.5]), 0.02)  # noqa: PLR2004  # the consonant
            pitch[span] = (1.18 - 0.3 * k / phrase) * (1 + 0.06 * np.sin(np.pi * u)) * rng.uniform(0.93, 1.07)
            formants[span] = _VOWELS_HZ[rng.integers(len(_VOWELS_HZ))]
            at += length
        at += int(rng.gamma(2.0, 35))
    kernel = np.hanning(9) / np.hanning(9).sum()
    for k in range(3):
        formants[:, k] = np.convolve(np.pad(formants[:, k], 4, mode="edge"), kernel, mode="valid")
    return loud, pitch, breath, formants


@njit(cache=True, nogil=True, fastmath=True)  # type: ignore[untyped-decorator]
def _speak(hz, gain, hiss, formants, rate, out):  # type: ignore[no-untyped-def]
    """Rounded pulses and breath through three parallel two-pole resonators (Klatt 1980)."""
    state = np.zeros((3, 2))
    a1 = np.zeros(3)
    b0 = np.zeros(3)
    level_of = (1.0, 0.55, 0.25)
    phase = 0.0
    last = 0.0
    for n in range(out.size):
        phase += hz[n] / rate
        if phase >= 1.0:
            phase -= 1.0
        # A glottal pulse: rises for 40 % of the period, closes quickly, stays shut.
        flow = 0.0
        if phase < 0.4:
            flow = 0.5 - 0.5 * np.cos(np.pi * phase / 0.4)
        elif phase < 0.56:
            flow = np.cos(np.pi * 0.5 * (phase - 0.4) / 0.16)
        source = ((flow - last) * 6.0 + 0.25 * hiss[n]) * gain[n]
        last = flow
        total = 0.0
        for k in range(3):
            if n & 31 == 0:
                r = np.exp(-np.pi * (70.0 + 40.0 * k) / rate)
                a1[k] = 2.0 * r * np.cos(2.0 * np.pi * formants[k, n] / rate)
                b0[k] = (1.0 - r) * level_of[k]
            r2 = np.exp(-2.0 * np.pi * (70.0 + 40.0 * k) / rate)
            y = b0[k] * source + a1[k] * state[k, 0] - r2 * state[k, 1]
            state[k, 1] = state[k, 0]
            state[k, 0] = y
            total += y if k != 1 else -y
        out[n] = total
