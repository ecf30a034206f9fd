"""The budget solver keeps every move inside what a scene can show, and keeps it visible."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama import camera
from stillmotion.diorama.camera import visible
from stillmotion.diorama.camera.limits import places
from stillmotion.diorama.camera.probes import probes
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.scene.records import Face, Gate
from stillmotion.diorama.shot.records import CameraMove, Direction, Lens, MoveKind, Shot
from stillmotion.errors import ShotInvalid
from synthetic import scenes

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene

SIZE = (1280, 720)
GATE = Gate(code="thin-edges", measured=0.5, limit=0.35, words="")


def fitted(scene: Scene, kind: MoveKind, direction: Direction, amount: float, **changes: object) -> Shot:
    """A four-second Shot of one move, fitted."""
    move = CameraMove(kind=kind, direction=direction, end_s=4.0, amount=amount)
    return camera.fit(scene, scenes.shot(move, size_px=SIZE, **changes))


def gap_px(scene: Scene, shot: Shot) -> float:
    """How far the subject's outline and what is behind it have moved apart at the end of a Shot, in output pixels."""
    path = camera.path(scene, shot)
    poses = path.poses(np.array([float(shot.duration_s)]))
    angle = np.linspace(0, 2 * np.pi, 40)
    outline = np.stack([0.5 + np.cos(angle) / 7, 0.58 + np.sin(angle) * 0.26], axis=1)
    near, far = (places(path, poses, outline, np.full(40, q), SIZE) for q in (1.0, 0.5))
    return float(np.linalg.norm(near - far, axis=2).max())


def test_a_fitted_shot_stays_as_it_is() -> None:
    """Fitting is done once: fitting again changes nothing, so a Shot can be replayed."""
    scene = scenes.landscape((720, 450))
    for kind, direction, amount in ((MoveKind.TRUCK, Direction.RIGHT, 0.2), (MoveKind.PAN, Direction.LEFT, 9.0)):
        shot = fitted(scene, kind, direction, amount)
        assert camera.fit(scene, shot) == shot


def test_a_small_move_keeps_its_size() -> None:
    """What fits is not touched, and says nothing."""
    shot = fitted(scenes.portrait((720, 450)), MoveKind.PAN, Direction.RIGHT, 2.0)
    assert shot.camera[0].amount == 2.0
    assert not shot.notes


def test_a_move_that_shrinks_a_lot_says_so() -> None:
    """A pan of 40 degrees on a photo with no room leaves a note for the person."""
    shot = fitted(scenes.portrait((720, 450)), MoveKind.PAN, Direction.RIGHT, 40.0)
    assert 2.0 < shot.camera[0].amount < 10.0
    assert [note.code for note in shot.notes] == ["camera-limited"]
    assert "pan right" in shot.notes[0].words


def test_the_framing_has_the_shape_of_the_output_and_cuts_little() -> None:
    """At most 8 % a side beyond what the shape needs, and room on the side to which the camera goes."""
    shot = fitted(scenes.portrait(), MoveKind.PAN, Direction.RIGHT, 40.0)
    box = shot.framing
    assert (box.width * 1440) / (box.height * 900) == pytest.approx(16 / 9, rel=1e-3)
    assert 1.0 - box.x1 == pytest.approx(0.08, abs=1e-3)
    assert box.x0 < 0.08 + 1e-6
    assert box.height >= 0.9 * 0.84 - 1e-6


def test_a_static_shot_shows_as_much_as_it_can() -> None:
    """Without a move nothing is cut but what the shape needs."""
    shot = camera.fit(scenes.portrait(), scenes.shot(size_px=SIZE))
    assert shot.framing.width == pytest.approx(1.0)
    assert shot.framing.height == pytest.approx(0.9)


def test_a_panorama_pans_far() -> None:
    """What the output's shape leaves over is free travel: a pan over a 3:1 photo sees half a frame more."""
    scene = scenes.stacked((scenes.portrait((1800, 600)).layers[0],))
    shot = fitted(scene, MoveKind.PAN, Direction.RIGHT, 6.0)
    path = camera.path(scene, shot)
    moved = path.homography(scene.layers[0].plane, 4.0, SIZE) @ np.array([0.5, 0.5, 1.0])
    first = path.homography(scene.layers[0].plane, 0.0, SIZE) @ np.array([0.5, 0.5, 1.0])
    assert (first[0] / first[2] - moved[0] / moved[2]) / SIZE[0] > 0.25


