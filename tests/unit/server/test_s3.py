"""A store that speaks S3: answers get lost, it goes away, it refuses keys, and none of that is told with secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buckets import BUCKET, SECRET, Server, s3, s3_server
from stillmotion.errors import SettingsInvalid, StoreUnavailable
from stillmotion.server.store.contract import PIECE_BYTES
from stillmotion.server.store.s3 import S3Store

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["s3", "s3_server"]


@pytest.fixture
def store(s3: Server, tmp_path: Path) -> S3Store:
    """An empty one."""
    return S3Store(s3.fresh_url(), incoming=tmp_path / "incoming")


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A file to keep."""
    place = tmp_path / "given"
    place.write_bytes(b"a film")
    return place


def told(store: S3Store, given: Path) -> set[str]:
    """What is said, whatever is asked."""
    said = set()
    for act in (
        lambda: store.claim("ours"),
        lambda: store.is_free_for("ours"),
        lambda: store.put("new", given),
        lambda: store.open("film"),
        lambda: store.piece("film", 0, 1),
        lambda: store.delete("film"),
        lambda: list(store.keys()),
        store.probe,
    ):
        with pytest.raises(StoreUnavailable) as error:
            act()
        said.add(str(error.value))
        assert error.value.__cause__ is None
        assert error.value.__suppress_context__
    return said


def test_a_lost_answer_is_no_fault(s3: Server, store: S3Store, given: Path) -> None:
    """The file was kept and nobody heard: it is asked again, found to be the same file, and kept once."""
    s3.lost = 2
    assert store.put("outputs/a/film", given).size_bytes == 6
    assert s3.objects(store.place) == ["outputs/a/film"]
    assert store.put("outputs/a/film", given).size_bytes == 6


def test_one_that_is_away_is_told_soon(s3: Server, store: S3Store, given: Path) -> None:
    """Each request is sent three times at most; when the store is back it is as if nothing had been."""
    store.put("film", given)
    s3.away = True
    said = told(store, given)
    assert len(said) == 1
    assert "does not answer" in said.pop()
    s3.asked.clear()
    with pytest.raises(StoreUnavailable):
        store.open("film")
    assert s3.asked == ["HEAD"] * 3
    s3.away = False
    store.put("new", given)
    assert s3.objects(store.place) == ["film", "new"]


def test_a_file_that_is_read_while_it_goes_away(s3: Server, store: S3Store, given: Path) -> None:
    """Whoever reads learns it, and can go on where he was when it is back."""
    given.write_bytes(b"1" * PIECE_BYTES + b"22")
    store.put("film", given)
    with store.open("film") as film:
        assert len(film.read(PIECE_BYTES)) == PIECE_BYTES
        s3.away = True
        with pytest.raises(StoreUnavailable):
            film.read(2)
        s3.away = False
        assert film.read(2) == b"22"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"AWS_ACCESS_KEY_ID": "somebody-elses"}, "AWS_ACCESS_KEY_ID"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}, "AWS_ENDPOINT_URL"),
    ],
)
def test_what_is_wrong_is_told_without_secrets(
    store: S3Store, given: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], words: str
) -> None:
    """It names what to look at, and neither the keys nor what the store said."""
    store.put("film", given)
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    said = told(S3Store(store.place, incoming=store.incoming), given)
    assert any(words in one for one in said)
    assert not any(SECRET in one or "somebody" in one or "There is no such key" in one for one in said)


def test_no_bucket(s3: Server, store: S3Store, given: Path) -> None:
    """It is not made, and what would be written is not taken for kept."""
    nowhere = S3Store("s3://no-such-bucket", incoming=store.incoming)
    for act in (lambda: nowhere.claim("ours"), lambda: nowhere.put("film", given), nowhere.probe):
        with pytest.raises(StoreUnavailable, match="no bucket"):
            act()
    assert not (s3.root / "no-such-bucket").exists()


def test_a_bucket_that_goes(s3: Server, store: S3Store, given: Path) -> None:
    """A film of it is not taken for deleted: nothing is known of it. What a good bucket does not have is missing."""
    store.put("film", given)
    store.claim("ours")
    with pytest.raises(FileNotFoundError):
        store.open("deleted")
    folder = s3.root / store.place.removeprefix("s3://")
    folder.rename(folder.with_name("away"))
    with pytest.raises(StoreUnavailable, match="emptied"):
        store.open("film")
    folder.with_name("away").rename(folder)
    store.open("film").close()


def test_only_a_piece_is_asked_for_at_once(s3: Server, store: S3Store, given: Path) -> None:
    """However much is read, so that each request is short; a film is only in memory whole when somebody wants that."""
    given.write_bytes(bytes(3 * PIECE_BYTES + 1))
    store.put("film", given)
    s3.asked.clear()
    with store.open("film") as film:
        while film.read(100_000):
            pass
        assert s3.asked == ["HEAD", *["GET"] * 4]
        film.seek(0)
        assert len(film.read()) == 3 * PIECE_BYTES + 1
    assert s3.asked == ["HEAD", *["GET"] * 8]


def test_foreign_objects_are_not_listed(s3: Server, store: S3Store, given: Path) -> None:
    """What has no key of ours is nobody's: a sweep would take it for a film without an owner."""
    store.put("film", given)
    store.claim("ours")
    (s3.root / store.place.removeprefix("s3://") / "a b").write_bytes(b"x")
    assert [key for key, _, _ in store.keys()] == ["film"]  # noqa: SIM118 - no dict


def test_a_probe_leaves_nothing(s3: Server, store: S3Store) -> None:
    """It writes, reads, lists and removes, and a prefix is optional."""
    store.probe()
    assert s3.objects(store.place) == []
    S3Store(f"s3://{BUCKET}", incoming=store.incoming).probe()


def test_a_probe_finds_a_store_that_writes_twice(s3: Server, store: S3Store) -> None:
    """One that does not know conditions would let one film replace another; it is told, and nothing stays there."""
    s3.careless = True
    with pytest.raises(StoreUnavailable, match="If-None-Match"):
        store.probe()
    assert s3.objects(store.place) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ENDPOINT_URL", "s3.example.com:9000"),
        ("AWS_ENDPOINT_URL", ""),
        ("AWS_ENDPOINT_URL", "ftp://s3.example.com"),
        ("AWS_ENDPOINT_URL", "http://"),
        ("AWS_ENDPOINT_URL", "http://[::1"),
        ("AWS_ENDPOINT_URL", "http://s3.example.com:99999"),
        ("AWS_ENDPOINT_URL_S3", "https://s3.example.com\n"),
        ("AWS_ACCESS_KEY_ID", "key\n"),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_SESSION_TOKEN", "tok\u00e9n"),
        ("AWS_REGION", "us east"),
    ],
)
def test_variables_that_cannot_be_meant_are_named(
    s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Before anything is asked: the library would break off in the middle of the first request."""
    address = s3.fresh_url()
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as error:
        S3Store(address, incoming=tmp_path / "incoming")
    assert name in str(error.value)
    assert SECRET not in str(error.value)
    assert not value or value not in str(error.value)
