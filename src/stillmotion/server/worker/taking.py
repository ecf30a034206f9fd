"""The queue as a worker sees it: jobs are taken and given back by their holder, whatever becomes of the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, LiteralString

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager

from stillmotion.server import log

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from procrastinate.connector import BaseConnector, Notify
    from procrastinate.jobs import Job, Status
    from psycopg_pool import AsyncConnectionPool

_AGAIN_S = 1.0
"""Between two tries to reach a database that is away."""
_WAITS_S = 5.0
"""For a connection."""
_FINISH = """
    with held as materialized (
      select id from procrastinate_jobs
      where id = %(job_id)s and worker_id = %(taker)s and status = 'doing' for update)
    select procrastinate_finish_job_v1(id, %(status)s, %(delete_job)s) from held
"""
_RETRY = """
    with held as materialized (
      select id from procrastinate_jobs
      where id = %(job_id)s and worker_id = %(taker)s and status = 'doing' for update)
    select procrastinate_retry_job_v2(id, coalesce(%(at)s, now()), %(priority)s, %(queue)s, %(lock)s) from held
"""
_LET_GO = """
    with lost as materialized (
      select id from procrastinate_jobs
      where worker_id = %(taker)s and status = 'doing' and not id = any(%(in_hand)s::bigint[]) for update)
    select procrastinate_retry_job_v2(id, now(), null, null, null) from lost
"""


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


class Jobs(JobManager):
    """Jobs in the hands of the takers of this process.

    An end counts only for who holds the job: a taker that seemed dead finds its job in other hands, which it must not
    take it from. A database that is away ends no taker. What became of a job may then be unknown: its taker puts back
    what it does not have in hand before it takes another one.
    """

    def __init__(self, connector: BaseConnector) -> None:
        super().__init__(connector)
        self.takers: set[int] = set()
        """Their numbers."""
        self._in_hand: set[int] = set()
        self._unsure: set[int] = set()

    async def register_worker(self) -> int:
        """See procrastinate."""
        taker = await super().register_worker()
        self.takers.add(taker)
        return taker

    async def unregister_worker(self, worker_id: int) -> None:
        """See procrastinate."""
        self.takers.discard(worker_id)
        await super().unregister_worker(worker_id)

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """See procrastinate. None also while the database is away."""
        try:
            if worker_id in self._unsure:
                await self._let_go(worker_id)
            job = await super().fetch_job(queues, worker_id)
        except ConnectorException as error:
            self._away(error, worker_id)
            return None
        if job is not None and job.id is not None:
            self._in_hand.add(job.id)
        return job

    async def _let_go(self, taker: int) -> None:
        """Put back what a taker may hold without knowing. Another end may get lost meanwhile: a doubt of its own."""
        self._unsure.discard(taker)
        try:
            await self.connector.execute_query_async(_LET_GO, taker=taker, in_hand=list(self._in_hand))
        except BaseException:
            self._unsure.add(taker)
            raise

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001 - theirs
        """See procrastinate."""
        await self._end(job, _FINISH, status=status.value, delete_job=delete_job)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """See procrastinate."""
        await self._end(job, _RETRY, at=retry_at, priority=priority, queue=queue, lock=lock)

    async def _end(self, job: Job, query: LiteralString, **how: object) -> None:
        assert job.id is not None and job.worker_id is not None  # noqa: S101, PT018 - it was taken
        try:
            await self.connector.execute_query_async(query, job_id=job.id, taker=job.worker_id, **how)
        except ConnectorException as error:
            self._away(error, job.worker_id)
        finally:
            self._in_hand.discard(job.id)

    def _away(self, error: ConnectorException, taker: int) -> None:
        """Note that the database was not reached, if it is that."""
        if not is_away(error):
            raise error
        if taker not in self._unsure:
            log.get().warning("jobs cannot be asked for", error=type(error.__cause__).__name__)
        self._unsure.add(taker)


def is_away(error: BaseException) -> bool:
    """Whether the database was not reached; what it refuses is another matter."""
    of_the_line = (psycopg.OperationalError, psycopg.InterfaceError)
    return isinstance(error, ConnectorException) and isinstance(error.__cause__, of_the_line)


def working_app(url: str) -> tuple[App, Jobs]:
    """The queue as a worker sees it, and the jobs that it has in hand; the address is a plain one."""
    app = App(
        connector=_Hearing(
            conninfo=url,
            min_size=1,
            max_size=4,
            timeout=_WAITS_S,
            reconnect_timeout=_AGAIN_S,
            reconnect_failed=_try_again,
        )
    )
    app.job_manager = jobs = Jobs(app.connector)
    return app, jobs


async def _try_again(pool: AsyncConnectionPool) -> None:
    """Once a second, as long as it takes; a pool left alone waits longer each time."""
    await pool.check()
