"""What a film is compared with: the photo fitted by another resampler, and the photo warped as well as can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box

DENSITY = 4
"""Samples of the master for each output pixel, along each axis."""


def fitted(photo: NDArray[np.uint8], framing: Box, size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """The photo cropped by a framing and fitted by Pillow's Lanczos: a resampler that is not ours."""
    height, width = photo.shape[:2]
    box = (framing.x0 * width, framing.y0 * height, framing.x1 * width, framing.y1 * height)
    return np.asarray(Image.fromarray(photo).resize(size_px, Image.Resampling.LANCZOS, box=box))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WarpedStill:
    """A FrameSource: one photo under a homography for each frame, from a Lanczos master four times as dense."""

    master: NDArray[np.uint8]
    to_output: Sequence[NDArray[np.float64]]
    """From photo coordinates (0..1) to output pixels, for each frame."""
    size_px: tuple[int, int]

    def __len__(self) -> int:
        """How many frames there are."""
        return len(self.to_output)

    def rgb(self, index: int) -> NDArray[np.uint8]:
        """Frame `index`."""
        height, width = self.master.shape[:2]
        to_master = np.array([[width, 0, -0.5], [0, height, -0.5], [0, 0, 1.0]])
        centres = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]])
        matrix = centres @ self.to_output[index] @ np.linalg.inv(to_master)
        return cv2.warpPerspective(self.master, matrix, self.size_px, flags=cv2.INTER_LINEAR)

    def i420(self, index: int) -> NDArray[np.uint8]:
        """Frame `index` as planar BT.709, by FFmpeg's own conversion."""
        frame = av.VideoFrame.from_ndarray(self.rgb(index), format="rgb24")
        planar = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
        return planar.to_ndarray()


def warped(
    photo: NDArray[np.uint8], framing: Box, to_output: Sequence[NDArray[np.float64]], size_px: tuple[int, int]
) -> WarpedStill:
    """A still that moves ideally. The photo has no more detail than the output shows, or it would flicker."""
    width, height = (
        round(DENSITY * side / part) for side, part in zip(size_px, (framing.width, framing.height), strict=True)
    )
    master = np.asarray(Image.fromarray(photo).resize((width, height), Image.Resampling.LANCZOS))
    return WarpedStill(master=master, to_output=to_output, size_px=size_px)
