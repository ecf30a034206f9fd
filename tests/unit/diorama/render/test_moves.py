"""What the rendered frames show: every move is the move that was asked, and no border or hole ever comes into view."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from measure import motion
from stillmotion.diorama import camera
from stillmotion.diorama.motion.records import Motion
from stillmotion.diorama.render import masters, stage
from stillmotion.diorama.render.frames import ShotFrames
from stillmotion.diorama.shot.records import CameraMove, Direction, MoveKind, Shot
from synthetic import scenes

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.scene.records import Scene

SIZE = (640, 360)
MOVES = [
    (MoveKind.PAN, Direction.LEFT, 20.0),
    (MoveKind.PAN, Direction.RIGHT, 20.0),
    (MoveKind.TILT, Direction.UP, 20.0),
    (MoveKind.TILT, Direction.DOWN, 20.0),
    (MoveKind.ROLL, Direction.RIGHT, 20.0),
    (MoveKind.ZOOM, Direction.IN, 1.2),
    (MoveKind.ZOOM, Direction.OUT, 2.0),
    (MoveKind.DOLLY, Direction.IN, 0.15),
    (MoveKind.DOLLY, Direction.OUT, 0.5),
    (MoveKind.TRUCK, Direction.LEFT, 0.5),
    (MoveKind.TRUCK, Direction.RIGHT, 0.5),
    (MoveKind.PEDESTAL, Direction.UP, 0.5),
    (MoveKind.PEDESTAL, Direction.DOWN, 0.5),
    (MoveKind.ORBIT, Direction.LEFT, 12.0),
    (MoveKind.ORBIT, Direction.RIGHT, 12.0),
    (MoveKind.RISE, Direction.UP, 12.0),
    (MoveKind.RISE, Direction.DOWN, 12.0),
    (MoveKind.DOLLY_ZOOM, Direction.IN, 1.3),
    (MoveKind.DOLLY_ZOOM, Direction.OUT, 1.3),
    (MoveKind.HANDHELD, Direction.NONE, 0.4),
]
VISIBLE_TO_FLOW = [row for row in MOVES if row[0] not in (MoveKind.HANDHELD, MoveKind.ROLL)]


def fitted(scene: Scene, kind: MoveKind, direction: Direction, amount: float) -> Shot:
    """A fitted four-second Shot of one move, about the subject where there is one."""
    target = "subject" if len(scene.layers) > 1 and kind is not MoveKind.ZOOM else None
    move = CameraMove(kind=kind, direction=direction, end_s=4.0, amount=amount, target=target)
    return camera.fit(scene, scenes.shot(move, size_px=SIZE))


def with_magenta_outside(frames: ShotFrames) -> None:
    """Paint magenta what lies outside the photo, wherever a layer has something to show at the border."""
    for sheet in frames._sheets:
        for _, master in sheet.copies:
            height, width = master.pixels.shape[:2]
            to_photo = np.linalg.inv(master.from_photo)
            x = np.arange(width) * to_photo[0, 0] + to_photo[0, 2]
            y = np.arange(height) * to_photo[1, 1] + to_photo[1, 2]
            shows = master.pixels[..., 3] > 24
            for column in np.flatnonzero((x < 0) | (x > 1)):
                inside = np.clip(column, np.argmax(x >= 0), width - 1 - np.argmax(x[::-1] <= 1))
                master.pixels[shows[:, inside], column] = (255, 0, 255, 255)
            for row in np.flatnonzero((y < 0) | (y > 1)):
                inside = np.clip(row, np.argmax(y >= 0), height - 1 - np.argmax(y[::-1] <= 1))
                master.pixels[row, shows[inside]] = (255, 0, 255, 255)


@pytest.mark.parametrize("build", [scenes.landscape, scenes.portrait, scenes.single])
@pytest.mark.parametrize(("kind", "direction", "amount"), MOVES)
def test_no_border_and_no_hole_ever_shows(
    build: Callable[[tuple[int, int]], Scene], kind: MoveKind, direction: Direction, amount: float
) -> None:
    """However far a move is asked to go: no magenta from beyond the photo, and every pixel is covered."""
    scene = build((960, 600))
    shot = fitted(scene, kind, direction, amount)
    frames = ShotFrames(scene, shot, camera.path(scene, shot))
    with_magenta_outside(frames)
    for index in (0, 30, 60, 75, 119):
        picture = frames.rgba(index).astype(int)
        assert picture[..., 3].min() == 255
        magenta = np.minimum(picture[..., 0], picture[..., 2]) - picture[..., 1]
        assert magenta.max() < 150, f"frame {index} shows what lies outside the photo"


def test_the_magenta_test_can_fail() -> None:
    """A Shot that was not fitted does show the border."""
    scene = scenes.portrait((960, 600))
    shot = fitted(scene, MoveKind.TRUCK, Direction.RIGHT, 0.5)
    shot = replace(shot, camera=(replace(shot.camera[0], amount=0.5),))
    frames = ShotFrames(scene, shot, camera.path(scene, shot))
    with_magenta_outside(frames)
    picture = frames.rgba(119).astype(int)
    assert (np.minimum(picture[..., 0], picture[..., 2]) - picture[..., 1]).max() > 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How subject and backdrop moved between two frames."""

    near: motion.CameraReading
    far: motion.CameraReading
    residual_px: float
    """95th percentile of what one similarity for both cannot explain."""


