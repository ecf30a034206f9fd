"""A PostgreSQL for the tests: the embedded one, or the server that STILLMOTION_TEST_DATABASE_URL names."""

from __future__ import annotations

import os
import secrets
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, make_url, text

from stillmotion.server import queue
from stillmotion.server.db import embedded, engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Thread

    from sqlalchemy import Connection, Engine


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server."""
    named = os.environ.get("STILLMOTION_TEST_DATABASE_URL")
    if named:
        yield named
        return
    with embedded.server(tmp_path_factory.mktemp("data")) as url:
        yield url


@pytest.fixture(scope="session")
def database_url(postgres_url: str) -> Iterator[str]:
    """The address of a database that tests share: each has accounts of its own and removes nothing."""
    with fresh(postgres_url) as url:
        yield url


@contextmanager
def fresh(postgres_url: str) -> Iterator[str]:
    """The address of a fresh database on it, with all tables."""
    with empty(postgres_url) as url:
        made = engine.connect(url)
        engine.migrate(made, queue.make_tables)
        made.dispose()
        yield url


@contextmanager
def empty(postgres_url: str) -> Iterator[str]:
    """The address of a database on it in which there is nothing."""
    name = f"stillmotion_{secrets.token_hex(4)}"
    admin = create_engine(engine.dialect(postgres_url), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield make_url(engine.dialect(postgres_url)).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


def until_it_waits(database: Engine, other: Thread, sessions: int = 1) -> None:
    """Return when so many sessions of the database wait for others' locks, or the thread that could is over."""
    end_s = time.monotonic() + 30
    while other.is_alive() and waiting(database) < sessions:
        assert time.monotonic() < end_s
        time.sleep(0.01)


def waiting(database: Engine) -> int:
    """How many sessions of the database wait for another one's lock."""
    count = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with database.connect() as connection:
        return int(connection.scalar(text(count)) or 0)


@pytest.fixture(scope="session")
def database(database_url: str) -> Iterator[Engine]:
    """Connections to it."""
    made = engine.connect(database_url)
    yield made
    made.dispose()


@pytest.fixture
def connection(database: Engine) -> Iterator[Connection]:
    """A transaction that is rolled back after the test."""
    with database.connect() as made, made.begin() as transaction:
        yield made
        if transaction.is_active:
            transaction.rollback()
