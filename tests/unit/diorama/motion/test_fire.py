"""Fire: flames where they belong, light that flickers as fires do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import flames
from stillmotion.diorama.motion.solvers import fire
from synthetic import seas

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene


def burning() -> Scene:
    """The sea with an orange blaze in its sky."""
    scene = seas.sea()
    photo, sky = scene.photo.copy(), scene.layers[0].rgba.copy()
    photo[40:70, 200:240] = (255, 170, 40)
    sky[40:70, 200:240, :3] = (255, 170, 40)
    return replace(scene, photo=photo, layers=(replace(scene.layers[0], rgba=sky), *scene.layers[1:]))


def test_flames_of_the_photo_lick_and_all_else_stands_still() -> None:
    """The warp is confined to what burns."""
    stage = seas.stage(burning(), seas.cue("fire"))
    motions = fire.perform(stage, stage.shot.motion).layers
    (warp,) = next(one for one in motions if one.warps).warps
    points = seas.grid()
    shift = np.abs(warp.source(points, 1.7) - points).max(axis=2)
    away = np.hypot((points[..., 0] - 220 / 480) / 0.07, (points[..., 1] - 55 / 300) / 0.09) > 1
    assert 0.0005 < shift.max() < 0.02
    assert shift[away].max() < 1e-4


def test_light_of_a_fire_flickers_between_3_and_7_hz_and_falls_with_distance() -> None:
    """A good part of its change is quick, the mean stays, and far away nothing changes much."""
    times = np.arange(0, 20, 1 / 60)
    walk = np.array([flames.flicker(5, float(t)) for t in times])
    power = np.abs(np.fft.rfft(walk - walk.mean())) ** 2
    hz = np.fft.rfftfreq(len(walk), 1 / 60)
    assert 0.3 < power[(hz > 2.9) & (hz < 7.4)].sum() / power.sum() < 0.9
    stage = seas.stage(burning(), seas.cue("fire"))
    glow = fire.perform(stage, stage.shot.motion).layers[0].lights[0]
    seen = np.stack([glow.factor(seas.grid(), float(t))[..., 0] for t in times[60:180]])
    assert seen[:, 10, 44].std() > 3 * seen[:, 55, 90].std()


def test_a_drawn_flame_points_up_and_a_jet_down_and_both_change() -> None:
    """Where it is hottest tells the way."""
    stage = seas.stage(seas.cup(), seas.cue("fire", layer="subject", place=(0.3, 0.8)))
    (flame,) = fire.perform(stage, stage.shot.motion).overlays
    veil = flame.at(2.0, 0.01)
    rows = veil.rgba[..., 0].sum(axis=1).astype(float)
    assert (rows * np.arange(len(rows))).sum() / rows.sum() > 0.5 * len(rows)
    jet = replace(flame, down=True).at(2.0, 0.01).rgba[..., 0].sum(axis=1).astype(float)
    assert (jet * np.arange(len(jet))).sum() / jet.sum() < 0.5 * len(jet)
    assert np.abs(veil.rgba.astype(int) - flame.at(2.1, 0.01).rgba).max() > 30
    assert veil.rgba[:, 0].max() == veil.rgba[:, -1].max() == 0


def test_the_flame_of_a_rocket_rides_on_it() -> None:
    """It names the layer that it goes with; a candle's stays."""
    stage = seas.stage(seas.cup(), seas.cue("fire", layer="subject", words="the rocket lifts off with fire"))
    (jet,) = fire.perform(stage, stage.shot.motion).overlays
    assert (jet.rides, jet.down) == ("subject", True)
