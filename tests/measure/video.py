"""Decode a film back to arrays."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.reformatter import Interpolation

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A decoded MP4."""

    frames: list[NDArray[np.uint8]]
    """sRGB, (height, width, 3) each."""
    rate: Fraction
    audio: NDArray[np.float32]
    """(count, 2)."""
    sample_rate: int


def decode(path: Path, *, keep: slice = slice(None)) -> Film:
    """All frames (or those of `keep`) and all samples of an MP4."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = Fraction(stream.average_rate)
        wanted = range(*keep.indices(stream.frames))
        pictures = itertools.islice(container.decode(stream), max(wanted, default=-1) + 1)
        frames = [_rgb(frame) for k, frame in enumerate(pictures) if k in wanted]
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        chunks = [frame.to_ndarray() for frame in container.decode(stream)]
        audio = np.concatenate(chunks, axis=1).T.astype(np.float32)
        return Film(frames=frames, rate=rate, audio=audio, sample_rate=stream.rate)


def _rgb(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """Pixels in sRGB; FFmpeg's quick conversion would darken them by a level."""
    exact = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
    return frame.reformat(format="rgb24", interpolation=exact).to_ndarray()


def luma(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """BT.709 luma of an sRGB frame, 0..255."""
    return frame @ np.array([0.2126, 0.7152, 0.0722], np.float32)
