"""The currency between engines and media: frames, sound and rates, before any file exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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


ClipWriter = Callable[["Clip", Path, "Progress | None"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A film shot in memory. Frames are made when asked for, so a long clip needs no more memory than a short one."""

    source: FrameSource
    """Where frames come from."""
    size_px: tuple[int, int]
    """Width and height."""
    rate: Fraction
    """Frames per second."""
    audio: NDArray[np.float32]
    """Samples in -1..1, shape (count, 2)."""
    sample_rate: int
    """Samples per second."""
    recipe: str
    """JSON text that travels in the file: the Shot, the seed, the version, the engine."""
    engine: str
    """Which engine made it."""
    notes: tuple[str, ...] = ()
    """What the prompt asked for and the clip does not show, in words."""
    writer: ClipWriter | None = None
    """What `save` calls; the front door sets it."""

    @property
    def duration_s(self) -> Fraction:
        """Length of the picture."""
        return len(self.source) / self.rate

    @property
    def frames(self) -> Sequence[NDArray[np.uint8]]:
        """The frames as sRGB arrays of shape (height, width, 3), made on demand."""
        return _RgbFrames(self.source)

    def save(self, path: str | Path, *, progress: Progress | None = None) -> Path:
        """Write the clip as an MP4 and return its path.

        Raises:
            OutputUnwritable: the folder does not exist or cannot be written.
            DiskFull: the disk filled up; nothing stays under `path`.
        """
        if self.writer is None:
            message = "this Clip was made without a writer; use stillmotion.save(clip, path)"
            raise RuntimeError(message)
        target = Path(path)
        self.writer(self, target, progress)
        return target

    def with_writer(self, writer: ClipWriter) -> Clip:
        """The same clip, able to `save`."""
        return replace(self, writer=writer)

    def __enter__(self) -> Self:
        """A clip can be used in a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Frames are made on demand, so nothing needs closing."""


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
