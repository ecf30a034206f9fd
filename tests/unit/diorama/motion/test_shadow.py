"""Shadows lie on the ground, below what casts them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.motion import light, props, shadow
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.scene.records import Layer, Surface
from stillmotion.diorama.shot.records import World
from synthetic import scenes

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Matrix

SCENE = scenes.landscape((480, 300))
STAGE = Stage(scene=SCENE, shot=replace(scenes.shot(), world=World(metres_per_width=6.0)))
FLOOR = 0.8


@dataclass(frozen=True, slots=True)
class Lifted:
    """So many photo heights above the floor at each second."""

    to: tuple[float, ...]
    x: float = 0.0

    def matrix(self, time_s: float) -> Matrix:
        """A shift."""
        height = float(np.interp(time_s, range(len(self.to)), self.to))
        return np.array([[1, 0, self.x], [0, 1, -height], [0, 0, 1.0]])

    def opacity(self, time_s: float) -> float:
        """Always there."""
        return 1.0 + 0 * time_s


def ball() -> Layer:
    """A ball that rests on the floor."""
    rgba = props.KNOWN["ball"].draw(60, light.of(SCENE), 1)
    top = round(FLOOR * 300) - 60
    return Layer(
        name="ball",
        surface=Surface.RIGID,
        label="ball",
        rgba=rgba,
        left_px=210,
        top_px=top,
        plane=Plane(constant=1.0),
        contact_y=FLOOR,
    )


def darkness(cast: shadow.Shadow, time_s: float) -> Matrix:
    """Alpha of all the copies over the photo at a time, shape (300, 480)."""
    total = np.zeros((300, 480))
    for added, motion in zip(cast.added, cast.layers, strict=True):
        track, layer = motion.tracks[0], added.layer
        matrix = track.matrix(time_s)
        rows, columns = np.nonzero(layer.rgba[..., 3] > 3)
        x, y = (layer.left_px + columns) / 480, (layer.top_px + rows) / 300
        to_x = np.rint((matrix[0, 0] * x + matrix[0, 2]) * 480).astype(int)
        to_y = np.rint((matrix[1, 1] * y + matrix[1, 2]) * 300).astype(int)
        inside = (to_x >= 0) & (to_x < 480) & (to_y >= 0) & (to_y < 300)
        values = layer.rgba[rows, columns, 3][inside] / 255 * track.opacity(time_s)
        np.maximum.at(total, (to_y[inside], to_x[inside]), values)
    return total


def middle_row(dark: Matrix) -> float:
    """Row of the centre of a shadow as a share of the photo's height."""
    return float((dark.sum(1) @ np.arange(300)) / dark.sum() / 300)


def test_at_contact_the_shadow_touches_the_row_of_the_ground() -> None:
    """The darkest place lies where the ball meets the floor, below its middle."""
    dark = darkness(shadow.cast(STAGE, ball(), Lifted((0.0,))), 0.0)
    row, column = np.unravel_index(dark.argmax(), dark.shape)
    assert abs(row / 300 - FLOOR) < 0.03
    assert abs(column - 240) < 20
    assert dark.max() > 0.3


def test_a_shadow_stays_on_the_ground_and_fades_and_softens_with_height() -> None:
    """When the ball rises its shadow does not; it gets fainter and wider spread."""
    cast = shadow.cast(STAGE, ball(), Lifted((0.0, 0.15, 0.3)))
    darks = [darkness(cast, time_s) for time_s in (0.0, 1.0, 2.0)]
    for dark in darks:
        assert FLOOR - 0.12 < middle_row(dark) < FLOOR + 0.06
    peaks = [dark.max() for dark in darks]
    assert peaks[0] > 1.3 * peaks[1] > 1.6 * peaks[2]
    spread = [(dark > dark.max() / 2).sum() for dark in darks]
    assert spread[2] > 1.3 * spread[0]


def test_a_shadow_changes_smoothly_while_copies_fade_into_each_other() -> None:
    """No jump in how dark it is from one step of height to the next."""
    cast = shadow.cast(STAGE, ball(), Lifted((0.0, 0.4)))
    sums = [sum(motion.tracks[0].opacity(time_s) for motion in cast.layers) for time_s in np.linspace(0, 1, 41)]
    assert np.abs(np.diff(sums)).max() < 0.08
    assert sums == sorted(sums, reverse=True)


def test_a_shadow_is_never_drawn_above_the_horizon() -> None:
    """Neither far up in the air nor when the way leads to the horizon."""
    cast = shadow.cast(STAGE, ball(), Lifted((0.0,)), row=lambda time_s: 0.3 + 0 * time_s)
    assert darkness(cast, 0.0).max() == 0
    high = darkness(shadow.cast(STAGE, ball(), Lifted((0.7,))), 0.0)
    assert high.max() < 0.05


def test_a_shadow_follows_sideways() -> None:
    """Where the ball is carried, there its shadow lies."""
    dark = darkness(shadow.cast(STAGE, ball(), Lifted((0.0,), x=0.2)), 0.0)
    column = float((dark.sum(0) @ np.arange(480)) / dark.sum())
    assert column == pytest.approx(240 + 0.2 * 480, abs=14)


def test_what_shows_nothing_casts_nothing() -> None:
    """An empty layer has no shadow, and no error."""
    empty = replace(ball(), rgba=np.zeros((4, 4, 4), np.uint8))
    assert shadow.cast(STAGE, empty, Lifted((0.0,))).added == ()


def test_a_mirror_image_hangs_below_the_waterline_and_fades() -> None:
    """It begins where the boat ends, is upside down and weaker with depth; its waves stay within their reach."""
    boat = ball()
    mirror = shadow.reflect(STAGE, boat, Lifted((0.0,)))
    image = mirror.added[0].layer
    assert abs(image.top_px - (boat.top_px + 60)) <= 2
    alpha = image.rgba[..., 3].astype(float)
    assert alpha[: len(alpha) // 3].sum() > 2 * alpha[-len(alpha) // 3 :].sum()
    waves = mirror.layers[0].warps[0]
    points = np.stack(np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 9)), axis=-1).astype(np.float32)
    assert np.abs(waves.source(points, 1.3) - points).max() <= waves.reach + 1e-6
