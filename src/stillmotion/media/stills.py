"""Still pictures of a film: its first frame and a sheet of frames, taken from those that pass on to the encoder."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from PIL import Image

from stillmotion.media.output import whole_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from stillmotion.clip import FrameSource

COLUMNS, ROWS = 4, 4
"""Of a sheet."""
_TILE_PX = 320
"""Long side of a frame in a sheet."""
_WEBP_QUALITY, _JPEG_QUALITY, _PREVIEW_QUALITY = 90, 85, 60
_WEBP_METHOD, _PREVIEW_METHOD = 0, 2
"""More looks for smaller files: a large one is 8 % smaller after half as long again, a small one 4 % after twice."""


class Kept:
    """Frames that pass through, some of which are kept: a still then costs no second rendering."""

    def __init__(self, source: FrameSource, indexes: frozenset[int]) -> None:
        self._source, self._indexes = source, indexes
        self.pixels: dict[int, NDArray[np.uint8]] = {}

    def __len__(self) -> int:
        return len(self._source)

    def rgb(self, index: int) -> NDArray[np.uint8]:
        """See FrameSource."""
        return self._source.rgb(index)

    def i420(self, index: int) -> NDArray[np.uint8]:
        """See FrameSource."""
        pixels = self._source.i420(index)
        if index in self._indexes:
            self.pixels[index] = pixels.copy()
        return pixels


def spread(count: int) -> tuple[int, ...]:
    """Which frames of a film a sheet shows: evenly spread, the first one and the last one among them."""
    tiles = min(count, COLUMNS * ROWS)
    return tuple(round(place) for place in np.linspace(0, count - 1, tiles))


def write_still(pixels: NDArray[np.uint8], size_px: tuple[int, int], path: Path) -> None:
    """A frame in I420 as a WebP file, whole or absent."""
    with whole_file(path) as part:
        _picture(pixels, size_px, size_px).save(part, "WEBP", quality=_WEBP_QUALITY, method=_WEBP_METHOD)


def tile(pixels: NDArray[np.uint8], size_px: tuple[int, int]) -> Image.Image:
    """A frame in I420 as it stands in a sheet: at most `_TILE_PX` wide and high."""
    return _picture(pixels, size_px, _tile(size_px))


def write_sheet(tiles: Mapping[int, Image.Image], path: Path) -> None:
    """Tiles of one size by the numbers of their frames, row by row, as a JPEG file, whole or absent."""
    width, height = next(iter(tiles.values())).size
    sheet = Image.new("RGB", (COLUMNS * width, ROWS * height))
    for place, index in enumerate(sorted(tiles)):
        row, column = divmod(place, COLUMNS)
        sheet.paste(tiles[index], (column * width, row * height))
    with whole_file(path) as part:
        sheet.save(part, "JPEG", quality=_JPEG_QUALITY)


def preview(small: Image.Image) -> bytes:
    """A tile as a small WebP: a few kilobytes."""
    content = BytesIO()
    small.save(content, "WEBP", quality=_PREVIEW_QUALITY, method=_PREVIEW_METHOD)
    return content.getvalue()


def _tile(size_px: tuple[int, int]) -> tuple[int, int]:
    shrunk = min(1.0, _TILE_PX / max(size_px))
    return round(size_px[0] * shrunk), round(size_px[1] * shrunk)


def _picture(pixels: NDArray[np.uint8], size_px: tuple[int, int], wanted_px: tuple[int, int]) -> Image.Image:
    """BT.709 limited-range 4:2:0 as RGB of the wanted size."""
    width, height = size_px
    frame = av.VideoFrame.from_ndarray(pixels.reshape(height * 3 // 2, width), format="yuv420p")
    shown = frame.reformat(
        width=wanted_px[0],
        height=wanted_px[1],
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.AREA,
    )
    return Image.fromarray(shown.to_ndarray())
