"""When cues follow each other, and what ends what."""

from __future__ import annotations

from stillmotion.diorama.shot.order import in_order
from stillmotion.diorama.shot.records import MotionCue


def _cue(verb: str, layer: str | None = "subject", **more: object) -> MotionCue:
    return MotionCue(verb=verb, subject=layer or verb, layer=layer, **more)  # type: ignore[arg-type]


def _spans(*cues: MotionCue) -> list[tuple[str, float, float | None]]:
    return [(cue.verb, cue.start_s, cue.end_s) for cue in in_order(cues, 4.0)]


def test_travels_of_one_thing_follow_each_other() -> None:
    """It lifts off, then it flies: each has half of the time."""
    assert _spans(_cue("rise"), _cue("fly")) == [("rise", 0.0, 2.0), ("fly", 2.0, None)]


def test_what_follows_from_a_fall_starts_with_it() -> None:
    """Falling, bouncing and rolling are one movement; the physics says when."""
    assert {start for _, start, _ in _spans(_cue("fall"), _cue("bounce"), _cue("roll"))} == {0.0}


def test_gestures_come_a_little_apart() -> None:
    """Smiling and blinking do not start in the same instant; breathing goes on beside them."""
    (_, smile, _), (_, blink, _), (_, breathe, end) = _spans(_cue("smile"), _cue("blink"), _cue("breathe", end_s=2.0))
    assert smile == breathe == 0.0
    assert 0.5 < blink < 2.0
    assert end is None


def test_coming_to_rest_ends_what_went_on() -> None:
    """The cup spins until it settles, and settling is no movement of its own."""
    assert _spans(_cue("spin", end_s=2.0), _cue("settle", start_s=2.0)) == [("spin", 0.0, 2.6)]


def test_everything_calms_down() -> None:
    """What anybody moves ends soon after everything comes to rest, and nothing before."""
    rest = MotionCue(verb="settle", subject="everything", start_s=3.0)
    assert _spans(_cue("wind", None), _cue("sway", "trees"), rest) == [("wind", 0.0, 3.6), ("sway", 0.0, 3.6)]


def test_a_rolling_thing_settles_in_its_own_cue() -> None:
    """Where a body rolls and stops in one breath, stopping is part of its movement."""
    assert [verb for verb, _, _ in _spans(_cue("roll"), _cue("settle"))] == ["roll", "settle"]


def test_the_same_movement_twice_is_one() -> None:
    """Two phrases for one movement make one cue, with what either of them says."""
    (cue,) = in_order([_cue("sway", direction="left"), _cue("sway", count=3)], 4.0)
    assert (cue.direction, cue.count) == ("left", 3)
