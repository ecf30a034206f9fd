"""The same move by others: ffmpeg's zoompan on a source four times as large, and DepthFlow without a screen.

DepthFlow is no dependency (its licence is the AGPL). Where it is installed, STILLMOTION_BENCH_DEPTHFLOW names the
Python that has it, and it runs as the separate program that it is, with the ffmpeg of imageio-ffmpeg; torch is not
needed, as the depth map is given. Without it, a number measured earlier stands in, marked as such.
"""

from __future__ import annotations

import importlib
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import imageio_ffmpeg
import numpy as np

from benchmarks.render import written_s
from benchmarks.rows import Row
from benchmarks.staged import DOLLY, DURATION_S, FPS, SIZE_PX, ZOOM, clip_of, subject, three_layers
from stillmotion.diorama import render
from stillmotion.diorama.shot.records import Look
from stillmotion.media.video import ENCODER_THREADS, KEYFRAME_S, X264_OPTIONS, write_mp4

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Scene

ROUNDS = 3
NO_GRAIN = Look(grain=0.0)
"""zoompan adds none, so the film that it is compared with has none."""
JITTER_FRAMES = slice(35, 85)
JITTER_POINTS = 150
DEPTHFLOW = "STILLMOTION_BENCH_DEPTHFLOW"
DEPTHFLOW_FRAMES = (6, 36)
DEPTHFLOW_EARLIER_FPS = 2.1
"""DepthFlow 1.0, 720p, SSAA 1, software rendering on two idle cores (design facts, engine.md 2.5)."""


def measure() -> list[Row]:
    """Both comparisons."""
    render.warm_up()
    seen = three_layers()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo = cv2.cvtColor(_cropped(seen), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / "photo.png"), photo)
        return [*_zoompan_rows(seen, folder), *_depthflow_rows(seen, folder)]


def _cropped(seen: Scene) -> NDArray[np.uint8]:
    """The middle of the photo at the size of the film."""
    width, height = SIZE_PX
    scale = width / seen.photo.shape[1]
    whole = cv2.resize(seen.photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top = (whole.shape[0] - height) // 2
    return np.ascontiguousarray(whole[top : top + height])


def _zoompan_rows(seen: Scene, folder: Path) -> list[Row]:
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_our_zoom_s(seen, folder / "ours.mp4"))
        theirs.append(_zoompan_s(folder / "photo.png", folder / "theirs.mp4"))
    ratio = statistics.median(other / own for own, other in zip(ours, theirs, strict=True))
    return [
        Row(name="4 s zoom at 720p from a cached scene, no grain, with sound", value=statistics.median(ours), unit="s"),
        Row(name="the same by ffmpeg zoompan on a 4x source, silent", value=statistics.median(theirs), unit="s"),
        Row(name="zoompan's time in ours", value=ratio, unit="x"),
        Row(name="jitter of our zoom", value=_jitter_px(folder / "ours.mp4"), unit="px rms"),
        Row(name="jitter of zoompan's", value=_jitter_px(folder / "theirs.mp4"), unit="px rms"),
    ]


def _our_zoom_s(seen: Scene, film: Path) -> float:
    """Seconds from the scene to the file, in a warm process."""
    start = time.perf_counter()
    write_mp4(clip_of(seen, ZOOM, look=NO_GRAIN), film)
    return time.perf_counter() - start


def _zoompan_s(photo: Path, film: Path) -> float:
    """Seconds of the whole ffmpeg command: read, enlarge four times, zoom about the middle, encode."""
    width, height = SIZE_PX
    frames = DURATION_S * FPS
    zoom = f"z='1+{ZOOM.amount - 1:.3f}*on/{frames - 1}':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2'"
    chain = (
        f"scale={4 * width}:{4 * height}:flags=lanczos,zoompan={zoom}:d={frames}:s={width}x{height}:fps={FPS},"
        "format=yuv420p"
    )
    x264 = [word for key, value in X264_OPTIONS.items() for word in (f"-{key}", value)]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(photo), "-vf", chain, "-c:v", "libx264"]
    command += [*x264, "-g", str(KEYFRAME_S * FPS), "-threads", str(ENCODER_THREADS), str(film)]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def _jitter_px(film: Path) -> float:
    """How much corners tracked through the middle of a film shake, measured as the tests of picture quality do."""
    tests = str(Path(__file__).parents[1] / "tests")
    if tests not in sys.path:
        sys.path.append(tests)
    motion = importlib.import_module("measure.motion")
    with av.open(str(film)) as container:
        wanted = itertools.islice(container.decode(video=0), JITTER_FRAMES.start, JITTER_FRAMES.stop)
        frames = [frame.to_ndarray(format="rgb24") for frame in wanted]
    paths, good = motion.tracks(frames, motion.corners(frames[0], JITTER_POINTS))
    return float(motion.jitter_px(paths[:, good]))


def _depthflow_rows(seen: Scene, folder: Path) -> list[Row]:
    clip = clip_of(seen, DOLLY)
    ours = statistics.median(len(clip.source) / written_s(clip) for _ in range(ROUNDS))
    python = os.environ.get(DEPTHFLOW)
    if python is None:
        said = "not installed here; measured earlier on two idle cores, NOT in this run"
        return [
            Row(name=f"DepthFlow headless, 720p, SSAA 1: {said}", value=DEPTHFLOW_EARLIER_FPS, unit="frames/s"),
            Row(name="write_mp4 of this run against that number", value=ours / DEPTHFLOW_EARLIER_FPS, unit="x"),
        ]
    theirs = _depthflow_fps(python, folder)
    return [
        Row(name="DepthFlow headless, 720p, SSAA 1, software rendering", value=theirs, unit="frames/s"),
        Row(name="write_mp4 against DepthFlow", value=ours / theirs, unit="x", at_least=10.0),
    ]


def _depthflow_fps(python: str, folder: Path) -> float:
    """Frames a second of DepthFlow rendering into x264; two lengths, so that its start does not count."""
    width, height = SIZE_PX
    ramp = np.linspace(0, 0.6, height)[:, None] * np.ones((1, width))
    depth = np.maximum(ramp, subject(width, height))
    cv2.imwrite(str(folder / "depth.png"), np.round(255 * depth).astype(np.uint8))
    (folder / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    few, many = (_depthflow_s(python, folder, frames) for frames in DEPTHFLOW_FRAMES)
    return (DEPTHFLOW_FRAMES[1] - DEPTHFLOW_FRAMES[0]) / (many - few)


def _depthflow_s(python: str, folder: Path, frames: int) -> float:
    width, height = SIZE_PX
    encoder = f"h264 --preset {X264_OPTIONS['preset']} --crf {X264_OPTIONS['crf']}"
    view = "state --isometric 0.6 --steady 0.3 --offset 0.3 0.2"
    film = f"main --width {width} --height {height} --fps {FPS} --time {frames / FPS:.3f} --ssaa 1 --output flow.mp4"
    words = f"-m depthflow {encoder} input --image photo.png --depth depth.png {view} {film}".split()
    path = os.pathsep.join((str(folder), os.environ.get("PATH", "")))
    surroundings = {**os.environ, "WINDOW_BACKEND": "headless", "PATH": path}
    start = time.perf_counter()
    subprocess.run([python, *words], check=True, capture_output=True, cwd=folder, env=surroundings)
    return time.perf_counter() - start
