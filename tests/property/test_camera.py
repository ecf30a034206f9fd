"""The camera stays inside what a scene can show, whatever moves are asked of it."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillmotion.diorama import camera
from stillmotion.diorama.camera.limits import Allowance, allowed
from stillmotion.diorama.camera.probes import probes
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.shot.records import MOVES_LIMIT, CameraMove, Direction, Easing, MoveKind, Shot
from synthetic import scenes

SIZE = (1280, 720)
WHOLE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)
CUT = Box(x0=0.05, y0=0.05, x1=0.95, y1=0.86)
MOST = {MoveKind.ZOOM: 4.0, MoveKind.DOLLY_ZOOM: 4.0, MoveKind.HANDHELD: 2.0, MoveKind.FOCUS_PULL: 1.0} | dict.fromkeys(
    (MoveKind.DOLLY, MoveKind.TRUCK, MoveKind.PEDESTAL), 2.0
)


@st.composite
def moves(draw: st.DrawFn) -> CameraMove:
    """Any move that a Shot may hold."""
    kind = draw(st.sampled_from([kind for kind in MoveKind if kind is not MoveKind.STATIC]))
    low = 1.0 if kind in {MoveKind.ZOOM, MoveKind.DOLLY_ZOOM} else 0.0
    start = draw(st.floats(0.0, 3.5))
    return CameraMove(
        kind=kind,
        direction=draw(st.sampled_from(Direction)),
        start_s=start,
        end_s=draw(st.floats(start + 0.05, 4.0)),
        amount=low + draw(st.floats(0.0, 1.0)) * (MOST.get(kind, 90.0) - low),
    )


def holds(shot: Shot) -> bool:
    """Whether every frame shows only what the scene can show."""
    scene = scenes.landscape((720, 450))
    allowance = Allowance(trusted=True, scale=1.0, size_px=SIZE)
    return allowed(camera.path(scene, shot), np.arange(shot.frame_count) / shot.fps, probes(scene), allowance)


@settings(max_examples=12, deadline=None)
@given(asked=st.lists(moves(), max_size=5), framing=st.sampled_from((WHOLE, CUT)))
def test_no_frame_shows_what_is_not_there(asked: list[CameraMove], framing: Box) -> None:
    """Over every frame of any set of moves no border, no wide revealed band and no stretched ground comes into view."""
    assert holds(camera.fit(scenes.landscape((720, 450)), scenes.shot(*asked, size_px=SIZE, framing=framing)))


def test_moves_between_the_solvers_looks_are_held_back() -> None:
    """Pans that cancel at the times that are looked at first, but not between, are calmed."""
    swings = [
        CameraMove(kind=MoveKind.PAN, direction=side, start_s=0.26, end_s=0.49, amount=90.0, easing=easing)
        for side, easing in ((Direction.RIGHT, Easing.LINEAR), (Direction.LEFT, Easing.MINIMUM_JERK))
    ]
    assert holds(camera.fit(scenes.landscape((720, 450)), scenes.shot(*swings * 12, size_px=SIZE)))


@pytest.mark.parametrize("kind", [MoveKind.TRUCK, MoveKind.PAN])
def test_as_many_moves_as_a_shot_may_hold_are_fitted_quickly(kind: MoveKind) -> None:
    """The most moves of a Shot, each too large, take less than two seconds of one core."""
    scene = scenes.landscape((720, 450))
    step = 4.0 / MOVES_LIMIT
    asked = [
        CameraMove(kind=kind, direction=side, start_s=index * step, end_s=(index + 1) * step, amount=2.0)
        for index, side in enumerate([Direction.LEFT, Direction.RIGHT] * (MOVES_LIMIT // 2))
    ]
    started = time.thread_time()
    fitted = camera.fit(scene, scenes.shot(*asked, size_px=SIZE))
    assert time.thread_time() - started < 2.0
    assert len(fitted.camera) <= MOVES_LIMIT
