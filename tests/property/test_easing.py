"""What every easing promises, for any time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stillmotion.diorama.camera.easing import done, ease, minimum_jerk
from stillmotion.diorama.shot.records import CameraMove, Easing, MoveKind

PARTS = st.floats(0.0, 1.0)


@given(st.sampled_from(Easing), PARTS, PARTS)
def test_an_easing_never_goes_back(easing: Easing, one: float, two: float) -> None:
    """A later time has at least as much of the move behind it."""
    early, late = ease(easing, np.array(sorted([one, two])))
    assert early <= late


@given(st.sampled_from(Easing), st.floats(-5, 5))
def test_an_easing_starts_at_nothing_and_ends_at_all(easing: Easing, time: float) -> None:
    """Before its start nothing of a move is done, after its end all of it."""
    value = ease(easing, np.array([time]))[0]
    assert 0.0 <= value <= 1.0
    if time <= 0:
        assert value == 0.0
    if time >= 1:
        assert value == 1.0


@given(PARTS)
def test_minimum_jerk_is_the_same_backwards(part: float) -> None:
    """What is done at u and what is left at 1 - u are equal."""
    there, back = minimum_jerk(np.array([part, 1 - part]))
    assert abs(there + back - 1) < 1e-12


def test_minimum_jerk_starts_and_ends_without_a_jolt() -> None:
    """Speed and acceleration are zero at both ends, and the top speed is 1.875 times the mean."""
    u = np.linspace(-0.01, 1.01, 100_001)
    speed = np.gradient(minimum_jerk(u), u)
    acceleration = np.gradient(speed, u)
    for end in (0.0, 1.0):
        at = np.argmin(np.abs(u - end))
        assert abs(speed[at]) < 1e-6
        assert abs(acceleration[at]) < 1e-2
    assert abs(speed.max() - 1.875) < 1e-4


@given(st.floats(0, 10), st.floats(1.3, 10), st.floats(0, 20))
def test_a_move_is_over_when_its_time_is_over(start: float, length: float, time: float) -> None:
    """Whatever the holds: nothing before the start, everything after the end, and never outside 0..1."""
    move = CameraMove(kind=MoveKind.PAN, start_s=start, end_s=start + length, amount=1.0)
    value = done(move, np.array([time]), 20.0)[0]
    assert 0.0 <= value <= 1.0
    if time <= start:
        assert value == 0.0
    if time >= start + length:
        assert value == 1.0


def test_a_move_over_the_whole_shot_holds_still_at_both_ends() -> None:
    """The first and the last 0.2 s do not move."""
    move = CameraMove(kind=MoveKind.PAN, end_s=4.0, amount=1.0)
    values = done(move, np.array([0.0, 0.19, 0.4, 3.6, 3.81, 4.0]), 4.0)
    assert values[0] == values[1] == 0.0
    assert values[2] > 0.0
    assert values[3] < 1.0
    assert values[4] == values[5] == 1.0
