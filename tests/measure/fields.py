"""Waves, streaks and drift read from decoded frames."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from measure.video import luma

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Frames = Sequence[NDArray[np.uint8]]
    Floats = NDArray[np.float64]

_PADDED = 4
"""Times as many samples as there are: peaks of the spectrum fall between its lines."""
_BRIGHT, _FAINT = 7.0, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """The strongest wave along a row."""

    cycles_per_px: float
    """Positive when it goes to the right."""
    frequency_hz: float


def wave(frames: Frames, rows: slice, columns: slice, fps: float) -> Wave:
    """The strongest wave that runs along some rows: the peak of the spectrum over place and time."""
    seen = np.stack([luma(frame)[rows, columns].mean(axis=0) for frame in frames]).astype(np.float64)
    seen -= seen.mean(axis=0)
    seen -= seen.mean(axis=1, keepdims=True)
    shaped = seen * np.hanning(seen.shape[0])[:, None] * np.hanning(seen.shape[1])
    size = tuple(_PADDED * side for side in shaped.shape)
    power = np.abs(np.fft.fft2(shaped, size)) ** 2
    hz, cycles = np.fft.fftfreq(size[0], 1 / fps), np.fft.fftfreq(size[1])
    power[hz <= 0] = 0
    row, column = np.unravel_index(int(np.argmax(power)), power.shape)
    return Wave(cycles_per_px=-float(cycles[column]), frequency_hz=float(hz[row]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """A bright stroke in one frame, pixels."""

    x: float
    y: float
    length: float


def streaks(frame: NDArray[np.uint8], still: NDArray[np.float32], rows: int) -> list[Streak]:
    """Upright strokes that are brighter than the still picture, all of them inside the upper rows."""
    more = np.clip(luma(frame) - still, 0, None)[:rows]
    _, numbers, pieces, _ = cv2.connectedComponentsWithStats((more > _BRIGHT).astype(np.uint8), connectivity=8)
    found = []
    for number, (left, top, width, height, _) in enumerate(pieces[1:], start=1):
        if top < 3 or top + height > rows - 3 or left < 2 or height < 4 * width:
            continue
        part = np.where(numbers == number, more, 0)[:, left : left + width]
        profile = part.sum(axis=1)
        within = np.flatnonzero(profile > _FAINT * np.percentile(profile[top : top + height], 70))
        middle = float((within[0] + within[-1] + 1) / 2)
        across = float((part.sum(axis=0) * (np.arange(width) + left + 0.5)).sum() / part.sum())
        found.append(Streak(x=across, y=middle, length=float(within[-1] + 1 - within[0])))
    return found


def steps_px(before: list[Streak], after: list[Streak], likely: float) -> list[float]:
    """How far strokes went down between two frames: pairs in one column whose way is near the likely one."""
    return [
        two.y - one.y
        for one in before
        for two in after
        if abs(two.x - one.x) < 4 and 0.5 * likely < two.y - one.y < 1.5 * likely
    ]


def drift_px(frames: Frames, where: tuple[slice, slice]) -> tuple[float, float]:
    """How what changes in a place moves from frame to frame, to the right and down: dense flow, weighted by change."""
    flow_of = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    total, weight = np.zeros(2), 0.0
    for one, two in pairwise(np.round(luma(frame)[where]).clip(0, 255).astype(np.uint8) for frame in frames):
        change = np.abs(two.astype(np.float64) - one)
        flow = flow_of.calc(np.ascontiguousarray(one), np.ascontiguousarray(two), None)
        total += (flow * change[..., None]).sum(axis=(0, 1))
        weight += float(change.sum())
    return float(total[0] / max(weight, 1e-9)), float(total[1] / max(weight, 1e-9))


def changes(frames: Frames) -> Floats:
    """Mean change of luma from each frame to the next."""
    return np.array([float(np.abs(luma(two) - luma(one)).mean()) for one, two in pairwise(frames)])
