"""Bodies that ring for as long as something drives them: gears, cases, pipes, horns, bells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SILENT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Modes:
    """The modes of a body, every array of shape (modes,)."""

    hz: NDArray[np.float64]
    decay_per_s: NDArray[np.float64]
    """A mode falls as exp(-decay_per_s * t)."""
    gain: NDArray[np.float64]


def modes(*each: tuple[float, float, float]) -> Modes:
    """Modes given as (hertz, time to fall by 60 dB in seconds, gain)."""
    table = np.array(each, dtype=np.float64).reshape(-1, 3)
    return Modes(hz=table[:, 0].copy(), decay_per_s=6.91 / table[:, 1], gain=table[:, 2].copy())


def ring(drive: NDArray[np.float32], sample_rate: int, driven: Modes) -> NDArray[np.float32]:
    """What a body answers to a force, shape (count,): a bank of two-pole resonators.

    Modal synthesis after van den Doel and Pai (1998, "The sounds of physical shapes"): the answer to a unit impulse is
    the sum of gain * exp(-decay t) * sin(2 pi hz t).
    """
    out = np.zeros(drive.size, np.float32)
    heard = driven.hz < 0.45 * sample_rate
    radius = np.exp(-driven.decay_per_s[heard] / sample_rate)
    turn = 2 * np.pi * driven.hz[heard] / sample_rate
    _bank(drive, 2 * radius * np.cos(turn), -(radius**2), driven.gain[heard] * radius * np.sin(turn), out)
    return out


@njit(cache=True, nogil=True)
def _bank(
    drive: NDArray[np.float32],
    one: NDArray[np.float64],
    two: NDArray[np.float64],
    gain: NDArray[np.float64],
    out: NDArray[np.float32],
) -> None:
    for mode in range(one.size):
        near = 0.0
        far = 0.0
        for n in range(drive.size):
            push = drive[n]
            if push == 0.0 and abs(near) + abs(far) < _SILENT:
                near = 0.0
                far = 0.0
                continue
            now = one[mode] * near + two[mode] * far + gain[mode] * push
            far = near
            near = now
            out[n] += now


def knock(drive: NDArray[np.float32], sample_rate: int, at_s: float, *, contact_s: float, strength: float) -> None:
    """Add a blow to a force: a half sine as long as the contact; `strength` is its sum over samples."""
    first = at_s * sample_rate
    length = max(contact_s * sample_rate, 1.0)
    n = np.arange(max(int(np.ceil(first)), 0), min(int(first + length) + 1, drive.size))
    if n.size:
        pulse = np.sin(np.pi * np.clip((n - first + 0.5) / (length + 1), 0, 1))
        drive[n] += (strength * pulse / max(pulse.sum(), 0.1)).astype(np.float32)


def burst(
    drive: NDArray[np.float32],
    sample_rate: int,
    rng: np.random.Generator,
    at_s: float,
    *,
    length_s: float,
    strength: float,
) -> None:
    """Add a short rough contact to a force: noise that falls by e over `length_s`."""
    first = max(round(at_s * sample_rate), 0)
    count = min(int(6 * length_s * sample_rate), drive.size - first)
    if count > 0:
        t = np.arange(count) / (length_s * sample_rate)
        shape = np.minimum(8 * t, 1.0) * np.exp(-t)
        drive[first : first + count] += (strength * shape * rng.standard_normal(count)).astype(np.float32)
