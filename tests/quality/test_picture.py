"""The picture of decoded films: it is the photo, it holds still, it moves smoothly, nothing shows that is not there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

import stillmotion
from measure import films, motion, photos
from stillmotion.diorama.shot.records import CameraMove, Direction, MoveKind

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.diorama.geometry import Box

pytestmark = pytest.mark.quality

PHOTOS = ("china", "coffee", "cat", "hopper", "storm", "flower")


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where photos from Debian packages are unpacked."""
    return tmp_path_factory.mktemp("photos")


def fitted(photo: np.ndarray, framing: Box, size_px: tuple[int, int]) -> np.ndarray:
    """The photo cropped by the Shot's framing and fitted by Pillow's Lanczos: a resampler that is not ours."""
    height, width = photo.shape[:2]
    box = (framing.x0 * width, framing.y0 * height, framing.x1 * width, framing.y1 * height)
    return np.asarray(Image.fromarray(photo).resize(size_px, Image.Resampling.LANCZOS, box=box))


@pytest.mark.parametrize("name", PHOTOS)
def test_the_first_frame_is_the_photo(name: str, photo_folder: Path, tmp_path: Path) -> None:
    """Frame 0 of a default film, grain included, is the photo: SSIM at least 0.97."""
    path = photos.path(name, photo_folder)
    shot = stillmotion.plan(path, "a quiet moment")
    shot = replace(shot, lens=replace(shot.lens, aperture=0.0))
    first = films.film(path, shot, tmp_path).frames[0]
    expected = fitted(photos.picture(name, photo_folder), shot.framing, shot.size_px)
    assert structural_similarity(first, expected, channel_axis=2) >= 0.97


@pytest.mark.parametrize("name", ["china", "cat"])
def test_a_static_camera_holds_still(name: str, photo_folder: Path, tmp_path: Path) -> None:
    """With a static camera and no motion nothing changes but codec noise: mean change at most 0.5 of 255."""
    path = photos.path(name, photo_folder)
    shot = films.with_moves(stillmotion.plan(path, "static camera, no movement"))
    frames = films.film(path, shot, tmp_path).frames
    changes = [float(cv2.absdiff(frames[0], frame).mean()) for frame in frames[1:]]
    assert max(changes) <= 0.5


def test_a_slow_pan_does_not_shake(photo_folder: Path, tmp_path: Path) -> None:
    """Tracked corners on a slow pan follow a smooth path within 0.03 px rms."""
    path = photos.path("china", photo_folder)
    shot = stillmotion.plan(path, "slow pan right")
    pan = CameraMove(kind=MoveKind.PAN, direction=Direction.RIGHT, end_s=4.0, amount=1.5)
    frames = films.film(path, films.with_moves(shot, pan), tmp_path).frames[15:105]
    paths, good = motion.tracks(frames, motion.corners(frames[0]))
    travelled = np.linalg.norm(paths[-1, good] - paths[0, good], axis=1)
    assert good.sum() >= 50
    assert np.median(travelled) > 5, "the pan must move for its smoothness to mean anything"
    assert motion.jitter_px(paths[:, good]) <= 0.03