def test_a_crop_keeps_the_face() -> None:
    """A tall photo in a wide picture keeps the face in view instead of the middle."""
    scene = scenes.stacked((scenes.portrait((600, 1000)).layers[0],))
    face = Face(
        box=Box(x0=0.4, y0=0.08, x1=0.6, y1=0.2), landmarks=np.zeros((478, 3), np.float32), score=1.0, layer="backdrop"
    )
    shot = camera.fit(replace(scene, faces=(face,)), scenes.shot(size_px=SIZE))
    assert shot.framing.y0 <= 0.06
    assert shot.framing.y1 >= 0.22


@pytest.mark.parametrize(
    ("kind", "direction", "amount"),
    [
        (MoveKind.TRUCK, Direction.LEFT, 0.04),
        (MoveKind.TRUCK, Direction.RIGHT, 0.5),
        (MoveKind.DOLLY, Direction.IN, 0.12),
        (MoveKind.PEDESTAL, Direction.UP, 0.5),
        (MoveKind.ORBIT, Direction.RIGHT, 8.0),
    ],
)
def test_travel_shows_parallax_but_reveals_little(kind: MoveKind, direction: Direction, amount: float) -> None:
    """In a scene that can be trusted edges part by at least 28 px at 720p, and by little more than 45."""
    scene = scenes.portrait()
    assert 28 <= gap_px(scene, fitted(scene, kind, direction, amount)) < 60


@pytest.mark.parametrize("kind", [MoveKind.TRUCK, MoveKind.DOLLY, MoveKind.ORBIT])
def test_a_doubtful_scene_moves_its_layers_little(kind: MoveKind) -> None:
    """Behind a gate parallax stays within 10 px at 720p."""
    scene = replace(scenes.portrait(), gates=(GATE,))
    direction = Direction.IN if kind is MoveKind.DOLLY else Direction.RIGHT
    shot = fitted(scene, kind, direction, 5.0 if kind is MoveKind.ORBIT else 0.2)
    assert 3 < gap_px(scene, shot) <= 10.5


def test_inclined_ground_is_not_stretched() -> None:
    """However far a dolly is asked to go, nothing in view on the ground grows beyond 1.6 times."""
    scene = scenes.landscape((720, 450))
    shot = fitted(scene, MoveKind.DOLLY, Direction.IN, 0.9)
    path, ground = camera.path(scene, shot), scene.layer("ground").plane
    for x, y in ((0.2, 0.9), (0.5, 0.8), (0.8, 0.6)):
        corners = np.array([[x, y, 1.0], [x + 1e-4, y, 1.0], [x, y + 1e-4, 1.0]]).T
        first, last = (path.homography(ground, time_s, SIZE) @ corners for time_s in (0.0, 4.0))
        first, last = first[:2] / first[2], last[:2] / last[2]
        if not ((last[:, 0] >= 0) & (last[:, 0] <= SIZE)).all():
            continue
        jacobian = (last[:, 1:] - last[:, :1]) @ np.linalg.inv(first[:, 1:] - first[:, :1])
        assert np.linalg.svd(jacobian, compute_uv=False).max() <= 1.62


def test_a_focus_pull_at_one_depth_is_left_out_and_said() -> None:
    """In a flat picture there is nothing to pull focus between."""
    shot = fitted(scenes.single((480, 300), bump=0.0), MoveKind.FOCUS_PULL, Direction.NONE, 1.0)
    assert shot.camera[0].amount == 0.0
    assert [note.code for note in shot.notes] == ["camera-limited"]


@pytest.mark.parametrize("field", ["lens.focus", "camera[1].target", "camera[1].source"])
def test_a_layer_that_is_not_there_is_named_with_its_field(field: str) -> None:
    """Whoever mistypes a layer reads where it stands and which layers there are."""
    pan = CameraMove(kind=MoveKind.PAN, end_s=4.0, amount=1.0)
    pull = CameraMove(kind=MoveKind.FOCUS_PULL, end_s=4.0, amount=0.5, target="subject", source="backdrop")
    end = field.rpartition(".")[2]
    lens = Lens(focus="sbject" if end == "focus" else None)
    pull = pull if end == "focus" else replace(pull, **{end: "sbject"})
    with pytest.raises(ShotInvalid) as caught:
        camera.fit(scenes.portrait((720, 450)), scenes.shot(pan, pull, size_px=SIZE, lens=lens))
    assert str(caught.value).startswith(f"{field}: ")
    assert "backdrop, subject" in str(caught.value)


