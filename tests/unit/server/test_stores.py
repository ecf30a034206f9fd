"""What every store keeps to: a key is written once, a file is read at any place, and one installation has it."""

from __future__ import annotations

import hashlib
import time
from io import SEEK_CUR, SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buckets import s3, s3_server
from stillmotion.errors import StoreTaken, StoreUnavailable
from stillmotion.server import store as stores
from stillmotion.server.settings import Settings
from stillmotion.server.store import check_owner
from stillmotion.server.store.contract import OWNER, PIECE_BYTES

if TYPE_CHECKING:
    from stillmotion.server.store import Store

__all__ = ["s3", "s3_server"]


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store."""
    url = request.getfixturevalue("s3").fresh_url() if request.param == "s3" else None
    return stores.of(Settings(data_dir=tmp_path / "data", store_url=url))


def again(store: Store, tmp_path: Path) -> Store:
    """The same one, as another process sees it."""
    url = store.place if store.place.startswith("s3:") else None
    return stores.of(Settings(data_dir=tmp_path / "data", store_url=url))


def a_file(tmp_path: Path, content: bytes) -> Path:
    """A file to keep."""
    place = tmp_path / "given"
    place.write_bytes(content)
    return place


def keys(store: Store) -> list[str]:
    """What is there."""
    return [key for key, _, _ in store.keys()]  # noqa: SIM118 - no dict


@pytest.mark.parametrize("content", [b"film", b""])
def test_put_and_open(store: Store, tmp_path: Path, content: bytes) -> None:
    """What was put is read back by anybody, with its size and digest; the original stays."""
    given = a_file(tmp_path, content)
    kept = store.put("outputs/a/film.mp4", given)
    assert (kept.key, kept.size_bytes) == ("outputs/a/film.mp4", len(content))
    assert kept.sha256 == hashlib.sha256(content).digest()
    with again(store, tmp_path).open("outputs/a/film.mp4") as found:
        assert found.read() == content
    assert given.read_bytes() == content


def test_a_file_is_read_at_any_place(store: Store, tmp_path: Path) -> None:
    """Also where it is larger than what is fetched at once, and never beyond its end."""
    content = bytes(range(251)) * (3 * PIECE_BYTES // 251 + 100)
    store.put("film", a_file(tmp_path, content))
    with store.open("film") as found:
        assert found.read(10) == content[:10]
        assert found.seek(2 * PIECE_BYTES - 5) == 2 * PIECE_BYTES - 5
        assert found.read(10) == content[2 * PIECE_BYTES - 5 : 2 * PIECE_BYTES + 5]
        assert found.seek(-20, SEEK_CUR) == found.tell() == 2 * PIECE_BYTES - 15
        assert found.read() == content[2 * PIECE_BYTES - 15 :]
        assert found.seek(-3, SEEK_END) == len(content) - 3
        assert (found.read(9), found.read(9)) == (content[-3:], b"")
        assert found.seek(len(content) + 1) > len(content)
        assert found.read(1) == b""


def test_a_key_is_written_once(store: Store, tmp_path: Path) -> None:
    """A second writer with something else is refused, and the first file stays."""
    store.put("a", a_file(tmp_path, b"first"))
    for other in (b"second", b"other"):
        with pytest.raises(StoreTaken):
            store.put("a", a_file(tmp_path, other))
    with store.open("a") as found:
        assert found.read() == b"first"
    assert keys(store) == ["a"]


def test_delete(store: Store, tmp_path: Path) -> None:
    """Gone is gone, deleting again says so, and the key may be used again."""
    store.put("a/b", a_file(tmp_path, b"x"))
    assert store.delete("a/b")
    assert not store.delete("a/b")
    with pytest.raises(FileNotFoundError):
        store.open("a/b")
    store.put("a/b", a_file(tmp_path, b"y"))
    assert keys(store) == ["a/b"]


def test_all_are_listed(store: Store, tmp_path: Path) -> None:
    """With their sizes, and the time at which they came."""
    before_s = time.time()
    for name, size in (("outputs/a/film", 5), ("outputs/a/sound", 7), ("uploads/b.png", 1)):
        store.put(name, a_file(tmp_path, bytes(size)))
    listed = sorted(store.keys())
    assert [one[:2] for one in listed] == [("outputs/a/film", 5), ("outputs/a/sound", 7), ("uploads/b.png", 1)]
    assert all(before_s - 2 < at_s < time.time() + 2 for *_, at_s in listed)  # some tell whole seconds


def test_a_store_is_one_installations(store: Store, tmp_path: Path) -> None:
    """The first that asks has it for good, and what says so is no file of anybody's."""
    other = again(store, tmp_path)
    assert store.is_free_for("anybody")
    assert store.claim("ours")
    assert not other.claim("theirs")
    assert other.claim("ours")
    assert (other.is_free_for("ours"), other.is_free_for("theirs")) == (True, False)
    assert keys(store) == []


def test_one_that_is_emptied(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A bucket that is gone, or a disk that is not mounted, is no fresh store to whoever had it, until he asks anew."""
    assert store.claim("ours")
    check_owner(store, "ours")
    with pytest.raises(StoreUnavailable, match="belong to another installation"):
        check_owner(store, "theirs")
    place = store.place.removeprefix("s3://")
    (request.getfixturevalue("s3").root / place if "s3:" in store.place else Path(place)).joinpath(OWNER).unlink()
    with pytest.raises(StoreUnavailable, match="has nothing of this installation any more"):
        check_owner(store, "ours")
    check_owner(again(store, tmp_path), "ours")
    assert store.claim("ours")
    check_owner(store, "ours")


def test_what_a_dead_process_gathered_is_removed(store: Store) -> None:
    """What is gathered for a store lies on this machine; whoever dies meanwhile leaves it, and it goes."""
    (store.incoming / "part").write_bytes(b"half")
    assert store.tidy(time.time() - 60) == 0
    assert store.tidy(time.time() + 60) == 1
    assert list(store.incoming.iterdir()) == []


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../x", "a//b", ".incoming/x", "a\x00b", "a b", "ä"])
def test_keys_never_lead_elsewhere(store: Store, tmp_path: Path, key: str) -> None:
    """A strange key is no place."""
    given = a_file(tmp_path, b"x")
    for act in (store.open, store.delete, store.local_path, lambda one: store.put(one, given)):
        with pytest.raises(ValueError, match="no key"):
            act(key)
