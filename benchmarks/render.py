"""How fast a film is rendered and written, against how fast x264 encodes the same frames and does nothing else."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

from benchmarks.rows import Row
from benchmarks.staged import DOLLY, FPS, SIZE_PX, TRUCK, clip_of, three_layers
from stillmotion.diorama import render
from stillmotion.media.video import ENCODER_THREADS, KEYFRAME_S, X264_OPTIONS, write_mp4

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.clip import Clip, FrameSource
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import CameraMove

ROUNDS = 3
MOVES = (DOLLY, TRUCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One shot, measured every way, one after the other."""

    preparing_s: float
    """From the scene to a clip with its sound, before the first frame."""
    rendered_fps: float
    processor_ms: float
    encoded_fps: float
    filed_fps: float
    """`write_mp4` of frames that were made before: what sound, file and Python cost beside x264."""
    written_fps: float


@dataclass(frozen=True, slots=True)
class Made:
    """Frames that are there already, as a FrameSource."""

    planar: list[NDArray[np.uint8]]

    def __len__(self) -> int:
        """How many."""
        return len(self.planar)

    def rgb(self, index: int) -> NDArray[np.uint8]:
        """Nobody asks for colours here."""
        raise NotImplementedError

    def i420(self, index: int) -> NDArray[np.uint8]:
        """Frame `index`."""
        return self.planar[index]


def measure() -> list[Row]:
    """Frames alone, x264 alone and the product's `write_mp4`, interleaved; medians over the rounds."""
    render.warm_up()
    seen = three_layers()
    rounds = [_round(seen, move) for _ in range(ROUNDS) for move in MOVES]
    ratio = statistics.median(each.written_fps / each.encoded_fps for each in rounds)
    return [
        Row(name="write_mp4 (render, x264, sound, file) against x264 alone (aim 0.8)", value=ratio, at_least=0.6),
        Row(name="write_mp4, 3 layers, 720p, no depth of field", value=_middle(rounds, "written_fps"), unit="frames/s"),
        Row(
            name="x264 alone on the same frames, veryfast CRF 18", value=_middle(rounds, "encoded_fps"), unit="frames/s"
        ),
        Row(name="write_mp4 of the same frames, made before", value=_middle(rounds, "filed_fps"), unit="frames/s"),
        Row(name="render alone, 3 layers, 720p", value=_middle(rounds, "rendered_fps"), unit="frames/s"),
        Row(name="render, processor time a frame", value=_middle(rounds, "processor_ms"), unit="ms", at_most=8.0),
        Row(name="fit and prepare a 4 s shot with its sound", value=_middle(rounds, "preparing_s"), unit="s"),
    ]


def written_s(clip: Clip) -> float:
    """Seconds that the product takes to write a clip."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        write_mp4(clip, Path(folder) / "film.mp4")
        return time.perf_counter() - start


def _middle(rounds: Sequence[Round], what: str) -> float:
    return float(statistics.median(getattr(each, what) for each in rounds))


def _round(seen: Scene, move: CameraMove) -> Round:
    start = time.perf_counter()
    clip = clip_of(seen, move)
    preparing_s = time.perf_counter() - start
    frames, wall, processor = rendered(clip.source)
    count = len(frames)
    return Round(
        preparing_s=preparing_s,
        rendered_fps=count / wall,
        processor_ms=1000 * processor / count,
        encoded_fps=count / encoded_s(frames),
        filed_fps=count / written_s(replace(clip, source=Made(frames))),
        written_fps=count / written_s(clip),
    )


def rendered(source: FrameSource) -> tuple[list[NDArray[np.uint8]], float, float]:
    """All frames, with the wall time and the processor time that they took."""
    start, processor = time.perf_counter(), time.process_time()
    frames = [source.i420(index) for index in range(len(source))]
    return frames, time.perf_counter() - start, time.process_time() - processor


def encoded_s(frames: Sequence[NDArray[np.uint8]]) -> float:
    """Seconds of x264 with the product's settings, from the first frame to the last packet; nothing is written."""
    start = time.perf_counter()
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height = SIZE_PX
    context.pix_fmt = "yuv420p"
    context.framerate = Fraction(FPS)
    context.time_base = Fraction(1, FPS)
    context.options = dict(X264_OPTIONS)
    context.gop_size = KEYFRAME_S * FPS
    context.thread_count = ENCODER_THREADS
    for index, pixels in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        frame.pts = index
        context.encode(frame)
    context.encode(None)
    return time.perf_counter() - start
