"""How things that sway answer a push: damped modes, solved exactly from step to step, and smooth comings and goings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

RATE_HZ = 120.0
"""Steps a second of what is solved ahead of time; frames are read in between."""
_LEAST_DAMPING = 1e-4
_MOST_DAMPING = 0.98


def responses(drive: NDArray[np.float64], hz: ArrayLike, damping: ArrayLike, rate_hz: float) -> NDArray[np.float64]:
    """Deflections of damped oscillators pushed by the same force, q'' + 2 z w q' + w^2 (q - drive) = 0, from rest.

    Each step is exact for a force that is constant over it, so that no step size makes a mode grow (the matrix
    exponential of a damped oscillator; Pentland and Williams 1989, "Good vibrations").

    Args:
        drive: the deflection that the force would hold, shape (n,).
        hz: undamped frequencies, shape (modes,).
        damping: shares of critical damping, shape (modes,).
        rate_hz: steps a second.

    Returns:
        Shape (n, modes).
    """
    omega = 2 * np.pi * np.atleast_1d(np.asarray(hz, dtype=np.float64))
    zeta = np.clip(np.atleast_1d(np.asarray(damping, dtype=np.float64)), _LEAST_DAMPING, _MOST_DAMPING)
    step_s = 1.0 / rate_hz
    ringing = omega * np.sqrt(1 - zeta**2)
    decay = np.exp(-zeta * omega * step_s)
    cosine, sine = np.cos(ringing * step_s), np.sin(ringing * step_s)
    stays = decay * (cosine + zeta * omega / ringing * sine)
    carries = decay * sine / ringing
    slows = decay * (cosine - zeta * omega / ringing * sine)
    place, speed = np.zeros(len(omega)), np.zeros(len(omega))
    out = np.empty((len(drive), len(omega)))
    for k, push in enumerate(drive):
        away = place - push
        place, speed = push + stays * away + carries * speed, slows * speed - omega**2 * carries * away
        out[k] = place
    return out


def ring(times_s: ArrayLike, hz: float, damping: float) -> NDArray[np.float64]:
    """Deflection after one blow at time 0: 0 before it, 1 at the first peak, then dying away."""
    zeta = min(max(damping, _LEAST_DAMPING), _MOST_DAMPING)
    omega = 2 * np.pi * hz
    ringing = omega * np.sqrt(1 - zeta**2)
    peak_s = np.arctan2(ringing, zeta * omega) / ringing
    peak = np.exp(-zeta * omega * peak_s) * np.sin(ringing * peak_s)
    since = np.maximum(np.asarray(times_s, dtype=np.float64), 0.0)
    return np.asarray(np.exp(-zeta * omega * since) * np.sin(ringing * since) / peak)


def smooth(share: ArrayLike) -> NDArray[np.float64]:
    """0 below 0, 1 above 1, with a minimum-jerk rise between (Flash and Hogan 1985)."""
    x = np.clip(np.asarray(share, dtype=np.float64), 0.0, 1.0)
    return np.asarray(x**3 * (10 - 15 * x + 6 * x**2))


def held(times_s: ArrayLike, start_s: float, end_s: float, rise_s: float, fall_s: float = 0.0) -> NDArray[np.float64]:
    """0 before the start, rises to 1, stays, and is 0 again at the end; without a fall it stays."""
    times = np.asarray(times_s, dtype=np.float64)
    up = smooth((times - start_s) / max(rise_s, 1e-6))
    return up if fall_s <= 0 else np.asarray(up * smooth((end_s - times) / fall_s))


def pulse(times_s: ArrayLike, start_s: float, rise_s: float, hold_s: float, fall_s: float) -> NDArray[np.float64]:
    """0, then up to 1, held, and back to 0."""
    times = np.asarray(times_s, dtype=np.float64) - start_s
    return np.asarray(smooth(times / rise_s) * (1 - smooth((times - rise_s - hold_s) / fall_s)))


def clock(duration_s: float, before_s: float = 0.0) -> NDArray[np.float64]:
    """Instants at `RATE_HZ` from before the shot's start to a little after its end."""
    return np.asarray(np.arange(-np.ceil(before_s * RATE_HZ), np.ceil((duration_s + 0.1) * RATE_HZ) + 1) / RATE_HZ)
