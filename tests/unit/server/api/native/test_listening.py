"""One connection hears for all listeners."""

from __future__ import annotations

import asyncio

from sqlalchemy import Engine, create_engine, text

from stillmotion.server.api.native.listening import Bell
from stillmotion.server.db import engine
from stillmotion.server.predictions.happenings import CHANNEL

PATIENCE_S = 20.0
_LISTENING = text("select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen%'")


def _notify(database: Engine, prediction_id: str) -> None:
    with database.begin() as connection:
        connection.execute(text("select pg_notify(:channel, :id)"), {"channel": CHANNEL, "id": prediction_id})


def _listeners(database: Engine) -> int:
    with database.connect() as connection:
        return int(connection.scalar(_LISTENING) or 0)


async def _rung(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), PATIENCE_S)
    event.clear()


async def _gone(database: Engine) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await asyncio.to_thread(_listeners, database):  # noqa: ASYNC110 - another program's state
            await asyncio.sleep(0.02)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def test_only_the_listeners_of_a_prediction_are_woken(database_url: str) -> None:
    """All of them, through one connection, which is given back when the last one leaves."""
    database = create_engine(engine.dialect(database_url))

    async def run() -> None:
        bell = Bell(_plain(database_url))
        async with bell.heard("a") as first, bell.heard("a") as second, bell.heard("b") as other:
            for one in (first, second, other):
                await _rung(one)  # it listens from now on
            assert await asyncio.to_thread(_listeners, database) == 1
            await asyncio.to_thread(_notify, database, "a")
            await _rung(first)
            await _rung(second)
            assert not other.is_set()
        await _gone(database)

    asyncio.run(run())
    database.dispose()


def test_a_broken_connection_is_made_again(database_url: str) -> None:
    """And everybody looks for what happened meanwhile."""
    database = create_engine(engine.dialect(database_url))
    ending = text("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%'")

    def end() -> None:
        with database.begin() as connection:
            connection.execute(ending)

    async def run() -> None:
        bell = Bell(_plain(database_url))
        async with bell.heard("a") as rung:
            await _rung(rung)
            await asyncio.to_thread(end)
            await _rung(rung)
            await asyncio.to_thread(_notify, database, "a")
            await _rung(rung)

    asyncio.run(run())
    database.dispose()
