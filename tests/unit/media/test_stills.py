"""Stills show the frames that went by, in their colours and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from stillmotion.media import stills

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIZE_PX = (160, 90)
RED, GREY = (63, 102, 240), (126, 128, 128)
"""BT.709 limited range."""


def frame(yuv: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A plain frame in I420."""
    width, height = SIZE_PX
    area = width * height
    planes = np.concatenate([np.full(area, yuv[0]), np.full(area // 4, yuv[1]), np.full(area // 4, yuv[2])])
    return planes.astype(np.uint8).reshape(height * 3 // 2, width)


class Frames:
    """Frames that are brighter with their number."""

    def __len__(self) -> int:
        return 120

    def rgb(self, index: int) -> NDArray[np.uint8]:
        """Not asked for."""
        raise NotImplementedError

    def i420(self, index: int) -> NDArray[np.uint8]:
        """See FrameSource."""
        return frame((16 + index, 128, 128))


@pytest.mark.parametrize(("yuv", "rgb"), [(RED, (255, 0, 0)), (GREY, (128, 128, 128)), ((16, 128, 128), (0, 0, 0))])
def test_colours_are_those_of_the_film(tmp_path: Path, yuv: tuple[int, int, int], rgb: tuple[int, int, int]) -> None:
    """A plain frame comes back as its colour, in its size."""
    stills.write_still(frame(yuv), SIZE_PX, tmp_path / "still.webp")
    still = Image.open(tmp_path / "still.webp").convert("RGB")
    assert still.size == SIZE_PX
    assert np.abs(np.asarray(still).astype(int) - rgb).max() <= 4


def test_a_sheet_shows_the_film_in_order(tmp_path: Path) -> None:
    """Sixteen frames from the first to the last, row by row; only those are kept."""
    chosen = stills.spread(120)
    kept = stills.Kept(Frames(), frozenset(chosen))
    for index in reversed(range(len(kept))):
        kept.i420(index)
    assert sorted(kept.pixels) == list(chosen)
    assert (chosen[0], chosen[-1], len(chosen)) == (0, 119, 16)
    tiles = {index: stills.tile(pixels, SIZE_PX) for index, pixels in kept.pixels.items()}
    stills.write_sheet(tiles, tmp_path / "sheet.jpg")
    sheet = np.asarray(Image.open(tmp_path / "sheet.jpg").convert("L")).astype(int)
    assert sheet.shape == (4 * 90, 4 * 160)
    tiles = sheet.reshape(4, 90, 4, 160).mean(axis=(1, 3)).ravel()
    assert (np.diff(tiles) > 0).all()
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.jpg"]
