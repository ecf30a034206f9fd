"""Connections to the database, and bringing its tables up to date."""

from __future__ import annotations

import re
import threading
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from stillmotion.errors import DatabaseUnavailable, SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg
    from alembic.config import Config

_POOL, _OVERFLOW = 10, 10
_LIMITS = {"connect_timeout": "5", "tcp_user_timeout": "15000", "keepalives_idle": "5", "keepalives_interval": "5"}
"""In seconds, the second in milliseconds: a host that says nothing for so long, not even that it is there, is gone."""
_ENCODING = "UTF8"
_ONE_AT_A_TIME = 0x7374696C6C
"""Key of the advisory lock under which tables are changed."""
_ALEMBIC = threading.Lock()
"""What Alembic is at is one for the process: two databases at once would get each other's steps."""
_PACKAGE, _LAST = "stillmotion.server.db.migrations", "head"
_STEP = re.compile(r"v(\d{4})_\w+\.py")
"""The file of a step, by the number of the revision that it makes."""


def connect(url: str) -> Engine:
    """A pool of connections; `url` is any PostgreSQL address.

    Raises:
        DatabaseUnavailable: nobody answers there, or what does cannot keep text in every script.
        SettingsInvalid: it is no address of a PostgreSQL.
    """
    engine = create_engine(
        _limited(dialect(url)),
        pool_size=_POOL,
        max_overflow=_OVERFLOW,
        pool_pre_ping=True,
        connect_args={"client_encoding": "utf8"},  # else some databases are not even understood when they say theirs
        hide_parameters=True,  # errors are logged, prompts are not
    )
    try:
        with engine.connect() as connection:
            encoding = connection.scalar(text("show server_encoding"))
    except ProgrammingError as error:  # the driver could not read it
        raise _no_address(str(error.orig).strip()) from None
    except OperationalError as error:
        message = f"The database does not answer: {_said(error)} Check STILLMOTION_DATABASE_URL."
        raise DatabaseUnavailable(message) from None
    if encoding != _ENCODING:
        engine.dispose()
        message = (
            f"The database is encoded in {encoding}, and prompts come in every script. Make one with `createdb"
            f" --template template0 --encoding {_ENCODING} NAME` and name it in STILLMOTION_DATABASE_URL."
        )
        raise DatabaseUnavailable(message)
    return engine


def plain(url: str) -> str:
    """The address as every program but SQLAlchemy writes it, with how long a silent host is waited for."""
    return _limited(url).set(drivername="postgresql").render_as_string(hide_password=False)


def shown(url: str) -> str:
    """The address as logs and people may see it."""
    return _read(url).set(query={}, drivername="postgresql").render_as_string(hide_password=True)


def _read(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # their words repeat the address, and with it the password
        why = "it does not have that form, or its port is no number"
        raise _no_address(why) from None


def _no_address(why: str) -> SettingsInvalid:
    return SettingsInvalid(
        f"database_url: postgresql://user:password@host:5432/name is what an address of a PostgreSQL looks like; {why}."
        " Check STILLMOTION_DATABASE_URL, or leave it out for the database of our own."
    )


def _said(error: OperationalError) -> str:
    """What the driver says, on one line and as a sentence."""
    words = " ".join(str(error.orig).split())
    return words if words.endswith((".", "?", "!")) else f"{words}."


def _limited(url: str) -> URL:
    """What the address itself says of these limits stays."""
    given = _read(url)
    return given.set(query={**_LIMITS, **given.query})


def dialect(url: str) -> str:
    """The address with the driver that we use."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def driver(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection under SQLAlchemy's: same session, same transaction."""
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


def migrate(engine: Engine, *also: Callable[[Connection], None]) -> None:
    """Bring the tables to this version; several processes may call it at once.

    Args:
        engine: of the database.
        also: what else belongs into the same transaction, for example the tables of the queue.

    Raises:
        DatabaseUnavailable: see `upgrade`.
    """
    with engine.begin() as connection:
        upgrade(connection)
        for step in also:
            step(connection)


def upgrade(connection: Connection, revision: str = _LAST) -> None:
    """Bring the tables to a revision, in the caller's transaction; others who want to change them wait.

    Raises:
        DatabaseUnavailable: they are those of a later version.
    """
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    if known_revision(connection) == (revisions()[-1] if revision == _LAST else revision):
        return  # as at every start but the first one of a version: Alembic takes longer to load than all the rest here
    from alembic import command  # noqa: PLC0415 - as above

    config = _config()
    config.attributes["connection"] = connection
    with _ALEMBIC:
        command.upgrade(config, revision)


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of this version."""
    return current_revision(connection) == revisions()[-1]


def current_revision(connection: Connection) -> str | None:
    """The step that the tables are at; None when there are none."""
    if connection.scalar(text("select to_regclass('alembic_version')")) is None:
        return None
    found = connection.scalar(text("select version_num from alembic_version"))
    return None if found is None else str(found)


def known_revision(connection: Connection) -> str | None:
    """The step that the tables are at, which is one of this version; None when there are none.

    Raises:
        DatabaseUnavailable: they are those of a later version.
    """
    found = current_revision(connection)
    if is_known(found):
        return found
    message = (
        f"The tables of the database are at {found}, newer than this version of stillmotion: update it. Nothing was"
        " changed. The way back to an older one is a backup that it made, restored into a new database."
    )
    raise DatabaseUnavailable(message)


def is_known(revision: str | None) -> bool:
    """Whether tables that are there, or are not, can be brought up to date; else they are of a later version."""
    return revision is None or revision in revisions()


@cache
def revisions() -> tuple[str, ...]:
    """Every step that this version knows, oldest first."""
    names = (_STEP.fullmatch(place.name) for place in (files(_PACKAGE) / "versions").iterdir())
    return tuple(sorted(found[1] for found in names if found))


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see `upgrade`

    config = Config()
    config.set_main_option("script_location", str(files(_PACKAGE)))
    return config
