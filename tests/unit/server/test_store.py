"""Files are whole or absent, and a key is written once."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from stillmotion.errors import StoreTaken
from stillmotion.server.store import FolderStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """An empty store."""
    return FolderStore(tmp_path / "files")


def a_file(tmp_path: Path, content: bytes) -> Path:
    """A file to keep."""
    place = tmp_path / "given"
    place.write_bytes(content)
    return place


def test_put_and_open(store: FolderStore, tmp_path: Path) -> None:
    """What was put is read back, with its size and digest; the original stays."""
    given = a_file(tmp_path, b"film")
    kept = store.put("outputs/a/film.mp4", given)
    assert (kept.size_bytes, kept.sha256) == (4, hashlib.sha256(b"film").digest())
    with store.open("outputs/a/film.mp4") as found:
        assert found.read() == b"film"
    assert given.exists()


def test_a_key_is_written_once(store: FolderStore, tmp_path: Path) -> None:
    """A second writer is refused, the first file stays, and nothing is left behind."""
    store.put("a", a_file(tmp_path, b"first"))
    with pytest.raises(StoreTaken):
        store.put("a", a_file(tmp_path, b"second"))
    with store.open("a") as found:
        assert found.read() == b"first"
    listed = store.keys()
    assert [key for key, _, _ in listed] == ["a"]
    assert not list((tmp_path / "files" / ".incoming").iterdir())


def test_delete(store: FolderStore, tmp_path: Path) -> None:
    """Gone is gone, and deleting again says so."""
    store.put("a/b", a_file(tmp_path, b"x"))
    assert store.delete("a/b")
    assert not store.delete("a/b")
    with pytest.raises(FileNotFoundError):
        store.open("a/b")


def test_what_a_dead_writer_left_is_removed(store: FolderStore, tmp_path: Path) -> None:
    """A file that was begun long ago and never got its name goes; one that is being written stays."""
    incoming = tmp_path / "files" / ".incoming"
    for name, at_s in (("old", 100.0), ("new", 300.0)):
        (incoming / name).touch()
        os.utime(incoming / name, (at_s, at_s))
    assert store.tidy(200.0) == 1
    assert [place.name for place in incoming.iterdir()] == ["new"]


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../x", "a//b", ".incoming/x", "a\x00b", "a b", "ä"])
def test_keys_never_leave_the_folder(store: FolderStore, key: str) -> None:
    """A strange key is no path."""
    with pytest.raises(ValueError, match="no key"):
        store.open(key)
