"""Motion measured from frames: tracks of points, what the camera did, how smooth it was."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy.signal import savgol_filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WINDOW_PX = 31


def grey(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the tracker looks at."""
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)


def corners(
    frame: NDArray[np.uint8], count: int = 400, *, where: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Well-textured points of a frame, shape (n, 2), away from the edge and inside `where`."""
    mask = np.zeros(frame.shape[:2], np.uint8)
    margin = WINDOW_PX
    mask[margin:-margin, margin:-margin] = 255
    if where is not None:
        mask[~where] = 0
    found = cv2.goodFeaturesToTrack(grey(frame), count, 0.01, 8, mask=mask, blockSize=7)
    return np.zeros((0, 2), np.float32) if found is None else found.reshape(-1, 2)


def tracks(
    frames: Sequence[NDArray[np.uint8]], points: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where points of frame 0 are in every frame: (frames, n, 2), and which stayed tracked all along.

    Each frame is matched against frame 0, starting from the place in the frame before, so errors do not add up
    (Lucas-Kanade with pyramids, Bouguet 2001). A point counts only when tracking back returns to within half a pixel.
    """
    first = grey(frames[0])
    height, width = first.shape
    places = [points.reshape(-1, 1, 2)]
    good = np.ones(len(points), bool)
    settings = {
        "winSize": (WINDOW_PX, WINDOW_PX),
        "maxLevel": 3,
        "criteria": (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 0.001),
    }
    for frame in frames[1:]:
        now = grey(frame)
        guess = places[-1].copy()
        moved, status, _ = cv2.calcOpticalFlowPyrLK(
            first, now, places[0], guess, flags=cv2.OPTFLOW_USE_INITIAL_FLOW, **settings
        )
        back, _, _ = cv2.calcOpticalFlowPyrLK(
            now, first, moved, places[0].copy(), flags=cv2.OPTFLOW_USE_INITIAL_FLOW, **settings
        )
        xy = moved.reshape(-1, 2)
        inside = (xy > WINDOW_PX // 2).all(1) & (xy < np.array([width, height]) - WINDOW_PX // 2).all(1)
        good &= (status.ravel() == 1) & inside & (np.abs(back - places[0]).reshape(-1, 2).max(1) < 0.5)
        places.append(moved)
    return np.stack([place.reshape(-1, 2) for place in places]), good


def jitter_px(path: NDArray[np.float32]) -> float:
    """How much tracked points shake about their own smooth path, px rms, the median point.

    Args:
        path: (frames, n, 2) places of points. The smooth path is a cubic over 15 frames (Savitzky and Golay 1964).
    """
    smooth = savgol_filter(path, 15, 3, axis=0)
    rest = (path - smooth)[7:-7]
    return float(np.median(np.sqrt((rest**2).mean(axis=(0, 2)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraReading:
    """What the picture did between two frames, as a similarity about the middle, and what that leaves over."""

    right_px: float
    """How far the picture moved to the right."""
    down_px: float
    log_scale: float
    """Above zero when things grew."""
    turn_deg: float
    residual_px: float
    """95th percentile of what a similarity cannot explain: parallax (and perspective)."""
    points: int


def read_camera(before: NDArray[np.float32], after: NDArray[np.float32], size_px: tuple[int, int]) -> CameraReading:
    """Fit a similarity to moved points (RANSAC) and read it about the middle of the picture."""
    matrix, _ = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=3.0, maxIters=5000, confidence=0.999)
    middle = np.array([size_px[0] / 2, size_px[1] / 2])
    shift = matrix[:, :2] @ middle + matrix[:, 2] - middle
    left = np.linalg.norm(before @ matrix[:, :2].T + matrix[:, 2] - after, axis=1)
    return CameraReading(
        right_px=float(shift[0]),
        down_px=float(shift[1]),
        log_scale=float(np.log(np.hypot(matrix[0, 0], matrix[1, 0]))),
        turn_deg=float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))),
        residual_px=float(np.percentile(left, 95)),
        points=len(before),
    )


def sharpness(frame: NDArray[np.uint8], mask: NDArray[np.bool_]) -> float:
    """Mean squared gradient of luma under a mask: falls when a region goes out of focus."""
    luma = grey(frame).astype(np.float32)
    across, down = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    return float((across**2 + down**2)[mask].mean())


def warping_error(frames: Sequence[NDArray[np.uint8]]) -> float:
    """Mean difference of neighbouring frames after motion compensation, 0..255 (Lai et al. 2018, dense flow by DIS).

    Places where the flow forward and back disagree by more than half a pixel are left out, as hidden or revealed.
    """
    flow_of = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    height, width = frames[0].shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    errors = []
    for one, two in itertools.pairwise(frames):
        forward = flow_of.calc(grey(one), grey(two), None)
        back = flow_of.calc(grey(two), grey(one), None)
        there_x, there_y = x + forward[..., 0], y + forward[..., 1]
        returned = forward + cv2.remap(back, there_x, there_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        seen = (np.abs(returned).max(2) < 0.5) & (there_x > 1) & (there_x < width - 2) & (there_y > 1)
        seen &= there_y < height - 2
        warped = cv2.remap(two, there_x, there_y, cv2.INTER_CUBIC).astype(np.float32)
        errors.append(float(np.abs(warped - one)[seen].mean()))
    return float(np.mean(errors))
