"""Very many short damped tones: bubbles, drops, crackles."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_MINNAERT_HZ_M = 3.0
_QUIETEST = 0.002
"""A tone ends when it has fallen this far under the loudest ..."""
_LEAST_FALL = 3.0
"""... and to e^-3 of its own start at least."""
_LONGEST_S = 12.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pings:
    """Damped tones, one entry each, every array of shape (tones,)."""

    onset_s: NDArray[np.float64]
    hz: NDArray[np.float64]
    decay_per_s: NDArray[np.float64]
    """The tone falls as exp(-decay_per_s * t)."""
    amplitude: NDArray[np.float64]
    pan: NDArray[np.float64]
    """-1..1."""
    rise_per_s: NDArray[np.float64]
    """The pitch moves as 1 + rise_per_s * t; 0 for most."""


def bubbles(
    rng: np.random.Generator, onset_s: NDArray[np.float64], radius_m: NDArray[np.float64], *, spread: float = 0.8
) -> Pings:
    """Air bubbles in water, amplitude growing with the radius.

    Resonance 3 / r hertz (Minnaert 1933) and damping 0.13 / r + 0.0072 r^-1.5 per second with a tenth of the bubbles
    rising in pitch as they reach the surface (van den Doel 2005, "Physically based models for liquid sounds").

    Args:
        rng: random numbers.
        onset_s: when each starts to ring.
        radius_m: of each.
        spread: how far they lie to the sides, 0..1.
    """
    count = onset_s.size
    decay = 0.13 / radius_m + 0.0072 * radius_m**-1.5
    rising = rng.random(count) < 0.1
    # Either sign, so that nothing adds up to a steady pressure.
    loudness = rng.choice((-1.0, 1.0), count) * rng.random(count) ** 2 * radius_m * 1000
    return Pings(
        onset_s=onset_s,
        hz=_MINNAERT_HZ_M / radius_m,
        decay_per_s=decay,
        amplitude=loudness,
        pan=rng.uniform(-spread, spread, count),
        rise_per_s=np.where(rising, rng.uniform(0.05, 0.3, count) * decay, 0.0),
    )


def together(several: Sequence[Pings]) -> Pings:
    """All tones in one."""
    joined = {field.name: np.concatenate([getattr(one, field.name) for one in several]) for field in fields(Pings)}
    return Pings(**joined)


def arrivals(rng: np.random.Generator, rate_per_s: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
    """Instants of a Poisson process whose rate moves.

    Args:
        rng: random numbers.
        rate_per_s: events per second, sampled at `rate_hz`.
        rate_hz: steps per second of `rate_per_s`.
    """
    counts = rng.poisson(np.maximum(rate_per_s, 0.0) / rate_hz)
    step = np.repeat(np.arange(counts.size), counts)
    return (step + rng.random(step.size)) / rate_hz


def render(pings: Pings, count: int, sample_rate: int) -> NDArray[np.float32]:
    """The sum of all tones, shape (count, 2), equal-power panned."""
    out = np.zeros((count, 2), dtype=np.float32)
    angle = (np.clip(pings.pan, -1, 1) + 1) * (np.pi / 4)
    onset = (pings.onset_s * sample_rate).astype(np.int64)
    length = np.minimum(_falls(pings.amplitude) / pings.decay_per_s, _LONGEST_S) * sample_rate
    _add(
        out,
        onset,
        length.astype(np.int64),
        2 * np.pi * pings.hz / sample_rate,
        np.exp(-pings.decay_per_s / sample_rate),
        2 * np.pi * pings.hz * pings.rise_per_s / sample_rate**2,
        pings.amplitude * np.cos(angle),
        pings.amplitude * np.sin(angle),
    )
    return out


def _falls(amplitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each tone is followed, as a natural logarithm."""
    loud = np.abs(amplitude)
    share = loud / max(float(loud.max(initial=0.0)), 1e-30)
    return np.maximum(np.log(np.maximum(share, 1e-30) / _QUIETEST), _LEAST_FALL)


@njit(cache=True, nogil=True)
def _add(  # noqa: PLR0917  # a compiled loop takes its arrays by position
    out: NDArray[np.float32],
    onset: NDArray[np.int64],
    length: NDArray[np.int64],
    step: NDArray[np.float64],
    fall: NDArray[np.float64],
    bend: NDArray[np.float64],
    left: NDArray[np.float64],
    right: NDArray[np.float64],
) -> None:
    """Two-pole resonators for steady pitches, a phasor whose turning itself is turned for moving ones."""
    for k in range(onset.size):
        if step[k] >= np.pi * 0.92:
            continue
        first = max(onset[k], 0)
        last = min(onset[k] + length[k], out.shape[0])
        re = 1.0
        im = 0.0
        turn_re = np.cos(step[k]) * fall[k]
        turn_im = np.sin(step[k]) * fall[k]
        if bend[k] == 0.0:
            # Twice as fast as the phasor: one value a sample instead of four.
            twice = 2.0 * turn_re
            square = fall[k] * fall[k]
            before = -turn_im / square
            for n in range(first, last):
                out[n, 0] += left[k] * im
                out[n, 1] += right[k] * im
                im, before = twice * im - square * before, im
            continue
        bend_re = np.cos(2.0 * bend[k])
        bend_im = np.sin(2.0 * bend[k])
        for n in range(first, last):
            out[n, 0] += left[k] * im
            out[n, 1] += right[k] * im
            re, im = re * turn_re - im * turn_im, re * turn_im + im * turn_re
            turn_re, turn_im = turn_re * bend_re - turn_im * bend_im, turn_re * bend_im + turn_im * bend_re
