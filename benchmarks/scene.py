"""How long a new photo takes, against the segmentation encoder alone; how long a cached one takes; a draft; memory."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable

PHOTOS = (
    ("sklearn", "datasets/images/china.jpg"),
    ("sklearn", "datasets/images/flower.jpg"),
    ("skimage", "data/coffee.png"),
    ("skimage", "data/chelsea.png"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
)


def photo_paths() -> list[Path]:
    """Sample photos that travel in packages."""
    return [Path(str(files(package).joinpath(inside))) for package, inside in PHOTOS]


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure() -> list[Row]:
    """Every measurement of this file."""
    with tempfile.TemporaryDirectory() as folder:
        return [*analysis_rows(Path(folder)), *draft_rows(), *memory_rows()]


def analysis_rows(folder: Path) -> list[Row]:
    """Scene analysis of new photos with models loaded, and of cached ones."""
    from stillmotion.diorama import scene  # noqa: PLC0415  # networks load only for the bench that needs them
    from stillmotion.diorama.perception import regions  # noqa: PLC0415
    from stillmotion.media.image import read_picture  # noqa: PLC0415

    photos = [read_picture(path) for path in photo_paths()]
    scene.analyse(photos[0])
    encoder = statistics.median(seconds(lambda photo=photo: regions.embed(photo)) for photo in photos)  # type: ignore[misc]  # mypy cannot type a default
    new = [seconds(lambda photo=photo: scene.cached(photo, folder)) for photo in photos]  # type: ignore[misc]  # as above
    again = [seconds(lambda photo=photo: scene.cached(photo, folder)) for photo in photos]  # type: ignore[misc]  # as above
    return [
        Row(name="segmentation encoder alone, median", value=encoder, unit="s"),
        Row(name="scene of a new photo, median", value=statistics.median(new), unit="s", at_most=8.0),
        Row(name="the same in encoder times", value=statistics.median(new) / encoder, unit="x", at_most=4.0),
        Row(name="scene of a cached photo, worst", value=max(again), unit="s", at_most=0.3),
    ]


def draft_rows() -> list[Row]:
    """A 360p draft of a 4 s shot from a cached scene, in a warm process."""
    import stillmotion  # noqa: PLC0415  # see analysis_rows

    path = photo_paths()[0]

    def draft() -> None:
        with tempfile.TemporaryDirectory() as folder:
            stillmotion.animate(path, "slow dolly in", size=(640, 360)).save(Path(folder) / "draft.mp4")

    draft()
    times = [seconds(draft) for _ in range(3)]
    return [Row(name="360p draft of 4 s, cached scene", value=statistics.median(times), unit="s", at_most=2.5)]


def memory_rows() -> list[Row]:
    """Peak memory of 1080p films of 4 s and 20 s, each in a process of its own, from a cached scene."""
    peaks = {length: peak_gb(length) for length in (4, 20)}
    return [
        Row(name="peak memory, 20 s of 1080p", value=peaks[20], unit="GB", at_most=2.0),
        Row(name="the same against 4 s", value=peaks[20] / peaks[4], unit="x", at_most=1.1),
    ]


def peak_gb(length_s: int) -> float:
    """Peak resident memory of making one film in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.scene", str(length_s), str(photo_paths()[0]), folder]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def film_in_this_process(length_s: int, photo: str, folder: str) -> None:
    """Make one film and print the peak memory of this process in GB."""
    import stillmotion  # noqa: PLC0415  # see analysis_rows

    clip = stillmotion.animate(photo, "slow dolly in", seconds=length_s, size=(1920, 1080))
    clip.save(Path(folder) / "film.mp4")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2)


if __name__ == "__main__":
    film_in_this_process(int(sys.argv[1]), sys.argv[2], sys.argv[3])
