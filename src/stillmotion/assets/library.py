"""The assets of this machine: what there is, where it lies, and getting what is missing."""

from __future__ import annotations

import functools
import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillmotion.assets import npm_client, pip_client
from stillmotion.assets.cache import Cache, default_folder, sha256_of
from stillmotion.assets.failures import SourceError
from stillmotion.assets.fetch import Archive, Fetcher, Locate, storage_error
from stillmotion.assets.local import LocalFile
from stillmotion.assets.manifest import manifest
from stillmotion.assets.records import Asset, AssetStatus, NpmSource, PypiSource
from stillmotion.errors import AssetCorrupt, AssetUnavailable, AssetUnknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from stillmotion.assets.web import Place
    from stillmotion.progress import Progress


_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Library:
    """A manifest over a cache."""

    known: Mapping[str, Asset]
    cache: Cache
    locate: Locate

    def asset(self, name: str) -> Asset:
        """The asset's record; `AssetUnknown` if there is none."""
        try:
            return self.known[name]
        except KeyError:
            message = f"there is no asset {name!r}; `stillmotion assets list` shows them"
            raise AssetUnknown(message) from None

    def path(self, name: str, progress: Progress) -> Path:
        """The verified file, fetched if it is absent."""
        asset = self.asset(name)
        if not self.cache.present(asset):
            self.fetch([name], progress)
        return self.cache.path(asset)

    def fetch(self, names: Iterable[str], progress: Progress) -> None:
        """Fetch what is absent of the named assets."""
        assets = [self.asset(name) for name in names]
        for asset in assets:
            if not asset.sha256 and not self.cache.present(asset):
                message = f"{asset.name} has no source here; fetch it by hand and adopt the file ({asset.licence_note})"
                raise AssetUnavailable(message)
        Fetcher(self.cache, self.known, self.locate).fetch(assets, progress)
        if all(self.cache.present(asset) for asset in self.known.values() if asset.default and _comes_by_npm(asset)):
            shutil.rmtree(self.cache.tools, ignore_errors=True)  # a carried npm is large and has done its work

    def status(self) -> tuple[AssetStatus, ...]:
        """How every asset stands."""
        return tuple(
            AssetStatus(
                asset=asset,
                path=self.cache.path(asset),
                present=self.cache.present(asset),
                source=self.cache.source(asset),
            )
            for asset in self.known.values()
        )

    def verify(self) -> tuple[Asset, ...]:
        """Read every present file again; those that are wrong are removed from the cache and returned."""
        wrong = [
            asset for asset in self.known.values() if self.cache.path(asset).exists() and not self.cache.recheck(asset)
        ]
        for asset in wrong:
            if asset.bundled is None:
                self.cache.discard(asset)
        return tuple(wrong)

    def adopt(self, name: str, file: Path, sha256: str | None) -> Path:
        """Take a file that a person fetched by hand; the manifest's sha256 decides, else the given one."""
        asset = self.asset(name)
        try:
            self._adopt(asset, file, asset.sha256 or (sha256 or "").lower())
        except SourceError as failure:
            message = f"{name} was not adopted: {failure}"
            raise AssetUnavailable(message) from None
        except OSError as error:
            raise storage_error(asset, error, self.cache.folder) from error
        return self.cache.path(asset)

    def _adopt(self, asset: Asset, file: Path, wanted: str) -> None:
        """Judge the file, copy it, and judge the copy: the file may have changed in between."""
        with LocalFile(file) as own:
            _check(asset, file, hashlib.file_digest(own, "sha256").hexdigest(), wanted)
            own.seek(0)
            with self.cache.lock(wanted), self.cache.temporary() as temp:
                with temp.open("wb") as copy:
                    shutil.copyfileobj(own, copy, _COPY_BYTES)
                _check(asset, file, sha256_of(temp), wanted)
                self.cache.publish(asset, temp, digest=wanted, source="a file that you gave")


def _check(asset: Asset, file: Path, digest: str, wanted: str) -> None:
    if digest != wanted:
        message = f"{file} has the sha256 {digest}; {asset.name} needs {wanted or 'one that you state'}"
        raise AssetCorrupt(message)


def _comes_by_npm(asset: Asset) -> bool:
    """Whether an npm may be needed and no Python package has the file as well."""
    kinds = {type(source) for source in asset.sources}
    return NpmSource in kinds and PypiSource not in kinds


def library() -> Library:
    """The library of this user, as the environment says now."""
    cache = Cache(default_folder())
    return Library(manifest(), cache, functools.partial(_locate, tools=cache.tools))


def _locate(source: Archive, *, tools: Path) -> Place | Path:
    return pip_client.locate(source) if isinstance(source, PypiSource) else npm_client.locate(source, tools)
