"""One period of a tone, read again and again at a moving pitch, between a dark and a bright version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 2048
RATE_HZ = 200.0
"""Steps per second of all curves of a tone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tone:
    """One sustained tone; the curves have the same length and begin at `onset_s`."""

    onset_s: float
    hz: NDArray[np.float64]
    level: NDArray[np.float64]
    brightness: NDArray[np.float64]
    """0 reads the dark table, 1 the bright one."""
    dark: NDArray[np.float32]
    bright: NDArray[np.float32]
    pan: float = 0.0


def table(
    levels: NDArray[np.floating], hz: float, sample_rate: int, phases: NDArray[np.float64] | None = None
) -> NDArray[np.float32]:
    """One period with these amplitudes of its harmonics, without those above 45 % of the sample rate.

    Args:
        levels: amplitude of harmonic 1, 2, ...
        hz: highest pitch at which it is read.
        sample_rate: samples per second.
        phases: of the harmonics in radians; all sines without.
    """
    heard = max(1, min(levels.size, int(0.45 * sample_rate / hz), SIZE // 2 - 1))
    turned = np.zeros(heard) if phases is None else phases[:heard]
    bins = np.zeros(SIZE // 2 + 1, np.complex128)
    bins[1 : heard + 1] = -0.5j * SIZE * levels[:heard] * np.exp(1j * turned)
    return np.fft.irfft(bins, SIZE).astype(np.float32)


def steps(length_s: float) -> NDArray[np.float64]:
    """Instants of the curves of a tone of that length, one past the end included."""
    return np.arange(int(length_s * RATE_HZ) + 2) / RATE_HZ


def add(out: NDArray[np.float32], tone: Tone, sample_rate: int) -> None:
    """Add a tone into a stereo recording, equal-power panned; what reaches past the end is left out."""
    angle = (np.clip(tone.pan, -1, 1) + 1) * np.pi / 4
    _read(
        out,
        round(tone.onset_s * sample_rate),
        tone.hz * (SIZE / sample_rate),
        tone.level,
        tone.brightness,
        RATE_HZ / sample_rate,
        np.stack([tone.dark, tone.bright], axis=1),
        float(np.cos(angle)),
        float(np.sin(angle)),
    )


@njit(cache=True, nogil=True)
def _read(  # noqa: PLR0917  # a compiled loop takes its arrays by position
    out: NDArray[np.float32],
    first: int,
    pace: NDArray[np.float64],
    level: NDArray[np.float64],
    brightness: NDArray[np.float64],
    step: float,
    tables: NDArray[np.float32],
    left: float,
    right: float,
) -> None:
    size = tables.shape[0]
    phase = 0.0
    count = int((level.size - 1) / step)
    for n in range(min(count, out.shape[0] - first)):
        place = n * step
        k = int(place)
        part = place - k
        here = int(phase)
        between = phase - here
        after = here + 1 if here + 1 < size else 0
        bright = brightness[k] + (brightness[k + 1] - brightness[k]) * part
        dull = tables[here, 0] + (tables[after, 0] - tables[here, 0]) * between
        keen = tables[here, 1] + (tables[after, 1] - tables[here, 1]) * between
        value = (dull + (keen - dull) * bright) * (level[k] + (level[k + 1] - level[k]) * part)
        if first + n >= 0:
            out[first + n, 0] += left * value
            out[first + n, 1] += right * value
        phase += pace[k] + (pace[k + 1] - pace[k]) * part
        while phase >= size:
            phase -= size
