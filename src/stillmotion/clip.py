"""The currency between engines and media: frames, sound and rates, before any file exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, overload

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.progress import Progress


class FrameSource(Protocol):
    """Frames made on demand. Each is a pure function of its index, so any order gives the same pixels."""

    def __len__(self) -> int:
        """How many frames the clip has."""

    def rgb(self, index: int) -> NDArray[np.uint8]:
        """Frame `index` as sRGB, shape (height, width, 3)."""

    def i420(self, index: int) -> NDArray[np.uint8]:
        """Frame `index` as planar BT.709 limited-range 4:2:0, shape (height * 3 // 2, width): what a codec eats."""


class SoundSource(Protocol):
    """Sound that may still be in the making: reading waits for it, and raises what its making raised."""

    def mix(self) -> NDArray[np.float32]:
        """Samples in -1..1, shape (count, 2)."""

    def stems(self) -> Mapping[str, NDArray[np.float32]]:
        """The tracks that the mix is the sum of, by name."""

    def ready(self) -> bool:
        """Whether reading would not wait."""

    def cancel(self) -> None:
        """Stop making it; whoever reads later has it made anew."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Sound that is there already, as one track."""

    samples: NDArray[np.float32]

    def mix(self) -> NDArray[np.float32]:
        """See SoundSource."""
        return self.samples

    def stems(self) -> Mapping[str, NDArray[np.float32]]:
        """See SoundSource."""
        return {"ambience": self.samples}

    def ready(self) -> bool:
        """See SoundSource."""
        return True

    def cancel(self) -> None:
        """See SoundSource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """Words that say what is heard: "[waves break]", "Woman: Did you find the bug?"."""

    start_s: float
    end_s: float
    text: str
    """One or two lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writers:
    """How a clip becomes files. They stand a floor above, so the front door hands them over."""

    film: Callable[[Clip, Path, Progress | None], None]
    stems: Callable[[Clip, Path], tuple[Path, ...]]
    captions: Callable[[Clip, Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A film shot in memory. Frames are made when asked for, so a long clip needs no more memory than a short one."""

    source: FrameSource
    """Where frames come from."""
    size_px: tuple[int, int]
    """Width and height."""
    rate: Fraction
    """Frames per second."""
    sound: SoundSource
    """Where sound comes from; it is made while the picture renders."""
    sample_rate: int
    """Samples per second."""
    recipe: str
    """JSON text that travels in the file: the Shot, the seed, the version, the engine."""
    engine: str
    """Which engine made it."""
    notes: tuple[str, ...] = ()
    """What the prompt asked for and the clip does not show, in words."""
    captions: tuple[Caption, ...] = ()
    """What is heard, in words, in the order of time; never more than two lines at once."""
    writers: Writers | None = None
    """What `save` and its kin call; the front door sets it."""

    @property
    def duration_s(self) -> Fraction:
        """Length of the picture."""
        return len(self.source) / self.rate

    @property
    def frames(self) -> Sequence[NDArray[np.uint8]]:
        """The frames as sRGB arrays of shape (height, width, 3), made on demand."""
        return _RgbFrames(self.source)

    @property
    def audio(self) -> NDArray[np.float32]:
        """The mixed sound, samples in -1..1, shape (count, 2). Waits while it is made; raises what went wrong."""
        return self.sound.mix()

    @property
    def stems(self) -> Mapping[str, NDArray[np.float32]]:
        """The tracks by name (dialogue, foley, ambience, music), each as it is in the mix; their sum is `audio`."""
        return self.sound.stems()

    def save(self, path: str | Path, *, progress: Progress | None = None) -> Path:
        """Write the clip as an MP4, captions inside as a text track, and return its path.

        Raises:
            OutputUnwritable: the folder does not exist or cannot be written.
            DiskFull: the disk filled up; nothing stays under `path`.
        """
        target = Path(path)
        self._writers().film(self, target, progress)
        return target

    def save_stems(self, folder: str | Path) -> tuple[Path, ...]:
        """Write each track of the mix as a 24-bit WAV into a folder, which is made, and return the paths.

        Raises:
            OutputUnwritable: the folder cannot be made or written.
            DiskFull: the disk filled up; none of the files is there.
        """
        return self._writers().stems(self, Path(folder))

    def save_captions(self, path: str | Path) -> Path:
        """Write the captions as WebVTT and return the path.

        Raises:
            OutputUnwritable: the folder does not exist or cannot be written.
            DiskFull: the disk filled up; nothing stays under `path`.
        """
        target = Path(path)
        self._writers().captions(self, target)
        return target

    def with_writers(self, writers: Writers) -> Clip:
        """The same clip, able to `save`."""
        return replace(self, writers=writers)

    def _writers(self) -> Writers:
        if self.writers is None:
            message = "this Clip was made without writers; use stillmotion.save(clip, path)"
            raise RuntimeError(message)
        return self.writers

    def __enter__(self) -> Self:
        """A clip can be used in a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Frames are made on demand, so nothing needs closing; sound that nobody waited for is no longer made."""
        self.sound.cancel()


class _RgbFrames(Sequence["NDArray[np.uint8]"]):
    """A read-only sequence view of a FrameSource."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source

    def __len__(self) -> int:
        return len(self._source)

    @overload
    def __getitem__(self, index: int) -> NDArray[np.uint8]: ...

    @overload
    def __getitem__(self, index: slice) -> list[NDArray[np.uint8]]: ...

    def __getitem__(self, index: int | slice) -> NDArray[np.uint8] | list[NDArray[np.uint8]]:
        count = len(self)
        if isinstance(index, slice):
            return [self._source.rgb(k) for k in range(*index.indices(count))]
        if not -count <= index < count:
            message = f"frame {index} of {count}"
            raise IndexError(message)
        return self._source.rgb(index % count)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return (self._source.rgb(k) for k in range(len(self)))
