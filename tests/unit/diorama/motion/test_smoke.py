"""Smoke and steam rise, lean, fade, and never show the edge of their picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.motion.solvers import smoke
from synthetic import seas

if TYPE_CHECKING:
    from stillmotion.diorama.motion.plume import Plume
    from stillmotion.diorama.motion.records import Veil


def plume(verb: str = "steam", **changes: object) -> Plume:
    """The plume over a cup."""
    stage = seas.stage(seas.cup(), seas.cue(verb, layer="subject", **changes), metres=0.2)
    (found,) = smoke.perform(stage, stage.shot.motion).overlays
    return found


def centre(veil: Veil) -> tuple[float, float]:
    """Mean place of the smoke, weighted with its opacity."""
    alpha = veil.rgba[..., 3].astype(float)
    rows, columns = np.indices(alpha.shape)
    return (rows * alpha).sum() / alpha.sum(), (columns * alpha).sum() / alpha.sum()


def test_smoke_that_begins_late_rises_from_its_opening() -> None:
    """The top of the smoke climbs all the time."""
    found = plume("smoke", start_s=1.0)
    assert found.at(0.9, 0.01) is None
    tops = [int(np.flatnonzero(found.at(t, 0.01).rgba[..., 3].max(axis=1) > 10)[0]) for t in (1.5, 2.2, 3.0)]
    assert tops[0] > tops[1] > tops[2]


def test_details_of_the_smoke_move_upwards() -> None:
    """Each row looks like a lower row a moment ago."""
    found = plume("smoke")
    up = []
    for time_s in (1.2, 1.8, 2.4, 3.0):
        now, then = (found.frames[round(t * 30)].astype(float) for t in (time_s + 2 / 30, time_s))
        errors = [np.square(now[20:-30] - then[20 + n : len(then) - 30 + n]).mean() for n in range(-10, 11)]
        up.append(int(np.argmin(errors)) - 10)
    assert min(up) >= 0
    assert np.mean(up) >= 1


def test_steam_comes_from_the_drink_and_its_picture_has_no_edge() -> None:
    """Its box is over the cup; every border of the picture is empty."""
    found = plume()
    assert found.box.centre[0] == pytest.approx(0.5, abs=0.02)
    assert found.box.y1 > 0.4 > found.box.y0
    for time_s in (1.0, 2.0, 3.5):
        rgba = found.at(time_s, 0.01).rgba
        for edge in (rgba[0], rgba[-1], rgba[:, 0], rgba[:, -1]):
            assert edge.max() <= 6
        assert rgba[..., 3].max() > 40


def test_smoke_leans_the_way_it_is_told() -> None:
    """To the left and to the right are not the same."""
    left, right = (centre(plume("smoke", direction=way).at(3.0, 0.01))[1] for way in ("left", "right"))
    assert right > left + 4


def test_nothing_is_there_at_the_first_frame() -> None:
    """The film begins with the photo."""
    assert plume().at(0.0, 0.01) is None


def test_nothing_to_rise_from_is_told() -> None:
    """An empty sea has no chimney."""
    stage = seas.stage(seas.sea(), seas.cue("smoke"))
    assert smoke.refusal(stage, stage.shot.motion[0])


def test_smoke_behind_a_thing_is_hidden_by_it_and_wider_than_a_wisp_from_its_top() -> None:
    """It is drawn before the layer of the thing, farther away than it."""
    behind, above = plume("smoke", words="smoke rises behind the cup"), plume("smoke", words="smoke rises")
    assert behind.before == "subject"
    assert above.before is None
    assert behind.plane.constant < above.plane.constant
    sizes = [(one.at(3.0, 0.01).rgba[..., 3] > 40).mean() * one.box.width * one.box.height for one in (behind, above)]
    assert sizes[0] > sizes[1]


def test_thick_smoke_hides_more() -> None:
    """The word makes the same plume denser, not darker."""
    thick, plain = (plume("smoke", words=f"{word} smoke rises") for word in ("thick", "grey"))
    assert thick.at(3.0, 0.01).rgba[..., 3].mean() > 1.2 * plain.at(3.0, 0.01).rgba[..., 3].mean()
    assert np.array_equal(thick.colour, plain.colour)
