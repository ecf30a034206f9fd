"""Whoever takes jobs keeps to what it holds, and outlasts a database that is away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from sqlalchemy import text

from stillmotion.server import queue
from stillmotion.server.queue import ERRANDS
from stillmotion.server.worker import taking
from stillmotion.server.worker.taking import Jobs, working_app

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from procrastinate.jobs import Job

    from stillmotion.server.service import Service

PATIENCE_S = 20.0


def used(service: Service, act: Callable[[Jobs], Awaitable[None]]) -> None:
    """Jobs, while something is done with them; two wait."""
    with service.database.begin() as connection:
        for number in range(2):
            service.queue.deliver(connection, f"d{number}")

    async def run() -> None:
        app, jobs = working_app(service.database_url)
        async with asyncio.timeout(PATIENCE_S), app.open_async():
            await act(jobs)

    asyncio.run(run())


def stand(service: Service) -> list[tuple[str, str, int | None]]:
    """Each job: what it delivers, its status, who holds it."""
    asked = "select args->>'delivery_id', status::text, worker_id from procrastinate_jobs order by id"
    with service.database.begin() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(text(asked))]


async def take(jobs: Jobs, taker: int) -> Job:
    """One that there is."""
    job = await jobs.fetch_job([ERRANDS], taker)
    assert job is not None
    return job


async def seem_dead(service: Service, taker: int) -> None:
    """Nobody has heard of a taker for a while, and its jobs are put back."""

    def put_back() -> None:
        silent = text("update procrastinate_workers set last_heartbeat = now() - interval '1 min' where id = :id")
        with service.database.begin() as connection:
            connection.execute(silent, {"id": taker})
            assert queue.take_back(connection) == 1

    await asyncio.to_thread(put_back)


@pytest.mark.parametrize("end", ["finish", "retry"])
def test_an_end_counts_only_for_the_holder(service: Service, end: str) -> None:
    """Who seemed dead and ends its job leaves it to the one who has it now; that one ends it for good."""

    async def act(jobs: Jobs) -> None:
        slow, quick = await jobs.register_worker(), await jobs.register_worker()
        job = await take(jobs, slow)
        await seem_dead(service, slow)
        again = await take(jobs, quick)
        assert again.id == job.id
        held = stand(service)
        assert held == [("d0", "doing", quick), ("d1", "todo", None)]
        ends = jobs.retry_job(job) if end == "retry" else jobs.finish_job(job, Status.SUCCEEDED, delete_job=True)
        await ends
        assert stand(service) == held
        await jobs.finish_job(again, Status.SUCCEEDED, delete_job=True)
        assert stand(service) == held[1:]

    used(service, act)


def test_who_was_put_back_and_not_taken_is_left_alone(service: Service) -> None:
    """A job that waits again, because its taker seemed dead, is not ended by that taker either."""

    async def act(jobs: Jobs) -> None:
        slow = await jobs.register_worker()
        job = await take(jobs, slow)
        await seem_dead(service, slow)
        await jobs.finish_job(job, Status.SUCCEEDED, delete_job=True)
        assert [status for _, status, _ in stand(service)] == ["todo", "todo"]

    used(service, act)


def hangs_up(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """The database does the next thing that is asked by this name, and is gone before it says so."""
    real = getattr(owner, name)

    async def act(*given: Any, **named: Any) -> Any:
        await real(*given, **named)
        monkeypatch.setattr(owner, name, real)
        raise ConnectorException from psycopg.OperationalError()

    monkeypatch.setattr(owner, name, act)


def test_a_job_that_nobody_heard_of_is_taken_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database gave it and went away before it said so: no error, and it comes next; another stays in hand."""

    async def act(jobs: Jobs) -> None:
        taker = await jobs.register_worker()
        first = await take(jobs, taker)
        hangs_up(monkeypatch, JobManager, "fetch_job")
        assert await jobs.fetch_job([ERRANDS], taker) is None
        assert stand(service) == [("d0", "doing", taker), ("d1", "doing", taker)]
        second = await take(jobs, taker)
        assert second.id != first.id
        assert await jobs.fetch_job([ERRANDS], taker) is None

    used(service, act)