def read(scene: Scene, shot: Shot) -> Reading:
    """Follow points of the subject and of the backdrop over a film, and judge each part alone and both together."""
    frames = ShotFrames(scene, shot, camera.path(scene, shot))
    pictures = [frames.rgb(index) for index in (0, 40, 50, 60, 70, 80, 119)]
    box, (width, height) = shot.framing, scene.size_px
    left, top, right, bottom = box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height
    crop = np.array([[left, top], [right, top], [left, bottom]])
    matrix = cv2.getAffineTransform(crop.astype(np.float32), np.array([[0, 0], [640, 0], [0, 360]], np.float32))
    mask = cv2.warpAffine(scenes.subject_mask(scene).astype(np.uint8), matrix, SIZE)
    near, far = cv2.erode(mask, np.ones((9, 9))) > 0, cv2.dilate(mask, np.ones((25, 25))) == 0
    parts = []
    for where in (near, far):
        points = motion.corners(pictures[0], 200, where=where)
        paths, good = motion.tracks(pictures, points)
        parts.append((paths[0, good], paths[-1, good]))
    both = tuple(np.concatenate([parts[0][k], parts[1][k]]) for k in (0, 1))
    readings = [motion.read_camera(before, after, SIZE) for before, after in (*parts, both)]
    return Reading(near=readings[0], far=readings[1], residual_px=readings[2].residual_px)


def name(reading: Reading) -> tuple[str, str]:
    """The move that a reading shows: growth or shift, and whether subject and backdrop share it."""
    near, far = reading.near, reading.far
    growth = max((near.log_scale, far.log_scale), key=abs)
    shift_x, shift_y = (max(pair, key=abs) for pair in ((near.right_px, far.right_px), (near.down_px, far.down_px)))
    if abs(growth) > 0.03 and abs(growth) * 320 > 0.5 * max(abs(shift_x), abs(shift_y)):
        if abs(near.log_scale) < 0.3 * abs(far.log_scale):
            return "dolly_zoom", "in" if far.log_scale < 0 else "out"
        kind = "dolly" if abs(near.log_scale - far.log_scale) > 0.25 * abs(growth) else "zoom"
        return kind, "in" if growth > 0 else "out"
    level = abs(shift_x) > abs(shift_y)
    one, two = (near.right_px, far.right_px) if level else (near.down_px, far.down_px)
    words = ("left", "right") if level else ("up", "down")
    towards = words[1] if max((one, two), key=abs) < 0 else words[0]
    if abs(one - two) < 0.2 * max(abs(one), abs(two)):
        return ("pan" if level else "tilt"), towards
    if abs(one) > abs(two):
        return ("truck" if level else "pedestal"), towards
    return ("orbit", "right" if two > 0 else "left") if level else ("rise", "up" if two < 0 else "down")


@pytest.mark.parametrize(("kind", "direction", "amount"), VISIBLE_TO_FLOW)
def test_a_film_shows_the_move_that_was_asked(kind: MoveKind, direction: Direction, amount: float) -> None:
    """Tracked points name the move and its direction, after fitting."""
    scene = scenes.portrait()
    assert name(read(scene, fitted(scene, kind, direction, amount))) == (kind.value, direction.value)


def test_a_dolly_shows_the_depth_that_a_zoom_cannot() -> None:
    """Parallax that no similarity explains is at least five times larger in a dolly than in a zoom."""
    scene = scenes.portrait()
    dolly = read(scene, fitted(scene, MoveKind.DOLLY, Direction.IN, 0.12))
    zoom = read(scene, fitted(scene, MoveKind.ZOOM, Direction.IN, 1.15))
    assert dolly.residual_px >= 5 * zoom.residual_px


def test_a_slow_pan_does_not_shake() -> None:
    """Tracked corners follow a smooth path within 0.03 px rms."""
    scene = scenes.portrait()
    shot = fitted(scene, MoveKind.PAN, Direction.RIGHT, 1.0)
    frames = ShotFrames(scene, shot, camera.path(scene, shot))
    pictures = [frames.rgb(index) for index in range(40, 80)]
    paths, good = motion.tracks(pictures, motion.corners(pictures[0], 120))
    assert good.sum() > 60
    assert np.median(np.linalg.norm(paths[-1, good] - paths[0, good], axis=1)) > 3
    assert motion.jitter_px(paths[:, good]) <= 0.03


def test_relief_bends_a_layer_smoothly() -> None:
    """In a single layer with a bump the middle passes faster than the rim, and the picture stays whole."""
    scene = scenes.single(bump=0.3)
    shot = fitted(scene, MoveKind.TRUCK, Direction.RIGHT, 0.06)
    frames = ShotFrames(scene, shot, camera.path(scene, shot))
    pictures = [frames.rgb(index) for index in (0, 40, 60, 80, 119)]
    paths, good = motion.tracks(pictures, motion.corners(pictures[0], 300))
    shifts = paths[-1, good] - paths[0, good]
    away = np.linalg.norm(paths[0, good] - np.array([320, 180]), axis=1)
    expected = 640 / shot.framing.width * shot.camera[0].amount
    assert np.median(shifts[away < 50, 0]) == pytest.approx(-expected * 1.0, rel=0.08)
    assert np.median(shifts[away > 250, 0]) == pytest.approx(-expected * 0.72, rel=0.08)


def test_masters_cover_what_a_shot_can_see_and_little_more() -> None:
    """A master has twice the output's density, and only the part of a layer that comes into view."""
    scene = scenes.portrait((960, 600))
    shot = fitted(scene, MoveKind.TRUCK, Direction.RIGHT, 0.05)
    sheet = stage.sheets(scene, shot, camera.path(scene, shot), Motion())[0]
    height, width = sheet.copies[0][1].pixels.shape[:2]
    assert masters.DENSITY * SIZE[0] <= width < masters.DENSITY * SIZE[0] * 1.2
    assert masters.DENSITY * SIZE[1] <= height < masters.DENSITY * SIZE[1] * 1.1
