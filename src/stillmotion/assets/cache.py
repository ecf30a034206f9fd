"""Where assets lie on this machine, and how we know that they are whole."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import platformdirs

from stillmotion.assets.manifest import BUNDLED_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.assets.records import Asset

CACHE_VARIABLE = "STILLMOTION_CACHE_DIR"
_HASH_BLOCK_BYTES = 1 << 20
_LEFTOVER_AGE_S = {"*.tmp": 6 * 3600, "*.part": 7 * 24 * 3600, "*.part.json": 7 * 24 * 3600}


def default_folder() -> Path:
    """`$STILLMOTION_CACHE_DIR/assets`, else the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    root = Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("stillmotion", appauthor=False)
    return root / "assets"


def sha256_of(file: Path) -> str:
    """Hex digest of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of verified files.

    Beside each file lies a stamp: the size and modification time that it had when its sha256 was last right.
    While both still hold, the file is trusted without reading it again.
    """

    folder: Path
    bundled_folder: Path = BUNDLED_FOLDER

    @property
    def tools(self) -> Path:
        """Where programs are kept that a fetch needs."""
        return self.folder / "tools"

    def path(self, asset: Asset) -> Path:
        """Where the file is or would be."""
        if asset.bundled is not None:
            return self.bundled_folder / asset.bundled
        return self.folder / f"{asset.sha256[:12] or 'own'}-{asset.file}"

    def present(self, asset: Asset) -> bool:
        """Whether the right file is there; reads it only when it is new to us."""
        file = self.path(asset)
        if asset.bundled is not None:
            return file.is_file()
        try:
            found = file.stat()
        except OSError:
            return False
        stamp = self._stamp(asset)
        if stamp.get("size") == found.st_size and stamp.get("mtime_ns") == found.st_mtime_ns:
            return stamp.get("sha256") == asset.sha256 or not asset.sha256
        return self.recheck(asset)

    def recheck(self, asset: Asset) -> bool:
        """Read the whole file again; a right one gets a fresh stamp."""
        file = self.path(asset)
        if not file.is_file():
            return False
        try:
            digest = sha256_of(file)
        except OSError:  # nobody can use it, so it is not there
            return False
        if digest != self.digest(asset):
            return False
        if asset.bundled is None:
            with contextlib.suppress(OSError):  # a read-only cache only costs us the next hash
                self.stamp(asset, digest, source=self.source(asset))
        return True

    def digest(self, asset: Asset) -> str:
        """The sha256 of the file that counts as this asset here, without reading it; empty for one never adopted."""
        return asset.sha256 or str(self._stamp(asset).get("sha256", ""))

    def source(self, asset: Asset) -> str:
        """Which source the file came from, in words; empty when nobody knows."""
        return str(self._stamp(asset).get("source", ""))

    def stamp(self, asset: Asset, digest: str, *, source: str) -> None:
        """Record that the file is right as it lies there now."""
        found = self.path(asset).stat()
        stamp = {"sha256": digest, "size": found.st_size, "mtime_ns": found.st_mtime_ns, "source": source}
        with self.temporary() as temp:
            temp.write_text(json.dumps(stamp), encoding="utf-8")
            temp.replace(self._stamp_path(asset))

    def publish(self, asset: Asset, temp: Path, *, digest: str, source: str) -> None:
        """Give a verified temporary file its final name, safely across a crash."""
        with temp.open("rb") as stream:
            os.fsync(stream.fileno())
        temp.replace(self.path(asset))
        self.stamp(asset, digest, source=source)

    def discard(self, asset: Asset) -> None:
        """Remove a file that is wrong."""
        self.path(asset).unlink(missing_ok=True)
        self._stamp_path(asset).unlink(missing_ok=True)

    def lock(self, key: str) -> filelock.BaseFileLock:
        """A lock that other processes and threads see too."""
        return filelock.FileLock(self._work_folder() / f"{key}.lock")

    def spool(self, key: str) -> Path:
        """Where an unfinished download is kept for the next attempt."""
        return self._work_folder() / f"{key}.part"

    @contextlib.contextmanager
    def temporary(self) -> Iterator[Path]:
        """A file in the cache's file system that is gone afterwards unless it was renamed."""
        temp = self._work_folder() / f"{uuid.uuid4().hex}.tmp"
        temp.touch()
        try:
            yield temp
        finally:
            temp.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed processes left behind: files soon, unfinished downloads after a week without a new try."""
        for pattern, age_s in _LEFTOVER_AGE_S.items():
            oldest = time.time() - age_s
            for file in self._work_folder().glob(pattern):
                with contextlib.suppress(OSError):
                    if file.stat().st_mtime < oldest:
                        file.unlink()

    def _work_folder(self) -> Path:
        work = self.folder / "work"
        work.mkdir(parents=True, exist_ok=True)
        return work

    def _stamp_path(self, asset: Asset) -> Path:
        file = self.path(asset)
        return file.with_name(f"{file.name}.verified")

    def _stamp(self, asset: Asset) -> dict[str, Any]:
        try:
            stamp = json.loads(self._stamp_path(asset).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}
