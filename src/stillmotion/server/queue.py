"""The queue: procrastinate on the same PostgreSQL. A job is put into it in the transaction that makes it necessary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.schema import SchemaManager
from procrastinate.sql import queries
from sqlalchemy import make_url, text

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg
    from sqlalchemy import Connection

RUN, DELIVER = "run", "deliver"
"""Tasks: film a prediction; deliver a webhook."""
FILMS, ERRANDS = "films", "errands"
"""Queues: the first is for workers with an engine."""
SILENT_S = 10.0
"""A worker that was not heard of for so long is dead: five heartbeats."""


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
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return App(connector=PsycopgConnector(conninfo=plain, min_size=1, max_size=4))


def take_back(connection: Connection, *, silent_s: float) -> int:
    """Put jobs of workers that are gone, or silent for so long, back into the queue; how many there were."""
    asked = {"seconds_since_heartbeat": silent_s, "queue": None, "task_name": None}
    with _driver(connection).cursor() as cursor:
        cursor.execute(queries["select_stalled_jobs_by_heartbeat"], asked)
        jobs = [row[0] for row in cursor.fetchall()]
        for job in jobs:
            cursor.execute("select procrastinate_retry_job_v2(%s, now(), null, null, null)", (job,))
    return len(jobs)


def living_takers(connection: Connection) -> int:
    """How many take jobs and were heard of lately; by the database's clock, which their heartbeats are told by."""
    heard = "select count(*) from procrastinate_workers where last_heartbeat > now() - make_interval(secs => :silent_s)"
    return int(connection.scalar(text(heard), {"silent_s": SILENT_S}) or 0)


def withdraw(connection: Connection, delivery_id: str) -> None:
    """Forget jobs of a delivery that wait for their time, so that it has one when it is begun anew."""
    waiting = (
        "delete from procrastinate_jobs where task_name = :task and status = 'todo' and args->>'delivery_id' = :id"
    )
    connection.execute(text(waiting), {"task": DELIVER, "id": delivery_id})


def stranded(connection: Connection, *, before: datetime) -> tuple[str, ...]:
    """Predictions from before a time that should be in the queue and are not, whatever went wrong."""
    found = connection.execute(
        text(
            "select p.id from predictions p where p.status in ('created', 'processing') and p.released"
            " and p.created_at < :before and not exists (select from procrastinate_jobs j where j.task_name = :task"
            " and j.status in ('todo', 'doing') and j.args->>'prediction_id' = p.id)"
        ),
        {"before": before, "task": RUN},
    )
    return tuple(found.scalars())


def make_tables(connection: Connection) -> None:
    """Make the queue's tables if they are not there; part of `engine.migrate`."""
    if connection.scalar(text("select to_regclass('procrastinate_jobs')")) is None:
        _driver(connection).execute(SchemaManager.get_schema())
