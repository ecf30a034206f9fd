"""Fills: what is known stays, what is unknown is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.perception.inpaint import fill
from stillmotion.diorama.perception.pixels import nearest_known

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _middle(photo: NDArray[np.uint8]) -> NDArray[np.bool_]:
    height, width = photo.shape[:2]
    hole = np.zeros((height, width), dtype=bool)
    hole[height // 4 : 3 * height // 4, width // 3 : 2 * width // 3] = True
    return hole


def test_kept_pixels_are_the_photo_bit_for_bit(coffee: NDArray[np.uint8]) -> None:
    """A layer behind another shows the true photo wherever the photo shows it."""
    hole = _middle(coffee)
    painted = fill(coffee, hole)
    assert painted.shape == coffee.shape
    assert painted.dtype == np.uint8
    np.testing.assert_array_equal(painted[~hole], coffee[~hole])
    assert np.abs(painted[hole].astype(int) - coffee[hole]).mean() > 5


def test_what_was_in_the_hole_does_not_shine_through(coffee: NDArray[np.uint8]) -> None:
    """The fill depends on the surroundings only."""
    hole = _middle(coffee)
    marked = np.where(hole[..., None], np.uint8(255), coffee)
    np.testing.assert_array_equal(fill(coffee, hole), fill(marked, hole))


def test_a_plain_wall_is_continued(astronaut: NDArray[np.uint8]) -> None:
    """Around a person before a bright wall, the place of the head is painted bright."""
    hole = np.zeros(astronaut.shape[:2], dtype=bool)
    hole[0:330, 130:340] = True
    assert fill(astronaut, hole)[40:120, 190:270].mean() > 150


def test_no_hole_no_change(coffee: NDArray[np.uint8]) -> None:
    """An empty hole gives an equal picture that is not the same array."""
    painted = fill(coffee, np.zeros(coffee.shape[:2], dtype=bool))
    np.testing.assert_array_equal(painted, coffee)
    assert painted is not coffee


@pytest.mark.parametrize("shape", [(5, 7), (40, 3), (1, 1)])
def test_scraps_are_filled_too(shape: tuple[int, int]) -> None:
    """Pictures that are too small for the network are filled from the nearest known pixel, and a lone hole is left."""
    photo = np.full((*shape, 3), 200, dtype=np.uint8)
    hole = np.zeros(shape, dtype=bool)
    hole[0, 0] = True
    photo[0, 0] = 0 if photo.size > 3 else 200
    np.testing.assert_array_equal(fill(photo, hole), np.full((*shape, 3), 200, dtype=np.uint8))


def test_the_nearest_known_pixel_and_its_distance() -> None:
    """Left of a wide hole's middle comes the left rim's colour, right of it the right one's; what is known stays."""
    photo = np.zeros((3, 11, 3), dtype=np.uint8)
    photo[:, 0], photo[:, 10], photo[:, 1:10] = 10, 20, 99
    hole = np.zeros((3, 11), dtype=bool)
    hole[:, 1:10] = True
    near, distance = nearest_known(photo, hole)
    np.testing.assert_array_equal(near[:, :5], 10)
    np.testing.assert_array_equal(near[:, 6:], 20)
    np.testing.assert_allclose(distance[1], [0, 1, 2, 3, 4, 5, 4, 3, 2, 1, 0], atol=0.05)
