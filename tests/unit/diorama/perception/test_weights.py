"""Weights: fetched together under one bar, and named together."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from stillmotion import assets
from stillmotion.diorama.perception import depth, person_matte, weights
from stillmotion.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pytest


def test_what_any_photo_may_need_is_fetched_up_front(monkeypatch: pytest.MonkeyPatch) -> None:
    """The matte of living things comes under the same bar: no network is left to be fetched in mid-analysis."""
    asked: list[tuple[set[str], Progress]] = []

    def fetch(names: Iterable[str], progress: Progress) -> None:
        asked.append((set(names), progress))

    monkeypatch.setattr(assets, "fetch", fetch)
    weights.fetch_weights(ignore_progress)
    ((names, progress),) = asked
    assert person_matte.ASSET in names
    assert depth.source_name() in names
    assert progress is ignore_progress


def test_the_identity_is_short_and_names_the_depth_network() -> None:
    """It repeats, fits in a file name, and says which depth network is used."""
    name = weights.identity()
    assert name == weights.identity()
    assert re.fullmatch(r"[a-z0-9_]+-[0-9a-f]{12}", name)
    assert name.startswith(f"{depth.source_name()}-")


def test_the_identity_changes_with_any_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another sha256 of any one network of the analysis gives another identity."""
    digests = {name: assets.digest(name) for name in weights._names()}
    monkeypatch.setattr(assets, "digest", digests.__getitem__)
    seen = {weights.identity()}
    for name, digest in list(digests.items()):
        digests[name] = "0" * 64
        seen.add(weights.identity())
        digests[name] = digest
    assert len(seen) == len(digests) + 1


def test_adopting_another_depth_network_changes_the_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, after the first and after a second adopted file there are three identities; no weight is needed."""
    monkeypatch.setenv("STILLMOTION_CACHE_DIR", str(tmp_path / "cache"))
    seen = [weights.identity()]
    for content in (b"one network", b"another one"):
        (tmp_path / "own").write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        assets.adopt(depth.FINE, tmp_path / "own", sha256)
        assert assets.digest(depth.FINE) == sha256
        seen.append(weights.identity())
    assert len(set(seen)) == 3
    assert seen[1].startswith(f"{depth.FINE}-")
