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

from stillmotion.errors import DataFolderUnusable
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
    now = clock or SystemClock()
    data_folder.prepare(settings.data_dir)
    with ExitStack() as stack:
        database, url = stack.enter_context(connected(settings))
        engine.migrate(database, make_tables)
        with database.begin() as connection:
            if not settings.accounts:
                accounts.create(
                    connection, "this machine", account_id=accounts.SINGLE_USER, admin=True, may_owe=True, at=now.now()
                )
            webhook_secret, address_secret = (_secret(connection, name, now) for name in (WEBHOOKS, ADDRESSES))
            installation = _kept(connection, INSTALLATION, chance.token_hex(16), now)
        yield Service(
            settings=settings,
            database=database,
            database_url=engine.plain(url),
            queue=PostgresQueue(url),
            store=store.of(settings),
            clock=now,
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
