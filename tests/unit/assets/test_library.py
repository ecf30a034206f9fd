"""What is on this machine, and what a person may put there."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from stillmotion import assets
from stillmotion.assets.cache import Cache
from stillmotion.assets.library import Library
from stillmotion.assets.records import Asset, NpmSource, UrlSource
from stillmotion.errors import AssetCorrupt, AssetUnavailable, AssetUnknown, DiskFull
from stillmotion.progress import ignore_progress

RIGHT = b"the right bytes"


def asset(*, sha256: str = hashlib.sha256(RIGHT).hexdigest()) -> Asset:
    """An asset that no source has."""
    return Asset(
        name="a",
        file="a.bin",
        sha256=sha256,
        size_bytes=len(RIGHT),
        licence="MIT",
        licence_note="",
        use="testing",
        default=True,
        sources=(UrlSource(url="http://127.0.0.1:9/a"),),
    )


def library(folder: Path, record: Asset) -> Library:
    """A library of one asset whose archives nobody can find."""
    return Library({"a": record}, Cache(folder / "assets"), lambda _: Path("/nowhere"))


def test_a_file_put_in_place_by_hand_is_used(tmp_path: Path) -> None:
    """Without a network, the right file at the path that the message names is enough."""
    found = library(tmp_path, asset())
    place = found.cache.path(asset())
    place.parent.mkdir(parents=True)
    place.write_bytes(RIGHT)
    assert found.path("a", ignore_progress) == place


def test_a_wrong_file_put_in_place_by_hand_is_not_used(tmp_path: Path) -> None:
    """A file of the right length with other bytes is not taken, and does not stay."""
    found = library(tmp_path, asset())
    place = found.cache.path(asset())
    place.parent.mkdir(parents=True)
    place.write_bytes(RIGHT[::-1])
    assert not found.cache.present(asset())
    with pytest.raises(AssetUnavailable):
        found.path("a", ignore_progress)
    assert not place.exists()


def test_a_file_that_changes_after_it_was_verified_is_noticed(tmp_path: Path) -> None:
    """Other bytes of the same length are noticed by the file's time, without hashing at every call."""
    found = library(tmp_path, asset())
    (tmp_path / "own").write_bytes(RIGHT)
    place = found.adopt("a", tmp_path / "own", None)
    assert found.cache.present(asset())
    place.write_bytes(RIGHT[::-1])
    os.utime(place, ns=(1, 1))
    assert not found.cache.present(asset())


def test_verify_reads_the_bytes_and_removes_what_is_wrong(tmp_path: Path) -> None:
    """Damage that keeps length and time is invisible to `present` and found by `verify`."""
    found = library(tmp_path, asset())
    (tmp_path / "own").write_bytes(RIGHT)
    place = found.adopt("a", tmp_path / "own", None)
    assert found.verify() == ()
    time_ns = place.stat().st_mtime_ns
    place.write_bytes(RIGHT[::-1])
    os.utime(place, ns=(time_ns, time_ns))
    assert found.cache.present(asset())
    assert found.verify() == (asset(),)
    assert not place.exists()


def test_adopting_needs_the_manifests_sha256(tmp_path: Path) -> None:
    """A file with another hash is not adopted, whatever hash the caller states."""
    other = tmp_path / "own"
    other.write_bytes(b"other")
    with pytest.raises(AssetCorrupt, match=hashlib.sha256(b"other").hexdigest()):
        library(tmp_path, asset()).adopt("a", other, hashlib.sha256(b"other").hexdigest())


def test_an_asset_of_ones_own_needs_a_stated_sha256(tmp_path: Path) -> None:
    """An asset without a hash in the manifest is unavailable until a file with the stated hash is adopted."""
    found = library(tmp_path, asset(sha256=""))
    own = tmp_path / "own"
    own.write_bytes(b"a better network")
    with pytest.raises(AssetUnavailable, match="fetch it by hand"):
        found.path("a", ignore_progress)
    with pytest.raises(AssetCorrupt):
        found.adopt("a", own, None)
    found.adopt("a", own, hashlib.sha256(b"a better network").hexdigest())
    assert found.path("a", ignore_progress).read_bytes() == b"a better network"
    assert found.verify() == ()


