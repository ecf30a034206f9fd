"""Ripples: true dispersion in true perspective, only where water is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.motion import water
from stillmotion.diorama.motion.solvers import ripple
from stillmotion.diorama.motion.waveforms import angular_hz
from synthetic import seas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import Part


def along_row(part: Part, y: float, time_s: float, columns: int = 600) -> NDArray[np.float32]:
    """Light along one row of the photo."""
    points = np.stack([np.linspace(0.1, 0.9, columns), np.full(columns, y)], axis=-1).astype(np.float32)[None]
    (light,) = part.layers[0].lights
    return light.factor(points, time_s)[0, :, 0] - 1


@pytest.mark.parametrize("hz", [0.5, 0.8])
def test_a_wave_of_a_given_frequency_has_the_length_of_deep_water_and_travels_the_way_it_is_told(hz: float) -> None:
    """w^2 = g k: its length along a row is g / (2 pi f^2) metres at that row's scale, its speed g / (2 pi f)."""
    stage = seas.stage(seas.sea(), seas.cue("ripple", layer="water", direction="right", hz=hz), metres=20.0)
    part = ripple.perform(stage, stage.shot.motion)
    y = 0.97
    metres = 20.0 / ((y - seas.HORIZON_Y) / (1 - seas.HORIZON_Y)) * 0.8
    now, later = along_row(part, y, 2.0), along_row(part, y, 2.0 + 0.1)
    waves = np.fft.rfft(now * np.hanning(len(now)), 16 * len(now))
    cycles = np.argmax(np.abs(waves)) / 16
    assert metres / cycles == pytest.approx(9.81 / (2 * np.pi * hz**2), rel=0.06)
    after = np.fft.rfft(later * np.hanning(len(now)), 16 * len(now))
    turned = np.angle(after[np.argmax(np.abs(waves))] / waves[np.argmax(np.abs(waves))])
    assert turned == pytest.approx(-2 * np.pi * hz * 0.1, abs=0.03)


def test_short_waves_feel_surface_tension() -> None:
    """At 1.7 cm gravity and tension share alike; long waves know only gravity."""
    assert angular_hz(1.0) == pytest.approx(np.sqrt(9.81), rel=1e-3)
    k = np.sqrt(9.81 / 7.28e-5)
    assert angular_hz(k) == pytest.approx(np.sqrt(2 * 9.81 * k), rel=1e-3)


def test_waves_shrink_towards_the_horizon_and_nothing_above_it_moves() -> None:
    """Displacement is largest near the viewer, none is left in the sky or at time 0."""
    stage = seas.stage(seas.sea(), seas.cue("ripple", layer="water"))
    (warp,) = ripple.perform(stage, stage.shot.motion).layers[0].warps
    points = seas.grid()
    shift = np.abs(warp.source(points, 2.0) - points)
    rows = points[:, 0, 1]
    assert shift[rows < seas.HORIZON_Y - 0.01].max() == 0
    assert shift[rows > 0.85].mean() > 2 * shift[(rows > 0.42) & (rows < 0.5)].mean()
    assert 0 < shift.max() <= warp.reach / stage.aspect
    assert np.array_equal(warp.source(points, 0.0), points)


def test_a_frame_alone_equals_a_frame_in_sequence() -> None:
    """Times can be asked for in any order."""
    stage = seas.stage(seas.sea(), seas.cue("ripple", layer="water"))
    (warp,) = ripple.perform(stage, stage.shot.motion).layers[0].warps
    points = seas.grid()
    first = warp.source(points, 1.3)
    warp.source(points, 3.0)
    assert np.array_equal(first, warp.source(points, 1.3))


def test_the_drink_in_a_cup_is_found_and_only_it_moves() -> None:
    """The brown ellipse, not the white rim, the cup or the table."""
    stage = seas.stage(seas.cup(), seas.cue("ripple", layer="subject", words="a thump"), metres=0.2)
    pool = water.pool(stage, stage.shot.motion[0])
    assert pool is not None
    assert pool.centre == pytest.approx((0.5, 0.44), abs=0.02)
    assert pool.radius == pytest.approx((70 / 480, 40 / 300), rel=0.12)
    (warp,) = ripple.perform(stage, stage.shot.motion).layers[0].warps
    points = seas.grid()
    shift = np.abs(warp.source(points, 0.8) - points).max(axis=2)
    outside = np.hypot((points[..., 0] - 0.5) / 0.165, (points[..., 1] - 0.44) / 0.15) > 1
    assert shift.max() > 0.001
    assert shift[outside].max() == 0


def test_rings_die_away_after_a_thump() -> None:
    """Half a second after the knock there is far more movement than three seconds later."""
    stage = seas.stage(seas.cup(), seas.cue("ripple", layer="subject", words="a thump"), metres=0.2)
    (warp,) = ripple.perform(stage, stage.shot.motion).layers[0].warps
    points = seas.grid()
    size = [np.abs(warp.source(points, t) - points).max() for t in (0.2, 0.7, 3.8)]
    assert size[0] == 0
    assert size[1] > 4 * size[2]


def test_a_photo_without_water_is_told_so() -> None:
    """Refused in words."""
    stage = seas.stage(seas.cup(), seas.cue("ripple", layer="support", subject="the lake"))
    assert "water" in str(ripple.refusal(stage, stage.shot.motion[0]))


def test_a_lake_glints_only_on_the_water_and_a_drink_does_not() -> None:
    """Flashes of added light below the horizon that come and go; the same frame has the same ones."""
    stage = seas.stage(seas.sea(), seas.cue("ripple", layer="water"))
    (glints,) = ripple.perform(stage, stage.shot.motion).overlays
    one, other = glints.at(2.0, 0.01), glints.at(3.0, 0.01)
    assert one.adds
    assert one.heads[:, 1].min() > seas.HORIZON_Y - 0.01
    assert len(one.heads) > 20
    assert not np.array_equal(one.heads, other.heads)
    assert np.array_equal(one.heads, glints.at(2.0, 0.01).heads)
    assert glints.at(0.0, 0.01) is None
    drink = seas.stage(seas.cup(), seas.cue("ripple", layer="subject", words="a thump"), metres=0.2)
    assert ripple.perform(drink, drink.shot.motion).overlays == ()
