"""The queue: procrastinate on the same PostgreSQL. A job is put into it in the transaction that makes it necessary."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from stillmotion.server import log
from stillmotion.server.db.engine import driver

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from procrastinate.connector import Notify
    from sqlalchemy import Connection

RUN, DELIVER = "run", "deliver"
"""Tasks: film a prediction; deliver a webhook."""
FILMS, ERRANDS = "films", "errands"
"""Queues: the first is for workers with an engine."""
SILENT_S, UNSEEN_S = 10.0, 4.0
"""A worker that was not heard of for so long is dead: five heartbeats, or two when nothing else shows that it lives."""
_ALIVE, _SEEN_S = 0x6C697665, 5.0
_GONE = """
    select j.id from procrastinate_jobs j left join procrastinate_workers w on w.id = j.worker_id
    where j.status = 'doing' and (w.id is null
      or w.last_heartbeat < now() - make_interval(secs => %(silent_s)s)
      or w.last_heartbeat < now() - make_interval(secs => %(unseen_s)s) and not exists (
        select from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
        where l.locktype = 'advisory' and l.classid::bigint = %(alive)s and l.objid::bigint = w.id and l.objsubid = 2))
"""
_AGAIN_S = 1.0
"""After the connection that hears of new jobs broke and could not be made anew."""
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


class _Hearing(PsycopgConnector):
    """Goes on hearing of new jobs when the database was away; else they would wait to be looked for ever after."""

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """See procrastinate, which makes a lost connection anew once, and gives up if that fails."""
        named = tuple(channels)
        while True:
            try:
                await super().listen_notify(on_notification, named)
            except ConnectorException as error:
                log.get().warning("hearing of jobs broke", error=type(error.__cause__).__name__)
            await asyncio.sleep(_AGAIN_S)


def working_app(url: str) -> App:
    """The queue as a worker sees it; the address is a plain one."""
    return App(connector=_Hearing(conninfo=url, min_size=1, max_size=4))


def take_back(connection: Connection) -> int:
    """Put jobs of workers that are gone back into the queue; how many there were.

    Gone is who was not heard of for five heartbeats, and after two already who does not hold the lock of the living:
    that one is let go of the moment a process dies.
    """
    with driver(connection).cursor() as cursor:
        cursor.execute(_GONE, {"silent_s": SILENT_S, "unseen_s": UNSEEN_S, "alive": _ALIVE})
        jobs = [row[0] for row in cursor.fetchall()]
        for job in jobs:
            cursor.execute("select procrastinate_retry_job_v2(%s, now(), null, null, null)", (job,))
    return len(jobs)


async def stay_alive(url: str, taker_id: int) -> None:
    """Hold the lock of the living for one who takes jobs, until cancelled.

    Raises:
        psycopg.Error: the connection that holds it broke, or was never made.
    """
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("select pg_advisory_lock_shared(%s::integer, %s::integer)", (_ALIVE, taker_id))
        while True:
            await asyncio.sleep(_SEEN_S)
            await connection.execute("select 1")


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
