"""What a mouth does while speech sounds follow each other: from phonemes to curves in time.

Every sound asks for a shape with some insistence; what is shown is their weighted mean over neighbouring sounds, so
that a weak sound takes the shape of what surrounds it (dominance blending: Cohen and Massaro 1993, "Modeling
coarticulation in synthetic visual speech"). Lips round and spread earlier than they open; lips that must meet do meet.
"""

# ruff: noqa: RUF001 - letters of the International Phonetic Alphabet
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stillmotion.diorama.voice.records import Phoneme

Curve = NDArray[np.float64]
OPEN, WIDE, SHUT, TUCK, TONGUE = range(5)
"""Columns of a table: how far open (0..1), corners from -1 rounded to 1 spread, lips pressed together (0..1), lower lip
at the upper teeth (0..1), height of the tongue (0..1)."""
CHANNELS = 5


@dataclass(frozen=True, slots=True)
class Viseme:
    """The shape that a sound asks for, and how much it insists."""

    open: float
    wide: float = 0.0
    shut: float = 0.0
    tuck: float = 0.0
    tongue: float = 0.3
    firm: float = 1.0
    """Weight of the opening among its neighbours."""
    shaped: float = 1.0
    """Weight of the corners' place among its neighbours."""


_REST = Viseme(0.0, firm=0.8, shaped=0.3)
_OTHER = Viseme(0.25, firm=0.4, shaped=0.2)
_SHAPES: dict[str, Viseme] = {
    "ɑaɒäɐ": Viseme(1.0, 0.1, tongue=0.1, firm=1.3),
    "æ": Viseme(0.9, 0.4, tongue=0.2, firm=1.3),
    "ʌ": Viseme(0.72, 0.1, tongue=0.2, firm=1.2),
    "ɛeE": Viseme(0.65, 0.45, tongue=0.35, firm=1.2),
    "əᵊ": Viseme(0.42, 0.0, firm=0.7, shaped=0.3),
    "ɜɚɝ": Viseme(0.45, -0.3, firm=1.1),
    "ɪᵻy": Viseme(0.42, 0.5, tongue=0.5),
    "i": Viseme(0.36, 0.85, tongue=0.6, firm=1.1),
    "ɔ": Viseme(0.78, -0.65, tongue=0.1, firm=1.3),
    "o": Viseme(0.58, -0.85, tongue=0.15, firm=1.2, shaped=1.4),
    "ʊ": Viseme(0.38, -0.75, tongue=0.3, shaped=1.3),
    "u": Viseme(0.28, -1.0, tongue=0.3, firm=1.1, shaped=1.5),
    "w": Viseme(0.14, -1.0, firm=1.4, shaped=1.6),
    "j": Viseme(0.25, 0.6, tongue=0.7),
    "ɹr": Viseme(0.26, -0.4, tongue=0.5, shaped=0.8),
    "lɫ": Viseme(0.34, 0.0, tongue=1.0, firm=0.7, shaped=0.3),
    "mpb": Viseme(0.0, 0.0, shut=1.0, firm=1.2, shaped=0.3),
    "fv": Viseme(0.12, 0.15, tuck=1.0, firm=1.8, shaped=0.6),
    "θð": Viseme(0.22, 0.1, tongue=1.0, firm=1.1, shaped=0.3),
    "tdnɾTʔ": Viseme(0.22, 0.1, tongue=0.9, firm=0.9, shaped=0.2),
    "sz": Viseme(0.12, 0.45, tongue=0.7, firm=1.4, shaped=0.7),
    "ʃʒʧʤ": Viseme(0.2, -0.55, tongue=0.6, firm=1.3),
    "kɡgŋx": Viseme(0.28, 0.0, tongue=0.4, firm=0.7, shaped=0.2),
    "hɦ": Viseme(0.35, 0.0, firm=0.4, shaped=0.1),
}
_OF = {symbol: shape for symbols, shape in _SHAPES.items() for symbol in symbols}
_GLIDES = {"A": "eɪ", "I": "aɪ", "W": "aʊ", "Y": "ɔɪ", "O": "oʊ", "Q": "əʊ"}
"""Diphthongs that the voice's network writes as one letter."""
_MARKS = frozenset("ˈˌː̃ʰʲ'̩")
_PAUSES = frozenset(' .,;:!?—–-…"()“”«»¿¡')
_SHAPING_S, _OPENING_S = 0.05, 0.028
"""Over how long neighbours blend (standard deviation): corners are slower than the jaw."""
_EARLY_S = 0.02
"""Lips take their shape that long before the sound, besides what weak neighbours give way: 40 to 80 ms in all
(Bell-Berti and Harris 1982)."""
_MEET_S, _AHEAD_S = 0.062, 0.012
"""Lips stay together at least that long and meet that long before the sound."""
_LEAP_S = 0.012
_CUTOFF_HZ = 12.0


def spans(phonemes: Iterable[Phoneme]) -> list[tuple[str, float, float]]:
    """One symbol with its start and end each: diphthongs taken apart, stress marks joined to what follows."""
    found: list[tuple[str, float, float]] = []
    for one in phonemes:
        symbols = "".join(_GLIDES.get(letter, letter) for letter in one.symbol)
        kept = [letter for letter in symbols if letter not in _MARKS]
        if not kept and one.symbol and found:
            found[-1] = (found[-1][0], found[-1][1], one.end_s)
            continue
        step = (one.end_s - one.start_s) / max(len(kept), 1)
        found += [(letter, one.start_s + k * step, one.start_s + (k + 1) * step) for k, letter in enumerate(kept)]
    return found


