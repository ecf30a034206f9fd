"""Lightning flashes once where it is asked for once, and its thunder is as late as it is far."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.diorama.motion.records import Part, Veil
from stillmotion.diorama.motion.solvers import lightning
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.shot.records import MotionCue
from synthetic import scenes


def perform(words: str, *, prompt: str = "", duration_s: int = 4, **changes: object) -> Part:
    """What a cue makes happen over a landscape."""
    shot = scenes.shot(prompt=prompt or words, duration_s=duration_s)
    cue = MotionCue(verb="lightning", subject="lightning", words=words, performed=True, **changes)  # type: ignore[arg-type]
    return lightning.perform(Stage(scene=scenes.landscape((480, 300)), shot=shot), (cue,))


def times(part: Part, kind: str) -> list[float]:
    """When events of a kind happen."""
    return [event.time_s for event in part.events if event.kind == kind]


def test_a_flash_is_a_few_strokes_within_a_third_of_a_second() -> None:
    """Light rises at once, comes back one to three times, and is gone before half a second has passed."""
    part = perform("Lightning")
    (start,) = times(part, "flash")
    (grade,) = part.grades
    steps = np.arange(-0.2, 1.0, 1 / 240)
    lit = np.array([grade.at(start + float(step)).exposure - 1 for step in steps])
    assert lit[steps < -0.001].max() == 0
    assert lit[(steps >= 0) & (steps < 0.01)].max() > 0.2
    assert lit[steps > 0.62].max() < 0.02
    rises = np.flatnonzero(np.diff(lit) > 0.02)
    assert 2 <= len(rises) <= 4


def test_thunder_is_late_by_the_distance_over_the_speed_of_sound() -> None:
    """Far lightning is heard seconds later, near lightning within the shot."""
    near, far = perform("Lightning strikes near"), perform("Lightning strikes far away", duration_s=12)
    assert 0.8 < times(near, "thunder")[0] - times(near, "flash")[0] < 2.8
    delays = [heard - seen for seen, heard in zip(times(far, "flash"), times(far, "thunder"), strict=True)]
    assert min(delays) > 1400 / 343 - 1e-6


@pytest.mark.parametrize(("words", "delay"), [("thunder four seconds later", 4.0), ("thunder 2 seconds later", 2.0)])
def test_the_prompt_may_say_how_late_the_thunder_is(words: str, delay: float) -> None:
    """A delay in words is the delay of the event."""
    part = perform("lightning strikes far away", prompt=f"Heavy rain, lightning strikes far away, {words}.")
    assert times(part, "thunder")[0] - times(part, "flash")[0] == pytest.approx(delay)
    assert len(times(part, "flash")) == 1


def test_a_count_is_kept() -> None:
    """Three flashes are three flashes, all within the cue."""
    part = perform("lightning", count=3, start_s=1.0, end_s=3.5)
    assert len(times(part, "flash")) == 3
    assert all(1.0 <= time_s < 3.5 for time_s in times(part, "flash"))


def test_distant_flicker_shows_no_bolt() -> None:
    """Lightning that flickers lights the clouds: the sky has a light of its own, and nothing is drawn."""
    part = perform("lightning flickers in the distance")
    assert part.overlays == ()
    assert [one.layer for one in part.layers] == ["sky"]


def test_a_bolt_adds_light_and_only_while_it_strikes() -> None:
    """The bolt is drawn right in front of the sky during its strokes; it has no alpha, so it can only brighten."""
    part = perform("Lightning")
    (bolt,) = part.overlays
    (start,) = times(part, "flash")
    assert bolt.before == "ground"
    assert bolt.at(start - 0.02, 1 / 60) is None
    assert bolt.at(start + 0.8, 1 / 60) is None
    shown = bolt.at(start + 0.005, 1 / 60)
    assert isinstance(shown, Veil)
    assert shown.rgba[..., 3].max() == 0
    assert shown.rgba[..., :3].max() > 150