def test_a_framing_that_a_person_chose_is_kept() -> None:
    """A hand-edited crop stays, and the move shrinks to fit it."""
    scene = scenes.portrait()
    box = Box(x0=0.02, y0=0.05, x1=0.98, y1=0.05 + 0.96 * 0.9)
    shot = fitted(scene, MoveKind.PAN, Direction.RIGHT, 8.0, framing=box)
    assert shot.framing == box
    assert 0 < shot.camera[0].amount < 2.0


@pytest.mark.parametrize(
    ("kind", "direction", "carrier"),
    [
        (MoveKind.DOLLY, Direction.IN, MoveKind.ZOOM),
        (MoveKind.DOLLY, Direction.OUT, MoveKind.ZOOM),
        (MoveKind.TRUCK, Direction.LEFT, MoveKind.PAN),
        (MoveKind.PEDESTAL, Direction.UP, MoveKind.TILT),
    ],
)
def test_a_move_past_far_things_is_still_seen(kind: MoveKind, direction: Direction, carrier: MoveKind) -> None:
    """With nothing near, a zoom or a turn that looks alike moves the picture, and the person is told."""
    scene = far()
    shot = fitted(scene, kind, direction, 0.08)
    assert [move.kind for move in shot.camera] == [kind, carrier]
    assert shot.camera[1].direction is direction
    assert [note.code for note in shot.notes] == ["substitute"]
    assert visible.travel_px(scene, shot, probes(scene).ground) > 12
    assert camera.fit(scene, shot) == shot


def test_an_orbit_round_a_flat_picture_slides_it_as_a_background_would() -> None:
    """Without depth an orbit to the right turns the camera to the left, so that something moves."""
    scene = scenes.stacked((replace(scenes.portrait((720, 450)).layers[0], plane=Plane(constant=0.9)),))
    shot = fitted(scene, MoveKind.ORBIT, Direction.RIGHT, 3.0)
    assert [(move.kind, move.direction) for move in shot.camera] == [
        (MoveKind.ORBIT, Direction.RIGHT),
        (MoveKind.PAN, Direction.LEFT),
    ]
    assert visible.travel_px(scene, shot, probes(scene).ground) > 12


def test_a_move_with_parallax_stays_pure() -> None:
    """Nothing is added to a dolly or a truck that near things show."""
    for kind, direction in ((MoveKind.DOLLY, Direction.IN), (MoveKind.TRUCK, Direction.RIGHT)):
        shot = fitted(scenes.portrait((720, 450)), kind, direction, 0.08)
        assert [move.kind for move in shot.camera] == [kind]


def far() -> Scene:
    """A sky alone."""
    return scenes.stacked((replace(scenes.portrait((720, 450)).layers[0], plane=Plane()),))


def test_a_move_that_cannot_be_seen_says_so() -> None:
    """A pan that stands still, asked so or for want of room, is not passed over in silence; a static shot may be."""
    tiny = fitted(far(), MoveKind.PAN, Direction.RIGHT, 0.05)
    stuck = fitted(far(), MoveKind.PAN, Direction.RIGHT, 5.0, framing=Box(x0=0.0, y0=0.05, x1=0.999, y1=0.9491))
    for shot in (tiny, stuck):
        assert [note.code for note in shot.notes] == ["camera-limited"]
    assert not camera.fit(far(), scenes.shot(size_px=SIZE)).notes


def test_the_subject_is_cut_at_its_foot_before_its_head() -> None:
    """A subject that is too tall for the picture keeps its top, where there is air above it."""
    base = scenes.portrait((720, 720))
    shot = camera.fit(base, scenes.shot(size_px=SIZE))
    subject = base.layer("subject")
    assert shot.framing.y0 * 720 <= subject.top_px


def test_a_wide_band_of_plain_fill_may_come_into_view() -> None:
    """Before clear sky a truck goes farther than before detail, because nothing wrong would be seen."""
    busy = scenes.portrait((960, 600))
    back = busy.layers[0]
    plain = np.empty_like(back.rgba)
    plain[:] = (120, 150, 190, 255)
    calm = scenes.stacked((replace(back, rgba=plain), busy.layers[1]))
    far_ones = [fitted(scene, MoveKind.TRUCK, Direction.RIGHT, 0.5) for scene in (busy, calm)]
    gaps = [gap_px(scene, shot) for scene, shot in zip((busy, calm), far_ones, strict=True)]
    assert gaps[0] < 60
    assert 1.15 * gaps[0] < gaps[1] < 90