def shape_of(symbol: str) -> Viseme:
    """What the mouth does at one symbol of the International Phonetic Alphabet."""
    return _REST if symbol in _PAUSES else _OF.get(symbol, _OTHER)


def curves(phonemes: Sequence[Phoneme], times_s: Curve) -> Curve:
    """What the mouth does at evenly spaced instants.

    Args:
        phonemes: what is spoken, on the clock of the instants.
        times_s: evenly spaced, shape (n,).

    Returns:
        Shape (n, CHANNELS).
    """
    rate_hz = 1.0 / float(times_s[1] - times_s[0])
    said = [(shape_of(symbol), start, end) for symbol, start, end in spans(phonemes)]
    table = np.zeros((len(times_s), CHANNELS))
    table[:, OPEN] = _blended(said, times_s, rate_hz, "open")
    table[:, WIDE] = _blended(said, times_s + _EARLY_S, rate_hz, "wide")
    table[:, TONGUE] = _blended(said, times_s, rate_hz, "tongue")
    table[:, SHUT] = _meetings(said, times_s, "shut")
    table[:, TUCK] = _meetings(said, times_s, "tuck")
    table = low_passed(table, rate_hz)
    table[:, SHUT:TONGUE] = np.clip(1.08 * table[:, SHUT:TONGUE], 0, 1)
    return table


def _blended(said: Sequence[tuple[Viseme, float, float]], times_s: Curve, rate_hz: float, channel: str) -> Curve:
    """Weighted mean of the targets about each instant."""
    wanted, weight = np.zeros_like(times_s), np.full_like(times_s, 1e-3)
    for shape, start, end in said:
        during = (times_s >= start) & (times_s < max(end, start + 1.0 / rate_hz))
        wanted[during] = float(getattr(shape, channel))
        weight[during] = shape.shaped if channel == "wide" else shape.firm
    spread_s = _SHAPING_S if channel == "wide" else _OPENING_S
    return np.asarray(blurred(wanted * weight, spread_s * rate_hz) / blurred(weight, spread_s * rate_hz))


def _meetings(said: Sequence[tuple[Viseme, float, float]], times_s: Curve, channel: str) -> Curve:
    """1 while lips meet: steep, and never shorter than one frame of a film shows."""
    found = np.zeros_like(times_s)
    for shape, start, end in said:
        if getattr(shape, channel) > 0:
            middle = (start + end) / 2
            begin = min(start - _AHEAD_S, middle - _MEET_S / 2)
            last = max(end - _AHEAD_S, middle + _MEET_S / 2)
            ramp = np.minimum((times_s - begin) / _LEAP_S, (last - times_s) / _LEAP_S)
            found = np.maximum(found, float(getattr(shape, channel)) * np.clip(ramp + 0.5, 0, 1))
    return found


def low_passed(table: Curve, rate_hz: float) -> Curve:
    """Without what is quicker than lips: a Gaussian of 3 dB at 12 Hz, which delays nothing; along the first axis."""
    return blurred(table, rate_hz * np.sqrt(np.log(2)) / (2 * np.pi * _CUTOFF_HZ))


def blurred(values: Curve, sigma: float) -> Curve:
    """A Gaussian along the first axis; beyond the ends the last values repeat."""
    reach = int(np.ceil(3.5 * sigma)) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 1e-6)) ** 2)
    kernel /= kernel.sum()
    columns = values.reshape(len(values), -1)
    padded = np.pad(columns, ((reach, reach), (0, 0)), mode="edge")
    done = [np.convolve(column, kernel, mode="valid") for column in padded.T]
    return np.asarray(np.stack(done, axis=1).reshape(values.shape))


def loudness(samples: NDArray[np.float32], sample_rate: int, times_s: Curve) -> Curve:
    """How loud a voice is at each instant: 0 silent, about 1 on its loud vowels.

    Args:
        samples: one channel.
        sample_rate: of them.
        times_s: seconds from the first sample, evenly spaced; before and after the samples it is silent.
    """
    step = max(sample_rate // 200, 1)
    count = len(samples) // step
    if count < 2:
        return np.zeros_like(times_s)
    power = blurred((samples[: count * step].astype(np.float64) ** 2).reshape(count, step).mean(axis=1), 4.0)
    rms = np.sqrt(np.maximum(power, 0))
    loud = float(np.percentile(rms, 92))
    at_s = (np.arange(count) + 0.5) * step / sample_rate
    return np.asarray(np.interp(times_s, at_s, rms / max(loud, 1e-6), left=0.0, right=0.0))


def murmur(rng: np.random.Generator, start_s: float, end_s: float, hz: float = 4.0) -> list[tuple[str, float, float]]:
    """Invented syllables, for mouths that move without words: symbols with start and end.

    Args:
        rng: decides which.
        start_s: of the talk.
        end_s: of the talk; phrases of a few syllables, then a short pause.
        hz: syllables a second; spoken languages have 3 to 5 (Greenberg 1999).
    """
    found: list[tuple[str, float, float]] = []
    at_s, left = start_s, int(rng.integers(4, 9))
    while at_s < end_s - 0.2:
        length = rng.uniform(0.8, 1.25) / hz
        onset = float(rng.uniform(0.3, 0.45)) * length
        found.append((str(rng.choice(list("mbtdnslkwf"))), at_s, at_s + onset))
        found.append((str(rng.choice(list("ɑɛiouəʌɪ"))), at_s + onset, at_s + length))
        at_s, left = at_s + length, left - 1
        if left == 0:
            at_s, left = at_s + rng.uniform(0.25, 0.6), int(rng.integers(4, 9))
    return found
