"""A drop falls, splashes when it lands, and rings run out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.motion.solvers import splash
from synthetic import seas

if TYPE_CHECKING:
    from stillmotion.diorama.motion.records import Part

PLACE = (0.4, 0.8)


def splashing(**changes: object) -> Part:
    """What one drop on the sea makes happen."""
    stage = seas.stage(seas.sea(), seas.cue("splash", layer="water", point=PLACE, count=1, **changes), metres=2.0)
    return splash.perform(stage, stage.shot.motion)


def test_the_event_is_when_the_drop_reaches_the_water() -> None:
    """Just before it the drop is just above the place, falling; just after it a crown is in the air."""
    part = splashing()
    (event,) = part.events
    assert (event.kind, event.x, event.y) == ("splash", *PLACE)
    (drops,) = part.overlays
    heights = [PLACE[1] - float(drops.at(event.time_s - ago, 1 / 60).heads[0, 1]) for ago in (0.2, 0.1, 0.005)]
    assert heights[0] > heights[1] > heights[2]
    assert heights[2] == pytest.approx(0, abs=0.03)
    crown = drops.at(event.time_s + 0.1, 1 / 60)
    assert len(crown.heads) > 20
    assert drops.at(event.time_s + 2.5, 1 / 60) is None


def test_rings_run_outwards_from_the_place_and_die_away() -> None:
    """No movement before; then a growing ring; in the end none."""
    part = splashing()
    (warp,) = part.layers[0].warps
    time_s = part.events[0].time_s
    points = seas.grid(192, 120)

    def extent(after_s: float) -> tuple[float, float]:
        shift = np.abs(warp.source(points, time_s + after_s) - points).max(axis=2)
        moved = shift > 0.3 * max(float(shift.max()), 1e-9)
        return float(shift.max()), float(np.abs(points[..., 0][moved] - PLACE[0]).max(initial=0))

    assert extent(-0.05)[0] == 0
    early, late = extent(0.4), extent(1.2)
    assert late[1] > early[1] + 0.02
    assert early[0] > 3 * extent(3.4)[0]


def test_rings_are_ellipses_as_the_water_lies() -> None:
    """Seen at a slant they are wider than high."""
    part = splashing()
    (warp,) = part.layers[0].warps
    points = seas.grid(192, 120)
    shift = np.abs(warp.source(points, part.events[0].time_s + 0.9) - points).max(axis=2)
    moved = points[shift > 0.3 * shift.max()]
    wide, high = np.ptp(moved, axis=0) * np.array([1, 300 / 480])
    assert wide > 1.5 * high


def test_a_frozen_crown_sinks_back() -> None:
    """The layer becomes flatter, stays on its foot and is gone at the end."""
    stage = seas.stage(seas.cup(), seas.cue("splash", layer="subject", subject="crown", words="water crown collapses"))
    (track,) = splash.perform(stage, stage.shot.motion).layers[0].tracks
    assert np.allclose(track.matrix(0.0), np.eye(3))
    assert track.matrix(2.0)[1, 1] < 0.5
    assert track.opacity(0.5) == 1
    assert track.opacity(4.0) == 0
