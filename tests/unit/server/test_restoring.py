"""Whose database and whose files an archive is put into."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from typing import IO, TYPE_CHECKING

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import select

from buckets import Server, s3, s3_server
from databases import empty, fresh
from stillmotion import catalog
from stillmotion.cli.app import run
from stillmotion.errors import DataFolderUnusable, DiskFull, InstallationInUse
from stillmotion.money import ZERO
from stillmotion.server import accounts, backup, predictions
from stillmotion.server.clock import StoppedClock
from stillmotion.server.db import engine, schema
from stillmotion.server.intake import uploads
from stillmotion.server.predictions import Code, Submission
from stillmotion.server.queue import PostgresQueue
from stillmotion.server.service import have_files, running
from stillmotion.server.settings import Settings
from stillmotion.server.store import FolderStore
from stillmotion.server.store.s3 import S3Store
from stillmotion.server.worker import sweeping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stillmotion.server.service import Service

__all__ = ["s3", "s3_server"]
NOW = StoppedClock().now()
FILM = "openai/sora-2/image-to-video"


@contextmanager
def installation(url: str, folder: Path) -> Iterator[Service]:
    """As it is served: it has the files of its folder."""
    with running(Settings(database_url=url, data_dir=folder), StoppedClock()) as parts:
        have_files(parts)
        yield parts


@pytest.fixture
def archive(postgres_url: str, tmp_path: Path) -> Path:
    """Of an installation whose database is gone, with one file; its folder is still there."""
    with fresh(postgres_url) as url, installation(url, tmp_path / "ours") as parts:
        (tmp_path / "film").write_bytes(b"a film")
        parts.store.put("outputs/a/b-film.mp4", tmp_path / "film")
        backup.write(parts.database, parts.store, tmp_path / "b.zip", at=NOW)
    return tmp_path / "b.zip"


def restored(archive: Path, url: str, folder: Path) -> None:
    """Put it there."""
    database = engine.connect(url)
    try:
        backup.restore(database, FolderStore(folder / "files"), PostgresQueue(url), archive, at=NOW)
    finally:
        database.dispose()


def keys(folder: Path) -> list[str]:
    """What is in the store of a data folder."""
    return [one[0] for one in list(FolderStore(folder / "files").keys())]


def test_another_installation_is_left_alone(archive: Path, postgres_url: str, tmp_path: Path) -> None:
    """An archive is not put over its database, nor among its files when the database is a new one."""
    folder = tmp_path / "theirs"
    with fresh(postgres_url) as theirs, empty(postgres_url) as ours:
        with installation(theirs, folder):
            pass
        with pytest.raises(InstallationInUse, match=r"not empty.* with 0 predictions"):
            restored(archive, theirs, tmp_path / "new")
        with pytest.raises(InstallationInUse, match="belong to another installation"):
            restored(archive, ours, folder)
        assert keys(folder) == []
        database = engine.connect(ours)
        with database.connect() as connection:
            assert engine.current_revision(connection) is None
        database.dispose()
        with installation(theirs, folder):
            pass


@pytest.mark.parametrize("folder", ["ours", "new"])
def test_an_installation_comes_back(archive: Path, postgres_url: str, tmp_path: Path, folder: str) -> None:
    """Into an empty database, beside the files that are still there or in a folder of its own."""
    with empty(postgres_url) as url:
        restored(archive, url, tmp_path / folder)
        with installation(url, tmp_path / folder):
            assert keys(tmp_path / folder) == ["outputs/a/b-film.mp4"]


def test_files_that_do_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are unpacked where they are to be, which the operator chose; a full disk there is told as one."""
    store, key, room = FolderStore(tmp_path / "files"), "outputs/a/b-film.mp4", [False, True]

    def copied(source: IO[bytes], target: IO[bytes], length: int) -> None:
        del length
        if not room.pop(0):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        target.write(source.read())

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setattr(shutil, "copyfileobj", copied)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr(f"files/{key}", b"a film")
        with pytest.raises(DiskFull):
            backup._restore_files(store, archive, {"files": [key]})
        assert not list(store.incoming.iterdir())
        backup._restore_files(store, archive, {"files": [key]})
    assert keys(tmp_path) == [key]


