"""The tracks of a mix as WAV files, all of them whole or none there."""

from __future__ import annotations

import wave
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.errors import OutputUnwritable
from stillmotion.media.output import check_writable, whole_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from stillmotion.clip import Clip

_FULL_SCALE = 2**23
"""24 bits."""


def write_stems(clip: Clip, folder: Path) -> tuple[Path, ...]:
    """Write NAME.wav for each track of the clip: 24-bit, as long as the film. The folder is made.

    Raises:
        OutputUnwritable: the folder cannot be made or written.
        DiskFull: the disk filled up; none of the files is there.
    """
    stems = clip.stems
    paths = tuple(folder / f"{name}.wav" for name in stems)
    wanted = round(clip.duration_s * clip.sample_rate)
    with _folder(folder), whole_files(paths) as parts:
        for part, samples in zip(parts, stems.values(), strict=True):
            _write(part, samples[:wanted], clip.sample_rate)
    return paths


def check_folder(folder: Path, tracks: Iterable[str]) -> None:
    """Prove that tracks can be written there, before any long work; a folder that was made for that is gone after it.

    Raises:
        OutputUnwritable: the folder cannot be made or written.
        DiskFull: not even an empty file fits.
    """
    with _folder(folder) as made:
        for name in tracks:
            check_writable(folder / f"{name}.wav")
        for path in made:
            path.rmdir()


@contextmanager
def _folder(folder: Path) -> Iterator[list[Path]]:
    """Make the folder and those above it; what was made is removed again when the block fails."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be made a folder: {error.strerror}. Choose another place with --stems."
        raise OutputUnwritable(message) from error
    try:
        yield made
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.rmdir()
        raise


def _write(path: Path, samples: NDArray[np.float32], sample_rate: int) -> None:
    scaled = np.clip(np.rint(samples.astype(np.float64) * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
    words = scaled.astype("<i4").reshape(-1, 1).view(np.uint8)
    with path.open("wb") as out, wave.open(out, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(3)
        file.setframerate(sample_rate)
        file.writeframes(words[:, :3].tobytes())
