"""One archive with everything that the service keeps, taken while it runs, and putting it back into an empty database.

The archive is a ZIP: `manifest.json`, `tables/<name>.copy` in PostgreSQL's own text form, `files/<key>`. All tables are
read in one transaction that sees a single moment; files are read after that, and a file is never changed once it is
there, so every file that the tables name is in the archive unless it was deleted meanwhile. Jobs are not part of it:
whatever had not ended is put into the queue again. The archive holds the installation's secrets.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from psycopg import sql
from sqlalchemy import Integer, MetaData, func, inspect, select, text

from stillmotion import catalog
from stillmotion.errors import BackupRefused, InstallationInUse, StoreTaken
from stillmotion.media.output import whole_file
from stillmotion.server.db import engine
from stillmotion.server.db.schema import deliveries, kept, predictions, secrets, uploads
from stillmotion.server.intake.uploads import gathering
from stillmotion.server.queue import make_tables
from stillmotion.server.service import INSTALLATION
from stillmotion.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import IO

    from sqlalchemy import Connection, Engine, Table

    from stillmotion.server.queue import Queue
    from stillmotion.server.store import Store

FORMAT = 1
_MANIFEST = "manifest.json"
_PIECE_BYTES = 1 << 20
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What an archive holds."""

    revision: str
    rows: int
    files: int
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlived:
    """What an archive brought back that is kept no longer: the first sweep removes it."""

    count: int
    """Films and uploads."""
    keeping_days: int
    """A retention that keeps all of them, for now."""


def write(database: Engine, store: Store, path: Path, *, at: datetime) -> Summary:
    """Write an archive; it is there whole or not at all, and only its owner may read it.

    Raises:
        BackupRefused: the database has no tables of ours.
        DatabaseUnavailable: they are those of a later version, and what of them follows from others is not known.
        OutputUnwritable, DiskFull: the archive cannot be written there.
    """
    with whole_file(path) as part:
        part.chmod(_PRIVATE)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive, database.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                revision, tables = _written_tables(connection, archive)
            keys = [key for key, _, _ in store.keys() if _written_file(store, key, archive)]  # noqa: SIM118 - a store is no dict
            manifest = {
                "format": FORMAT,
                "stillmotion": __version__,
                "revision": revision,
                "created_at": at.isoformat(),
                "tables": tables,
                "files": keys,
            }
            archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
    return _summary(manifest)


def _written_tables(connection: Connection, archive: zipfile.ZipFile) -> tuple[str, dict[str, Any]]:
    revision = engine.known_revision(connection)
    if revision is None:
        message = "There is nothing to back up: the database has no tables of stillmotion."
        raise BackupRefused(message)
    told: dict[str, Any] = {}
    for table in _tables(connection):
        columns = [column.name for column in table.columns]
        with archive.open(f"tables/{table.name}.copy", "w", force_zip64=True) as target:
            told[table.name] = {"columns": columns, "rows": _copied_out(connection, table.name, columns, target)}
    return revision, told


def _tables(connection: Connection) -> Sequence[Table]:
    """Our tables as they are in this database, others' own first; what follows from them is made anew."""
    found, without = MetaData(), ("alembic_version", kept.name)
    found.reflect(connection, only=lambda name, _: name not in without and not name.startswith("procrastinate_"))
    return found.sorted_tables


def _copied_out(connection: Connection, name: str, columns: list[str], target: IO[bytes]) -> int:
    with engine.driver(connection).cursor() as cursor:
        with cursor.copy(_copy(name, columns, "to stdout")) as rows:
            for piece in rows:
                target.write(piece)
        return cursor.rowcount