def test_an_installation_comes_back_into_another_store(
    archive: Path, postgres_url: str, s3: Server, tmp_path: Path
) -> None:
    """Its files go where the settings point, no other installation may, and a backup takes them from there."""
    url_there, again = s3.fresh_url(), tmp_path / "again.zip"
    there = S3Store(url_there, incoming=tmp_path / "incoming")
    with empty(postgres_url) as url:
        database = engine.connect(url)
        backup.restore(database, there, PostgresQueue(url), archive, at=NOW)
        database.dispose()
        with running(Settings(database_url=url, data_dir=tmp_path / "new", store_url=url_there)) as parts:
            have_files(parts)
            assert s3.objects(url_there) == [".installation", "outputs/a/b-film.mp4"]
            backup.write(parts.database, parts.store, again, at=NOW)
    with zipfile.ZipFile(again) as written:
        assert written.read("files/outputs/a/b-film.mp4") == b"a film"
    with empty(postgres_url) as url:
        settings = Settings(database_url=url, data_dir=tmp_path / "theirs", store_url=url_there)
        with running(settings) as parts, pytest.raises(DataFolderUnusable, match=f"{url_there}.*STILLMOTION_STORE_URL"):
            have_files(parts)


def ended(service: Service, model_id: str) -> str:
    """A prediction that is over."""
    limits = {"concurrency": 9, "queue_limit": 9, "price": ZERO}
    asked = Submission(account_id=accounts.SINGLE_USER, dialect="native", model_id=model_id, input={}, **limits)
    told = {"code": Code.EXECUTION_FAILED, "error": "", "queue": service.queue, "tell": lambda *_: None}
    with service.database.begin() as connection:
        made = predictions.submit(connection, asked, service.queue, at=service.clock.now())
        assert predictions.fail(connection, made.id, **told, at=service.clock.now())
    return made.id


def of_a_month_ago(url: str, folder: Path, archive: Path) -> str:
    """An archive with a film and an upload; the id of the film.

    Beside them it has what goes whatever the retention is: a draft, a deleted film, an upload that never came.
    """
    with installation(url, folder) as parts:
        film, gone, _draft = (ended(parts, model) for model in (FILM, FILM, catalog.PASSING[0]))
        with parts.database.begin() as connection:
            predictions.delete(connection, accounts.SINGLE_USER, [gone], at=NOW)
            more = {"filename": "a.png", "size_bytes": None, "at": NOW}
            arrived = uploads.open_upload(connection, accounts.SINGLE_USER, **more).id
            connection.execute(schema.uploads.update().where(schema.uploads.c.id == arrived).values(stored_at=NOW))
            uploads.open_upload(connection, accounts.SINGLE_USER, **more)
        backup.write(parts.database, parts.store, archive, at=NOW)
    return film


@pytest.mark.parametrize(("retention_days", "left"), [(7.0, 0), (31.0, 2)])
def test_what_is_too_old_is_told(postgres_url: str, tmp_path: Path, retention_days: float, left: int) -> None:
    """A restore says how much the first sweep would take, and which retention keeps it; that does."""
    later = StoppedClock(at=NOW + timedelta(days=30, hours=1))
    with fresh(postgres_url) as url:
        film = of_a_month_ago(url, tmp_path / "ours", tmp_path / "b.zip")
    with empty(postgres_url) as url:
        restored(tmp_path / "b.zip", url, tmp_path / "new")
        settings = Settings(database_url=url, data_dir=tmp_path / "new", retention_days=retention_days)
        with running(settings, later) as parts:
            with parts.database.connect() as connection:
                old = backup.outlived(connection, retention_days, at=later.now())
                assert (old.count, old.keeping_days) == (2, 31) if left == 0 else old is None
            sweeping.sweep(parts)
            with parts.database.connect() as connection:
                films = connection.scalars(select(schema.predictions.c.id)).all()
                assert len(films) + len(connection.scalars(select(schema.uploads.c.id)).all()) == left
                assert films == ([film] if left else [])


@pytest.mark.parametrize("form", ["", "-q", "--json"])
def test_the_command_says_what_is_too_old(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """In words with what to do, or in the JSON; nothing when nothing is to be said."""
    with fresh(postgres_url) as url:
        of_a_month_ago(url, tmp_path / "ours", tmp_path / "b.zip")
    with empty(postgres_url) as url:
        monkeypatch.setenv("STILLMOTION_DATABASE_URL", url)
        asked = ["restore", str(tmp_path / "b.zip"), "--data-dir", str(tmp_path / "new"), form]
        assert run([one for one in asked if one]) == 0
    said = capsys.readouterr()
    if form == "--json":
        assert json.loads(said.out)["outlived"] == 2
    words = ("2 films and uploads are older than the 7 days", "STILLMOTION_RETENTION_DAYS")
    assert [one in said.err for one in words] == [not form] * 2


def test_there_is_no_way_back_before_the_first_schema(postgres_url: str) -> None:
    """Undoing it would remove the books: it is refused with the way that there is, and nothing changes."""
    with fresh(postgres_url) as url:
        database, config = engine.connect(url), engine._config()
        with database.connect() as connection:
            config.attributes["connection"] = connection
            with pytest.raises(CommandError, match="Restore a backup"):
                command.downgrade(config, "base")
        with database.connect() as connection:
            assert engine.is_current(connection)
        database.dispose()
