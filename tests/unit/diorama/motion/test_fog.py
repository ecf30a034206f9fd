"""Fog comes in from its side, thickens, and drifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.motion.solvers import fog
from synthetic import seas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.stage import Stage


def thickness(stage: Stage, time_s: float) -> NDArray[np.float64]:
    """Opacity of all banks together, (rows, columns); 0 where there is none."""
    clear = np.ones((84, 144))
    for bank in fog.perform(stage, stage.shot.motion).overlays:
        veil = bank.at(time_s, 0.01)
        if veil is not None:
            rows, columns = veil.rgba.shape[:2]
            top, left = round((veil.box.y0 + 0.12) / 1.24 * 84), round((veil.box.x0 + 0.12) / 1.24 * 144)
            clear[top : top + rows, left : left + columns] *= 1 - veil.rgba[..., 3] / 255
    return 1 - clear


@pytest.mark.parametrize(("direction", "first"), [("right", slice(0, 48)), ("left", slice(-48, None))])
def test_fog_that_rolls_in_comes_from_its_side_and_grows(direction: str, first: slice) -> None:
    """To the right is from the left."""
    stage = seas.stage(seas.sea(), seas.cue("fog", words="fog rolls in", direction=direction))
    early, late = thickness(stage, 1.2), thickness(stage, 3.9)
    other = slice(-48, None) if first.start == 0 else slice(0, 48)
    assert early[:, first].mean() > 2 * early[:, other].mean()
    assert late.mean() > 2 * early.mean()
    assert thickness(stage, 0.0).max() == 0


def test_fog_is_thickest_near_the_horizon_and_thin_high_in_the_sky() -> None:
    """It lies on the water."""
    stage = seas.stage(seas.sea(), seas.cue("fog", words="fog"))
    rows = thickness(stage, 3.9).mean(axis=1)
    horizon = int((seas.HORIZON_Y + 0.12) / 1.24 * 84)
    assert rows[horizon + 3] > 2 * rows[12]


def test_mist_is_thinner_than_fog() -> None:
    """Words say how much."""
    both = [seas.stage(seas.sea(), seas.cue("fog", subject=word, words=word)) for word in ("mist", "fog")]
    assert thickness(both[0], 3.5).mean() < 0.85 * thickness(both[1], 3.5).mean()


def test_frames_follow_each_other_smoothly() -> None:
    """Nothing pops between two frames."""
    stage = seas.stage(seas.sea(), seas.cue("fog", words="fog rolls in", direction="right"))
    for time_s in (0.7, 1.9, 3.1):
        assert np.abs(thickness(stage, time_s) - thickness(stage, time_s + 1 / 30)).max() < 0.06
