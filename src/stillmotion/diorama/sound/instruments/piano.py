"""Struck strings: a piano, and the tines of an electric one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import signal

from stillmotion.diorama.sound.dsp import filters, noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take
    from stillmotion.diorama.sound.score.notes import Note

_TOP_HZ = 9_000.0
_PARTIALS = 24
_STIFFNESS = 2.6e-4
"""Inharmonicity of the middle C."""
_SOFT_SLOPE, _PACKED = 0.6, 0.3
_FAST_PER_S = 1.7
_THUMP_HZ, _THUMP_S = 350.0, 0.012
_STRIKE = 1 / 8.3
"""Where the hammer meets the string."""
_DAMPER_PER_S = 14.0
_QUIET = 2e-3
"""A partial ends so far under the start of the loudest one."""


def play(notes: Sequence[Note], take: Take, *, electric: bool = False) -> NDArray[np.float32]:
    """Partials a little sharp of harmonic that fall quickly at first and slowly then, until the damper comes down.

    Inharmonicity f k sqrt(1 + B k^2) and the two-stage decay of coupled strings: Fletcher, Blackham and Stratton
    (1962, "Quality of piano tones"); Weinreich (1977, "Coupled piano strings"). A harder blow excites higher partials.
    The electric one is a tine: nearly a sine and a short high partial.
    """
    out = np.zeros((take.count, 2), np.float32)
    for note in notes:
        hz, level, fast = _tine(note) if electric else _string(note, take)
        angle = (np.clip((note.pitch - 62) / 60, -0.4, 0.4) + 1) * np.pi / 4
        weight = 0.09 * (0.25 + note.loudness) * np.array([np.cos(angle), np.sin(angle)])
        _strike(
            out,
            round(note.start_s * take.sample_rate),
            round((note.start_s + note.length_s) * take.sample_rate),
            2 * np.pi * hz / take.sample_rate,
            np.outer(level, weight),
            np.exp(-fast / take.sample_rate),
            np.exp(-0.16 * fast / take.sample_rate),
            float(np.exp(-_DAMPER_PER_S / take.sample_rate)),
            _QUIET * level.max() / np.abs(level),
        )
    return out if electric else out + _thumps(notes, take)


def _thumps(notes: Sequence[Note], take: Take) -> NDArray[np.float32]:
    """The wood that each key and hammer shakes."""
    blows = np.zeros(take.count)
    for note in notes:
        first = round(note.start_s * take.sample_rate)
        if 0 <= first < take.count:
            blows[first] += note.loudness
    fall = np.exp(-1 / (_THUMP_S * take.sample_rate))
    loud = signal.lfilter([0.012], [1, -fall], blows)
    wood = filters.low(noise.white(take.rng, take.count)[:, :1], take.sample_rate, _THUMP_HZ)
    return np.asarray(wood * loud[:, None], dtype=np.float32)


def _string(note: Note, take: Take) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]:
    """Frequencies, levels and fast decays of the partials of one string."""
    k = np.arange(1, min(_PARTIALS, max(int(_TOP_HZ / note.hz), 2)) + 1)
    high = (note.pitch - 60) / 12
    hz = note.hz * k * np.sqrt(1 + _STIFFNESS * 2 ** (1.2 * high) * k**2) * take.rng.normal(1, 1.5e-4)
    # A felt hammer passes less of each higher partial; a hard blow packs the felt.
    slope = (_SOFT_SLOPE - _PACKED * note.loudness) * 2 ** (0.5 * high)
    level = np.exp(-slope * (k - 1)) / k**0.17 * (0.3 + np.abs(np.sin(np.pi * k * _STRIKE)))
    fast = _FAST_PER_S * 2 ** (0.75 * high) * (1 + 0.14 * (k - 1))
    return hz, level / np.sqrt(np.sum(level**2)), fast


def _tine(note: Note) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]:
    hz = note.hz * np.array([1.0, 2.0, 3.0, 7.1])
    level = np.array([1.0, 0.22 + 0.3 * note.loudness, 0.06, 0.10 * note.loudness])
    return hz, level, np.array([1.6, 2.6, 4.0, 14.0])


@njit(cache=True, nogil=True)
def _strike(  # noqa: PLR0917  # a compiled loop takes its arrays by position
    out: NDArray[np.float32],
    first: int,
    damped: int,
    step: NDArray[np.float64],
    level: NDArray[np.float64],
    fast: NDArray[np.float64],
    slow: NDArray[np.float64],
    damper: float,
    quiet: NDArray[np.float64],
) -> None:
    """Each partial is a turning phasor under the sum of two exponentials; the damper adds a third."""
    for k in range(step.size):
        turn_re = np.cos(step[k])
        turn_im = np.sin(step[k])
        re = 1.0
        im = 0.0
        quick = 0.8
        long = 0.2
        for n in range(max(first, 0), out.shape[0]):
            envelope = quick + long
            if envelope < quiet[k]:
                break
            value = im * envelope
            out[n, 0] += level[k, 0] * value
            out[n, 1] += level[k, 1] * value
            re, im = re * turn_re - im * turn_im, re * turn_im + im * turn_re
            quick *= fast[k]
            long *= slow[k]
            if n > damped:
                quick *= damper
                long *= damper
