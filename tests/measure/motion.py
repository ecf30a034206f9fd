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


def window_px(frame: NDArray[np.uint8]) -> int:
    """Side of the tracker's window: 31 at 720 lines, 21 at 360."""
    return round(11 + min(frame.shape[:2]) / 36) | 1


def grey(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the tracker looks at."""
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)


def corners(
    frame: NDArray[np.uint8], count: int = 400, *, where: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Well-textured points of a frame, shape (n, 2), away from the edge and inside `where`."""
    mask = np.zeros(frame.shape[:2], np.uint8)
    margin = window_px(frame) // 2 + 1
    mask[margin:-margin, margin:-margin] = 255
    if where is not None:
        mask[~where] = 0
    found = cv2.goodFeaturesToTrack(grey(frame), count, 0.01, 8, mask=mask, blockSize=7)
    return np.zeros((0, 2), np.float32) if found is None else found.reshape(-1, 2)


def corners_everywhere(
    frame: NDArray[np.uint8], cells: tuple[int, int] = (16, 9), each: int = 5
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The best points of every cell of a grid, so that soft backgrounds have some too; and the cell of each point."""
    height, width = frame.shape[:2]
    margin = window_px(frame) // 2 + 1
    across = np.linspace(margin, width - margin, cells[0] + 1).astype(int)
    down = np.linspace(margin, height - margin, cells[1] + 1).astype(int)
    picture = grey(frame)
    found, owners = [], []
    for (top, bottom), (left, right) in itertools.product(itertools.pairwise(down), itertools.pairwise(across)):
        best = cv2.goodFeaturesToTrack(picture[top:bottom, left:right], each, 0.01, 8, blockSize=7)
        if best is not None:
            found.append(best.reshape(-1, 2) + np.array([left, top], np.float32))
            owners += [len(found)] * len(best)
    return np.concatenate(found), np.array(owners)


def parallax_px(frames: Sequence[NDArray[np.uint8]]) -> float:
    """How far the fastest parts of the picture moved past the slowest, along the way that most of it moved.

    One cell of the grid in thirty at each end is not believed.
    """
    before, after = _cells(frames)
    _, _, axes = np.linalg.svd(after - before, full_matrices=False)
    low, high = np.percentile((after - before) @ axes[0], (3, 97))
    return float(high - low)


def residual_px(frames: Sequence[NDArray[np.uint8]]) -> float:
    """What no similarity explains of the way from the first frame to the last: the 95th percentile of the cells.

    Each frame is first brought back by its similarity, so that the tracker need not follow what has grown.
    """
    points, _ = corners_everywhere(frames[0])
    paths, good = tracks(frames, points)
    matrices = [similarity(paths[0, good], places[good]) for places in paths]
    back = [_brought_back(frame, matrix) for frame, matrix in zip(frames, matrices, strict=True)]
    before, after = _cells(back)
    there = after @ matrices[-1][:, :2].T + matrices[-1][:, 2]
    height, width = frames[0].shape[:2]
    margin = window_px(frames[0]) // 2
    seen = ((there > margin) & (there < np.array([width, height]) - margin)).all(axis=1)
    return float(np.percentile(np.linalg.norm(after - before, axis=1)[seen], 95))


def _brought_back(frame: NDArray[np.uint8], matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    """A frame as it would be had the picture not followed a similarity."""
    height, width = frame.shape[:2]
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(frame, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def similarity(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float64]:
    """The similarity that most points follow (RANSAC), shape (2, 3)."""
    matrix, _ = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=3.0, maxIters=5000, confidence=0.999)
    return matrix


def _cells(frames: Sequence[NDArray[np.uint8]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each cell of a grid was and is: the medians of its tracked points, of which there must be two."""
    points, owners = corners_everywhere(frames[0])
    paths, good = tracks(frames, points)
    paths, owners = paths[:, good], owners[good]
    cells = [owners == cell for cell in np.unique(owners) if (owners == cell).sum() >= 2]
    before = np.array([np.median(paths[0, cell], axis=0) for cell in cells])
    moved = np.array([np.median(paths[-1, cell] - paths[0, cell], axis=0) for cell in cells])
    return before, before + moved


def tracks(
    frames: Sequence[NDArray[np.uint8]], points: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where points of frame 0 are in every frame: (frames, n, 2), and which stayed tracked all along.

    Each frame is matched against frame 0, starting from the place in the frame before, so errors do not add up
    (Lucas-Kanade with pyramids, Bouguet 2001). A point counts only when tracking back returns to within half a pixel.
    """
    first = grey(frames[0])
    height, width = first.shape
    window = window_px(frames[0])
    places = [points.reshape(-1, 1, 2)]
    good = np.ones(len(points), bool)
    settings = {
        "winSize": (window, window),
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
        inside = (xy > window // 2).all(1) & (xy < np.array([width, height]) - window // 2).all(1)
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


Place = tuple[float, float]


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


def read_camera(
    before: NDArray[np.float32], after: NDArray[np.float32], size_px: tuple[int, int], *, at: Place | None = None
) -> CameraReading:
    """Fit a similarity to moved points (RANSAC) and read it about a place, by default the middle of the picture."""
    matrix = similarity(before, after)
    middle = np.array(at or (size_px[0] / 2, size_px[1] / 2))
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
