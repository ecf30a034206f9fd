"""Installations of earlier versions go on in this one: what they hold stays, and what they lack is made."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, text
from starlette.testclient import TestClient

from by_hand import Hand, photo
from databases import empty
from stillmotion.server import accounts, backup, operating, quota
from stillmotion.server.api.app import create_app
from stillmotion.server.clock import StoppedClock
from stillmotion.server.db import engine, schema
from stillmotion.server.queue import PostgresQueue, make_tables
from stillmotion.server.service import have_files, running
from stillmotion.server.settings import Settings
from stillmotion.server.store import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from stillmotion.server.service import Service

NOW = StoppedClock().now()
CREATE = "/api/v3/openai/sora-2/image-to-video"
ME = accounts.SINGLE_USER
FILM_BYTES, UPLOAD_BYTES = 1000, 30
AS_THEY_WERE = {
    "v0001_first.py": "3e1a60d81a4d0c7d79fee96037be243963cc283a594efddf352a9b6625ba5bfd",
    "v0002_undone.py": "5c053784eb7bd3f0eb36b66e80c9b78d4bfda8e6bc17e38648ef50eb4e38d88b",
    "v0003_kept.py": "582bbc3841c39f5ca6ea118722243b9c43aaa4b631fb9cd2da0dd751d612c3ba",
}
"""The SHA-256 of each step that installations have taken."""
CATALOG = """
select 'column', table_name::text, column_name || ' ' || data_type || ' ' || is_nullable
from information_schema.columns where table_schema = 'public'
union all select 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'public'::regnamespace
union all select 'index', tablename::text, indexdef from pg_indexes where schemaname = 'public'
union all select 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
union all select 'function', proname::text, pg_get_functiondef(oid)
from pg_proc where pronamespace = 'public'::regnamespace
order by 1, 2, 3
"""


def of_the_first_version(connection: Connection) -> None:
    """Make the tables of the first step, with a film, an upload, and one that has not come, of the only account."""
    engine.upgrade(connection, "0001")
    make_tables(connection)
    ended = {"dialect": "hosted", "model_id": "m", "input": {}, "price_micros": 0, "status": "completed"}
    files_of = {"sha256": b"", "created_at": NOW}
    rows: tuple[tuple[Any, dict[str, Any]], ...] = (
        (schema.accounts, {"id": ME, "name": "this machine", "admin": True, "created_at": NOW}),
        (schema.balances, {"book": f"account:{ME}", "account_id": ME, "may_owe": True}),
        (schema.balances, {"book": f"held:{ME}", "account_id": ME}),
        (schema.predictions, {"id": "p", "account_id": ME, "created_at": NOW, "finished_at": NOW, **ended}),
        (schema.files, {"key": "outputs/p/t-film.mp4", "prediction_id": "p", "size_bytes": FILM_BYTES, **files_of}),
        (schema.uploads, {"id": "u", "account_id": ME, "filename": "a", "size_bytes": UPLOAD_BYTES, "created_at": NOW}),
        (schema.uploads, {"id": "v", "account_id": ME, "filename": "b", "size_bytes": 7, "created_at": NOW}),
    )
    for table, row in rows:
        connection.execute(insert(table).values(row))
    connection.execute(text("update uploads set stored_at = created_at where id = 'u'"))


@dataclass
class Old:
    """A database, before this version has seen it."""

    url: str

    def do(self, act: Callable[[Connection], Any]) -> Any:
        """One transaction there."""
        made = engine.connect(self.url)
        try:
            with made.begin() as connection:
                return act(connection)
        finally:
            made.dispose()


@contextmanager
def old(postgres_url: str, *, first: bool) -> Iterator[Old]:
    """An empty database, or one of the first version."""
    with empty(postgres_url) as url:
        there = Old(url)
        if first:
            there.do(of_the_first_version)
        yield there


def test_an_installation_of_the_first_version_goes_on(postgres_url: str, tmp_path: Path) -> None:
    """Its films and uploads count, a film is made, a picture sent, and the service says that its database is well."""
    with (
        old(postgres_url, first=True) as there,
        running(Settings(database_url=there.url, data_dir=tmp_path, per_minute=0)) as parts,
    ):
        have_files(parts)
        assert room(parts) == FILM_BYTES + UPLOAD_BYTES
        used(parts, tmp_path)
        assert room(parts) > FILM_BYTES + UPLOAD_BYTES


def used(parts: Service, folder: Path) -> None:
    """Do there what people do."""
    with TestClient(create_app(parts), base_url="http://127.0.0.1:8000") as client:
        sent = client.post("/api/v3/media/upload/binary", files={"file": ("a.png", photo(), "image/png")})
        assert sent.status_code == 200, sent.text
        body = {"image": sent.json()["data"]["download_url"], "prompt": "x"}
        made = client.post(CREATE, json=body)
        assert made.status_code == 200, made.text
        Hand(parts, folder).film(made.json()["data"]["id"])
        assert "database" not in client.get("/readyz").text


def room(parts: Service) -> int:
    """What the quota of the only account counts, which is what it keeps."""
    with parts.database.connect() as connection:
        assert operating.rooms(connection) == ()
        return quota.used_by(connection, ME)


def test_a_backup_of_the_first_version_is_restored(postgres_url: str, tmp_path: Path) -> None:
    """What it holds is there and counted."""
    archive, store = tmp_path / "b.zip", FolderStore(tmp_path / "files")
    with old(postgres_url, first=True) as there, old(postgres_url, first=False) as new:
        before, after = engine.connect(there.url), engine.connect(new.url)
        backup.write(before, store, archive, at=NOW)
        assert backup.restore(after, store, PostgresQueue(new.url), archive, at=NOW).revision == "0001"
        before.dispose()
        with after.connect() as connection:
            assert quota.used_by(connection, ME) == FILM_BYTES + UPLOAD_BYTES
            assert connection.scalar(select(schema.predictions.c.id)) == "p"
            assert engine.is_current(connection)
        after.dispose()


@pytest.mark.parametrize("before", ["nothing", "0001", "0002", "all of it at 0002"])
def test_every_way_ends_at_the_same_tables(postgres_url: str, database_url: str, before: str) -> None:
    """New ones, those of each version, and those that had the last step's things before there was that step."""

    def arrive(connection: Connection) -> None:
        if before.startswith("all"):
            engine.upgrade(connection)
            connection.execute(text("update alembic_version set version_num = '0002'"))
            connection.execute(text("insert into kept values ('a', 5)"))
        elif before != "nothing":
            engine.upgrade(connection, before)
        engine.upgrade(connection)
        make_tables(connection)

    with old(postgres_url, first=False) as there:
        there.do(arrive)
        assert there.do(catalog) == Old(database_url).do(catalog)
        assert there.do(lambda connection: connection.scalar(text("select count(*) from kept"))) == 0


def catalog(connection: Connection) -> list[tuple[str, ...]]:
    """Everything of which the tables are made."""
    return [tuple(row) for row in connection.execute(text(CATALOG))]


@pytest.mark.parametrize("name", AS_THEY_WERE)
def test_a_step_that_was_taken_stays(name: str) -> None:
    """An installation that took it never takes it again: whatever is to be different is another step."""
    place = files("stillmotion.server.db.migrations") / "versions" / name
    assert hashlib.sha256(place.read_bytes()).hexdigest() == AS_THEY_WERE[name]
