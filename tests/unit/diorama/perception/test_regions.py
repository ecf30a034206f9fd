"""Masks from points and boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.perception import regions

if TYPE_CHECKING:
    from numpy.typing import NDArray

EYE = (0.385, 0.4)
WALL = (0.95, 0.2)


def _best(logits: NDArray[np.float32], quality: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.asarray(logits[int(quality.argmax())] > 0)


def _at(mask: NDArray[np.bool_], point: tuple[float, float]) -> bool:
    return bool(mask[int(point[1] * 256), int(point[0] * 256)])


def test_a_grid_is_made_of_cell_centres() -> None:
    """Points go row by row and stay half a cell away from the border."""
    points = regions.grid(2)
    np.testing.assert_allclose(points, [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])
    assert regions.grid(6).shape == (36, 2)


def test_a_point_gives_what_lies_under_it(cat_embedding: regions.Embedding) -> None:
    """A click on the cat is the cat or a part of it, a click on the wall is not the cat."""
    logits, quality = regions.point_masks(cat_embedding, np.array([EYE, WALL], dtype=np.float32))
    assert logits.shape == (2, 3, 256, 256)
    assert quality.shape == (2, 3)
    assert logits.dtype == quality.dtype == np.float32
    wall = _best(logits[1], quality[1])
    assert _at(wall, WALL)
    assert not _at(wall, EYE)
    largest = logits[0][int((logits[0] > 0).sum(axis=(1, 2)).argmax())] > 0
    assert _at(largest, EYE)
    assert not _at(largest, WALL)


def test_masks_do_not_depend_on_their_company(cat_embedding: regions.Embedding) -> None:
    """Prompts are decoded many at a time only because each answer is the one that it would get alone."""
    points = regions.grid(3)
    logits, quality = regions.point_masks(cat_embedding, points)
    for index in (0, 7, 8):
        alone, alone_quality = regions.point_masks(cat_embedding, points[index : index + 1])
        np.testing.assert_allclose(logits[index], alone[0], atol=1e-3)
        np.testing.assert_allclose(quality[index], alone_quality[0], atol=1e-4)


def test_a_point_outside_takes_away(cat_embedding: regions.Embedding) -> None:
    """Points that belong together work together: one inside and one outside on the cat leaves the outside one out."""
    nose, ear = (0.57, 0.77), (0.1, 0.1)
    together = np.array([[nose, ear]], dtype=np.float32)
    logits, quality = regions.point_masks(cat_embedding, together, labels=np.array([[1, 0]]))
    mask = _best(logits[0], quality[0])
    assert _at(mask, nose)
    assert not _at(mask, ear)


def test_a_box_gives_the_thing_that_fills_it(cat_embedding: regions.Embedding) -> None:
    """The box round the whole cat gives most of the box and nothing far from it."""
    logits, quality = regions.box_mask(cat_embedding, Box(x0=0.0, y0=0.0, x1=0.82, y1=1.0))
    mask = _best(logits, quality)
    assert logits.shape == (3, 256, 256)
    assert mask[:, :200].mean() > 0.6
    assert mask[:, 225:].mean() < 0.05


def test_no_points_no_masks(cat_embedding: regions.Embedding) -> None:
    """An empty list of points is answered by an empty array, not by an error."""
    logits, quality = regions.point_masks(cat_embedding, np.zeros((0, 2), dtype=np.float32))
    assert logits.shape == (0, 3, 256, 256)
    assert quality.shape == (0, 3)
