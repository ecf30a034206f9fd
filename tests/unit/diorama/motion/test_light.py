"""The light that is fitted to a photo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.motion import light
from stillmotion.diorama.scene.records import Surface
from synthetic import scenes

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene

SIZE = (320, 200)


def lit_ball(direction: tuple[float, float, float]) -> Scene:
    """A scene with a grey ball that is lit from a direction, in front of a dull wall."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float32)
    across, down = (x - 160) / 70, (y - 100) / 70
    reach = across**2 + down**2
    normals = np.stack([across, down, np.sqrt(np.maximum(1 - reach, 0))], axis=-1)
    bright = 40 + 190 * np.clip(normals @ (np.array(direction) / np.linalg.norm(direction)), 0, 1)
    ball = np.zeros((*x.shape, 4), np.uint8)
    ball[reach < 1, :3] = bright[reach < 1][:, None]
    ball[reach < 1, 3] = 255
    wall = np.full((*x.shape, 4), 110, np.uint8)
    wall[..., 3] = 255
    return scenes.stacked(
        (
            scenes.layer("wall", Surface.BACKDROP, wall, Plane(constant=0.5)),
            scenes.layer("ball", Surface.RIGID, ball, Plane(constant=1.0)),
        )
    )


def test_the_light_comes_from_the_brighter_side() -> None:
    """A thing lit from the right is seen to be lit from the right, one lit from the left from the left."""
    right, left = (light.of(lit_ball((side, -0.5, 0.6))).direction for side in (0.8, -0.8))
    assert right[0] > 0.3
    assert left[0] < -0.3


def test_light_comes_from_above_and_is_a_unit_vector() -> None:
    """No photo is lit from below, whatever its shading says."""
    for below in ((0.0, 0.9, 0.4), (0.7, 0.6, 0.4)):
        direction = light.of(lit_ball(below)).direction
        assert direction[1] < -0.3
        assert abs(np.linalg.norm(direction) - 1) < 1e-6


def test_a_photo_without_shading_is_lit_from_above_and_slightly_left() -> None:
    """Nothing to go by: the usual light."""
    direction = np.array(light.of(scenes.single(SIZE)).direction)
    usual = np.array(light.DEFAULT_DIRECTION) / np.linalg.norm(light.DEFAULT_DIRECTION)
    assert direction @ usual > 0.999


def test_a_warm_photo_gives_a_warm_key_and_a_dark_one_a_dim_key() -> None:
    """Colour and strength of the light follow the photo."""
    plain = scenes.single(SIZE)
    grey = np.full_like(plain.photo, 150)
    warm, cold = grey.copy(), grey.copy()
    warm[..., 2] = 110
    cold[..., 0] = 110
    keys = [np.array(light.of(replace(plain, photo=photo)).key) for photo in (warm, cold, grey // 3)]
    assert keys[0][0] / keys[0][2] > 1.08
    assert keys[1][0] / keys[1][2] < 0.93
    assert keys[2].sum() < 0.5 * keys[0].sum()


def test_encoding_and_decoding_light_are_inverse() -> None:
    """The curve of sRGB, there and back."""
    tones = np.linspace(0, 1, 33, dtype=np.float32)
    assert np.abs(light.to_encoded(light.to_linear(tones)) - tones).max() < 1e-5