def _written_file(store: Store, key: str, archive: zipfile.ZipFile) -> bool:
    """Films and pictures are packed already. False when the file was deleted meanwhile."""
    with suppress(FileNotFoundError), store.open(key) as source:
        entry = zipfile.ZipInfo(f"files/{key}")
        with archive.open(entry, "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, _PIECE_BYTES)
        return True
    return False


def restore(database: Engine, store: Store, queue: Queue, path: Path, *, at: datetime) -> Summary:
    """Put an archive into an empty database and a store, and bring the tables to this version.

    Args:
        database: an empty one.
        store: what it holds already stays; nobody's, or the archive's own installation's.
        queue: what had not ended goes there, webhooks for when their next attempt is due.
        path: of the archive.
        at: now.

    Raises:
        BackupRefused: it is no archive of ours, damaged, or newer.
        InstallationInUse: the database is not empty, or the files in the store are another installation's.
        DiskFull: the files do not fit; the database stays empty.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _checked(archive, path)
            with database.begin() as connection:
                _restore_tables(connection, archive, manifest)
                _check_store(connection, store)
                _queue_again(connection, queue, at)
                _restore_files(store, archive, manifest)
    except OSError as error:
        if error.filename != str(path):
            raise
        message = f"{path} cannot be read: {error.strerror}."
        raise BackupRefused(message) from error
    except zipfile.BadZipFile as error:
        message = f"{path} is no archive, or damaged ({error}); nothing was restored."
        raise BackupRefused(message) from error
    return _summary(manifest)


def outlived(connection: Connection, retention_days: float, *, at: datetime) -> Outlived | None:
    """What of a restored installation is older than it is kept; None when nothing is.

    Drafts and uploads that never came are not counted, for they pass whatever the retention is.
    """
    there = predictions.c.deleted_at.is_(None) & predictions.c.model_id.not_in(catalog.PASSING)
    sent = select(uploads.c.created_at).where(uploads.c.stored_at.is_not(None))
    ages = select(predictions.c.finished_at.label("at")).where(there).union_all(sent).subquery()
    old = select(func.count(), func.min(ages.c.at)).where(ages.c.at < at - timedelta(days=retention_days))
    count, oldest = connection.execute(old).one()
    return Outlived(count=count, keeping_days=(at - oldest).days + 1) if count else None


def _checked(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    """The manifest of an archive that is complete and sound."""
    try:
        manifest = json.loads(archive.read(_MANIFEST))
        known = manifest["format"] == FORMAT
        wanted = {f"tables/{name}.copy" for name in manifest["tables"]} | {f"files/{key}" for key in manifest["files"]}
    except (KeyError, TypeError, ValueError):
        message = f"{path} is no backup of stillmotion: it has no manifest that can be read."
        raise BackupRefused(message) from None
    if not known or manifest["revision"] not in engine.revisions():
        message = f"{path} was made by version {manifest.get('stillmotion')}; this one cannot read it. Update first."
        raise BackupRefused(message)
    missing, broken = wanted - set(archive.namelist()), archive.testzip()
    if missing or broken:
        message = f"{path} is damaged: {broken or min(missing)}; nothing was restored."
        raise BackupRefused(message)
    return cast("dict[str, Any]", manifest)


def _restore_tables(connection: Connection, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    _check_empty(connection)
    engine.upgrade(connection, manifest["revision"])
    tables = _tables(connection)
    if {table.name for table in tables} != set(manifest["tables"]):
        message = "The archive has other tables than its version had; nothing was restored."
        raise BackupRefused(message)
    for table in tables:
        with archive.open(f"tables/{table.name}.copy") as source:
            _copied_in(connection, table.name, manifest["tables"][table.name]["columns"], source)
        _continue_numbers(connection, table)
    engine.upgrade(connection)
    make_tables(connection)


def _check_empty(connection: Connection) -> None:
    there = inspect(connection).get_table_names()
    if not there:
        return
    ours = predictions.name in there
    count = connection.scalar(select(func.count()).select_from(predictions)) if ours else 0
    held = f"it holds an installation with {count:,} predictions" if ours else f"it has a table {min(there)!r}"
    message = (
        f"The database is not empty: {held}. Nothing was changed. Restore into a new database, or with a --data-dir"
        " that is new."
    )
    raise InstallationInUse(message)


def _check_store(connection: Connection, store: Store) -> None:
    """Films among those of another installation would be served by nobody, and removed as nobody's."""
    name = connection.scalar(select(secrets.c.value).where(secrets.c.name == INSTALLATION))
    if not store.is_free_for(name or ""):
        message = (
            f"The files in {store.place} belong to another installation than the archive. Nothing was changed. Restore"
            " with a --data-dir, or a STILLMOTION_STORE_URL, that is new."
        )
        raise InstallationInUse(message)


def _copied_in(connection: Connection, name: str, columns: list[str], source: IO[bytes]) -> None:
    with engine.driver(connection).cursor() as cursor, cursor.copy(_copy(name, columns, "from stdin")) as rows:
        while piece := source.read(_PIECE_BYTES):
            rows.write(piece)


def _continue_numbers(connection: Connection, table: Table) -> None:
    """New rows get numbers after the restored ones."""
    for column in table.primary_key.columns:
        if not isinstance(column.type, Integer):
            continue
        names = {"table": table.name, "column": column.name}
        sequence = connection.scalar(text("select pg_get_serial_sequence(:table, :column)"), names)
        highest = connection.execute(select(column).order_by(column.desc()).limit(1)).scalar()
        if sequence is not None and highest is not None:
            connection.execute(text("select setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})


def _queue_again(connection: Connection, queue: Queue, now: datetime) -> None:
    """Jobs for everything that had not ended."""
    going = predictions.c.status.in_(("created", "processing")) & predictions.c.released
    for prediction_id in connection.scalars(select(predictions.c.id).where(going).order_by(predictions.c.created_at)):
        queue.run(connection, prediction_id)
    waiting = select(deliveries.c.id, deliveries.c.next_at).where(deliveries.c.state == "waiting")
    for delivery_id, next_at in connection.execute(waiting):
        wait_s = 0.0 if next_at is None else (next_at - now).total_seconds()
        queue.deliver(connection, delivery_id, in_s=max(wait_s, 0.0))


def _restore_files(store: Store, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """A file that an earlier try left there is the same file: keys are never used twice."""
    with gathering(store) as part:
        for key in manifest["files"]:
            with archive.open(f"files/{key}") as source, part.open("wb") as target:
                shutil.copyfileobj(source, target, _PIECE_BYTES)
            try:
                with suppress(StoreTaken):
                    store.put(key, part)
            except ValueError as error:
                message = f"The archive is not ours: {error}; nothing was restored."
                raise BackupRefused(message) from None


def _copy(name: str, columns: list[str], direction: str) -> sql.Composed:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    way = sql.SQL("to stdout") if direction == "to stdout" else sql.SQL("from stdin")
    return sql.SQL("copy {} ({}) {}").format(sql.Identifier(name), listed, way)


def _summary(manifest: dict[str, Any]) -> Summary:
    return Summary(
        revision=manifest["revision"],
        rows=sum(table["rows"] for table in manifest["tables"].values()),
        files=len(manifest["files"]),
        created_at=manifest["created_at"],
    )
