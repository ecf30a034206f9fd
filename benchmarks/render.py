"""How fast frames are rendered, against how fast x264 encodes the same frames."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from sklearn.datasets import load_sample_image

from benchmarks.rows import Row
from stillmotion.diorama import camera, render
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot.records import CameraMove, Direction, Lens, MoveKind, Shot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from stillmotion.clip import FrameSource

SIZE_PX = (1280, 720)
X264 = {"preset": "veryfast", "crf": "18"}
AHEAD = 6
ROUNDS = 3


def measure() -> list[Row]:
    """Render alone, encode alone, both at once; a three-layer 720p shot without depth of field, dolly and truck."""
    render.warm_up()
    scene = three_layers()
    alone, encoding, together, preparing, rendering = [], [], [], [], []
    for _ in range(ROUNDS):
        for move in (
            CameraMove(kind=MoveKind.DOLLY, direction=Direction.IN, end_s=4.0, amount=0.12, target="subject"),
            CameraMove(kind=MoveKind.TRUCK, direction=Direction.RIGHT, end_s=4.0, amount=0.05),
        ):
            source, seconds = _prepared(scene, move)
            preparing.append(seconds)
            frames, wall, processor = _rendered(source)
            alone.append(len(frames) / wall)
            rendering.append(1000 * processor / len(frames))
            encoding.append(_speed(frames))
            together.append(_speed(_ahead(source)))
    ratio = statistics.median(both / one for both, one in zip(together, encoding, strict=True))
    return [
        Row(name="render and encode, against encoding alone", value=ratio, at_least=0.6),
        Row(name="render and encode, 3 layers, 720p", value=statistics.median(together), unit="frames/s"),
        Row(name="encode alone, x264 veryfast CRF 18, 720p", value=statistics.median(encoding), unit="frames/s"),
        Row(name="render alone, 3 layers, 720p", value=statistics.median(alone), unit="frames/s"),
        Row(name="render, processor time a frame", value=statistics.median(rendering), unit="ms", at_most=8.0),
        Row(name="fit and prepare a shot", value=statistics.median(preparing), unit="s"),
        Row(name="memory of a 1080p shot, numpy arrays", value=_memory_mb(scene), unit="MB", at_most=1000.0),
    ]


def three_layers() -> Scene:
    """A sample photo as sky, ground and a subject in front of it."""
    photo = cv2.resize(load_sample_image("china.jpg"), (1920, 1281), interpolation=cv2.INTER_CUBIC)
    height, width = photo.shape[:2]
    rows = np.linspace(0, 1, height)[:, None] * np.ones((1, width))
    ground = np.clip((rows - 0.5) * height / 3, 0, 1)
    subject = np.zeros((height, width))
    cv2.ellipse(subject, (width // 2, int(height * 0.6)), (width // 6, height // 4), 0, 0, 360, 1.0, -1)
    subject = cv2.GaussianBlur(subject, (0, 0), 1.5).astype(np.float64)
    return Scene(
        photo_sha256="benchmark",
        photo=photo,
        layers=(
            _layer("sky", photo, np.ones((height, width)), Plane()),
            _layer("ground", photo, ground, Plane(per_y=2.86, constant=-1.43)),
            _layer("subject", photo, subject, Plane(constant=1.0)),
        ),
        horizon_y=0.5,
        focal=1.0,
    )


def _layer(name: str, photo: NDArray[np.uint8], alpha: NDArray[np.float64], plane: Plane) -> Layer:
    rows, columns = np.nonzero(alpha > 0)
    box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    rgba = np.dstack([photo * alpha[..., None], alpha * 255])[box]
    return Layer(
        name=name,
        surface=Surface.RIGID,
        label=name,
        rgba=np.ascontiguousarray(np.round(rgba).astype(np.uint8)),
        left_px=int(box[1].start),
        top_px=int(box[0].start),
        plane=plane,
    )


def _shot(move: CameraMove, size_px: tuple[int, int], duration_s: int = 4) -> Shot:
    return Shot(size_px=size_px, duration_s=duration_s, framing=Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0), camera=(move,))


def _prepared(scene: Scene, move: CameraMove) -> tuple[FrameSource, float]:
    start = time.perf_counter()
    shot = camera.fit(scene, _shot(move, SIZE_PX))
    source = render.frames(scene, shot, camera.path(scene, shot))
    return source, time.perf_counter() - start


def _rendered(source: FrameSource) -> tuple[list[NDArray[np.uint8]], float, float]:
    """All frames, with the wall time and the processor time that they took."""
    start, processor = time.perf_counter(), time.process_time()
    frames = [source.i420(index) for index in range(len(source))]
    return frames, time.perf_counter() - start, time.process_time() - processor


def _speed(frames: Iterable[NDArray[np.uint8]]) -> float:
    """Frames a second through x264, from the first frame asked for to the last packet."""
    start = time.perf_counter()
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height = SIZE_PX
    context.pix_fmt = "yuv420p"
    context.framerate = Fraction(30)
    context.options = dict(X264)
    context.thread_count = 2
    count = 0
    for count, pixels in enumerate(frames, 1):
        frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        frame.pts = count
        context.encode(frame)
    context.encode(None)
    return count / (time.perf_counter() - start)


def _ahead(source: FrameSource) -> Iterator[NDArray[np.uint8]]:
    """The frames in order, a few made ahead in another thread, as when a film is written."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(source.i420, index) for index in range(AHEAD))
        for index in range(AHEAD, len(source)):
            yield waiting.popleft().result()
            waiting.append(pool.submit(source.i420, index))
        while waiting:
            yield waiting.popleft().result()


def _memory_mb(scene: Scene) -> float:
    """Peak of what a 20 s 1080p shot with depth of field allocates, beyond the scene."""
    gc.collect()
    move = CameraMove(kind=MoveKind.DOLLY, direction=Direction.IN, end_s=20.0, amount=0.12, target="subject")
    tracemalloc.start()
    shot = camera.fit(scene, replace(_shot(move, (1920, 1080), 20), lens=Lens(aperture=0.6, focus="subject")))
    source = render.frames(scene, shot, camera.path(scene, shot))
    for index in (0, 300, 599):
        source.i420(index)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    """Print what was measured."""
    for row in measure():
        print(f"{row.name}: {row.words} {row.target_words}")


if __name__ == "__main__":
    main()
