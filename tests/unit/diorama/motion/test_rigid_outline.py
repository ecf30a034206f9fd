"""Mattes become bodies with their own shape."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.motion.rigid.ears import triangles
from stillmotion.diorama.motion.rigid.outline import decompose, outline
from stillmotion.diorama.scene.records import Layer, Surface

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Alpha = NDArray[np.uint8]

WIDTH, ASPECT = 1000, 0.5


def layer(draw: Callable[[Alpha], object]) -> Layer:
    """A layer with something drawn in its alpha; its box starts at (100, 50) in a photo of 1000 x 500."""
    alpha = np.zeros((400, 400), np.uint8)
    draw(alpha)
    rgba = np.repeat(alpha[..., None], 4, axis=-1)
    return Layer(
        name="thing", surface=Surface.RIGID, label="thing", rgba=rgba, left_px=100, top_px=50, plane=Plane(constant=1.0)
    )


def area(piece: Sequence[tuple[float, float]]) -> float:
    """Signed area of a convex piece."""
    points = np.array(piece)
    turned = np.roll(points, -1, axis=0)
    return float(np.sum(points[:, 0] * turned[:, 1] - turned[:, 0] * points[:, 1])) / 2


def inside(pieces: Sequence[Sequence[tuple[float, float]]], point: tuple[float, float]) -> bool:
    """Whether a point lies in one of some counter-clockwise convex pieces."""
    for piece in pieces:
        points = np.array(piece)
        edges = np.roll(points, -1, axis=0) - points
        to = np.array(point) - points
        if np.all(edges[:, 0] * to[:, 1] - edges[:, 1] * to[:, 0] >= 0):
            return True
    return False


def an_l(alpha: Alpha) -> None:
    """Two bars that meet in a corner."""
    alpha[100:300, 100:140] = 255
    alpha[260:300, 100:300] = 255


def test_a_disc_is_a_circle() -> None:
    """A round matte gives a circle with its exact middle and radius."""
    shape = outline(layer(lambda alpha: cv2.circle(alpha, (200, 180), 60, 255, -1, cv2.LINE_AA)), WIDTH, ASPECT)
    assert shape.radius == pytest.approx(0.0605, abs=5e-4)
    assert shape.centre == pytest.approx((0.3005, (50 + 180.5) / 500), abs=1e-4)
    assert shape.bottom == -shape.radius


def test_a_square_is_no_circle() -> None:
    """A square keeps its corners."""
    shape = outline(layer(lambda alpha: cv2.rectangle(alpha, (100, 100), (299, 299), 255, -1)), WIDTH, ASPECT)
    assert shape.radius is None
    assert (shape.left, shape.right) == pytest.approx((-0.1, 0.1), abs=2e-3)
    assert shape.gyration == pytest.approx(0.2 / math.sqrt(6), rel=0.01)
    assert sum(area(piece) for piece in shape.pieces) == pytest.approx(0.04, rel=0.02)


def test_a_hollow_outline_is_not_its_hull() -> None:
    """The inner corner of an L is open: pieces cover the bars and nothing between them."""
    shape = outline(layer(an_l), WIDTH, ASPECT)
    assert len(shape.pieces) >= 2
    assert sum(area(piece) for piece in shape.pieces) == pytest.approx(shape.area, rel=0.04)
    x, y = shape.centre[0] * WIDTH - 100, shape.centre[1] * WIDTH * ASPECT - 50
    assert inside(shape.pieces, ((120 - x) / WIDTH, (y - 150) / WIDTH))
    assert not inside(shape.pieces, ((220 - x) / WIDTH, (y - 180) / WIDTH))


def test_only_the_largest_part_counts() -> None:
    """A speck beside a thing neither moves its middle nor widens it."""

    def with_speck(alpha: Alpha) -> None:
        alpha[150:250, 150:250] = 255
        alpha[390:394, 390:394] = 255

    shape = outline(layer(with_speck), WIDTH, ASPECT)
    assert shape.centre == pytest.approx((0.3, 0.5), abs=1e-6)
    assert shape.right < 0.06


def test_nothing_has_no_outline() -> None:
    """An empty matte is no body."""
    assert outline(layer(lambda _: None), WIDTH, ASPECT) is None


def test_other_forms_of_a_shape() -> None:
    """What should roll is the circle of the same area; what should not is the box around it."""
    shape = outline(layer(an_l), WIDTH, ASPECT)
    assert math.pi * shape.as_circle().radius ** 2 == pytest.approx(shape.area)
    boxed = shape.as_circle().as_box()
    assert boxed.radius is None
    assert area(boxed.pieces[0]) == pytest.approx(4 * shape.as_circle().radius ** 2)


def test_either_way_round() -> None:
    """A line may be given clockwise or not; pieces are always counter-clockwise."""
    line = [(0.0, 0.0), (4.0, 0.0), (4.0, 1.0), (1.0, 1.0), (1.0, 4.0), (0.0, 4.0)]
    for order in (line, line[::-1]):
        pieces = decompose(order, 0.01)
        assert all(area(piece) > 0 for piece in pieces)
        assert sum(area(piece) for piece in pieces) == pytest.approx(7.0, rel=0.01)


def test_ears_fill_a_polygon() -> None:
    """Triangles of a star have its area, and none lies outside."""
    radii = [1.0 if n % 2 == 0 else 0.4 for n in range(10)]
    star = [(r * math.cos(n * math.pi / 5), r * math.sin(n * math.pi / 5)) for n, r in enumerate(radii)]
    found = triangles(star)
    assert sum(area(piece) for piece in found) == pytest.approx(area(star))
    assert not inside(found, (0.8 * math.cos(math.pi / 5), 0.8 * math.sin(math.pi / 5)))
