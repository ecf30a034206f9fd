"""Whose database and whose files an archive is put into."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import text

from databases import fresh
from stillmotion.errors import InstallationInUse
from stillmotion.server import backup
from stillmotion.server.clock import StoppedClock
from stillmotion.server.db import engine
from stillmotion.server.queue import PostgresQueue
from stillmotion.server.service import have_files, running
from stillmotion.server.settings import Settings
from stillmotion.server.store import FolderStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stillmotion.server.service import Service

NOW = StoppedClock().now()


@contextmanager
def installation(url: str, folder: Path) -> Iterator[Service]:
    """As it is served: it has the files of its folder."""
    with running(Settings(database_url=url, data_dir=folder), StoppedClock()) as parts:
        have_files(parts)
        yield parts


@contextmanager
def empty(postgres_url: str) -> Iterator[str]:
    """The address of a database in which there is nothing."""
    with fresh(postgres_url) as url:
        made = engine.connect(url)
        with made.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
        made.dispose()
        yield url


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


def test_there_is_no_way_back_before_the_first_schema(postgres_url: str) -> None:
    """Undoing it would remove the books: it is refused with the way that there is, and nothing changes."""
    with fresh(postgres_url) as url:
        database, config = engine.connect(url), engine._config()
        with database.connect() as connection:
            config.attributes["connection"] = connection
            with pytest.raises(NotImplementedError, match="Restore a backup"):
                command.downgrade(config, "base")
        with database.connect() as connection:
            assert engine.is_current(connection)
        database.dispose()
