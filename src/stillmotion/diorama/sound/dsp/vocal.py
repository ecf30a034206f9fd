"""A throat: glottal pulses and breath through the resonances of a vocal tract, of people and of animals."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import ndimage, signal

from stillmotion.diorama.sound.dsp import noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STEPS_HZ = 200.0
"""How often a second the curves of a voice are given."""
_INNER_RATE = 24_000
_DRAWS = 4096
VOWELS_HZ = {
    "a": (730.0, 1090.0, 2440.0),
    "e": (530.0, 1840.0, 2480.0),
    "i": (270.0, 2290.0, 3010.0),
    "o": (570.0, 840.0, 2410.0),
    "u": (300.0, 870.0, 2240.0),
    "ae": (660.0, 1720.0, 2410.0),
    "er": (490.0, 1350.0, 1690.0),
    "uh": (500.0, 1500.0, 2500.0),
}
"""First three formants of a man (Peterson and Barney 1952, "Control methods used in a study of the vowels")."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Voice:
    """One call: curves of shape (steps,) at `STEPS_HZ`, or one number for one that does not move."""

    pitch_hz: NDArray[np.float64]
    """How often the glottis closes. The length of this curve is the length of the call."""
    formants_hz: NDArray[np.float64]
    """The lowest resonances, shape (formants, steps) or (formants, 1); further ones follow at equal distances."""
    voiced: NDArray[np.float64] | float = 1.0
    """Amplitude of the glottal pulses."""
    breath: NDArray[np.float64] | float = 0.02
    """Amplitude of the turbulent noise of the glottis; with `voiced` at 0 a whisper or a breath."""
    effort: NDArray[np.float64] | float = 0.5
    """0 soft and dull, glottis open most of the time; 1 pressed and bright."""
    rough: NDArray[np.float64] | float = 0.0
    """0 regular, 1 hoarse: every other pulse weaker, none as long as the one before."""
    damping: float = 1.0
    """Widths of the resonances over those of a human tract: more where the mouth is wide open or the walls soft."""
    jitter: float = 0.01
    """Deviation of each period from the next, as a share."""
    shimmer: float = 0.05
    """The same of amplitudes."""


def vowel(name: str, tract: float = 1.0) -> NDArray[np.float64]:
    """Formants of a vowel as a column of shape (3, 1), for a tract this many times as high as a man's: a child 1.4."""
    return np.array(VOWELS_HZ[name])[:, None] * tract


def curve(duration_s: float, points: Sequence[tuple[float, float]], smooth_s: float = 0.02) -> NDArray[np.float64]:
    """A slow curve at `STEPS_HZ` through (share of the duration, value) points, its corners rounded."""
    steps = max(int(duration_s * STEPS_HZ), 2)
    at, value = np.array(points, dtype=np.float64).T
    straight = np.interp(np.linspace(0, 1, steps), at, value)
    return np.asarray(ndimage.gaussian_filter1d(straight, smooth_s * STEPS_HZ / 2, mode="nearest"), dtype=np.float64)


def waver(rng: np.random.Generator, steps: int, corner_hz: float) -> NDArray[np.float64]:
    """A slow random curve at `STEPS_HZ` with variance about 1: no throat holds anything quite still."""
    return noise.wander(rng, steps, STEPS_HZ, corner_hz)


