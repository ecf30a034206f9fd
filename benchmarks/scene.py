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
        return [*analysis_rows(Path(folder)), *draft_rows(), *memory_rows(Path(folder))]


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
    warm = statistics.median(seconds(draft) for _ in range(3))
    cold = statistics.median(seconds(draft_of_a_fresh_process) for _ in range(3))
    return [
        Row(name="360p draft of 4 s, cached scene", value=warm, unit="s", at_most=2.5),
        Row(name="the same as a command of its own (animate --draft)", value=cold, unit="s"),
    ]


def draft_of_a_fresh_process() -> None:
    """The command line, which loads everything first."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["animate", str(photo_paths()[0]), "-p", "slow dolly in", "--draft", "-q", "-o", f"{folder}/draft.mp4"]
        subprocess.run([sys.executable, "-m", "stillmotion", *words], check=True, capture_output=True)


def memory_rows(folder: Path) -> list[Row]:
    """Peak memory of 1080p films of 4 s and 20 s, each in a process of its own, from a cached scene."""
    from stillmotion.diorama import scene  # noqa: PLC0415  # see analysis_rows
    from stillmotion.media.image import read_picture  # noqa: PLC0415

    cache = folder / "seen"
    scene.cached(read_picture(photo_paths()[0]), cache)
    short, long = peak_gb(4, cache), peak_gb(20, cache)
    return [
        Row(name="peak memory, 20 s of 1080p, cached scene", value=long, unit="GB", at_most=2.0),
        Row(name="the same against 4 s", value=long / short, unit="x", at_most=1.1),
        Row(name="peak memory with the analysis, 4 s of 1080p", value=peak_gb(4, folder / "new"), unit="GB"),
    ]


def peak_gb(length_s: int, cache: Path) -> float:
    """Peak resident memory of making one film in a fresh process; scenes are looked for in `cache`."""
    command = [sys.executable, "-m", "benchmarks.scene", str(length_s), str(photo_paths()[0]), str(cache)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def film_in_this_process(length_s: int, photo: str, cache: Path) -> None:
    """Make one film and print the peak memory of this process in GB."""
    from stillmotion.diorama import pipeline  # noqa: PLC0415  # see analysis_rows
    from stillmotion.diorama.brief import Brief  # noqa: PLC0415
    from stillmotion.media.image import read_picture  # noqa: PLC0415
    from stillmotion.media.video import write_mp4  # noqa: PLC0415

    brief = Brief(prompt="slow dolly in", duration_s=length_s, size_px=(1920, 1080))
    clip = pipeline.generate(read_picture(photo), brief, cache)
    with tempfile.TemporaryDirectory() as folder:
        write_mp4(clip, Path(folder) / "film.mp4")
    print(own_peak_gb())


def own_peak_gb() -> float:
    """Peak resident memory of this process alone. getrusage would count the parent's too, from before the exec."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024**2


if __name__ == "__main__":
    film_in_this_process(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
