"""Frame 0 of a film is the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import pytest
from skimage.metrics import structural_similarity

import stillmotion
from measure import ideal, photos
from measure.films import FEW_FPS, Studio
from measure.video import decode, luma

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box

pytestmark = pytest.mark.quality

PHOTOS = ("cat", "coffee", "astronaut", "china", "flower", "hopper", "storm", "garden")
SIDE_CUT = 0.08


@pytest.mark.parametrize("name", PHOTOS)
def test_the_first_frame_is_the_photo(films: Studio, name: str) -> None:
    """Of a default film, grain included: SSIM of luma at least 0.97 against Pillow's Lanczos, and the same colours."""
    shot = films.plan(name, "a quiet moment")
    first = decode(films.film(name, shot, fps=FEW_FPS), keep=slice(1)).frames[0]
    expected = ideal.fitted(photos.picture(name, films.folder), shot.framing, shot.size_px)
    assert structural_similarity(luma(first), luma(expected), data_range=255.0) >= 0.97
    assert colour_difference(first, expected) < 1.5


def test_the_first_frame_of_a_panorama_is_its_part(films: Studio, tmp_path: Path) -> None:
    """A film of a four to one panorama is as sharp as one of an ordinary photo."""
    strip = photos.picture("elephants", films.folder)[900:2310]
    file = tmp_path / "strip.png"
    cv2.imwrite(str(file), cv2.cvtColor(strip, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    shot = stillmotion.plan(file, "a quiet moment")
    first = decode(stillmotion.render(file, shot, fps=FEW_FPS).save(tmp_path / "film.mp4"), keep=slice(1)).frames[0]
    expected = ideal.fitted(strip, shot.framing, shot.size_px)
    assert structural_similarity(luma(first), luma(expected), data_range=255.0) >= 0.97


@pytest.mark.parametrize("prompt", ["a quiet moment", "pan right", "tilt up", "zoom out", "dolly out", "truck left"])
@pytest.mark.parametrize("name", ["cat", "astronaut", "hopper"])
def test_the_crop_is_small(films: Studio, name: str, prompt: str) -> None:
    """Beyond what the film's shape needs, at most 8 % of that crop is given up at each side."""
    shot = films.plan(name, prompt)
    height, width = photos.picture(name, films.folder).shape[:2]
    whole = largest_crop((width, height), shot.size_px)
    assert cut(shot.framing, whole) <= SIDE_CUT + 1e-3
    shape = shot.framing.width * width / (shot.framing.height * height)
    assert shape == pytest.approx(shot.size_px[0] / shot.size_px[1], rel=0.005)


def colour_difference(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> float:
    """Mean difference of 8 x 8 blocks' colours, the worst channel, 0..255: halved chroma and grain do not count."""
    small = [cv2.resize(picture, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA) for picture in (one, two)]
    return float(cv2.absdiff(*small).mean(axis=(0, 1)).max())


def largest_crop(photo_px: tuple[int, int], size_px: tuple[int, int]) -> tuple[float, float]:
    """Width and height, as shares of the photo, of the largest crop of the film's shape."""
    ratio = (size_px[0] / size_px[1]) / (photo_px[0] / photo_px[1])
    return min(1.0, ratio), min(1.0, 1.0 / ratio)


def cut(framing: Box, whole: tuple[float, float]) -> float:
    """The largest share of the photo that is lost at one side although the shape would have allowed it."""
    sides = ((framing.x0, 1 - framing.x1, whole[0]), (framing.y0, 1 - framing.y1, whole[1]))
    return max(side - (1 - extent) for low, high, extent in sides for side in (low, high))
