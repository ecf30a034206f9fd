"""One connection to the database that hears of all events of all predictions, for all listeners of a process."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from stillmotion.errors import TooManyListeners
from stillmotion.server import log
from stillmotion.server.predictions.happenings import CHANNEL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.datastructures import State

LISTENERS = 20
"""Streams that one account may have open in a process."""
_AGAIN_S = 1.0
"""After the connection broke."""


@dataclass(slots=True)
class Listeners:
    """How many streams each account has open in this process."""

    open: Counter[str] = field(default_factory=Counter)

    def check(self, account_id: str) -> None:
        """Whether it may open one more.

        Raises:
            TooManyListeners: it has as many as it may.
        """
        if self.open[account_id] >= LISTENERS:
            message = f"The account has {LISTENERS} streams of events open, which is as many as it may; close some."
            raise TooManyListeners(message, retry_after_s=15)

    @contextlib.contextmanager
    def one_more(self, account_id: str) -> Iterator[None]:
        """Count a stream while it lasts; those that were asked for at the same moment are counted here at last.

        Raises:
            TooManyListeners: see `check`.
        """
        self.check(account_id)
        self.open[account_id] += 1
        try:
            yield
        finally:
            self.open[account_id] -= 1
            self.open += Counter()  # forgets who has none


@dataclass(slots=True)
class Bell:
    """Rings for a prediction when something happened to it.

    It listens only while somebody does, so that a process without listeners holds no connection.
    """

    url: str
    waiting: dict[str, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))
    silenced: bool = False
    """Whether the process is about to end: whoever listens is told what there is, and goes on elsewhere or later."""
    _listening: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def heard(self, prediction_id: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever something happened; whoever waits for it clears it."""
        rung = asyncio.Event()
        self.waiting[prediction_id].add(rung)
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        try:
            yield rung
        finally:
            self.waiting[prediction_id].discard(rung)
            if not self.waiting[prediction_id]:
                del self.waiting[prediction_id]
            await self._rest()

    def silence(self) -> None:
        """Have those who listen end: each is rung for once more."""
        self.silenced = True
        self._ring(*self.waiting)

    async def _rest(self) -> None:
        """Stop listening when nobody is left."""
        listening = self._listening
        if self.waiting or listening is None:
            return
        self._listening = None
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except psycopg.Error as error:
                log.get().warning("listening broke", error=type(error).__name__)
            await asyncio.sleep(_AGAIN_S)

    async def _hear(self) -> None:
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
            await connection.execute(f"listen {CHANNEL}".encode())
            self._ring(*self.waiting)  # what happened before is looked for once more
            async for told in connection.notifies():
                self._ring(told.payload)

    def _ring(self, *prediction_ids: str) -> None:
        for prediction_id in prediction_ids:
            for rung in self.waiting.get(prediction_id, ()):
                rung.set()


def bell_of(state: State, url: str) -> Bell:
    """That of an application, which has one."""
    if not hasattr(state, "bell"):
        state.bell = Bell(url)
    bell: Bell = state.bell
    return bell
