"""A plucked guitar with steel or nylon strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import signal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take
    from stillmotion.diorama.sound.score.notes import Note

_PLUCK = 0.12
"""Where the string is plucked, as a share of its length."""
_BODY = ((102.0, 9.0, 1.6), (204.0, 10.0, 1.6), (390.0, 12.0, 0.9))
"""Resonances of air and top: hertz, Q, gain."""
_RING_S = 5.0
_BLUNT, _SOFT = 0.4, 0.15
"""How much a finger takes off the highs: always, and more for a soft note."""
_FALL_S, _OCTAVES = 6.5, 28.0
"""Time in which the E of the middle falls by 60 dB, and semitones upwards that halve it."""
_HAND_S = 0.12


def play(notes: Iterable[Note], take: Take) -> NDArray[np.float32]:
    """Noise in a loop: a delay as long as the period whose losses grow with frequency.

    The plucked-string algorithm of Karplus and Strong (1983) with the extensions of Jaffe and Smith (1983): fractional
    tuning by an all-pass, pluck position by a comb, loudness by a low-pass on the burst.
    """
    out = np.zeros((take.count, 2), np.float32)
    for note in notes:
        string = _string(note, take)
        angle = (np.clip((note.pitch - 58) / 50, -0.3, 0.3) + 1) * np.pi / 4
        first = round(note.start_s * take.sample_rate)
        kept = string[: max(take.count - first, 0)]
        out[first : first + kept.size, 0] += kept * np.float32(np.cos(angle))
        out[first : first + kept.size, 1] += kept * np.float32(np.sin(angle))
    body = out.copy()
    for hz, q, gain in _BODY:
        b, a = signal.iirpeak(hz, q, fs=take.sample_rate)
        body += np.float32(gain) * signal.lfilter(b, a, out, axis=0).astype(np.float32)
    return body


def _string(note: Note, take: Take) -> NDArray[np.float32]:
    rate = take.sample_rate
    period = rate / note.hz
    # The loop's low-pass delays by half a sample.
    whole = int(period - 0.6)
    part = period - 0.5 - whole
    tune = (1 - part) / (1 + part)
    burst = take.rng.uniform(-1, 1, whole)
    smooth = _BLUNT + _SOFT * (1 - note.loudness)
    burst = signal.lfilter([1 - smooth], [1, -smooth], np.concatenate([burst, burst]))[whole:]
    comb = max(int(_PLUCK * whole), 1)
    burst = burst - np.roll(burst, comb)
    burst -= burst.mean()
    burst *= 0.16 * (0.25 + note.loudness) / (np.sqrt(np.mean(burst**2)) + 1e-9)
    hold_s = min(note.length_s + 0.05, _RING_S)
    count = round((hold_s + 4 * _HAND_S) * rate)
    fall_s = _FALL_S * 2 ** ((52 - note.pitch) / _OCTAVES)
    loss = float(10 ** (-3 / (fall_s * note.hz)))
    out = _loop(burst, count, loss, float(tune))
    late = np.maximum(np.arange(count) / rate - hold_s, 0)
    return np.asarray(out * np.exp(-late / _HAND_S * 2), dtype=np.float32)


@njit(cache=True, nogil=True)
def _loop(burst: NDArray[np.float64], count: int, loss: float, tune: float) -> NDArray[np.float64]:
    line = burst.copy()
    out = np.empty(count)
    size = line.size
    place = 0
    before = 0.0
    delayed = 0.0
    passed = 0.0
    for n in range(count):
        now = line[place]
        out[n] = now
        mean = loss * 0.5 * (now + before)
        before = now
        passed = tune * mean + delayed - tune * passed
        delayed = mean
        line[place] = passed
        place += 1
        if place == size:
            place = 0
    return out
