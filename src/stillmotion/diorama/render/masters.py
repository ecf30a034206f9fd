"""Masters: the part of a layer that a shot can see, resampled once so that every frame can be sampled cheaply.

A master has two samples for each output pixel of frame 0, and every second one lies exactly in the middle of an output
pixel. So frame 0 is the photo as a Lanczos resampler gives it, and a moving frame can use plain bilinear sampling with
little change of sharpness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.render import kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box, Matrix
    from stillmotion.diorama.scene.records import Layer

DENSITY = 2
_LOBES = 3
_PAD_PX = 4
CELL_PX = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Master:
    """Samples of a layer on a regular grid."""

    pixels: NDArray[np.uint8]
    """Premultiplied sRGB-encoded RGBA, shape (height, width, 4)."""
    from_photo: Matrix
    """Photo coordinates to master indices (0 is the middle of the first sample), shape (3, 3)."""
    cells: NDArray[np.int32]
    """Two integral images over cells of 8 x 8 samples: how many are not everywhere opaque, and how many are not
    everywhere transparent; shape (2, cell rows + 1, cell columns + 1)."""
    mean: NDArray[np.uint8] | None = None
    """Local mean for what flows, an eighth of the size; see `moving.mean_of`."""


def make(layer: Layer, scene_px: tuple[int, int], framing: Box, size_px: tuple[int, int], region: Box) -> Master:
    """The master of a layer.

    Args:
        layer: what to sample.
        scene_px: width and height of the scene.
        framing: the crop of the photo that fills the output in frame 0.
        size_px: width and height of the output.
        region: the part of the photo that the shot can see, in photo coordinates.
    """
    columns = _axis(framing.x0, framing.width, size_px[0], (region.x0, region.x1))
    rows = _axis(framing.y0, framing.height, size_px[1], (region.y0, region.y1))
    across = _weights(columns, scene_px[0], layer.left_px, layer.size_px[0], framing.width / size_px[0])
    down = _weights(rows, scene_px[1], layer.top_px, layer.size_px[1], framing.height / size_px[1])
    pixels = resample(layer.rgba, across, down)
    return finished(pixels, _from_photo(columns, rows))


def finished(pixels: NDArray[np.uint8], from_photo: Matrix) -> Master:
    """A master of ready samples, with the cells that tell where it hides what is behind it."""
    rows, columns = (-(-size // CELL_PX) for size in pixels.shape[:2])
    flags = np.zeros((2, rows + 1, columns + 1), np.int32)
    kernels.flag_cells(pixels, flags)
    return Master(pixels=pixels, from_photo=from_photo, cells=flags.cumsum(1).cumsum(2).astype(np.int32))


def _axis(start: float, extent: float, size_px: int, wanted: tuple[float, float]) -> NDArray[np.float64]:
    """Photo coordinates of the samples along one axis: frame 0's half-pixel grid over `wanted` and a little more."""
    per_sample = extent / size_px / DENSITY
    first = int(np.floor((wanted[0] - start) / per_sample - 1)) - _PAD_PX
    last = int(np.ceil((wanted[1] - start) / per_sample - 1)) + _PAD_PX
    return np.asarray(start + (np.arange(first, last + 1) + 1) * per_sample, np.float64)


def _from_photo(columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Matrix:
    across = (len(columns) - 1) / (columns[-1] - columns[0])
    down = (len(rows) - 1) / (rows[-1] - rows[0])
    return np.array([[across, 0, -columns[0] * across], [0, down, -rows[0] * down], [0, 0, 1.0]])


def _weights(
    samples: NDArray[np.float64], scene_px: int, box_start_px: int, box_px: int, output_px: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """First source index and Lanczos weights for each sample along one axis (Turkowski 1990).

    The kernel is as wide as output pixels, or source pixels where those are larger, so masters hold no detail that the
    output cannot show. Beyond a side of the box that is the photo's border the border repeats; beyond another side
    there is nothing.
    """
    scale = max(1.0, output_px * scene_px)
    centres = samples * scene_px - 0.5 - box_start_px
    reach = _LOBES * scale
    first = np.floor(centres - reach).astype(np.int32) + 1
    taps = int(np.ceil(2 * reach)) + 1
    places = first[:, None] + np.arange(taps)
    distance = (places - centres[:, None]) / scale
    weights = np.where(np.abs(distance) < _LOBES, np.sinc(distance) * np.sinc(distance / _LOBES), 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    if box_start_px != 0:
        weights[places < 0] = 0.0
    if box_start_px + box_px != scene_px:
        weights[places >= box_px] = 0.0
    return first, weights.astype(np.float32)


def resample(
    source: NDArray[np.uint8],
    across: tuple[NDArray[np.int32], NDArray[np.float32]],
    down: tuple[NDArray[np.int32], NDArray[np.float32]],
) -> NDArray[np.uint8]:
    """Separable resampling of premultiplied RGBA, in bands so that memory stays small."""
    top = max(int(down[0].min()), 0)
    bottom = min(int(down[0].max()) + down[1].shape[1], source.shape[0])
    strip = np.ascontiguousarray(source[top : max(bottom, top + 1)])
    wide = np.empty((strip.shape[0], len(across[0]), 4), np.float32)
    kernels.spread(strip, *across, wide)
    flat = wide.reshape(len(wide), -1)
    result = np.empty((len(down[0]), len(across[0]), 4), np.uint8)
    band = 64
    for start in range(0, len(result), band):
        piece = slice(start, min(start + band, len(result)))
        lines = np.empty((piece.stop - start, flat.shape[1]), np.float32)
        kernels.spread_down(flat, down[0][piece] - top, down[1][piece], lines)
        kernels.to_bytes(lines.reshape(-1, 4), result[piece].reshape(-1, 4))
    return result
