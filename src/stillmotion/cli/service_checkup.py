"""What `doctor` looks at for the service: settings, database, its tables, room for files, the clock."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stillmotion.cli.findings import GIGABYTE, Finding
from stillmotion.errors import StillmotionError
from stillmotion.media.output import check_writable

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from stillmotion.server.settings import Settings

OLDEST_SERVER = 140000
CLOCK_APART_S = 2.0
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows an earlier time."""


def service_checkup(data_dir: Path | None = None) -> list[Finding]:
    """Whether this machine can serve. What is not there yet is a fact, not a fault; nothing is made."""
    from stillmotion.cli.installation import settings_of

    try:
        settings = settings_of(data_dir)
    except StillmotionError as error:
        return [Finding(name="settings", well=False, detail=str(error)), _clock(None)]
    told = "accounts with keys and balances" if settings.accounts else "one user on this machine"
    findings = [Finding(name="settings", well=True, detail=told), _room(settings), *_store(settings), _port(settings)]
    return [*findings, *_database(settings)]


def _room(settings: Settings) -> Finding:
    folder = settings.data_dir
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        check_writable(there / "stillmotion-doctor")
    except StillmotionError as error:
        return Finding(name="data", well=False, detail=f"{folder}: {error}")
    free, quota = shutil.disk_usage(there).free, settings.disk_quota_bytes
    short = free < GIGABYTE
    bound = f"may take {quota / GIGABYTE:.1f} GB" if quota else "have no limit"
    detail = f"{folder}, {free / GIGABYTE:.1f} GB free; films and uploads {bound}"
    return Finding(name="data", well=not short, detail=detail + ("; at least 1 GB is needed" if short else ""))


def _store(settings: Settings) -> list[Finding]:
    """Whether films could be kept in a store that lies elsewhere, and read and removed again."""
    if settings.store_url is None:
        return []
    from stillmotion.server.store.s3 import S3Store

    try:
        with tempfile.TemporaryDirectory() as folder:
            S3Store(settings.store_url, incoming=Path(folder)).probe()
    except StillmotionError as error:
        return [Finding(name="store", well=False, detail=str(error))]
    return [Finding(name="store", well=True, detail=f"{settings.store_url} can be written, read, listed and cleared")]


def _port(settings: Settings) -> Finding:
    """Free, or in the hands of this installation; and open to others only where keys are asked for."""
    from stillmotion.server import data_folder, door

    server = data_folder.server_of(settings.data_dir)
    if server:
        return Finding(name="port", well=True, detail=f"`stillmotion serve` runs as process {server}")
    try:
        door.check_host(settings)
        with door.listening(settings.host, settings.port):
            return Finding(name="port", well=True, detail=f"{settings.host} port {settings.port} is free")
    except StillmotionError as error:
        return Finding(name="port", well=False, detail=str(error))


def _database(settings: Settings) -> list[Finding]:
    from stillmotion.server.db import embedded
    from stillmotion.server.service import connected

    own = settings.database_url is None
    if own and not (settings.data_dir / embedded.FOLDER).exists():
        detail = "none yet; the first `stillmotion serve` makes one"
        return [Finding(name="database", well=None, detail=detail), _clock(None)]
    try:
        with connected(settings) as (database, _), database.connect() as connection:
            return [_server(connection, own=own), _tables(connection), _clock(connection)]
    except StillmotionError as error:
        return [Finding(name="database", well=False, detail=" ".join(str(error).split())), _clock(None)]


def _server(connection: Connection, *, own: bool) -> Finding:
    from sqlalchemy import text

    version = str(connection.scalar(text("show server_version")))
    number = int(str(connection.scalar(text("show server_version_num"))))
    detail = f"PostgreSQL {version}, {'our own in the data folder' if own else 'the one that is named'}"
    good = number >= OLDEST_SERVER
    return Finding(name="database", well=good, detail=detail + ("" if good else "; 14 is the oldest that works"))


def _tables(connection: Connection) -> Finding:
    from stillmotion.server.db import engine

    at, known = engine.current_revision(connection), engine.revisions()
    if at == known[-1]:
        return Finding(name="migrations", well=True, detail=f"the tables are at {at}, as this version needs them")
    if at is None:
        return Finding(name="migrations", well=None, detail="no tables yet; `stillmotion migrate` makes them")
    if not engine.is_known(at):
        return Finding(name="migrations", well=False, detail=f"the tables are at {at}, newer than this version: update")
    detail = f"the tables are at {at}, this version needs {known[-1]}: `stillmotion migrate`, after a backup"
    return Finding(name="migrations", well=False, detail=detail)


def _clock(connection: Connection | None) -> Finding:
    """Signed addresses and webhooks need a right clock, and the same one on all machines."""
    from sqlalchemy import text

    here = datetime.now(UTC)
    if here < BUILT:
        return Finding(name="clock", well=False, detail=f"{here:%Y-%m-%d %H:%M} is in the past; set the clock")
    there = None if connection is None else connection.scalar(text("select clock_timestamp()"))
    if not isinstance(there, datetime):
        return Finding(name="clock", well=True, detail=f"{here:%Y-%m-%d %H:%M:%S} UTC")
    apart = abs((there - here).total_seconds())
    detail = f"{here:%Y-%m-%d %H:%M:%S} UTC, {apart:.1f} s from the database's"
    return Finding(name="clock", well=apart < CLOCK_APART_S, detail=detail)
