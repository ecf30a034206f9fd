"""The small unrest of a camera in a hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.camera.easing import minimum_jerk
from stillmotion.diorama.randomness import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROLL_LIMIT_DEG = 0.3
_SWAY_HZ: NDArray[np.float64] = np.array([0.3, 0.47, 0.71, 1.03, 1.38, 1.9])
_DRIFT_HZ: NDArray[np.float64] = np.arange(1, 17, dtype=np.float64) * 0.13
_SETTLE_S = 0.8
_ROLL_SHARE = 0.25


def unrest_deg(
    seed: int, rms_deg: float, start_s: float, end_s: float, times_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Yaw, pitch and roll at each time, shape (n, 3), in degrees.

    A few sines of body sway (0.3 to 1.9 Hz) and a slow 1/f drift, both with fixed random phases. It is zero at the
    start, grows over the first 0.8 s, and dies away over the last 0.8 s before `end_s` (never, when that is infinite).
    """
    envelope = minimum_jerk((times_s - start_s) / _SETTLE_S) * minimum_jerk((end_s - times_s) / _SETTLE_S)
    inside = np.where((times_s >= start_s) & (times_s <= end_s), envelope, 0.0)
    axes = [_track(generator(seed, "handheld", axis), times_s) for axis in ("yaw", "pitch", "roll")]
    swing = np.stack(axes, axis=1) * inside[:, None] * rms_deg
    swing[:, 2] = np.clip(swing[:, 2] * _ROLL_SHARE, -ROLL_LIMIT_DEG, ROLL_LIMIT_DEG)
    return swing


def _track(random: np.random.Generator, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """One axis, about 1 rms: three quarters of the power in the sway, the rest in the drift."""
    sway = _sines(random, _SWAY_HZ, 1.0 / np.sqrt(_SWAY_HZ), times_s)
    drift = _sines(random, _DRIFT_HZ, 1.0 / np.sqrt(_DRIFT_HZ), times_s)
    track: NDArray[np.float64] = np.sqrt(0.75) * sway + np.sqrt(0.25) * drift
    return track


def _sines(
    random: np.random.Generator,
    rates_hz: NDArray[np.float64],
    weights: NDArray[np.float64],
    times_s: NDArray[np.float64],
) -> NDArray[np.float64]:
    phases = random.uniform(0, 2 * np.pi, len(rates_hz))
    waves = np.sin(2 * np.pi * rates_hz[None] * times_s[:, None] + phases[None])
    total: NDArray[np.float64] = waves @ weights * np.sqrt(2.0 / (weights**2).sum())
    return total
