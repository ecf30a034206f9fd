"""Harmonic tones whose pitch and colour move slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take


def harmonics(
    take: Take, hz: NDArray[np.float64], levels: NDArray[np.float64], phases: NDArray[np.float64], rate_hz: float
) -> NDArray[np.float32]:
    """The sum of the harmonics of a moving pitch, shape (count,).

    Args:
        take: length and rate.
        hz: pitch at `rate_hz`, shape (steps,).
        levels: amplitude of each harmonic at `rate_hz`, shape (orders, steps) or (orders, 1) when it does not move.
        phases: of each harmonic in radians, shape (orders,).
        rate_hz: steps per second; the curves reach past the end as in `Take.times_s`.
    """
    out = np.zeros(take.count, dtype=np.float32)
    steps = np.ascontiguousarray(np.broadcast_to(levels, (levels.shape[0], hz.size)))
    _turn(hz, steps, np.cos(phases), np.sin(phases), rate_hz / take.sample_rate, 2 * np.pi / take.sample_rate, out)
    return out


@njit(cache=True, nogil=True)
def _turn(  # noqa: PLR0917  # a compiled loop takes its arrays by position
    hz: NDArray[np.float64],
    levels: NDArray[np.float64],
    lead_re: NDArray[np.float64],
    lead_im: NDArray[np.float64],
    step: float,
    radians: float,
    out: NDArray[np.float32],
) -> None:
    """Powers of one turning phasor are its harmonics: one sine and cosine for all of them."""
    phase = 0.0
    gain = np.zeros(levels.shape[0])
    for n in range(out.size):
        place = n * step
        k = int(place)
        part = place - k
        if n & 15 == 0:
            for order in range(gain.size):
                gain[order] = levels[order, k] + (levels[order, k + 1] - levels[order, k]) * part
        phase += radians * (hz[k] + (hz[k + 1] - hz[k]) * part)
        one_re, one_im = np.cos(phase), np.sin(phase)
        re, im, total = 1.0, 0.0, 0.0
        for order in range(gain.size):
            re, im = re * one_re - im * one_im, re * one_im + im * one_re
            total += gain[order] * (im * lead_re[order] + re * lead_im[order])
        out[n] = total
