"""How much of a movement stretches nothing too much, against closed forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion import strain
from stillmotion.diorama.motion.fields import WHOLE, mapped

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS, COLUMNS, ASPECT = 75, 100, 0.75
ONCE = np.array([[0.0], [1.0]])


def places() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Photo coordinates of the cells."""
    x, y = np.meshgrid((np.arange(COLUMNS) + 0.5) / COLUMNS, (np.arange(ROWS) + 0.5) / ROWS)
    return x, y


def field(across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    """One displacement map."""
    return np.stack([across, down], axis=-1)[None]


def test_what_is_gentle_stays() -> None:
    """A stretch by a tenth and a shift of everything are left alone."""
    x, y = places()
    assert strain.bearable(field(0.1 * x, 0 * y), ONCE, box=WHOLE, aspect=ASPECT) == 1
    assert strain.bearable(field(0 * x + 0.3, 0 * y), ONCE, box=WHOLE, aspect=ASPECT) == 1


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_squeeze_is_held_at_its_bound(axis: str) -> None:
    """Sources that would lie half as far apart, along x or along y, come to lie 0.72 as far apart."""
    x, y = places()
    moved = field(0 * x, 0.5 * y) if axis == "y" else field(0.5 * x, 0 * y)
    share = strain.bearable(moved, ONCE, box=WHOLE, aspect=ASPECT)
    assert 1 - 0.5 * share == pytest.approx(0.72, abs=0.012)


def test_shear_counts_by_its_singular_values() -> None:
    """A slant by g squeezes by sqrt(1 + g^2 / 4) - g / 2, although no length along an axis changes."""
    x, y = places()
    share = strain.bearable(field(1.2 * y * ASPECT, 0 * x), ONCE, box=WHOLE, aspect=ASPECT)
    slant = 1.2 * share
    assert np.sqrt(1 + slant**2 / 4) - slant / 2 == pytest.approx(0.72, abs=0.015)


def test_what_is_not_seen_does_not_count() -> None:
    """A fold where the layer has nothing holds nobody back; a wave that comes late over the picture does."""
    x, y = places()
    step = np.clip((x - 0.5) * 20, 0, 1) * 0.05
    assert strain.bearable(field(step, 0 * y), ONCE, box=WHOLE, aspect=ASPECT, seen=x < 0.4) == 1
    assert strain.bearable(field(step, 0 * y), ONCE, box=WHOLE, aspect=ASPECT, seen=x > 0.4) < 0.4
    waves = np.sin(np.arange(240) / 2)[:, None]
    even = field(0 * x + 0.02, 0 * y)
    assert strain.bearable(even, waves, box=WHOLE, aspect=ASPECT) == 1
    assert strain.bearable(even, waves, box=WHOLE, aspect=ASPECT, late=120.0) < 0.5


def test_every_mapped_warp_is_held() -> None:
    """Whatever maps are asked for, sources of a warp over a small box never come nearer than 0.7 of their distance."""
    rng = np.random.default_rng(5)
    box = Box(x0=0.3, y0=0.2, x1=0.7, y1=0.8)
    warp = mapped(rng.normal(0, 0.01, (3, 40, 40, 2)), rng.normal(0, 1, (60, 3)), rate_hz=30.0, aspect=ASPECT, box=box)
    points = np.stack(np.meshgrid(np.linspace(0.32, 0.68, 200), np.linspace(0.25, 0.75, 200)), axis=-1)
    for time_s in np.arange(0, 2, 0.25):
        source = warp.source(points.astype(np.float32), float(time_s)).astype(np.float64)
        assert (np.diff(source[..., 0], axis=1) / np.diff(points[..., 0], axis=1)).min() > 0.66
