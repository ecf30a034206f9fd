"""What each named move does to the camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillmotion.diorama import camera
from stillmotion.diorama.geometry import Plane, project
from stillmotion.diorama.shot.records import CameraMove, Direction, MoveKind
from stillmotion.errors import ShotInvalid
from synthetic import scenes

SIZE = (640, 360)
KINDS = [kind for kind in MoveKind if kind is not MoveKind.STATIC]
AMOUNTS = {MoveKind.ZOOM: 1.2, MoveKind.DOLLY_ZOOM: 1.2, MoveKind.HANDHELD: 0.3, MoveKind.FOCUS_PULL: 1.0}
BY_DISTANCE = (MoveKind.DOLLY, MoveKind.TRUCK, MoveKind.PEDESTAL)


def move(kind: MoveKind, direction: Direction = Direction.NONE, **changes: object) -> CameraMove:
    """A move over a whole four-second shot, of a usual size."""
    amount = AMOUNTS.get(kind, 0.1 if kind in BY_DISTANCE else 4.0)
    return CameraMove(**({"kind": kind, "direction": direction, "end_s": 4.0, "amount": amount} | changes))  # type: ignore[arg-type]


def path_of(*moves: CameraMove) -> camera.CameraPath:
    """The path of moves through the test landscape, without fitting."""
    scene = scenes.landscape((720, 450))
    shot = replace(scenes.shot(*moves, size_px=SIZE), framing=scenes.Box(x0=0.05, y0=0.1, x1=0.95, y1=0.91))
    return camera.path(scene, shot)


def seen(path: camera.CameraPath, q: float, time_s: float = 4.0, at: tuple[float, float] = (0.5, 0.5)) -> np.ndarray:
    """How far a point at inverse depth q moves in the picture, in output pixels."""
    plane, points = Plane(constant=q), np.array([at])
    first = project(path.homography(plane, 0.0, SIZE), points)[0]
    return project(path.homography(plane, time_s, SIZE), points)[0] - first


@pytest.mark.parametrize("kind", KINDS)
def test_a_shot_starts_at_the_camera_that_took_the_photo(kind: MoveKind) -> None:
    """At time 0 every move is at its very beginning: the pose is the photo's."""
    state = path_of(move(kind, Direction.RIGHT)).state(0.0)
    pose = (state.right, state.down, state.forward, state.yaw_deg, state.pitch_deg, state.roll_deg, state.zoom)
    assert pose == (0, 0, 0, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("kind", "direction", "sign"),
    [
        (MoveKind.PAN, Direction.RIGHT, (-1, 0)),
        (MoveKind.PAN, Direction.LEFT, (1, 0)),
        (MoveKind.TILT, Direction.UP, (0, 1)),
        (MoveKind.TILT, Direction.DOWN, (0, -1)),
        (MoveKind.TRUCK, Direction.RIGHT, (-1, 0)),
        (MoveKind.TRUCK, Direction.LEFT, (1, 0)),
        (MoveKind.PEDESTAL, Direction.UP, (0, 1)),
        (MoveKind.PEDESTAL, Direction.DOWN, (0, -1)),
    ],
)
def test_the_picture_goes_against_the_camera(kind: MoveKind, direction: Direction, sign: tuple[int, int]) -> None:
    """What is seen moves against the direction that the move is named after."""
    moved = seen(path_of(move(kind, direction)), q=1.0)
    assert tuple(np.sign(np.round(moved, 6))) == sign


def test_near_things_pass_faster_than_far_ones() -> None:
    """A truck moves a layer in proportion to its inverse depth; a pan moves all alike."""
    truck, pan = path_of(move(MoveKind.TRUCK, Direction.RIGHT)), path_of(move(MoveKind.PAN, Direction.RIGHT))
    assert seen(truck, 1.0)[0] == pytest.approx(2 * seen(truck, 0.5)[0])
    assert seen(truck, 0.0)[0] == pytest.approx(0.0, abs=1e-9)
    assert seen(pan, 1.0)[0] == pytest.approx(seen(pan, 0.0)[0])


