"""A worker process: takes jobs from the queue until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker as Taker

from stillmotion import catalog
from stillmotion.server import log, service, signals, webhooks
from stillmotion.server.queue import DELIVER, ERRANDS, FILMS, RUN
from stillmotion.server.worker import sweeping
from stillmotion.server.worker.engine import Engine, EngineDied, NoEngine
from stillmotion.server.worker.filming import Filming
from stillmotion.server.worker.heartbeat import Heartbeat
from stillmotion.server.worker.taking import is_away, working_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from procrastinate import App
    from procrastinate.jobs import Job

    from stillmotion.server.service import Service
    from stillmotion.server.settings import Settings

_POLL_S = 1.0
"""Jobs are announced; those that come back into the queue, or are due later, are found by looking."""
_AGAIN_S = 1.0
"""Before a taker that found no database begins anew."""
_FORGOTTEN_S = 3600.0
"""Numbers of takers that were not heard of for so long go; who slept for a while keeps its own."""
_COLD_S = 8.0
_ERRANDS_AT_ONCE = 8
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Due by any clock: that of the database may be behind ours."""
BROKEN = 1
"""Exit code: something went wrong that only a new process puts right."""


class _Again(BaseRetryStrategy):
    """A film whose engine died is the next one again, before those that came after it; other faults need a moment."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """See procrastinate."""
        del job
        if isinstance(exception, (EngineDied, NoEngine)):
            return RetryDecision(retry_at=_LONG_AGO)
        return RetryDecision(retry_in={"seconds": 1})


@dataclass(slots=True)
class Worker:
    """One of them."""

    service: Service
    engine: Engine
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    jobs: set[asyncio.Task[Any]] = field(default_factory=set)
    """Films that are being made, so that they can be given back."""
    broken: bool = False

    def told(self) -> None:
        """To stop: the film that is being made has its time. Told again: it is given back now."""
        if self.stopping.is_set():
            for job in self.jobs:
                job.cancel()
        self.stopping.set()

    async def run(self) -> int:
        """Work until told to stop; the exit code."""
        asyncio.get_running_loop().set_exception_handler(self._surprised)
        self.engine.start()
        app, jobs = working_app(self.service.database_url)
        heartbeat = Heartbeat(self.service.database_url, jobs.takers)
        async with app.open_async():
            films = self._taker(app, FILMS, at_once=1)
            errands = self._taker(app, ERRANDS, at_once=_ERRANDS_AT_ONCE)
            self._tasks(app)
            sides = [
                asyncio.create_task(self._regularly(partial(sweeping.rescue, judge=heartbeat), sweeping.RESCUE_S)),
                asyncio.create_task(self._regularly(sweeping.sweep, sweeping.SWEEP_S)),
            ]
            takers = [asyncio.create_task(self._take(errands)), asyncio.create_task(self._take_when_warm(films))]
            alive = asyncio.create_task(heartbeat.go_on())
            await self.stopping.wait()
            for taker in (films, errands):
                taker.stop()  # type: ignore[no-untyped-call]
            for side in sides:
                side.cancel()
            await asyncio.gather(*takers, *sides, return_exceptions=True)
            alive.cancel()
        await self.engine.stop()
        return BROKEN if self.broken else 0

    def _taker(self, app: App, name: str, *, at_once: int) -> Taker:
        return Taker(
            app,
            queues=[name],
            name=name,
            concurrency=at_once,
            fetch_job_polling_interval=_POLL_S,
            shutdown_graceful_timeout=self.service.settings.drain_s,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=math.inf,  # see `Heartbeat`
            stalled_worker_timeout=_FORGOTTEN_S,
        )

    def _tasks(self, app: App) -> None:
        """What jobs are: a fault that is not the film's own has them tried again; `attempts` bounds how often."""
        filming = Filming(self.service, self.engine)
        again = _Again()
        # Threads of their own: slow receivers take none from films, cancels and rescues.
        loop, errands = asyncio.get_running_loop(), ThreadPoolExecutor(_ERRANDS_AT_ONCE, "errand")
        turns = webhooks.Turns()

        @app.task(name=RUN, retry=again)
        async def run(prediction_id: str) -> None:
            with _noted(), self._at_hand(), self._with_an_engine():
                await filming.run(prediction_id)

        @app.task(name=DELIVER, retry=again)
        async def errand(delivery_id: str) -> None:
            with _noted():
                await loop.run_in_executor(errands, webhooks.deliver, self.service, delivery_id, turns)

    @contextlib.contextmanager
    def _at_hand(self) -> Iterator[None]:
        """The job that this is called in can be given back."""
        job = asyncio.current_task()
        assert job is not None  # noqa: S101 - jobs are tasks
        self.jobs.add(job)
        try:
            yield
        finally:
            self.jobs.discard(job)

    def _warmed(self, ready: asyncio.Task[None]) -> None:
        if not ready.cancelled() and (error := ready.exception()) is not None:
            self._break("the engine does not start", error)

    @contextlib.contextmanager
    def _with_an_engine(self) -> Iterator[None]:
        """Where none starts this worker takes no more films: each would fail the same way."""
        try:
            yield
        except NoEngine as error:
            self._break("the engine does not start", error)
            raise

    async def _take(self, taker: Taker) -> None:
        """Take jobs; a taker that ends by itself has lost the database or its place in it."""
        if self.stopping.is_set():  # one that is told to stop before it runs forgets that, and would run for ever
            return
        while True:
            try:
                await taker.run()  # type: ignore[no-untyped-call]
            except Exception as error:  # noqa: BLE001 - whatever it is, a new process starts afresh
                log.get().error("taking jobs failed", error=type(error).__name__)
                if taker.worker_id is None and is_away(error) and not await self._stops_in(_AGAIN_S):
                    continue  # it was away when the taker began
            break
        if not self.stopping.is_set():
            self.broken = True
            self.stopping.set()

    async def _stops_in(self, wait_s: float) -> bool:
        """Whether it is told to stop within a time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), wait_s)
        return self.stopping.is_set()

    async def _take_when_warm(self, taker: Taker) -> None:
        """While the engine is cold another worker may have a warm one, so jobs are left to it for a while."""
        ready = asyncio.create_task(self.engine.ready())
        stopped = asyncio.create_task(self.stopping.wait())
        await asyncio.wait((ready, stopped), timeout=_COLD_S, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self.stopping.is_set():
            ready.cancel()
            return
        ready.add_done_callback(self._warmed)
        if ready.done() and ready.exception() is not None:
            return
        log.get().info("worker ready", warm=ready.done())
        await self._take(taker)

    async def _regularly(self, act: Callable[[Service], object], every_s: float) -> None:
        while True:
            try:
                await asyncio.to_thread(act, self.service)
            except Exception as error:  # noqa: BLE001 - the next time may go well
                places = log.places(error.__traceback__)
                log.get().warning("sweeping failed", error=type(error).__name__, places=places)
            await asyncio.sleep(every_s)

    def _surprised(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An error that nobody took: a job's end could not be written, so it stays in this process's name."""
        del loop
        self._break("an error that nobody took", context.get("exception"))

    def _break(self, words: str, error: object) -> None:
        log.get().error(words, error=type(error).__name__)
        self.broken = True
        self.stopping.set()