def render(voice: Voice, sample_rate: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """The call in one channel, as long as its pitch curve; its level follows the curves; bring it to a peak yourself.

    Pulses are the derivative of flow of Klatt and Klatt (1990, "Analysis, synthesis, and perception of voice quality
    variations"), the cascade of resonators is that of Klatt (1980, "Software for a cascade/parallel formant
    synthesizer"), higher resonances lie at the distances of a uniform tube (Fant 1960, "Acoustic theory of speech
    production"). Noise is stronger while the glottis is open.

    Args:
        voice: the curves.
        sample_rate: samples per second of the result.
        rng: for breath, jitter and shimmer.
    """
    common = gcd(sample_rate, _INNER_RATE)
    full = signal.resample_poly(raw(voice, rng), sample_rate // common, _INNER_RATE // common)
    return np.asarray(full, dtype=np.float32)


def raw(voice: Voice, rng: np.random.Generator, rate: int = _INNER_RATE) -> NDArray[np.float32]:
    """The call at a low rate of its own, nothing above half of it: for many voices whose sum is resampled once."""
    steps = voice.pitch_hz.size
    count = int((steps - 1) / STEPS_HZ * rate)
    out = np.zeros(count, dtype=np.float32)
    rows = [voice.pitch_hz, voice.voiced, voice.breath, voice.effort, voice.rough]
    drive = np.stack([np.broadcast_to(np.asarray(row, dtype=np.float64), steps) for row in rows])
    tract = _tract(np.broadcast_to(voice.formants_hz, (voice.formants_hz.shape[0], steps)), rate)
    irregular = rng.standard_normal((2, _DRAWS))
    irregular *= np.array([[voice.jitter], [voice.shimmer]])
    _speak(drive, tract, voice.damping, irregular, rng.standard_normal(count, dtype=np.float32), float(rate), out)
    return out


def _tract(formants_hz: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """The given resonances and those above them up to the highest frequency, shape (formants, steps)."""
    given, steps = formants_hz.shape
    spacing_hz = max(float(formants_hz.mean(axis=1)[-1]) / max(given - 0.5, 1.0), 500.0)
    further = np.arange(formants_hz[-1].mean() + spacing_hz, 0.48 * rate, spacing_hz)
    return np.concatenate([formants_hz, np.broadcast_to(further[:, None], (further.size, steps))])


@njit(cache=True, nogil=True)
def _speak(  # noqa: PLR0917  # a compiled loop takes its arrays by position
    drive: NDArray[np.float64],
    tract_hz: NDArray[np.float64],
    damping: float,
    irregular: NDArray[np.float64],
    air: NDArray[np.float32],
    rate: float,
    out: NDArray[np.float32],
) -> None:
    """Rows of `drive`: pitch, voiced, breath, effort, rough. `irregular`: draws for periods and for amplitudes."""
    coefficients = np.zeros((tract_hz.shape[0], 3))
    state = np.zeros((tract_hz.shape[0], 2))
    now = np.zeros(5)
    phase, pulse, tilted = 0.0, 0, 0.0
    stretch, strength = 1.0, 1.0
    for n in range(out.size):
        if n & 15 == 0:
            place = n * 200.0 / rate
            k = int(place)
            for row in range(5):
                now[row] = drive[row, k] + (drive[row, k + 1] - drive[row, k]) * (place - k)
            _tune(coefficients, tract_hz, place, damping, rate)
            fall = np.exp(-2.0 * np.pi * 300.0 * 20.0 ** now[3] / rate)
        step = now[0] * stretch / rate
        phase += step
        if phase >= 1.0:
            phase -= 1.0
            pulse += 1
            k = pulse % irregular.shape[1]
            stretch = max(1.0 + irregular[0, k] * (1.0 + 3.0 * now[4]), 0.5)
            strength = max(1.0 + irregular[1, k] * (1.0 + 4.0 * now[4]) - 0.6 * now[4] * (pulse & 1), 0.0)
        opened = 0.8 - 0.4 * now[3]
        tilted = _flow(phase, step, opened) * (1.0 - fall) + tilted * fall
        gate = 1.0 if phase < opened else 0.35
        value = 0.4 * tilted * strength * now[1] + 0.1 * air[n] * now[2] * (1.0 + (gate - 1.0) * min(now[1] * 4.0, 1.0))
        for f in range(coefficients.shape[0]):
            y = coefficients[f, 0] * value + coefficients[f, 1] * state[f, 0] + coefficients[f, 2] * state[f, 1]
            state[f, 1] = state[f, 0]
            state[f, 0] = y
            value = y
        out[n] = value


@njit(cache=True, nogil=True)
def _flow(phase: float, step: float, opened: float) -> float:
    """Derivative of the glottal flow, its jump at closure spread over two samples so that high pitches stay clean."""
    u = phase / opened
    value = u * (2.0 - 3.0 * u) if u < 1.0 else 0.0
    after = (phase - opened) / max(step, 1e-9)
    if 0.0 <= after < 1.0:
        value -= 0.5 * (1.0 - after) ** 2
    elif -1.0 < after < 0.0:
        value += 0.5 * (1.0 + after) ** 2
    return value


@njit(cache=True, nogil=True)
def _tune(
    coefficients: NDArray[np.float64], tract_hz: NDArray[np.float64], place: float, damping: float, rate: float
) -> None:
    """Resonators with unit gain at 0 Hz; widths grow with the square of the frequency."""
    k = int(place)
    for f in range(tract_hz.shape[0]):
        hz = tract_hz[f, k] + (tract_hz[f, k + 1] - tract_hz[f, k]) * (place - k)
        r = np.exp(-np.pi * (50.0 + hz * hz * 1.6e-5) * damping / rate)
        coefficients[f, 1] = 2.0 * r * np.cos(2.0 * np.pi * hz / rate)
        coefficients[f, 2] = -r * r
        coefficients[f, 0] = 1.0 - coefficients[f, 1] - coefficients[f, 2]
