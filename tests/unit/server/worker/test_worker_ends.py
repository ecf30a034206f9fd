"""How a worker goes on after faults, and how it ends: told to, told again, or by an error that nobody took."""

from __future__ import annotations

import asyncio
import base64
import gc
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import procrastinate.utils
import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from psycopg_pool.base import AttemptWithBackoff
from sqlalchemy import text

from by_hand import photo
from stillmotion.money import Money
from stillmotion.server import accounts, predictions, queue
from stillmotion.server.predictions import Status, Submission
from stillmotion.server.worker import heartbeat, sweeping, worker
from stillmotion.server.worker.engine import EngineDied, NoEngine
from stillmotion.server.worker.heartbeat import Heartbeat
from stillmotion.server.worker.messages import FILES, Made, Work
from stillmotion.server.worker.taking import Jobs
from stillmotion.server.worker.worker import BROKEN, Worker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

PATIENCE_S = 30.0
MISSED = 2
"""Tries."""


@dataclass
class Patient:
    """A warm engine that films until it is let."""

    let: asyncio.Event = field(default_factory=asyncio.Event)
    work: Work | None = None
    starts: int | None = None
    """How often it can be started; as often as need be when None."""
    faults: list[Exception] = field(default_factory=list)
    """What becomes of its next works, as far as something does."""
    begun: list[str] = field(default_factory=list)
    """Pieces of work, by their prompts."""

    def start(self) -> None:
        """See Engine."""

    async def ready(self) -> None:
        """See Engine."""
        if self.starts is not None:
            self.starts -= 1
            if self.starts < 0:
                raise NoEngine

    async def stop(self) -> None:
        """See Engine."""

    async def begin(self, work: Work) -> None:
        """See Engine."""
        self.work = work
        self.begun.append(work.input["prompt"])

    async def hear(self, wait_s: float) -> Made | None:
        """See Engine."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self.let.wait()
        if not self.let.is_set():
            return None
        if self.faults:
            raise self.faults.pop(0)
        assert self.work is not None
        for name in FILES:
            self.work.place(name).write_bytes(name.encode())
        return Made(engine="diorama", facts={})


@dataclass
class Bench:
    """A worker that runs, and what it has in hand."""

    service: Service
    engine: Patient
    worker: Worker

    async def looked(self, question: str) -> Any:
        """What the database answers."""

        def look() -> Any:
            with self.service.database.begin() as connection:
                return connection.execute(text(question)).scalar()

        return await asyncio.to_thread(look)

    async def until(self, question: str) -> None:
        """Wait until the database says yes."""
        end_s = time.monotonic() + PATIENCE_S
        while not await self.looked(question):
            assert time.monotonic() < end_s, question
            await asyncio.sleep(0.02)


def submitted(service: Service, prompt: str = "waves") -> Prediction:
    """A prediction that waits for a worker."""
    asked = Submission(
        account_id=accounts.SINGLE_USER,
        dialect="hosted",
        model_id="openai/sora-2/image-to-video",
        input={"image": "data:image/png;base64," + base64.b64encode(photo()).decode(), "prompt": prompt},
        price=Money.of("0.40"),
        concurrency=9,
        queue_limit=9,
    )
    with service.database.begin() as connection:
        return predictions.submit(connection, asked, service.queue, at=service.clock.now())


def worked(service: Service, meanwhile: Callable[[Bench], Awaitable[None]], engine: Patient | None = None) -> int:
    """The exit code of a worker beside which something happens as soon as it takes jobs."""
    engine = engine or Patient()

    async def run() -> int:
        bench = Bench(service, engine, Worker(service, engine))  # type: ignore[arg-type]
        running = asyncio.create_task(bench.worker.run())
        await bench.until("select count(*) = 2 from procrastinate_workers")
        await meanwhile(bench)
        async with asyncio.timeout(PATIENCE_S):
            return await running

    return asyncio.run(run())


def found(service: Service, made: Prediction) -> Prediction:
    """As it is now."""
    with service.database.connect() as connection:
        return predictions.find(connection, made.account_id, made.id)


SILENT = """
    with silent as (
      insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 min') returning id)
    insert into procrastinate_jobs (queue_name, task_name, status, worker_id)
    select 'of others', 'any', 'doing', id from silent returning status::text
"""
"""A job in the hands of one who was not heard of for long, in a queue that nobody here takes from."""
FILMING = "select exists (select from predictions where status = 'processing' and stage <> '')"


def test_an_error_that_nobody_took_ends_the_worker(service: Service) -> None:
    """A job whose end could not be written stays in the name of this process, so the process gives way to another."""

    async def forgotten() -> None:
        raise ConnectionError

    async def happens(bench: Bench) -> None:
        del bench
        lost = asyncio.create_task(forgotten())
        await asyncio.wait((lost,))
        del lost
        gc.collect()

    assert worked(service, happens) == BROKEN == 1


def test_a_worker_that_is_told_to_stop_ends_well(service: Service) -> None:
    """With nothing in hand it ends at once, and its names are gone."""

    async def told(bench: Bench) -> None:
        bench.worker.told()

    assert worked(service, told) == 0
    with service.database.connect() as connection:
        assert queue.living_takers(connection) == 0


def test_a_worker_that_was_cut_off_puts_no_jobs_back(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in silent hands are left there as long as its own heartbeat is not steady, and only so long."""
    monkeypatch.setattr(sweeping, "RESCUE_S", 0.05)
    asked: list[bool] = []
    steady = [False]

    def is_steady(_: Heartbeat) -> bool:
        asked.append(steady[0])
        return steady[0]

    monkeypatch.setattr(Heartbeat, "is_steady", is_steady)

    async def cut_off(bench: Bench) -> None:
        status = await bench.looked(SILENT)
        before = len(asked)
        async with asyncio.timeout(PATIENCE_S):
            while len(asked) < before + MISSED:  # noqa: ASYNC110 - a list
                await asyncio.sleep(0.02)
        assert await bench.looked("select status::text from procrastinate_jobs") == status == "doing"
        steady[0] = True
        await bench.until("select status = 'todo' from procrastinate_jobs")
        bench.worker.told()

    assert worked(service, cut_off) == 0


def test_whoever_finishes_a_last_film_is_heard(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to stop it films on, and says that it lives: nobody takes the film over. It ends when the film is done."""
    monkeypatch.setattr(heartbeat, "_BEAT_S", 0.05)
    made = submitted(service)

    async def finishes(bench: Bench) -> None:
        await bench.until(FILMING)
        bench.worker.told()
        await bench.until("select count(*) = 1 from procrastinate_workers")  # the other had nothing in hand
        for _ in range(2):
            await bench.looked("update procrastinate_workers set last_heartbeat = now() - interval '9 s' returning 1")
            await bench.until("select max(last_heartbeat) > now() - interval '4 s' from procrastinate_workers")
        bench.engine.let.set()

    assert worked(service, finishes) == 0
    assert (found(service, made).status, found(service, made).attempts) == (Status.COMPLETED, 1)


def test_a_worker_that_starts_while_the_database_is_away(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no number yet, and tries again until it gets one."""
    monkeypatch.setattr(worker, "_AGAIN_S", 0.01)
    register, made, missed = Jobs.register_worker, submitted(service), []

    async def register_worker(jobs: Jobs) -> int:
        if len(missed) < MISSED:
            missed.append(jobs)
            raise ConnectorException from psycopg.OperationalError()
        return await register(jobs)

    monkeypatch.setattr(Jobs, "register_worker", register_worker)

    async def films(bench: Bench) -> None:
        bench.engine.let.set()
        await bench.until("select exists (select from predictions where status = 'completed')")
        bench.worker.told()

    assert worked(service, films) == 0
    assert (found(service, made).status, len(missed)) == (Status.COMPLETED, MISSED)


def test_a_worker_outlasts_a_database_that_is_away(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection is lost in the middle of a film, which is made on as one attempt; then it takes the next one."""
    monkeypatch.setattr(heartbeat, "_BEAT_S", 0.05)
    monkeypatch.setattr(worker, "_POLL_S", 0.05)
    monkeypatch.setattr(AttemptWithBackoff, "INITIAL_DELAY", 0.01)
    fetch, made, missed = JobManager.fetch_job, submitted(service), []

    async def fetch_job(manager: JobManager, *given: Any) -> Any:
        if len(missed) < MISSED:
            missed.append(given)
            raise ConnectorException from psycopg.OperationalError()
        return await fetch(manager, *given)

    async def films(bench: Bench) -> None:
        await bench.until(FILMING)
        takers = await bench.looked("select array_agg(id order by id) from procrastinate_workers")
        monkeypatch.setattr(JobManager, "fetch_job", fetch_job)
        ending = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database()"
        await bench.looked(ending + " and pid <> pg_backend_pid()")
        await bench.looked("update procrastinate_workers set last_heartbeat = now() - interval '9 s' returning 1")
        await bench.until("select min(last_heartbeat) > now() - interval '1 s' from procrastinate_workers")
        while len(missed) < MISSED:  # noqa: ASYNC110 - a list
            await asyncio.sleep(0.02)
        bench.engine.let.set()
        await asyncio.to_thread(submitted, service)
        await bench.until("select count(*) = 2 from predictions where status = 'completed'")
        assert await bench.looked("select array_agg(id order by id) from procrastinate_workers") == takers
        bench.worker.told()

    assert worked(service, films) == 0
    assert found(service, made).attempts == 1


def test_told_twice_the_film_is_given_back(service: Service) -> None:
    """Its time is not waited for: it is in the queue again, for another worker, and this was no attempt."""
    made = submitted(service)

    async def hurried(bench: Bench) -> None:
        await bench.until(FILMING)
        bench.worker.told()
        bench.worker.told()

    began_s = time.monotonic()
    assert worked(service, hurried) == 0
    assert time.monotonic() - began_s < service.settings.drain_s
    assert (found(service, made).finished_at, found(service, made).attempts) == (None, 0)
    with service.database.connect() as connection:
        asked = text("select status::text from procrastinate_jobs where args ->> 'prediction_id' = :id")
        assert connection.scalars(asked, {"id": made.id}).all() == ["todo"]


def test_a_film_whose_engine_died_is_the_next_one(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken up before those that were asked for later, also where the clock of the database is behind ours."""
    monkeypatch.setattr(procrastinate.utils, "utcnow", lambda: datetime.now(UTC) + timedelta(hours=1))
    first, second = submitted(service, "first"), submitted(service, "second")
    engine = Patient(faults=[EngineDied(-9, "render")])
    engine.let.set()

    async def films(bench: Bench) -> None:
        await bench.until("select count(*) = 2 from predictions where status = 'completed'")
        bench.worker.told()

    assert worked(service, films, engine) == 0
    assert engine.begun == ["first", "first", "second"]
    assert (found(service, first).attempts, found(service, second).attempts) == (2, 1)


@pytest.mark.parametrize("cold_s", [8.0, 0.0])
def test_a_worker_whose_engine_never_starts_gives_way(
    service: Service, monkeypatch: pytest.MonkeyPatch, cold_s: float
) -> None:
    """Also where that is known only when it takes jobs already."""
    monkeypatch.setattr(worker, "_COLD_S", cold_s)

    async def run() -> int:
        async with asyncio.timeout(PATIENCE_S):
            return await Worker(service, Patient(starts=0)).run()  # type: ignore[arg-type]

    assert asyncio.run(run()) == BROKEN


def test_a_worker_whose_engine_does_not_start_again_gives_way(service: Service) -> None:
    """The films that wait are not to blame: none is tried in vain, none counts an attempt, all are in the queue."""
    waiting = [submitted(service) for _ in range(3)]
    engine = Patient(starts=1)

    async def run() -> int:
        async with asyncio.timeout(PATIENCE_S):
            return await Worker(service, engine).run()  # type: ignore[arg-type]

    assert asyncio.run(run()) == BROKEN
    assert engine.starts == -1
    for made in waiting:
        assert (found(service, made).finished_at, found(service, made).attempts) == (None, 0)
    with service.database.connect() as connection:
        asked = text("select status::text from procrastinate_jobs where task_name = 'run'")
        assert connection.scalars(asked).all() == ["todo"] * 3
