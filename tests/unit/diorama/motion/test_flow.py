"""Running water keeps running the way it should."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion.records import Strokes
from stillmotion.diorama.motion.solvers import flow
from synthetic import seas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import Flow


def running(**changes: object) -> Flow:
    """The flow of a sea that is called a river."""
    stage = seas.stage(seas.sea(), seas.cue("flow", layer="water", **changes))
    return flow.perform(stage, stage.shot.motion).layers[0].flows[0]


def speed(found: Flow, time_s: float = 1.5) -> NDArray[np.float32]:
    """Median way of what is seen of the water in a second, in photo coordinates."""
    points = seas.grid()
    now, later = found.sources(points, time_s), found.sources(points, time_s + 0.02)
    steps = (later[0] - now[0]) / 0.02
    return -np.median(steps[now[3] > 0.9], axis=0)


def test_rivers_come_towards_the_viewer_and_go_where_they_are_told() -> None:
    """Down the picture without a word, sideways with one, falls only down and faster."""
    ahead, left, fall = (speed(running(**one)) for one in ({}, {"direction": "left"}, {"words": "the waterfall"}))
    assert ahead[1] > 0.003
    assert left[0] < -0.01
    assert abs(left[1]) < 1e-3
    assert fall[1] > 3 * ahead[1]


def test_water_flows_only_where_water_is_and_starts_as_the_photo() -> None:
    """Nothing of the sky; no displacement at the start."""
    found = running()
    points = seas.grid()
    one, _, second, share = found.sources(points, 0.0)
    assert np.abs(one - points).max() < 1e-5
    assert second.max() < 1e-5
    assert found.sources(points, 2.0)[3][points[..., 1] < seas.HORIZON_Y - 0.01].max() == 0
    assert share.max() < 1e-6


def test_the_phase_hardly_shears_the_water() -> None:
    """Gradient of the phase times the travel stays under 0.2."""
    found = running()
    assert np.abs(np.gradient(found.phase, axis=1)).max() * found.phase.shape[1] * found.reach < 0.2


def test_a_sprinkler_throws_drops_that_fall_back() -> None:
    """Ballistic arcs, each drop always as high again; frames in any order."""
    stage = seas.stage(seas.cup(), seas.cue("flow", subject="sprinkler water"))
    (jet,) = flow.perform(stage, stage.shot.motion).overlays
    drops = jet.at(2.0, 1 / 60)
    assert isinstance(drops, Strokes)
    assert len(drops.heads) > 100
    assert np.array_equal(drops.heads, jet.at(2.0, 1 / 60).heads)
    assert drops.heads[:, 1].min() < 0.5
    assert jet.at(0.0, 1 / 60) is None
