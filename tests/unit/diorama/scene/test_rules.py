"""The rules that need no network, on drawn pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillmotion.diorama.scene import features, gates, matte, sky
from stillmotion.diorama.scene.fill import fill, spread
from stillmotion.diorama.scene.segments import agreement, nearest


def disc(radius: int, size: int = 128) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """A filled circle in the middle of a square."""
    y, x = np.mgrid[0:size, 0:size] - size // 2
    return np.asarray(x * x + y * y <= radius * radius, np.bool_)


def test_thin_stalks_are_gated_and_a_disc_is_not() -> None:
    """A picture of stalks trips the thin-edge gate; a solid thing, even a small one, does not."""
    stalks = np.zeros((256, 256), np.bool_)
    for column in range(40, 220, 20):
        stalks[40:220, column : column + 4] = True
    picture = np.where(stalks[..., None], (30, 160, 40), (120, 160, 230)).astype(np.uint8)
    seen = features.measure(picture)
    big = cv2.resize(stalks.astype(np.uint8), seen.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    assert "thin-edges" in {gate.code for gate in gates.outline_gates(seen, big, 0.0)}
    assert gates.thin_shares(disc(40))[0] < 0.05
    assert gates.thin_shares(disc(9))[0] < 0.35


def test_an_outline_that_cannot_be_seen_is_gated() -> None:
    """A mask drawn across an even surface is no outline at all; one around a red disc on blue is."""
    mask = disc(150, 512)
    even = features.measure(np.full((512, 512, 3), 140, np.uint8))
    clear = features.measure(np.where(mask[..., None], (200, 40, 40), (60, 90, 200)).astype(np.uint8))
    assert gates.weak_boundary(even, mask) == pytest.approx(1.0)
    assert gates.weak_boundary(clear, mask) < 0.05


def test_sky_scores_above_grass() -> None:
    """A calm blue upper half scores as sky, the green lower half does not."""
    noise = np.random.default_rng(1).integers(-40, 40, (256, 512, 1))
    upper = np.full((256, 512, 3), (120, 170, 235))
    lower = np.clip(np.full((256, 512, 3), (70, 130, 50)) + noise, 0, 255)
    seen = features.measure(np.vstack([upper, lower]).astype(np.uint8))
    half = np.zeros(seen.shape, np.bool_)
    half[: seen.shape[0] // 2] = True
    nothing = np.zeros_like(half)
    assert sky.sky_score(seen, half, nothing) > 4
    assert sky.sky_score(seen, ~half, nothing) < 0


def test_the_horizon_is_the_flat_lower_edge() -> None:
    """Columns that end at the subject say nothing about the horizon."""
    mask = np.zeros((200, 300), np.bool_)
    mask[:90] = True
    tower = np.zeros_like(mask)
    tower[30:, 100:160] = True
    row, flatness = sky._lower_edge(mask & ~tower, tower)
    assert row == pytest.approx(0.45, abs=0.01)
    assert flatness > 0.7


def test_a_hole_in_a_gradient_is_filled_with_the_gradient() -> None:
    """Smooth surroundings go on through the hole without a seam, and no network is asked."""
    ramp = np.tile(np.linspace(40, 220, 320)[None, :, None], (200, 1, 3)).astype(np.uint8)
    hole = np.zeros((200, 320), np.bool_)
    hole[60:140, 100:220] = True
    dirty = np.where(hole[..., None], np.uint8(0), ramp)
    done = fill(dirty, hole, smooth_only=True)
    assert np.abs(done.picture.astype(float) - ramp)[hole].mean() < 6
    assert np.array_equal(done.picture[~hole], dirty[~hole])
    assert done.smooth.min() == 1


@settings(deadline=None, max_examples=20)
@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 2**31))
def test_spreading_never_leaves_the_range_of_what_is_known(width: int, height: int, seed: int) -> None:
    """Push-pull is an average: between the smallest and the largest known value, and exact where known."""
    random = np.random.default_rng(seed)
    values = random.uniform(0, 255, (height, width, 3)).astype(np.float32)
    weight = (random.random((height, width)) < 0.4).astype(np.float32)
    weight[0, 0] = 1
    out = spread(values, weight)
    known = values[weight > 0]
    assert out.min() >= known.min() - 0.5
    assert out.max() <= known.max() + 0.5
    assert np.allclose(out[weight > 0], known, atol=0.01)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**31), st.floats(0, 1))
def test_parting_and_stacking_gives_the_picture_back(seed: int, smooth: float) -> None:
    """Whatever the matte and the fill, layer over background is the picture again to within a level."""
    random = np.random.default_rng(seed)
    picture = cv2.GaussianBlur(random.uniform(0, 255, (48, 64, 3)).astype(np.float32), (0, 0), 2.0)
    filled = cv2.GaussianBlur(random.uniform(0, 255, (48, 64, 3)).astype(np.float32), (0, 0), 3.0)
    alpha = np.clip(cv2.GaussianBlur(random.uniform(-2, 3, (48, 64)).astype(np.float32), (0, 0), 3.0), 0, 1)
    parted = matte.part(
        picture, alpha, filled, np.full((48, 64), smooth, np.float32), matte.Reach(smooth=6.0, textured=4.0)
    )
    again = parted.front + (1 - parted.alpha[..., None]) * parted.behind
    assert np.abs(again - picture).max() < 1.0
    assert (parted.alpha >= alpha - 1e-6).all()
    assert (parted.front <= 255 * parted.alpha[..., None] + 1e-3).all()


def test_a_bright_rim_goes_with_the_layer() -> None:
    """A halo that sharpening left beside an outline does not stay in the background as a ghost."""
    inside = disc(20, 96)
    rim = disc(24, 96) & ~inside
    picture = np.full((96, 96, 3), 120, np.float32)
    picture[inside], picture[rim] = 30, 170
    parted = matte.part(
        picture,
        inside.astype(np.float32),
        np.full_like(picture, 120),
        np.ones((96, 96), np.float32),
        matte.Reach(smooth=12.0, textured=6.0),
    )
    near = features.grow(inside, 3) & ~inside
    assert np.abs(parted.behind[near] - 120).max() < 8


def test_the_matte_finds_a_soft_edge() -> None:
    """Between certain inside and certain outside the alpha follows the true blend."""
    truth = cv2.GaussianBlur(disc(30, 128).astype(np.float32), (0, 0), 2.5)
    picture = (truth[..., None] * (220, 60, 40) + (1 - truth[..., None]) * (40, 80, 200)).astype(np.uint8)
    certain = matte.Trimap(inside=disc(22, 128), outside=~disc(38, 128))
    found = matte.alpha_matte(picture, certain)
    assert np.abs(found - truth).mean() < 0.02


def test_unknown_pixels_take_their_neighbour() -> None:
    """The nearest known number wins."""
    values = np.array([[1, -1, -1, -1, 2]], np.int32)
    assert nearest(values, values >= 0).tolist() in ([[1, 1, 1, 2, 2]], [[1, 1, 2, 2, 2]])


def test_agreement_is_intersection_over_union() -> None:
    """Half overlapping equal masks agree by a third; empty ones not at all."""
    one, other = np.zeros((4, 4), np.bool_), np.zeros((4, 4), np.bool_)
    assert agreement(one, other) == 0
    one[:2], other[1:3] = True, True
    assert agreement(one, other) == pytest.approx(1 / 3)
