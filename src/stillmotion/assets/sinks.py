"""Where the bytes of an asset go while they arrive: counted, hashed, and cut off when there are too many."""

from __future__ import annotations

import hashlib
from typing import IO, TYPE_CHECKING

from stillmotion.assets.failures import CorruptError, StoppedError
from stillmotion.progress import Progress, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stillmotion.assets.archives import Sink
    from stillmotion.assets.records import Asset

_SMALLEST_STEP = 0.001


class AssetSink:
    """Writes one asset to an open file, hashing on the way."""

    def __init__(self, asset: Asset, file: IO[bytes]) -> None:
        self.size_bytes = asset.size_bytes
        self._sha256 = asset.sha256
        self._file = file
        self._digest = hashlib.sha256()
        self._written = 0

    def write(self, block: bytes) -> None:
        """Take the next bytes; `CorruptError` when there are more than the manifest says."""
        self._written += len(block)
        if self._written > self.size_bytes:
            message = f"it is longer than {self.size_bytes} bytes and was refused"
            raise CorruptError(message)
        self._digest.update(block)
        self._file.write(block)

    def check(self) -> str:
        """The sha256, if everything arrived and it is the right one; `CorruptError` otherwise."""
        self._file.flush()
        digest = self._digest.hexdigest()
        if self._written != self.size_bytes:
            message = f"it has {self._written} bytes, not {self.size_bytes}, and was refused"
            raise CorruptError(message)
        if digest != self._sha256:
            message = f"its sha256 is {digest[:12]}…, not {self._sha256[:12]}…, and it was refused"
            raise CorruptError(message)
        return digest


class PartSink:
    """One part's share of an asset's sink."""

    def __init__(self, whole: Sink, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self._whole = whole

    def write(self, block: bytes) -> None:
        """Take the next bytes."""
        self._whole.write(block)


class Meter:
    """Turns arriving bytes into a fraction that never runs backwards."""

    def __init__(self, assets: Iterable[Asset], progress: Progress) -> None:
        self._progress = progress
        self._total = max(1, sum(asset.size_bytes for asset in assets))
        self._done = 0
        self._share = 0
        self._arrived = 0
        self._shown = 0.0

    def begin(self, asset: Asset) -> None:
        """The next bytes count for this asset, up to its size."""
        self._share, self._arrived = asset.size_bytes, 0

    def advance(self, count: int) -> None:
        """Bytes came in."""
        self._arrived += count
        self._show()

    def finish(self, asset: Asset) -> None:
        """The asset is there."""
        self._done, self._share, self._arrived = self._done + asset.size_bytes, 0, 0
        self._show()

    def _show(self) -> None:
        fraction = min(1.0, (self._done + min(self._arrived, self._share)) / self._total)
        if fraction - self._shown >= _SMALLEST_STEP or fraction == 1.0 > self._shown:
            self._shown = fraction
            try:
                self._progress(Stage.FETCH, fraction)
            except Exception as error:
                raise StoppedError(error) from error
