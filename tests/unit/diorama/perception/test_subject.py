"""Saliency and the person matte: is there a subject, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.perception.person_matte import person_matte
from stillmotion.diorama.perception.saliency import saliency

if TYPE_CHECKING:
    from numpy.typing import NDArray


def test_a_portrait_has_a_subject_and_a_texture_has_none(
    astronaut: NDArray[np.uint8], grass: NDArray[np.uint8]
) -> None:
    """The raw maximum tells whether there is a subject: a lawn is not stretched into one."""
    assert saliency(astronaut).max() > 0.95
    assert saliency(grass).max() < 0.4


def test_saliency_covers_the_person_and_leaves_the_wall(astronaut: NDArray[np.uint8]) -> None:
    """The map lies over the photo the right way round."""
    found = saliency(astronaut)
    assert found.shape == (512, 512)
    assert found.dtype == np.float32
    assert found[110:180, 200:250].min() > 0.8  # her face
    assert found[20:100, 330:360].max() < 0.2  # the wall beside it


def test_the_matte_keeps_people_and_animals(astronaut: NDArray[np.uint8], cat: NDArray[np.uint8]) -> None:
    """Faces are opaque, what lies behind them is clear, in photos of different shape."""
    person, animal = person_matte(astronaut), person_matte(cat)
    assert person.shape == (512, 512)
    assert animal.shape == (300, 451)
    assert person[110:180, 200:250].min() > 0.95
    assert person[20:100, 330:360].max() < 0.05
    assert animal[80:200, 150:250].min() > 0.95
    assert animal[50:150, 400:].max() < 0.05


def test_maps_are_probabilities_for_any_shape() -> None:
    """A strip three pixels wide, and black, still gives numbers from 0 to 1 of its own size."""
    for shape in ((1, 1, 3), (3, 400, 3), (400, 3, 3)):
        strip = np.zeros(shape, dtype=np.uint8)
        for found in (saliency(strip), person_matte(strip)):
            assert found.shape == shape[:2]
            assert np.isfinite(found).all()
            assert 0 <= found.min() <= found.max() <= 1


def test_the_same_photo_gives_the_same_map(cat: NDArray[np.uint8]) -> None:
    """Scenes can be cached and repeated because networks answer alike every time."""
    np.testing.assert_array_equal(saliency(cat), saliency(cat.copy()))
    np.testing.assert_array_equal(person_matte(cat), person_matte(cat.copy()))
