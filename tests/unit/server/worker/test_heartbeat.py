"""Who lives is heard of, and nobody calls others dead who was cut off itself."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from stillmotion.server import queue
from stillmotion.server.worker import heartbeat, sweeping
from stillmotion.server.worker.heartbeat import Heartbeat

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from stillmotion.server.service import Service

PATIENCE_S = 20.0
LOCKS = "from pg_locks where locktype = 'advisory' and classid::bigint = :alive and objid::bigint = :id and granted"


def taker(service: Service, *, heard_s: float) -> int:
    """One that was last heard of so long ago."""
    beat = (
        "insert into procrastinate_workers (last_heartbeat) values (now() - make_interval(secs => :ago)) returning id"
    )
    with service.database.begin() as connection:
        return int(connection.scalar(text(beat), {"ago": heard_s}) or 0)


def holds(service: Service, number: int) -> None:
    """It has a job."""
    with service.database.begin() as connection:
        service.queue.deliver(connection, "d")
        connection.execute(text("update procrastinate_jobs set status = 'doing', worker_id = :id"), {"id": number})


def asked(service: Service, question: str, number: int) -> int:
    """What the database answers about a taker."""
    with service.database.begin() as connection:
        return int(connection.scalar(text(question), {"id": number, "alive": queue.ALIVE}) or 0)


@pytest.mark.parametrize(
    ("judge_heard_s", "steady", "taken"), [(None, True, 1), (0.5, True, 1), (2.0, True, 0), (0.5, False, 0)]
)
def test_nobody_is_called_dead_by_one_who_was_cut_off(
    service: Service, judge_heard_s: float | None, *, steady: bool, taken: int
) -> None:
    """A line that was cut, or a machine that slept, makes everybody silent: who asks must be heard of itself."""
    holds(service, taker(service, heard_s=60.0))
    judge = Heartbeat("", set() if judge_heard_s is None else {taker(service, heard_s=judge_heard_s)})
    if not steady:
        judge.cut_off_s = time.monotonic()
    assert sweeping.rescue(service, judge) == taken


def test_nobody_is_dead_before_the_database_is_settled(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was away, and has heard of nobody: each has the usual time to be heard of again. Who ended well is gone."""
    monkeypatch.setattr(queue, "_SETTLED_S", 1e6)
    silent = taker(service, heard_s=60.0)
    holds(service, silent)
    assert sweeping.rescue(service) == 0
    with service.database.begin() as connection:
        connection.execute(text("delete from procrastinate_workers where id = :id"), {"id": silent})
    assert sweeping.rescue(service) == 1


def beside(service: Service, number: int, act: Callable[[Heartbeat], Awaitable[None]]) -> None:
    """Something happens while a heartbeat goes on."""

    async def run() -> None:
        beats = Heartbeat(service.database_url, {number})
        going = asyncio.create_task(beats.go_on())
        async with asyncio.timeout(PATIENCE_S):
            await act(beats)
        going.cancel()
        await asyncio.wait((going,))

    asyncio.run(run())


async def until(service: Service, question: str, number: int) -> None:
    """Wait until there is something."""
    while not await asyncio.to_thread(asked, service, question, number):  # noqa: ASYNC110 - the database's doing
        await asyncio.sleep(0.01)


HEARD = "select count(*) from procrastinate_workers where id = :id and last_heartbeat > now() - interval '1 s'"


def test_a_lost_connection_is_made_anew(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is held again and the taker heard of; until the others are, too, this one calls nobody dead."""
    monkeypatch.setattr(heartbeat, "_BEAT_S", 0.02)
    number = taker(service, heard_s=0.0)

    async def act(beats: Heartbeat) -> None:
        await until(service, f"select count(*) {LOCKS}", number)
        assert beats.is_steady()
        assert await asyncio.to_thread(asked, service, f"select count(pg_terminate_backend(pid)) {LOCKS}", number) == 1
        while beats.is_steady():  # noqa: ASYNC110 - a flag
            await asyncio.sleep(0.01)
        await until(service, f"select count(*) {LOCKS}", number)
        silenced = "update procrastinate_workers set last_heartbeat = now() - interval '2 s' where id = :id returning 1"
        await asyncio.to_thread(asked, service, silenced, number)
        await until(service, HEARD, number)
        beats.cut_off_s = time.monotonic() - queue.SILENT_S
        assert beats.is_steady()

    beside(service, number, act)


def test_who_slept_calls_nobody_dead(service: Service) -> None:
    """The machine stood still and every connection outlived it: who finds itself silent waits for the others."""
    number = taker(service, heard_s=60.0)

    async def act(beats: Heartbeat) -> None:
        await until(service, HEARD, number)
        while beats.is_steady():  # noqa: ASYNC110 - a flag
            await asyncio.sleep(0.01)

    beside(service, number, act)
