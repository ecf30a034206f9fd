"""That a worker lives, said to the others; and whether it may call others dead."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from stillmotion.server import log
from stillmotion.server.queue import ALIVE, SILENT_S, UNSEEN_S

if TYPE_CHECKING:
    from collections.abc import Collection

_BEAT_S, _AGAIN_S = 1.0, 0.2
"""Between two heartbeats, and between two tries to make a lost connection anew."""
_QUICK = "set synchronous_commit = off"
"""Whoever reads a heartbeat after the database died finds nobody alive anyway."""
_LOCK = "select pg_advisory_lock_shared(%s::integer, %s::integer)"
_SILENT = "select extract(epoch from now() - min(last_heartbeat))::float8 from procrastinate_workers where id = any(%s)"
_BEAT = "update procrastinate_workers set last_heartbeat = now() where id = any(%s)"


@dataclass(slots=True)
class Heartbeat:
    """Says that the takers of a process live, over a connection of its own, which also holds their locks."""

    url: str
    takers: Collection[int]
    """Their numbers; who comes later is heard of as well."""
    cut_off_s: float = field(default=-math.inf)
    """When it was last found that nobody had heard of us for a while."""

    def is_steady(self) -> bool:
        """See `queue.Judge`.

        After a database or a line was away everybody comes back at a moment of their own: until they have, those who
        live cannot be told from those who died meanwhile.
        """
        return time.monotonic() - self.cut_off_s >= SILENT_S

    async def go_on(self) -> None:
        """Until cancelled, whatever becomes of the database."""
        there = True
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
                    there = True
                    await self._beat(connection)
            except psycopg.Error as error:
                self.cut_off_s = time.monotonic()
                if there:
                    log.get().warning("not heard of by the others", error=type(error).__name__)
                there = False
            await asyncio.sleep(_AGAIN_S)

    async def _beat(self, connection: psycopg.AsyncConnection) -> None:
        await connection.execute(_QUICK)
        locked: set[int] = set()
        while True:
            for taker in set(self.takers) - locked:
                await connection.execute(_LOCK, (ALIVE, taker))
                locked.add(taker)
            takers = list(self.takers)
            found = await (await connection.execute(_SILENT, (takers,))).fetchone()
            if found is not None and (found[0] or 0.0) > UNSEEN_S:
                self.cut_off_s = time.monotonic()  # before we are heard of again, and may judge
            await connection.execute(_BEAT, (takers,))
            await asyncio.sleep(_BEAT_S)