def test_an_end_that_could_not_be_written(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It breaks nobody: the job is put back before another one is taken, and done again. What is in hand stays."""

    async def act(jobs: Jobs) -> None:
        taker = await jobs.register_worker()
        first, _ = await take(jobs, taker), await take(jobs, taker)

        async def away(*_: object, **__: object) -> None:
            raise ConnectorException from psycopg.OperationalError()

        with monkeypatch.context() as patch:
            patch.setattr(jobs.connector, "execute_query_async", away)
            await jobs.finish_job(first, Status.SUCCEEDED, delete_job=True)
        assert [status for _, status, _ in stand(service)] == ["doing", "doing"]
        assert (await take(jobs, taker)).id == first.id
        assert [status for _, status, _ in stand(service)] == ["doing", "doing"]

    used(service, act)


def test_an_end_that_gets_lost_while_another_is_looked_after(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in hand when jobs are put back, and its end fails before that is done: it is put back the next time."""

    async def act(jobs: Jobs) -> None:
        taker = await jobs.register_worker()
        first, second = await take(jobs, taker), await take(jobs, taker)
        ask, putting_back, go_on = jobs.connector.execute_query_async, asyncio.Event(), asyncio.Event()

        async def asked(query: Any, **named: Any) -> None:
            if query is not taking._LET_GO:
                raise ConnectorException from psycopg.OperationalError()
            putting_back.set()
            await go_on.wait()
            await ask(query, **named)

        with monkeypatch.context() as patch:
            patch.setattr(jobs.connector, "execute_query_async", asked)
            await jobs.finish_job(first, Status.SUCCEEDED, delete_job=True)
            again = asyncio.create_task(take(jobs, taker))
            await putting_back.wait()
            await jobs.finish_job(second, Status.SUCCEEDED, delete_job=True)
            go_on.set()
            assert (await again).id == first.id
        assert (await take(jobs, taker)).id == second.id

    used(service, act)


def test_what_the_database_refuses_is_told(service: Service) -> None:
    """A taker whose number is gone would never get a job again: its process gives way to a new one."""

    async def act(jobs: Jobs) -> None:
        taker = await jobs.register_worker()
        await jobs.unregister_worker(taker)
        with pytest.raises(ConnectorException):
            await jobs.fetch_job([ERRANDS], taker)

    used(service, act)


def test_connections_are_made_anew_soon(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the database was away, it is tried at the same short intervals, while nobody gives up."""
    monkeypatch.setattr(taking, "_AGAIN_S", 0.01)
    connect, refused = psycopg.AsyncConnection.connect, [0]

    async def refusing(*given: Any, **named: Any) -> Any:
        if refused[0]:
            refused[0] -= 1
            raise psycopg.OperationalError
        return await connect(*given, **named)

    async def act(jobs: Jobs) -> None:
        taker = await jobs.register_worker()
        refused[0] = 20  # a pool left alone waits for days before its twentieth try
        await asyncio.to_thread(end_all, service)
        while await jobs.fetch_job([ERRANDS], taker) is None:
            pass

    monkeypatch.setattr(psycopg.AsyncConnection, "connect", refusing)
    used(service, act)


def end_all(service: Service) -> None:
    """End every connection but the one that asks."""
    ending = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
    with service.database.begin() as connection:
        connection.execute(text(ending + " and pid <> pg_backend_pid()"))


def test_new_jobs_are_heard_of_when_the_database_was_away(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection that hears of them is lost, and at first it cannot be made anew: later it is."""
    connect, refused = psycopg.AsyncConnection.connect, [0]
    monkeypatch.setattr(taking, "_AGAIN_S", 0.01)

    async def refusing(*given: Any, **named: Any) -> Any:
        if named.get("autocommit") and refused[0]:
            refused[0] -= 1
            raise psycopg.OperationalError
        return await connect(*given, **named)

    async def run() -> None:
        app, jobs = working_app(service.database_url)
        async with app.open_async():
            heard = asyncio.Event()

            async def hear(**_: object) -> None:
                heard.set()

            listening = asyncio.create_task(jobs.listen_for_jobs(on_notification=hear, queues=[ERRANDS]))
            await until_heard(heard)
            refused[0] = 3
            await asyncio.to_thread(end_listeners)
            await until_heard(heard)
            listening.cancel()

    async def until_heard(heard: asyncio.Event) -> None:
        heard.clear()
        async with asyncio.timeout(PATIENCE_S):
            while refused[0] or not heard.is_set():
                await asyncio.to_thread(put)
                await asyncio.sleep(0.01)

    def put() -> None:
        with service.database.begin() as connection:
            service.queue.deliver(connection, "heard of")

    def end_listeners() -> None:
        ending = "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen \"procrastinate%'"
        with service.database.begin() as connection:
            connection.execute(text(ending))

    monkeypatch.setattr(psycopg.AsyncConnection, "connect", refusing)
    asyncio.run(run())