@pytest.mark.parametrize(("direction", "sign"), [(Direction.IN, 1), (Direction.OUT, -1)])
def test_a_dolly_holds_its_target_and_grows_the_rest_by_depth(direction: Direction, sign: int) -> None:
    """The target keeps its place; the subject changes size as 1 / (1 - d), the sky not at all."""
    path = path_of(move(MoveKind.DOLLY, direction, target="subject"))
    x, y = 0.5, 0.58
    assert np.abs(seen(path, 1.0, at=(x, y))).max() < 2.0
    grown = path.homography(Plane(constant=1.0), 4.0, SIZE)
    assert grown[0, 0] / grown[2, 2] / (SIZE[0] / 0.9) == pytest.approx(1 / (1 - sign * 0.1))
    assert np.abs(seen(path, 0.0, at=(0.2, 0.2))).max() < 1e-9


@pytest.mark.parametrize("kind", [MoveKind.ORBIT, MoveKind.RISE])
def test_an_arc_keeps_looking_at_its_subject(kind: MoveKind) -> None:
    """The middle of the subject stays where it is while what lies behind goes with the camera."""
    path = path_of(move(kind, Direction.RIGHT if kind is MoveKind.ORBIT else Direction.UP, target=None))
    middle = (0.5, 0.505)
    assert np.abs(seen(path, 1.0, at=middle)).max() < 1e-6
    behind = seen(path, 0.3, at=middle)
    assert (behind[0] > 5) if kind is MoveKind.ORBIT else (behind[1] < -5)


@pytest.mark.parametrize("direction", [Direction.IN, Direction.OUT])
def test_a_dolly_zoom_keeps_the_size_of_its_subject(direction: Direction) -> None:
    """At every time a plane at the target's depth fills the picture as in frame 0; the sky does not."""
    path = path_of(move(MoveKind.DOLLY_ZOOM, direction, target="subject"))
    for time_s in (1.0, 2.0, 2.7, 4.0):
        assert np.abs(seen(path, 1.0, time_s, at=(0.2, 0.3))).max() < 1e-6
    grown = path.homography(Plane(), 4.0, SIZE)[0, 0] / path.homography(Plane(), 0.0, SIZE)[0, 0]
    assert (grown < 0.9) if direction is Direction.IN else (grown > 1.1)


def test_overlapping_moves_add_up() -> None:
    """A pan during a zoom turns as far as a pan alone, and zooms multiply."""
    both = path_of(
        move(MoveKind.PAN, Direction.RIGHT), move(MoveKind.ZOOM, Direction.IN), move(MoveKind.ZOOM, Direction.IN)
    )
    state = both.state(4.0)
    assert state.yaw_deg == pytest.approx(4.0)
    assert state.zoom == pytest.approx(1.44)


def test_moves_happen_in_their_own_time() -> None:
    """Pan left, then push in: while one runs the other waits."""
    path = path_of(
        move(MoveKind.PAN, Direction.LEFT, end_s=2.0), move(MoveKind.DOLLY, Direction.IN, start_s=2.0, target="subject")
    )
    middle = path.state(2.0)
    assert middle.yaw_deg == pytest.approx(-4.0)
    assert middle.forward == 0.0
    assert path.state(4.0).forward == pytest.approx(0.1)


def test_a_hand_shakes_a_little_and_differently_for_each_seed() -> None:
    """Yaw and pitch are about as strong as asked, roll stays under 0.3 degrees, and the seed decides the rest."""
    scene = scenes.portrait((720, 450))
    shot = replace(scenes.shot(move(MoveKind.HANDHELD, end_s=20.0, amount=0.3), size_px=SIZE), duration_s=20)
    times = np.arange(40, 600) / 30
    angles = camera.path(scene, shot).poses(times).angles
    assert 0.15 < angles[:, :2].std() < 0.45
    assert 0.01 < np.abs(angles[:, 2]).max() <= 0.3
    other = camera.path(scene, replace(shot, seed=1)).poses(times).angles
    assert np.abs(other - angles).max() > 0.1


def test_a_focus_pull_goes_from_one_layer_to_the_other() -> None:
    """Focus is at the source's depth first and at the target's at the end, with an open aperture all along."""
    path = path_of(move(MoveKind.FOCUS_PULL, source="sky", target="subject"))
    first, last = path.state(0.0), path.state(4.0)
    assert (first.focus, last.focus) == pytest.approx((0.0, 1.0))
    assert first.aperture == last.aperture > 0


def test_an_unknown_target_is_refused_in_words() -> None:
    """A hand-edited Shot that aims at nothing says which layers there are."""
    with pytest.raises(ShotInvalid, match="sky, ground, subject"):
        path_of(move(MoveKind.DOLLY, Direction.IN, target="unicorn"))
