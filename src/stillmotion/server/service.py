"""Everything that a process of the service works with, made once at its start."""

from __future__ import annotations

import base64
import secrets as chance
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from stillmotion.errors import DataFolderUnusable, InstallationMissing
from stillmotion.server import accounts, data_folder, policy, store
from stillmotion.server.clock import Clock, SystemClock
from stillmotion.server.db import embedded, engine
from stillmotion.server.db.schema import secrets
from stillmotion.server.queue import PostgresQueue, make_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from stillmotion.server.policy import Policy
    from stillmotion.server.queue import Queue
    from stillmotion.server.settings import Settings
    from stillmotion.server.store import Store

WEBHOOKS, ADDRESSES = "webhooks", "addresses"
"""Names of the installation's secrets."""
_ABANDONED = timedelta(hours=1)
"""Nobody gathers one file for so long."""
INSTALLATION = "installation"
"""Beside them: what it is called, which a backup takes along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The parts, for everything above them."""

    settings: Settings
    database: Engine
    database_url: str
    queue: Queue
    store: Store
    clock: Clock
    policy: Policy
    webhook_secret: str
    """What the secrets of the accounts are derived from."""
    address_secret: bytes
    """Signs addresses of outputs and uploads."""
    installation: str
    """Which one this is; its files say the same."""


@contextmanager
def running(settings: Settings, clock: Clock | None = None) -> Iterator[Service]:
    """The parts of a process: the database is there and up to date while it lasts.

    Raises:
        DatabaseUnavailable: no database answers, or the embedded one does not start.
        DataFolderUnusable: no files can be made in the data folder.
    """
    data_folder.prepare(settings.data_dir)
    with connected(settings) as (database, url):
        yield _parts(settings, database, url, clock or SystemClock())


@contextmanager
def opened(settings: Settings, clock: Clock | None = None) -> Iterator[Service]:
    """The parts for whoever looks after an installation that is there; where none is, none is made.

    Raises:
        InstallationMissing: there is none.
        DatabaseUnavailable, DataFolderUnusable: see `running`.
    """
    with found(settings) as (database, url):
        data_folder.prepare(settings.data_dir)
        yield _parts(settings, database, url, clock or SystemClock())


@contextmanager
def found(settings: Settings) -> Iterator[tuple[Engine, str]]:
    """The database of an installation that is there, as `connected` gives it.

    Raises:
        InstallationMissing: there is none.
        DatabaseUnavailable, DataFolderUnusable: see `connected`.
    """
    if settings.database_url is None and not embedded.is_there(settings.data_dir):
        raise _missing(settings)
    with connected(settings) as (database, url):
        with database.connect() as connection:
            if engine.current_revision(connection) is None:
                raise _missing(settings)
        yield database, url


def place(settings: Settings) -> str:
    """Where an installation is, in words without a password."""
    given = settings.database_url
    return str(settings.data_dir) if given is None else engine.shown(given.get_secret_value())


def _missing(settings: Settings) -> InstallationMissing:
    given = settings.database_url
    wrong = "--data-dir and STILLMOTION_DATA_DIR" if given is None else "STILLMOTION_DATABASE_URL"
    return InstallationMissing(
        f"There is no installation in {place(settings)}, and nothing was made there. Check {wrong};"
        " `stillmotion serve` or `stillmotion migrate` makes a new one."
    )


def _parts(settings: Settings, database: Engine, url: str, clock: Clock) -> Service:
    engine.migrate(database, make_tables)
    with database.begin() as connection:
        if not settings.accounts:
            accounts.create(
                connection, "this machine", account_id=accounts.SINGLE_USER, admin=True, may_owe=True, at=clock.now()
            )
        webhook_secret, address_secret = (_secret(connection, name, clock) for name in (WEBHOOKS, ADDRESSES))
        installation = _kept(connection, INSTALLATION, chance.token_hex(16), clock)
    return Service(
        settings=settings,
        database=database,
        database_url=engine.plain(url),
        queue=PostgresQueue(url),
        store=store.of(settings),
        clock=clock,
        policy=policy.of(settings.blocklist_file),
        webhook_secret=webhook_secret,
        address_secret=address_secret.encode(),
        installation=installation,
    )


@contextmanager
def connected(settings: Settings) -> Iterator[tuple[Engine, str]]:
    """The database as it is, with its address: nothing is made or changed in it.

    Raises:
        DatabaseUnavailable: no database answers, or the embedded one does not start.
        DataFolderUnusable: no files can be made in the data folder.
    """
    with ExitStack() as stack:
        given = settings.database_url
        if given is None:
            data_folder.prepare(settings.data_dir)
        url = given.get_secret_value() if given else stack.enter_context(embedded.server(settings.data_dir))
        database = engine.connect(url)
        stack.callback(database.dispose)
        yield database, url


def have_files(parts: Service) -> None:
    """Be sure that the files in the store are this installation's, or nobody's so far.

    Raises:
        DataFolderUnusable: they are another's, whose films this database does not know.
        StoreUnavailable: the store is away.
    """
    if not parts.store.claim(parts.installation):
        message = (
            f"The files in {parts.store.place} belong to another installation than the database. Choose another"
            f" {store.chosen_by(parts.settings)}, or the database that they belong to; if that is gone for good, move"
            " them away."
        )
        raise DataFolderUnusable(message)
    parts.store.tidy((parts.clock.now() - _ABANDONED).timestamp())  # also where no worker sweeps


def _secret(connection: Connection, name: str, clock: Clock) -> str:
    """A secret of this installation."""
    return _kept(connection, name, "whsec_" + base64.b64encode(chance.token_bytes(24)).decode(), clock)


def _kept(connection: Connection, name: str, made: str, clock: Clock) -> str:
    """A word of this installation, made by whoever asks first."""
    row = {"name": name, "value": made, "created_at": clock.now()}
    connection.execute(insert(secrets).values(row).on_conflict_do_nothing())
    return str(connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one())