def test_an_unknown_name_is_said(tmp_path: Path) -> None:
    """A misspelt asset is an error of its own, not a failed download."""
    with pytest.raises(AssetUnknown, match="'b'"):
        library(tmp_path, asset()).path("b", ignore_progress)


def test_the_environment_chooses_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`STILLMOTION_CACHE_DIR` moves every file that is fetched, and asking what is present makes no folder."""
    monkeypatch.setenv("STILLMOTION_CACHE_DIR", str(tmp_path / "elsewhere"))
    states = [state for state in assets.status() if state.asset.bundled is None]
    assert {state.path.parent for state in states} == {tmp_path / "elsewhere" / "assets"}
    assert not any(state.present for state in states)
    assert not assets.present("modnet")
    assert not (tmp_path / "elsewhere").exists()


def test_a_carried_npm_goes_when_all_that_it_is_for_is_here(tmp_path: Path) -> None:
    """The npm that we fetched for ourselves is removed after the last asset of npm, whatever else is still absent."""
    by_npm = asset()
    later = replace(asset(), name="b", file="b.bin", sha256="0" * 64)
    by_npm = replace(by_npm, sources=(NpmSource(package="p", version="1.0.0", member="a.bin"),))
    found = Library({"a": by_npm, "b": later}, Cache(tmp_path / "assets"), lambda _: Path("/nowhere"))
    (found.cache.tools / "npm").mkdir(parents=True)
    found.fetch((), ignore_progress)
    assert found.cache.tools.exists()
    found.cache.path(by_npm).write_bytes(RIGHT)
    found.fetch(["a"], ignore_progress)
    assert not found.cache.tools.exists()


@pytest.mark.parametrize("kind", ["absent", "folder", "unopened"])
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, kind: str) -> None:
    """A missing file, a folder and a name that no file can have are named, and are no internal error."""
    own = tmp_path / ("own\0" if kind == "unopened" else "own")
    if kind == "folder":
        own.mkdir()
    with pytest.raises(AssetUnavailable, match=r"own.* cannot be read"):
        library(tmp_path, asset()).adopt("a", own, None)


def test_adopting_onto_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up while a file is adopted gives `DiskFull`, and no file under the final name."""

    def copy(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", copy)
    (tmp_path / "own").write_bytes(RIGHT)
    found = library(tmp_path, asset())
    with pytest.raises(DiskFull):
        found.adopt("a", tmp_path / "own", None)
    assert not found.cache.path(asset()).exists()
    assert not list((tmp_path / "assets").rglob("*.tmp"))


def test_adopting_into_a_place_that_is_no_folder_is_said(tmp_path: Path) -> None:
    """A cache that cannot be written is named together with the variable that moves it."""
    (tmp_path / "own").write_bytes(RIGHT)
    (tmp_path / "assets").write_bytes(b"a file where the folder should be")
    with pytest.raises(AssetUnavailable, match=r"cannot be stored in .*STILLMOTION_CACHE_DIR"):
        library(tmp_path, asset()).adopt("a", tmp_path / "own", None)


def test_a_file_that_changes_while_it_is_adopted_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in the cache has the sha256 that was asked for, not what the file had a moment before."""
    (tmp_path / "own").write_bytes(RIGHT)
    monkeypatch.setattr(shutil, "copyfileobj", lambda _, copy, __: copy.write(RIGHT[::-1]))
    found = library(tmp_path, asset())
    with pytest.raises(AssetCorrupt):
        found.adopt("a", tmp_path / "own", None)
    assert not found.cache.path(asset()).exists()


def test_a_file_in_the_cache_that_cannot_be_read_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad disk or wrong permissions make an asset absent; nobody has to report it."""
    found = library(tmp_path, asset())
    found.cache.folder.mkdir()
    found.cache.path(asset()).write_bytes(RIGHT)
    assert found.cache.recheck(asset())

    def unreadable(_: Path) -> str:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("stillmotion.assets.cache.sha256_of", unreadable)
    assert not found.cache.recheck(asset())
