"""Beats to seconds."""

from __future__ import annotations

import pytest

from stillmotion.diorama.shot.parse import parse
from stillmotion.diorama.shot.timing import Beat, schedule, solve


def _camera(prompt: str, total_s: float) -> list[tuple[str, float, float | None]]:
    intent = parse(prompt)
    timing = schedule(intent, total_s)
    return [(str(move.kind), *timing.window(move.when)) for move in intent.camera]


@pytest.mark.parametrize(
    ("prompt", "total_s", "expected"),
    [
        ("Pan left, then push in, then tilt up.", 12, [("pan", 0, 4), ("dolly", 4, 8), ("tilt", 8, None)]),
        (
            "Whip pan right, then tilt up, then hold for one second.",
            4,
            [("pan", 0, 0.6), ("tilt", 0.6, 3), ("static", 3, None)],
        ),
        ("Truck right for the first three seconds, then hold.", 8, [("truck", 0, 3), ("static", 3, None)]),
        ("After 2 seconds the camera pans left.", 4, [("pan", 2, None)]),
        ("The camera pans left at 0:03", 8, [("pan", 3, None)]),
        ("Slow pan left while zooming in", 4, [("pan", 0, None), ("zoom", 0, None)]),
        ("Pan left. Tilt up.", 4, [("pan", 0, 2), ("tilt", 2, None)]),
        ("Handheld, slow push in", 4, [("handheld", 0, None), ("dolly", 0, None)]),
        ("Dolly in. In the last second, whip pan left.", 8, [("dolly", 0, 7), ("pan", 7, None)]),
        ("0-2s: static. 2-4s: pan left, then tilt up.", 4, [("static", 0, 2), ("pan", 2, 3), ("tilt", 3, None)]),
        ("From 1 to 3 seconds the camera zooms in", 4, [("zoom", 1, 3)]),
    ],
)
def test_camera_windows(prompt: str, total_s: float, expected: list[tuple[str, float, float | None]]) -> None:
    """Order, counts and seconds in the words become windows in the shot."""
    found = _camera(prompt, total_s)
    assert [row[0] for row in found] == [row[0] for row in expected]
    assert [row[1:] for row in found] == [pytest.approx(row[1:], abs=0.01) for row in expected]


def test_cues_follow_then() -> None:
    """Then makes a later beat also for what moves."""
    intent = parse("The ball falls, then bounces, then rolls away.")
    timing = schedule(intent, 12)
    assert [timing.window(cue.when) for cue in intent.motion] == [(0, 4), (4, 8), (8, None)]


def test_later_counts_from_what_came_before() -> None:
    """Thunder two seconds later comes two seconds after the flash."""
    intent = parse("Lightning strikes, thunder two seconds later.")
    assert schedule(intent, 8).window(intent.sounds[0].when)[0] == pytest.approx(2)


def test_times_beyond_the_shot_are_scaled() -> None:
    """A ten-second list in a four-second shot keeps its proportions."""
    intent = parse("0-5s: pan left. 5-10s: tilt up.")
    timing = schedule(intent, 4)
    assert timing.scale == pytest.approx(0.4)
    assert [timing.window(move.when) for move in intent.camera] == [(0, 2), (2, None)]


def test_solve_keeps_anchors_and_durations() -> None:
    """An anchor stays where it is, a fixed duration keeps its length, the rest is shared by weight."""
    beats = [Beat(), Beat(duration_s=1.0), Beat(start_s=6.0), Beat(weight=3.0)]
    assert solve(beats, 0.0, 10.0) == [(0.0, 5.0), (5.0, 6.0), (6.0, 7.0), (7.0, 10.0)]


def test_solve_shrinks_what_does_not_fit() -> None:
    """Durations longer than the room shrink together; nothing leaves the shot."""
    windows = solve([Beat(duration_s=6.0), Beat(duration_s=6.0), Beat()], 0.0, 4.0)
    assert windows[0][1] - windows[0][0] == pytest.approx(windows[1][1] - windows[1][0])
    assert windows[-1][1] <= 4.0
    assert all(end > start for start, end in windows)
