"""The list of assets, read from `manifest.json`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from stillmotion.assets.records import Asset, BundledSource, NpmSource, Part, PartsSource, PypiSource, Source, UrlSource

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST = Path(__file__).with_name("manifest.json")
BUNDLED_FOLDER = Path(__file__).with_name("data")


@cache
def manifest() -> Mapping[str, Asset]:
    """Every asset by name, in the order of the manifest."""
    return parse_manifest(MANIFEST.read_text(encoding="utf-8"))


def parse_manifest(text: str) -> Mapping[str, Asset]:
    """The assets of a manifest's JSON text; `KeyError`, `TypeError` or `ValueError` when it is not one."""
    assets = [_asset(entry) for entry in json.loads(text)["assets"]]
    by_name = {asset.name: asset for asset in assets}
    if len(by_name) != len(assets):
        message = "two assets have the same name"
        raise ValueError(message)
    return MappingProxyType(by_name)


def _asset(entry: dict[str, Any]) -> Asset:
    sources = tuple(_source(source) for source in entry.pop("sources"))
    return Asset(sources=sources, **entry)


def _source(entry: dict[str, Any]) -> Source:
    kind = entry.pop("kind")
    match kind:
        case "bundled":
            return BundledSource(**entry)
        case "parts":
            return PartsSource(parts=tuple(_part(part) for part in entry["parts"]))
        case _:
            return _plain_source(kind, entry)


def _plain_source(kind: str, entry: dict[str, Any]) -> UrlSource | PypiSource | NpmSource:
    match kind:
        case "url":
            return UrlSource(**entry)
        case "pypi":
            return PypiSource(**entry)
        case "npm":
            return NpmSource(**entry)
    message = f"{kind!r} is not a kind of source"
    raise ValueError(message)


def _part(entry: dict[str, Any]) -> Part:
    source = dict(entry["source"])
    return Part(size_bytes=entry["size_bytes"], source=_plain_source(source.pop("kind"), source))
