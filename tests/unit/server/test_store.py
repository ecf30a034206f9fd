"""Files in a folder are whole or absent, whatever happens while they are written; see `test_stores.py` for the rest."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from stillmotion.errors import DiskFull, StoreTaken
from stillmotion.server.store import FolderStore


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """An empty store."""
    return FolderStore(tmp_path / "files")


def a_file(tmp_path: Path, content: bytes) -> Path:
    """A file to keep."""
    place = tmp_path / "given"
    place.write_bytes(content)
    return place


def test_who_is_refused_leaves_nothing(store: FolderStore, tmp_path: Path) -> None:
    """Whoever comes second wrote aside in vain."""
    store.put("a", a_file(tmp_path, b"first"))
    with pytest.raises(StoreTaken):
        store.put("a", a_file(tmp_path, b"second"))
    assert not list((tmp_path / "files" / ".incoming").iterdir())


def test_empty_folders_go(store: FolderStore, tmp_path: Path) -> None:
    """The last file of a prediction takes its folder along, one before it does not; those at the top stay."""
    for name in ("film", "sound"):
        store.put(f"outputs/a/{name}", a_file(tmp_path, b"x"))
    store.delete("outputs/a/film")
    assert (tmp_path / "files/outputs/a").is_dir()
    store.delete("outputs/a/sound")
    assert [place.name for place in (tmp_path / "files").iterdir() if place.name != ".incoming"] == ["outputs"]
    assert not list((tmp_path / "files/outputs").iterdir())


def test_a_folder_that_goes_meanwhile_is_made_again(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever deletes the last file of a folder while another is put there takes nothing from it."""
    link = Path.hardlink_to

    def late(target: Path, part: Path) -> None:
        monkeypatch.setattr(Path, "hardlink_to", link)
        target.parent.rmdir()
        target.hardlink_to(part)

    monkeypatch.setattr(Path, "hardlink_to", late)
    store.put("outputs/a/film", a_file(tmp_path, b"film"))
    with store.open("outputs/a/film") as found:
        assert found.read() == b"film"


def test_a_folder_that_goes_while_all_are_listed(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever deletes the last file of a folder that a listing has seen and not read yet does not end the listing."""
    scan = os.scandir
    for name in ("a", "b", "c"):
        store.put(f"outputs/{name}/film", a_file(tmp_path, b"film"))

    def late(place: str) -> object:
        if Path(place).name == "b":
            assert store.delete("outputs/b/film")
        return scan(place)

    monkeypatch.setattr(os, "scandir", late)
    assert [key for key, _, _ in store.keys()] == ["outputs/a/film", "outputs/c/film"]  # noqa: SIM118 - no dict
    assert not (tmp_path / "files/outputs/b").exists()


def test_what_has_no_key_is_not_listed(store: FolderStore, tmp_path: Path) -> None:
    """Folders and files that a system puts there are nobody's: a sweep would take them for films without an owner."""
    store.put("outputs/a/film", a_file(tmp_path, b"film"))
    for name in ("lost+found", ".Trash", "outputs/a b"):
        (tmp_path / "files" / name).mkdir()
        (tmp_path / "files" / name / "x").touch()
    for name in (".DS_Store", "outputs/a/.hidden"):
        (tmp_path / "files" / name).touch()
    assert [key for key, _, _ in store.keys()] == ["outputs/a/film"]  # noqa: SIM118 - no dict


def test_a_folder_that_cannot_be_read_is_told(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing is whole or an error: a backup of half the files would be taken for one of all."""

    def closed(place: str) -> object:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), place)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(PermissionError):
        list(store.keys())


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be flushed there")
def test_every_new_name_is_on_the_disk(store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a put the file, its folder and each folder above it that may be new were flushed, the file first."""
    flush, flushed = os.fsync, []

    def noted(handle: int) -> None:
        flushed.append(os.fstat(handle).st_ino)
        flush(handle)

    monkeypatch.setattr(os, "fsync", noted)
    store.put("outputs/a/film", a_file(tmp_path, b"film"))
    names = ("outputs/a/film", "outputs/a", "outputs", "")
    assert flushed == [(tmp_path / "files" / name).stat().st_ino for name in names]


@pytest.mark.parametrize(("number", "kept"), [(errno.EINVAL, True), (errno.ENOTSUP, True), (errno.EIO, False)])
def test_a_folder_that_is_not_flushed(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, kept: bool
) -> None:
    """File systems that cannot flush folders are used all the same; a disk that fails is told."""
    flush = os.fsync

    def refused(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        flush(handle)

    monkeypatch.setattr(os, "fsync", refused)
    with nullcontext() if kept else pytest.raises(OSError, match=os.strerror(number)):
        store.put("outputs/a/film", a_file(tmp_path, b"film"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_is_told(store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A full disk, a quota that is used up and a file above a limit are one thing: no room, and nothing is kept."""

    def full(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        store.put("outputs/a/film", a_file(tmp_path, b"film"))
    assert list(store.keys()) == []
    assert not list((tmp_path / "files" / ".incoming").iterdir())


def test_a_store_is_one_installations(store: FolderStore, tmp_path: Path) -> None:
    """The first that asks has it for good, and what says so is no file of anybody's."""
    other = FolderStore(tmp_path / "files")
    assert store.claim("ours")
    assert not other.claim("theirs")
    assert other.claim("ours")
    assert store.tidy(time.time() + 1) == 0
    assert not other.claim("theirs")


def test_two_that_ask_at_once(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody had it when both looked: one has it, the other learns that."""
    look, absent = FolderStore._owner, [True]

    def late(asked: FolderStore) -> str:
        if absent:
            absent.clear()
            assert asked.claim("theirs")
            raise FileNotFoundError
        return look(asked)

    monkeypatch.setattr(FolderStore, "_owner", late)
    assert not store.claim("ours")


def test_what_a_dead_writer_left_is_removed(store: FolderStore, tmp_path: Path) -> None:
    """A file that was begun long ago and never got its name goes; one that is being written stays."""
    incoming = tmp_path / "files" / ".incoming"
    for name, at_s in (("old", 100.0), ("new", 300.0)):
        (incoming / name).touch()
        os.utime(incoming / name, (at_s, at_s))
    assert store.tidy(200.0) == 1
    assert [place.name for place in incoming.iterdir()] == ["new"]