@contextlib.contextmanager
def _noted() -> Iterator[None]:
    """Log where an unexpected error of a job came from, without its words, which may hold what people sent."""
    try:
        yield
    except (EngineDied, NoEngine):
        raise
    except Exception as error:
        log.get().error("job failed", error=type(error).__name__, places=log.places(error.__traceback__))
        raise


def work(settings: Settings, *, lifeline: bool = False) -> int:
    """Be a worker until told to stop; the exit code.

    Args:
        settings: of the service.
        lifeline: stop also when stdin ends: whoever started us is gone.

    Raises:
        PluginUnusable: films of its models would fail here, which another worker may be able to make.
        DatabaseUnavailable, DataFolderUnusable: see `service.running`.
    """
    log.set_up()
    catalog.models()
    with signals.heard() as tell, service.running(settings) as parts:
        service.have_files(parts)
        return asyncio.run(_work(parts, tell, lifeline=lifeline))


async def _work(parts: Service, tell: signals.Tell, *, lifeline: bool) -> int:
    worker = Worker(parts, Engine(thoroughly=parts.settings.quality == "full"))
    loop = asyncio.get_running_loop()
    tell(loop, worker.told, partial(log.get().info, "nearly done"))
    if lifeline:
        threading.Thread(target=_until_end, args=(loop, worker.stopping), daemon=True).start()
    return await worker.run()


def _until_end(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    while os.read(0, 1024):  # not by sys.stdin, whose lock nobody may hold when the interpreter ends
        pass
    loop.call_soon_threadsafe(stopping.set)
