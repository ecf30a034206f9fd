"""The queue: procrastinate on the same PostgreSQL. A job is put into it in the transaction that makes it necessary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from procrastinate import App, SyncPsycopgConnector
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from stillmotion.server.db.engine import driver

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from psycopg import Cursor
    from sqlalchemy import Connection

RUN, DELIVER = "run", "deliver"
"""Tasks: film a prediction; deliver a webhook."""
FILMS, ERRANDS = "films", "errands"
"""Queues: the first is for workers with an engine."""
SILENT_S, UNSEEN_S = 10.0, 3.0
"""A taker that was not heard of for so long is dead: the shorter time where nothing else shows that it lives."""
ALIVE = 0x6C697665
"""First key of the lock of the living, which is let go of the moment a process dies; the second is a taker's number."""
_SETTLED_S = SILENT_S
"""A database that has just come back has nobody's lock yet, and has heard of nobody for as long as it was away."""
_JUDGES_S = 1.5
"""Who was not heard of itself for so long takes nobody for dead; half of what others are given."""
_TAKE_BACK = """
    with gone as materialized (
      select j.id from procrastinate_jobs j left join procrastinate_workers w on w.id = j.worker_id
      where j.status = 'doing' and (w.id is null or %(judging)s
        and pg_postmaster_start_time() < now() - make_interval(secs => %(settled_s)s)
        and (w.last_heartbeat < now() - make_interval(secs => %(silent_s)s)
          or w.last_heartbeat < now() - make_interval(secs => %(unseen_s)s) and not exists (
            select from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
            where l.locktype = 'advisory' and l.classid::bigint = %(alive)s and l.objid::bigint = w.id
            and l.objsubid = 2)))
      for update of j skip locked)
    select procrastinate_retry_job_v2(id, now(), null, null, null) from gone
"""
_HEARD = (
    "select exists (select from procrastinate_workers"
    " where id = any(%s) and last_heartbeat > now() - make_interval(secs => %s))"
)
_LOOKED_AT = 200
_INDEX = (
    "create index ix_jobs_prediction on procrastinate_jobs ((args->>'prediction_id'))"
    " where task_name = 'run' and status in ('todo', 'doing')"
)


class Queue(Protocol):
    """Where jobs go."""

    def run(self, connection: Connection, prediction_id: str) -> None:
        """Have a prediction filmed, once the transaction commits."""

    def deliver(self, connection: Connection, delivery_id: str, *, in_s: float = 0.0) -> None:
        """Have a webhook sent, once the transaction commits."""


class Judge(Protocol):
    """Who looks for the dead, and may have been cut off itself: a line that was cut makes everybody silent."""

    takers: Collection[int]
    """Its own, one of which must have been heard of just now; nobody is asked for while there is none."""

    def is_steady(self) -> bool:
        """Whether it was not cut off for a while. Asked after its takers were seen to be heard of."""


class PostgresQueue:
    """Jobs in the database."""

    def __init__(self, url: str) -> None:
        self._app = App(connector=SyncPsycopgConnector(conninfo=url))

    def run(self, connection: Connection, prediction_id: str) -> None:
        """See `Queue.run`."""
        task = self._app.configure_task(RUN, queue=FILMS, connection=driver(connection))
        task.defer(prediction_id=prediction_id)

    def deliver(self, connection: Connection, delivery_id: str, *, in_s: float = 0.0) -> None:
        """See `Queue.deliver`."""
        task = self._app.configure_task(
            DELIVER, queue=ERRANDS, connection=driver(connection), schedule_in={"milliseconds": round(in_s * 1000)}
        )
        task.defer(delivery_id=delivery_id)


def take_back(connection: Connection, judge: Judge | None = None) -> int:
    """Put jobs of takers that are gone back into the queue; how many there were.

    Where the judge was cut off lately only those count as gone that said so.
    """
    with driver(connection).cursor() as cursor:
        limits = {"settled_s": _SETTLED_S, "silent_s": SILENT_S, "unseen_s": UNSEEN_S}
        judging = judge is None or (_heard(cursor, judge.takers) and judge.is_steady())
        cursor.execute(_TAKE_BACK, {**limits, "alive": ALIVE, "judging": judging})
        return cursor.rowcount


def _heard(cursor: Cursor, takers: Collection[int]) -> bool:
    found = cursor.execute(_HEARD, (list(takers), _JUDGES_S)).fetchone() if takers else (True,)
    return found is not None and bool(found[0])


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
    """Predictions from before a time that should be in the queue and are not, whatever went wrong.

    Only the oldest are looked at: the turn of others has not come, and a long queue costs no more than a short one.
    """
    found = connection.execute(
        text(
            "select p.id from (select id from predictions where status in ('created', 'processing') and released"
            " and created_at < :before order by created_at limit :looked_at) p"
            " where not exists (select from procrastinate_jobs j where j.task_name = 'run'"
            " and j.status in ('todo', 'doing') and j.args->>'prediction_id' = p.id)"
        ),
        {"before": before, "looked_at": _LOOKED_AT},
    )
    return tuple(found.scalars())


def make_tables(connection: Connection) -> None:
    """Make the queue's tables if they are not there; part of `engine.migrate`."""
    if connection.scalar(text("select to_regclass('procrastinate_jobs')")) is None:
        driver(connection).execute(SchemaManager.get_schema())
    indexed = connection.scalar(text("select to_regclass('ix_jobs_prediction')"))
    if indexed is None:  # "if not exists" would lock the table each time
        connection.execute(text(_INDEX))
