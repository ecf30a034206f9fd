"""Seamless noise: tiles with a power-law spectrum, read at any place, and slow random walks in time."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.diorama import randomness

Floats = NDArray[np.float32]
Waves = NDArray[np.float64]


def tile(seed: int, *purpose: str | int, size: int = 128, slope: float = 1.7, coarsest: int = 2) -> Floats:
    """A square of noise that continues seamlessly at its edges; mean 0, standard deviation 1, shape (size, size).

    Args:
        seed: the Shot's seed.
        purpose: what it is for, see `randomness.generator`.
        size: pixels a side.
        slope: amplitude falls with frequency to this power; 1.7 are clouds, 1 is grainy, 2.5 very soft.
        coarsest: fewest waves a side.
    """
    rng = randomness.generator(seed, "noise", *purpose)
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)))
    hz = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]) * size
    gain = np.where(hz < coarsest, 0.0, np.maximum(hz, 1.0) ** -slope)
    field = np.fft.irfft2(spectrum * gain, s=(size, size))
    return np.asarray(field / field.std(), np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def read(tile: Floats, across: Floats, down: Floats) -> Floats:
    """A tile, repeated without end, read between its pixels.

    Args:
        tile: square, a power of two wide.
        across: column in tiles, any shape of two dimensions.
        down: row in tiles.
    """
    size = tile.shape[0]
    last = size - 1
    out = np.empty(across.shape, np.float32)
    for i in range(across.shape[0]):
        for j in range(across.shape[1]):
            x, y = across[i, j] * size, down[i, j] * size
            left, top = np.floor(x), np.floor(y)
            fx, fy = np.float32(x - left), np.float32(y - top)
            c0, r0 = int(left) & last, int(top) & last
            c1, r1 = (c0 + 1) & last, (r0 + 1) & last
            upper = tile[r0, c0] * (1 - fx) + tile[r0, c1] * fx
            lower = tile[r1, c0] * (1 - fx) + tile[r1, c1] * fx
            out[i, j] = upper * (1 - fy) + lower * fy
    return out


def wander(seed: int, purpose: str, time_s: float, *, low_hz: float, high_hz: float, waves: int = 14) -> float:
    """A random walk in time with a 1/f spectrum between two frequencies; mean 0, standard deviation 1."""
    hz, phase = _waves(seed, purpose, low_hz, high_hz, waves)
    return float(np.sin(2 * np.pi * hz * time_s + phase).sum() * np.sqrt(2 / waves))


@lru_cache(maxsize=64)
def _waves(seed: int, purpose: str, low_hz: float, high_hz: float, waves: int) -> tuple[Waves, Waves]:
    """Frequencies and phases of a walk; drawing them takes longer than adding them up."""
    rng = randomness.generator(seed, "wander", purpose)
    hz = np.geomspace(low_hz, high_hz, waves) * rng.uniform(0.95, 1.05, waves)
    return hz, rng.uniform(0, 2 * np.pi, waves)
