"""Jobs are part of the transaction that makes them necessary."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import text

from stillmotion.server.db.engine import plain
from stillmotion.server.queue import ERRANDS, PostgresQueue, make_tables, working_app

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Connection, Engine

PATIENCE_S = 20.0
COUNT = text("select count(*) from procrastinate_jobs where args->>'prediction_id' = :id")


def jobs(connection: Connection, prediction_id: str) -> int:
    """How many jobs there are for a prediction."""
    return int(connection.scalar(COUNT, {"id": prediction_id}) or 0)


def test_a_job_comes_with_its_transaction(database: Engine, database_url: str) -> None:
    """Rolled back, there is no job; committed, there is one."""
    queue = PostgresQueue(database_url)
    with database.connect() as connection:
        with connection.begin() as transaction:
            queue.run(connection, "rolled-back")
            assert jobs(connection, "rolled-back") == 1
            transaction.rollback()
        with connection.begin():
            queue.run(connection, "committed")
            queue.deliver(connection, "d1", in_s=30)
        assert (jobs(connection, "rolled-back"), jobs(connection, "committed")) == (0, 1)
        late = text(
            "select scheduled_at > now() + interval '20 seconds' from procrastinate_jobs"
            " where task_name = 'deliver' and args->>'delivery_id' = 'd1'"
        )
        assert connection.scalar(late)


def test_new_jobs_are_heard_of_when_the_database_was_away(
    database: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection that hears of them is lost, and at first it cannot be made anew: later it is."""
    url, connect, refused = plain(database_url), psycopg.AsyncConnection.connect, [0]
    monkeypatch.setattr("stillmotion.server.queue._AGAIN_S", 0.01)

    async def refusing(*given: Any, **named: Any) -> Any:
        if named.get("autocommit") and refused[0]:
            refused[0] -= 1
            raise psycopg.OperationalError
        return await connect(*given, **named)

    async def run() -> None:
        async with working_app(url).open_async() as app:
            heard = asyncio.Event()

            async def hear(**_: object) -> None:
                heard.set()

            listening = asyncio.create_task(app.job_manager.listen_for_jobs(on_notification=hear, queues=[ERRANDS]))
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
        with database.begin() as connection:
            PostgresQueue(url).deliver(connection, "heard of")

    def end_listeners() -> None:
        ending = "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen \"procrastinate%'"
        with database.begin() as connection:
            connection.execute(text(ending))

    monkeypatch.setattr(psycopg.AsyncConnection, "connect", refusing)
    asyncio.run(run())


def test_tables_are_made_once(connection: Connection) -> None:
    """Making them again changes nothing."""
    make_tables(connection)
    make_tables(connection)
