"""Faces: found where they are, small and tilted ones too, and nowhere else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.perception.faces import faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

RIGHT_IRIS, LEFT_IRIS, NOSE_TIP, CHIN = 468, 473, 1, 152


def test_the_astronaut_has_one_face_with_eyes_in_place(astronaut: NDArray[np.uint8]) -> None:
    """Irises lie on the pupils, to six thousandths of the photo."""
    (face,) = faces(astronaut)
    assert face.landmarks.shape == (478, 3)
    assert face.landmarks.dtype == np.float32
    assert face.score > 0.9
    np.testing.assert_allclose(face.landmarks[RIGHT_IRIS, :2], [0.398, 0.197], atol=0.006)
    np.testing.assert_allclose(face.landmarks[LEFT_IRIS, :2], [0.481, 0.202], atol=0.006)


def test_glasses_and_a_hat_are_no_obstacle(hopper: NDArray[np.uint8]) -> None:
    """Eyes, nose and chin come in order, and the nose is nearer than the face's edge."""
    (face,) = faces(hopper)
    points = face.landmarks
    assert face.box.x0 < points[RIGHT_IRIS, 0] < points[NOSE_TIP, 0] < points[LEFT_IRIS, 0] < face.box.x1
    assert face.box.y0 < points[RIGHT_IRIS, 1] < points[NOSE_TIP, 1] < points[CHIN, 1]
    assert points[NOSE_TIP, 2] < points[CHIN, 2]


def test_no_face_in_a_cat_or_a_cup(cat: NDArray[np.uint8], coffee: NDArray[np.uint8]) -> None:
    """Nothing that moves a human face is ever done to them."""
    assert faces(cat) == ()
    assert faces(coffee) == ()


@pytest.mark.parametrize("angle_deg", [-35, 25])
def test_landmarks_turn_with_a_tilted_head(astronaut: NDArray[np.uint8], angle_deg: int) -> None:
    """The line between the eyes has the tilt of the photo."""
    turn = cv2.getRotationMatrix2D((256, 256), angle_deg, 1.0)
    tilted = np.asarray(cv2.warpAffine(astronaut, turn, (512, 512)), dtype=np.uint8)
    (straight,), (face,) = faces(astronaut), faces(tilted)
    eyes = np.array([straight.landmarks[index, :2] * 512 for index in (RIGHT_IRIS, LEFT_IRIS)])
    expected = eyes @ turn[:, :2].T + turn[:, 2]
    found = [face.landmarks[index, :2] * 512 for index in (RIGHT_IRIS, LEFT_IRIS)]
    np.testing.assert_allclose(found, expected, atol=2.5)


def test_a_small_face_is_found_where_a_person_was(astronaut: NDArray[np.uint8]) -> None:
    """A face of 2 % of a wide photo is too small for the first look and found with the person's box."""
    wide = np.full((1200, 1800, 3), 120, dtype=np.uint8)
    wide[900:1100, 300:500] = cv2.resize(astronaut, (200, 200), interpolation=cv2.INTER_AREA)
    assert faces(wide) == ()
    (face,) = faces(wide, [Box(x0=300 / 1800, y0=0.75, x1=500 / 1800, y1=1100 / 1200)])
    right_eye = face.landmarks[RIGHT_IRIS, :2] * [1800, 1200] - [300, 900]
    assert math.dist(right_eye, (0.398 * 200, 0.197 * 200)) < 2


def test_two_looks_at_one_face_are_one_face(astronaut: NDArray[np.uint8]) -> None:
    """The whole photo and the person's box show the same face; it is counted once."""
    boxes = [Box(x0=0.0, y0=0.0, x1=0.95, y1=1.0), Box(x0=0.1, y0=0.0, x1=0.8, y1=0.9)]
    assert len(faces(astronaut, boxes)) == 1
