"""The queue: procrastinate on the same PostgreSQL. A job is put into it in the transaction that makes it necessary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.schema import SchemaManager
from sqlalchemy import text

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

RUN, DELIVER = "run", "deliver"
"""Tasks: film a prediction; deliver a webhook."""
FILMS, ERRANDS = "films", "errands"
"""Queues: the first is for workers with an engine."""


class Queue(Protocol):
    """Where jobs go."""

    def run(self, connection: Connection, prediction_id: str) -> None:
        """Have a prediction filmed, once the transaction commits."""

    def deliver(self, connection: Connection, delivery_id: str, *, in_s: float = 0.0) -> None:
        """Have a webhook sent, once the transaction commits."""


class PostgresQueue:
    """Jobs in the database."""

    def __init__(self, url: str) -> None:
        self._app = App(connector=SyncPsycopgConnector(conninfo=url))

    def run(self, connection: Connection, prediction_id: str) -> None:
        """See `Queue.run`."""
        task = self._app.configure_task(RUN, queue=FILMS, connection=_driver(connection))
        task.defer(prediction_id=prediction_id)

    def deliver(self, connection: Connection, delivery_id: str, *, in_s: float = 0.0) -> None:
        """See `Queue.deliver`."""
        task = self._app.configure_task(
            DELIVER, queue=ERRANDS, connection=_driver(connection), schedule_in={"milliseconds": round(in_s * 1000)}
        )
        task.defer(delivery_id=delivery_id)


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection under SQLAlchemy's: same session, same transaction."""
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


def working_app(url: str) -> App:
    """The queue as a worker sees it."""
    return App(connector=PsycopgConnector(conninfo=url))


def make_tables(connection: Connection) -> None:
    """Make the queue's tables if they are not there; part of `engine.migrate`."""
    if connection.scalar(text("select to_regclass('procrastinate_jobs')")) is None:
        _driver(connection).execute(SchemaManager.get_schema())
