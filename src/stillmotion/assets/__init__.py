"""Weights and data files that the engine needs: known by sha256, fetched once, kept in the user's cache.

`path` is what the rest of the program calls. Everything that downloads weights is in this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.assets.library import library
from stillmotion.assets.records import Asset, AssetStatus
from stillmotion.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Asset", "AssetStatus", "adopt", "digest", "fetch", "fetch_default", "path", "present", "status", "verify"]


def path(name: str, progress: Progress = ignore_progress) -> Path:
    """The asset's file, whose sha256 was checked; fetched first if it is absent.

    Raises:
        AssetUnknown: there is no such asset.
        AssetUnavailable: no source could be reached.
        AssetCorrupt: a source served wrong bytes, and no other one had the right ones.
        DiskFull: the cache has no room; nothing was left behind.
    """
    return library().path(name, progress)


def present(name: str) -> bool:
    """Whether the asset is on this machine; never fetches. Raises `AssetUnknown`."""
    found = library()
    return found.cache.present(found.asset(name))


def digest(name: str) -> str:
    """The asset's sha256: the manifest's, else that of the adopted file, else empty. Reads and fetches nothing large.

    Raises `AssetUnknown`.
    """
    found = library()
    return found.cache.digest(found.asset(name))


def fetch(names: Iterable[str], progress: Progress = ignore_progress) -> None:
    """Fetch those of the named assets that are absent. Raises as `path` does."""
    library().fetch(names, progress)


def fetch_default(progress: Progress = ignore_progress) -> None:
    """Fetch what a shot without speech may need. Raises as `path` does."""
    found = library()
    found.fetch([asset.name for asset in found.known.values() if asset.default], progress)


def status() -> tuple[AssetStatus, ...]:
    """How every asset of the manifest stands on this machine."""
    return library().status()


def verify() -> tuple[Asset, ...]:
    """Read all present files again; wrong ones are removed (bundled ones only named) and returned."""
    return library().verify()


def adopt(name: str, file: Path, sha256: str | None = None) -> Path:
    """Put a file that was fetched by hand into the cache; returns its place there.

    The manifest's sha256 decides; an asset that has none there needs it from the caller.

    Raises:
        AssetUnknown: there is no such asset.
        AssetCorrupt: the file has another sha256.
        AssetUnavailable: the file cannot be read, or the cache cannot take it.
        DiskFull: the cache has no room; nothing was left behind.
    """
    return library().adopt(name, file, sha256)
