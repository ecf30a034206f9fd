"""A camera that stands, stands; one that moves, moves as smoothly as an ideally warped photo."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from measure import ideal, motion, photos
from measure.films import Studio, clean, with_moves
from measure.video import decode
from stillmotion.clip import Clip, Recorded
from stillmotion.diorama import camera, scene
from stillmotion.diorama.shot.records import CameraMove, Direction, MoveKind
from stillmotion.engines.diorama import scene_cache
from stillmotion.media.image import read_picture
from stillmotion.media.video import write_mp4

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.diorama.shot.records import Shot

pytestmark = pytest.mark.quality

MIDDLE = slice(57, 62)
LOOKAHEAD = 12
"""Frames that the encoder sees before it decides; the rest of the ideal film would change nothing."""
SLOW_PAN = CameraMove(kind=MoveKind.PAN, direction=Direction.RIGHT, end_s=4.0, amount=1.5)
SLOW_ZOOM = CameraMove(kind=MoveKind.ZOOM, direction=Direction.IN, end_s=4.0, amount=1.12)


@pytest.mark.parametrize("name", ["china", "cat"])
def test_a_static_camera_holds_still(films: Studio, name: str) -> None:
    """With a static camera and no grain nothing changes but codec noise: a mean of at most 0.5 of 255."""
    shot = clean(films.plan(name, "static camera, no movement"))
    frames = decode(films.film(name, shot)).frames
    assert max(float(cv2.absdiff(frames[0], frame).mean()) for frame in frames[1:]) <= 0.5


@pytest.mark.parametrize("name", ["china", "astronaut"])
def test_a_slow_pan_does_not_shake(films: Studio, name: str) -> None:
    """Tracked corners on a slow pan follow a smooth path within 0.03 px rms."""
    shot = with_moves(films.plan(name, "slow pan right"), SLOW_PAN)
    frames = decode(films.film(name, shot), keep=slice(35, 85)).frames
    paths, good = motion.tracks(frames, motion.corners(frames[0], 120))
    travelled = np.linalg.norm(paths[-1, good] - paths[0, good], axis=1)
    assert good.sum() >= 50
    assert np.median(travelled) > 5, "the pan must move for its smoothness to mean anything"
    assert motion.jitter_px(paths[:, good]) <= 0.03


@pytest.mark.parametrize("move", [SLOW_PAN, SLOW_ZOOM], ids=lambda move: move.kind.value)
def test_a_moving_photo_flickers_little(films: Studio, tmp_path: Path, move: CameraMove) -> None:
    """The warping error is at most 1.3 times that of the photo warped ideally and encoded alike."""
    shot = with_moves(films.plan("china", "slow pan right"), move)
    path = films.film("china", shot)
    frames = decode(path, keep=MIDDLE).frames
    best = decode(as_good_as_can_be(films, "china", shot, tmp_path), keep=MIDDLE).frames
    assert np.abs(frames[0].astype(int) - best[0]).mean() < 4, "the two films must show the same"
    assert motion.warping_error(frames) <= 1.3 * motion.warping_error(best)


def as_good_as_can_be(films: Studio, name: str, shot: Shot, folder: Path) -> Path:
    """The film of a Shot whose moves know no depth, made without layers: one exact homography a frame."""
    seen = scene.cached(read_picture(films.photo(name)), scene_cache())
    fitted = camera.fit(seen, shot)
    path = camera.path(seen, fitted)
    times = np.arange(MIDDLE.stop + LOOKAHEAD) / shot.fps
    views = list(path.homographies(seen.layers[0].plane, times, shot.size_px))
    still = ideal.warped(photos.picture(name, films.folder), fitted.framing, views, shot.size_px)
    clip = Clip(
        source=still,
        size_px=shot.size_px,
        rate=Fraction(shot.fps),
        sound=Recorded(np.zeros((0, 2), np.float32)),
        sample_rate=48_000,
        recipe="{}",
        engine="still",
    )
    write_mp4(clip, folder / "ideal.mp4")
    return folder / "ideal.mp4"
