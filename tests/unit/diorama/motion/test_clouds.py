"""Clouds drift the way they are told, fast overhead, without a jump."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama import motion
from stillmotion.diorama.motion.solvers import clouds
from stillmotion.diorama.shot.ambient import AMBIENT
from synthetic import seas

if TYPE_CHECKING:
    from stillmotion.diorama.motion import skies


def drift(direction: str, *, speed: float = 1.0, seconds: int = 4) -> skies.Drift:
    """The flow of a sky."""
    cue = seas.cue("clouds", layer="sky", direction=direction, speed=speed)
    stage = seas.stage(seas.sea(), cue, seconds=seconds)
    (motion,) = clouds.perform(stage, stage.shot.motion).layers
    return motion.flows[0]


@pytest.mark.parametrize(("direction", "sign"), [("left", 1), ("right", -1)])
def test_clouds_go_the_way_they_are_told_and_faster_overhead(direction: str, sign: int) -> None:
    """Their colours come from the other side; near the horizon they creep."""
    flow = drift(direction)
    points = seas.grid()
    one, *_ = flow.sources(points, 2.0)
    shift = (one - points)[..., 0] * sign
    assert shift[2, 20:70].min() > 0.01
    assert shift[2, 40] > 3 * shift[18, 40]


def test_the_first_frame_is_the_photo() -> None:
    """No displacement and no second copy at the start."""
    one, _, second, _ = drift("left", seconds=20).sources(seas.grid(), 0.0)
    assert np.abs(one - seas.grid()).max() < 1e-5
    assert second.max() < 1e-5


def test_fast_is_faster_and_frames_do_not_jump() -> None:
    """Between two frames nothing moves farther than fast clouds can, except a copy that is not seen."""
    slow, fast = drift("left", speed=0.6), drift("left", speed=1.6)
    points = seas.grid()
    step = [np.abs((f.sources(points, 2.0)[0] - points)[2, 48, 0]) for f in (slow, fast)]
    assert step[1] > 2 * step[0]
    flow = drift("left", seconds=20)
    for time_s in np.arange(1, 18, 1 / 30):
        a, b = flow.sources(points, time_s), flow.sources(points, time_s + 1 / 30)
        jumped = np.abs(a[0] - b[0]).max(axis=2) > 0.01
        assert (1 - np.minimum(a[2], b[2]))[jumped].max(initial=0) < 0.15


def test_the_phase_of_the_cycle_does_not_shear_the_clouds() -> None:
    """Gradient of the phase times the travel stays under 0.2."""
    flow = drift("left", seconds=20)
    slope = np.abs(np.gradient(flow.phase, axis=1)).max() * flow.phase.shape[1]
    assert 0 < slope * flow.period_s * abs(flow.ceiling.drift[0]) * flow.ceiling.horizon_y < 0.2


def test_a_storm_darkens_and_other_clouds_do_not() -> None:
    """Only words of a storm dim the light."""
    for subject, dims in (("storm clouds", True), ("clouds", False)):
        stage = seas.stage(seas.sea(), seas.cue("clouds", layer="sky", subject=subject))
        grades = clouds.perform(stage, stage.shot.motion).grades
        assert bool(grades) == dims
        assert not dims or grades[0].at(4.0).exposure < grades[0].at(0.5).exposure <= 1.0


def test_a_photo_without_sky_is_told_so() -> None:
    """Refused in words."""
    stage = seas.stage(seas.cup(), seas.cue("clouds"))
    assert "sky" in str(clouds.refusal(stage, stage.shot.motion[0]))


def test_clouds_are_drawn_over_a_clear_sky_only_when_asked_for() -> None:
    """A clear sky has nothing to drift: words bring thin clouds, life of its own does not."""
    scene = seas.sea()
    sky = scene.layers[0]
    rgba = np.full_like(sky.rgba, 200)
    rgba[..., 3] = 255
    plain = replace(sky, rgba=rgba)
    photo = scene.photo.copy()
    photo[: int(seas.HORIZON_Y * len(photo))] = 200
    clear = replace(scene, photo=photo, layers=(plain, *scene.layers[1:]))
    asked, alive = (seas.stage(clear, seas.cue("clouds", layer="sky", words=words)) for words in ("clouds", AMBIENT))
    assert clouds.refusal(asked, asked.shot.motion[0]) is None
    assert clouds.refusal(alive, alive.shot.motion[0]) is not None
    (drawn,) = clouds.perform(asked, asked.shot.motion).overlays
    assert drawn.at(0.0, 0.01) is None
    assert drawn.at(3.0, 0.01).rgba[..., 3].max() > 40
    cloudy = seas.stage(seas.sea(), seas.cue("clouds", layer="sky"))
    assert [clouds.added(one, one.shot.motion[0]) for one in (asked, cloudy)] == ["clouds", None]
    noted = [note.words for note in motion.fit(asked.scene, asked.shot).notes if note.code == "added"]
    assert noted == ["Not in the photo, so drawn and added: clouds."]
