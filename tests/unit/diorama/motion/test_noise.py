"""Seamless noise."""

from __future__ import annotations

import numpy as np

from stillmotion.diorama.motion import noise


def test_a_tile_has_mean_zero_and_unit_deviation_and_continues_at_its_edges() -> None:
    """The step from the last column to the first is no larger than steps inside."""
    tile = noise.tile(1, "a", size=64)
    assert abs(float(tile.mean())) < 1e-4
    assert abs(float(tile.std()) - 1) < 1e-3
    inside = np.abs(np.diff(tile, axis=1)).mean()
    assert np.abs(tile[:, 0] - tile[:, -1]).mean() < 1.6 * inside


def test_reading_hits_the_pixels_and_wraps() -> None:
    """At a pixel its value, a whole tile further the same, half-way the mean."""
    tile = noise.tile(2, "b", size=32)
    x = np.array([[3 / 32, 3 / 32 + 2, 3.5 / 32 - 1]], np.float32)
    y = np.full_like(x, 7 / 32)
    found = noise.read(tile, x, y)[0]
    assert abs(found[0] - tile[7, 3]) < 1e-4
    assert abs(found[1] - tile[7, 3]) < 1e-3
    assert abs(found[2] - (tile[7, 3] + tile[7, 4]) / 2) < 1e-3


def test_purposes_and_seeds_give_other_tiles_the_same_ones_the_same() -> None:
    """Adding a purpose never changes another's tile."""
    assert np.array_equal(noise.tile(1, "a", size=32), noise.tile(1, "a", size=32))
    assert not np.array_equal(noise.tile(1, "a", size=32), noise.tile(1, "b", size=32))
    assert not np.array_equal(noise.tile(1, "a", size=32), noise.tile(2, "a", size=32))


def test_a_wander_keeps_its_band() -> None:
    """Between 3 and 7 Hz nothing is slower than half of 3 Hz."""
    times = np.arange(0, 40, 1 / 60)
    walk = np.array([noise.wander(4, "x", float(t), low_hz=3.0, high_hz=7.0) for t in times])
    power = np.abs(np.fft.rfft(walk)) ** 2
    hz = np.fft.rfftfreq(len(walk), 1 / 60)
    assert power[(hz > 2.5) & (hz < 7.6)].sum() > 0.97 * power.sum()
    assert 0.6 < walk.std() < 1.4
