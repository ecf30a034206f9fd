"""Waves of the sea and the foam they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import swell
from stillmotion.diorama.motion.solvers import waves
from stillmotion.diorama.motion.surf import Foam
from synthetic import seas

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage


def foams(stage: Stage) -> list[Foam]:
    """The foam of a shot."""
    return [one for one in waves.perform(stage, stage.shot.motion).overlays if isinstance(one, Foam)]


def test_a_clean_wave_comes_towards_the_viewer_faster_when_longer() -> None:
    """A crest moves down the picture; over the same water 0.25 Hz outruns 0.5 Hz."""
    speeds = []
    for hz in (0.25, 0.5):
        stage = seas.stage(seas.sea(), seas.cue("waves", layer="water", hz=hz), metres=30.0)
        (light,) = waves.perform(stage, stage.shot.motion).layers[0].lights
        y = np.linspace(0.75, 0.98, 400)
        points = np.stack([np.full(400, 0.5), y], axis=-1).astype(np.float32)[:, None]
        phase = [light.factor(points, t)[:, 0, 0] for t in (2.0, 2.05)]
        lag = [np.sum((phase[1][20 + n : 380 + n] - phase[0][20:380]) ** 2) for n in range(-20, 21)]
        speeds.append(int(np.argmin(lag)) - 20)
    assert speeds[0] > speeds[1] > 0


def test_foam_runs_up_the_sand_with_the_breakers_that_the_sound_reads() -> None:
    """More foam a second after a breaker toppled than just before it, and none without sand."""
    stage = seas.stage(seas.sea(shore_y=0.75), seas.cue("waves", layer="water"), seconds=12)
    (foam,) = foams(stage)
    breaker = next(one for one in swell.breakers(stage.shot.seed, 12) if one.time_s > 2)
    size = [float(foam.at(t, 0.01).rgba[..., 3].mean()) for t in (breaker.time_s - 0.3, breaker.time_s + 1.0)]
    assert size[1] > 1.3 * size[0]
    open_sea = seas.stage(seas.sea(), seas.cue("waves", layer="water"))
    assert foams(open_sea) == []


def test_foam_stays_near_the_shore() -> None:
    """The upper part of its picture is empty: no veil over the sea."""
    stage = seas.stage(seas.sea(shore_y=0.75), seas.cue("waves", layer="water"), seconds=12)
    (foam,) = foams(stage)
    for time_s in (3.0, 6.0, 9.0):
        veil = foam.at(time_s, 0.01)
        rows = veil.box.y0 + (np.arange(len(veil.rgba)) + 0.5) / len(veil.rgba) * veil.box.height
        assert veil.rgba[rows < 0.69, :, 3].max() < 20
        assert veil.rgba[rows > 0.815, :, 3].max() < 8
