"""One job: take the prediction up, fetch, film, store, end it. Whatever happens, it ends once or is tried again."""

from __future__ import annotations

import asyncio
import contextlib
import math
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from stillmotion import catalog
from stillmotion.errors import DiskFull, InputRefused, MediaUnreachable, QuotaFull, StoreUnavailable
from stillmotion.server import intake, log, predictions, quota, webhooks
from stillmotion.server.failpoint import failpoint
from stillmotion.server.predictions import Code, StoredFile
from stillmotion.server.store import check_owner
from stillmotion.server.worker.engine import EngineDied, NoEngine
from stillmotion.server.worker.messages import DECODE, FILES, FILM, Made, Refused, Stand, Told, Work
from stillmotion.server.worker.telling import Telling, is_rendering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from stillmotion.server.predictions import Attempt
    from stillmotion.server.service import Service
    from stillmotion.server.store import Stored
    from stillmotion.server.worker.engine import Engine
    from stillmotion.server.worker.messages import Message

WORK = "work"
"""Folder of the data folder for what is being made; a folder in it for each attempt, named by its token."""
_FETCH, _WARM = "fetch", "warm up"
_WATCH_S = 0.5
"""How long a cancel may go unseen, whether the engine is silent or says what need not be reported."""
_SOON_S = 0.4
"""An engine that is ready by then was warm."""
_AWAY_S = 30.0
"""For so long a film is made on while the database is away, and waits for it, or for the store, to be ended or kept."""
_AGAIN_S = 1.0
_STORING_S = 300.0
"""What is made has so much time to be stored, whatever is left of that for making it."""
_FETCHES = 8
"""Threads: one for the film that is made, the others for fetches that were given up and have not seen it yet."""
_HOSTILE = (-6, -7, -11, -24)
"""Abort, bus error, segmentation fault, processor time used up: while decoding, the picture's doing."""
_OF_THE_DATABASE = (OperationalError, InterfaceError, PoolTimeout)
"""It is away, or hung up."""
Value = TypeVar("Value")


class NotWanted(Exception):  # noqa: N818 - no error
    """It was cancelled, or another attempt has it now."""


class Fault(Exception):  # noqa: N818 - the film's, not ours
    """It cannot be done, and trying again would not help."""

    def __init__(self, code: Code, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(slots=True)
class Filming:
    """What one worker needs for its jobs, one at a time."""

    service: Service
    engine: Engine
    filming: bool = False
    """Whether the engine has work in hand."""
    fetches: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, _FETCHES, "fetch"))
    telling: Telling = field(default_factory=partial(Telling, said=Stand(stage="", progress=0), passed_on_s=0.0))
    away_since_s: float | None = None
    """When the database was first found to be away; None while it is there."""

    async def run(self, prediction_id: str) -> None:
        """Do the job of a prediction.

        Raises:
            EngineDied: the engine process broke; the job is to be tried again.
            NoEngine: no engine process starts; the worker must go, and the attempt does not count.
            Exception: so it is after any other fault; one of the database, and a store that is away, do not count as an
                attempt either.
        """
        failpoint("taken")
        attempt, full = await self._commit(self._taken_up, prediction_id)
        if attempt is None:
            return
        self.telling = Telling(said=Stand(stage=_FETCH, progress=0), passed_on_s=time.monotonic())
        self.away_since_s = None
        failpoint("claimed")
        folder = self.service.settings.data_dir / WORK / attempt.token
        said = log.get().bind(prediction=prediction_id, attempt=attempt.prediction.attempts)
        try:
            said.info("ended", how=await self._ended(attempt, folder, full))
        except EngineDied as error:
            self.engine.start()
            said.warning("engine died", returncode=error.returncode, stage=error.stage)
            raise
        except Exception as error:
            # The next film must not hear what the engine says about this one.
            await self._free()
            await self._excuse(attempt, error)
            raise
        except asyncio.CancelledError:
            await self.engine.stop()
            await self._commit(predictions.give_back, attempt)
            failpoint("given-back")
            said.info("given back")
            raise
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _taken_up(self, connection: Connection, prediction_id: str) -> tuple[Attempt | None, QuotaFull | None]:
        """Begin. Room may be gone since it was accepted; better known now than when the film is there."""
        attempt = predictions.begin(connection, prediction_id, at=self._now())
        if attempt is None:
            return None, None
        predictions.report(connection, attempt, stage=_FETCH, progress=0, at=self._now())
        try:
            quota.check_account(connection, self.service.settings, attempt.prediction.account_id, adding_bytes=1)
        except QuotaFull as error:
            return attempt, error
        return attempt, None

    async def _ended(self, attempt: Attempt, folder: Path, full: QuotaFull | None) -> str:
        """Have the prediction end, one way or the other; how, in a word."""
        limit_s = self.service.settings.time_limit_s
        try:
            async with asyncio.timeout(limit_s) as limit:
                await self._attempt(attempt, folder, full, limit)
        except NotWanted:
            await self._free()
            # Only if this attempt is still the latest one: then it was cancelled.
            await self._fail(attempt, Code.CANCELLED, "Cancelled while it ran; nothing was charged.")
            return "not wanted"
        except TimeoutError:
            await self._replace()
            await self._fail(attempt, Code.TIMED_OUT, f"It took longer than {limit_s:g} s; nothing was charged.")
            return "timed out"
        except Fault as fault:
            await self._fail(attempt, fault.code, str(fault))
            return f"failed with {int(fault.code)}"
        return "completed"

    async def _attempt(self, attempt: Attempt, folder: Path, full: QuotaFull | None, limit: asyncio.Timeout) -> None:
        asked = attempt.prediction
        if asked.cancel_requested_at is not None:
            raise NotWanted
        if asked.attempts > self.service.settings.attempts:
            words = f"It broke its worker {asked.attempts - 1} times and is not tried again; nothing was charged."
            raise Fault(Code.INTERNAL, words)
        if full is not None:
            raise Fault(Code.UNAVAILABLE, str(full)) from full
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        try:
            # A film that could not be kept is not begun.
            await self._asked(attempt, check_owner, self.service.store, self.service.installation)
            work = await self._fetched(attempt, folder)
            failpoint("fetched")
            with _standing_still(limit):
                await self._warmed(attempt)
            made = await self._made(attempt, work)
            _set(limit, max(limit.when() or 0.0, asyncio.get_running_loop().time() + _STORING_S))
            stored = await self._stored(attempt, work)
        except (DiskFull, QuotaFull) as error:
            raise Fault(Code.UNAVAILABLE, str(error)) from error
        await self._complete(attempt, made, stored)

    async def _fetched(self, attempt: Attempt, folder: Path) -> Work:
        """The picture as a file, and what the engine is to do with it."""
        asked, target, settings = attempt.prediction, folder / "picture", self.service.settings
        try:
            await self._fetch(attempt, target)
        except MediaUnreachable as error:
            raise Fault(Code.MEDIA_UNREACHABLE, _named(error)) from error
        except InputRefused as error:
            raise Fault(Code.PARAMETER_INVALID, _named(error)) from error
        return Work(
            token=attempt.token,
            dialect=asked.dialect,
            model_id=asked.model_id,
            input=asked.input,
            picture=str(target),
            folder=str(folder),
            tiny=settings.quality == "tiny",
            refuse_faces=settings.refuse_faces,
        )

    async def _fetch(self, attempt: Attempt, target: Path) -> None:
        """In a thread of the fetches' own: others must go on, however many slow peers were given up."""
        asked, unwanted = attempt.prediction, threading.Event()
        reference = str(asked.input.get("image", ""))
        act = partial(intake.fetch, self.service, asked.account_id, reference, target, unwanted)
        fetching = asyncio.get_running_loop().run_in_executor(self.fetches, act)
        try:
            while not (await asyncio.wait((fetching,), timeout=_WATCH_S))[0]:
                await self._watch(attempt)
            await fetching
        finally:
            unwanted.set()
            _give_up(fetching)

    async def _made(self, attempt: Attempt, work: Work) -> Made:
        """What the engine made, reported while it works."""
        try:
            self.filming = True
            await self.engine.begin(work)
            while not isinstance(message := await self.engine.hear(self._silent_s()), Made | Refused):
                await self._heard(attempt, message)
        except EngineDied as error:
            self.filming = False
            if error.stage == DECODE and error.returncode in _HOSTILE:
                words = "image: the picture could not be decoded within the limits of memory and time."
                raise Fault(Code.PARAMETER_INVALID, words) from error
            raise
        self.filming = False
        with contextlib.suppress(*_OF_THE_DATABASE):  # what is made, or refused, is worth more than words about it
            await self._pass_on(attempt)
        if isinstance(message, Refused):
            raise Fault(Code(message.code), message.error)
        return message

    async def _warmed(self, attempt: Attempt) -> None:
        """Wait for the engine, which a new installation compiles for a minute or more; a cancel is seen meanwhile."""
        ready = asyncio.create_task(self.engine.ready())
        try:
            if (await asyncio.wait((ready,), timeout=_SOON_S))[0]:
                return await ready
            self.telling.hear(Stand(stage=_WARM, progress=0))
            await self._pass_on(attempt)
            while not (await asyncio.wait((ready,), timeout=_WATCH_S))[0]:
                await self._watch(attempt)
            await ready
        finally:
            _give_up(ready)

    def _silent_s(self) -> float:
        """How long the engine may be listened to before there is something to say, or to ask where nothing is."""
        return min(max(self.telling.due_s() - time.monotonic(), 0.0), _WATCH_S)

    async def _heard(self, attempt: Attempt, message: Message | None) -> None:
        if isinstance(message, Stand | Told):
            self.telling.hear(message)
        if self.telling.due_s() <= time.monotonic():
            await self._pass_on(attempt)
        elif message is None:
            await self._watch(attempt)

    async def _pass_on(self, attempt: Attempt) -> None:
        """Say what the engine said, in one transaction.

        Raises:
            NotWanted: nobody wants the film any more.
        """
        stand, told = self.telling.take(time.monotonic())
        if stand is None and not told:
            return
        if stand is not None and is_rendering(stand):
            failpoint("mid-render")
        if not await self._inform(_said, attempt, stand, told, at=self._now()):
            self.telling.give_back(told)

    async def _watch(self, attempt: Attempt) -> None:
        await self._inform(predictions.wanted, attempt)

    async def _inform(self, act: Callable[..., bool], *arguments: object, **named: object) -> bool:
        """Say or ask something that a film can do without for a while; whether the database, which may be away, heard.

        Raises:
            NotWanted: nobody wants the film any more.
        """
        try:
            wanted = await self._commit(act, *arguments, **named)
        except _OF_THE_DATABASE as error:
            now_s = time.monotonic()
            if self.away_since_s is None:
                self.away_since_s = now_s
                log.get().warning("the database is away", error=type(error).__name__)
            if now_s - self.away_since_s >= _AWAY_S:
                raise
            return False
        self.away_since_s = None
        if not wanted:
            raise NotWanted
        return True

    async def _stored(self, attempt: Attempt, work: Work) -> list[StoredFile]:
        """The files in the store, under names of this attempt: nobody sees them yet.

        What is stored when something goes wrong here belongs to nobody, and the next sweep removes it.
        """
        settings = self.service.settings
        names = [name for name in FILES if work.place(name).is_file()]
        if FILM not in names and catalog.get(work.model_id, work.dialect).work is catalog.Work.FILM:
            raise Fault(Code.EXECUTION_FAILED, "The engine left no film; nothing was charged.")
        sizes = sum(work.place(name).stat().st_size for name in names)
        await self._patiently(quota.check_account, settings, attempt.prediction.account_id, adding_bytes=sizes)
        # At once, for each one waits for the disk; after a fault the others end first, for then the folder goes.
        stored = await asyncio.gather(*(self._store(attempt, work, name) for name in names), return_exceptions=True)
        return [_taken(one) for one in stored]

    async def _store(self, attempt: Attempt, work: Work, name: str) -> StoredFile:
        key = f"outputs/{attempt.prediction.id}/{attempt.token}-{name}"
        try:
            put = await self._asked(attempt, self.service.store.put, key, work.place(name))
        except StoreUnavailable:
            put = await self._put_at_last(key, work.place(name))
        failpoint("file-stored")
        return StoredFile(key=key, size_bytes=put.size_bytes, sha256=put.sha256)

    async def _put_at_last(self, key: str, place: Path) -> Stored:
        """A store that answers and takes no film is not away: made again, the film would be refused again, for ever.

        Raises:
            StoreUnavailable: it is away.
        """
        store = self.service.store
        await asyncio.to_thread(check_owner, store, self.service.installation)
        try:
            return await asyncio.to_thread(store.put, key, place)
        except StoreUnavailable as error:
            words = "The store of this server answers, but takes no film; nothing was charged."
            raise Fault(Code.UNAVAILABLE, words) from error

    async def _asked(self, attempt: Attempt, act: Callable[..., Value], *arguments: object) -> Value:
        """Have the store do something. It may be away for a while, and nobody may want the film meanwhile.

        Raises:
            StoreUnavailable: it stays away.
            NotWanted: nobody wants the film any more.
        """
        began_s = time.monotonic()
        while True:
            try:
                return await asyncio.to_thread(act, *arguments)
            except StoreUnavailable as error:
                if time.monotonic() - began_s >= _AWAY_S:
                    raise
                log.get().warning("the store is away", prediction=attempt.prediction.id, why=str(error))
            await asyncio.sleep(_AGAIN_S)
            await self._watch(attempt)

    async def _complete(self, attempt: Attempt, made: Made, stored: list[StoredFile]) -> None:
        failpoint("completing")
        ended = await self._patiently(
            _completed,
            attempt,
            stored,
            engine=made.engine,
            facts=made.facts,
            queue=self.service.queue,
            tell=webhooks.tell(self.service),
            at=self._now(),
        )
        if ended:
            failpoint("completed")
            return
        for file in stored:
            with contextlib.suppress(StoreUnavailable):  # the sweep removes it
                await asyncio.to_thread(self.service.store.delete, file.key)
        raise NotWanted

    async def _fail(self, attempt: Attempt, code: Code, words: str) -> None:
        await self._patiently(
            predictions.fail,
            attempt.prediction.id,
            code=code,
            error=words,
            queue=self.service.queue,
            tell=webhooks.tell(self.service),
            at=self._now(),
            attempt=attempt,
        )
        failpoint("failed")

    async def _free(self) -> None:
        """Give the cores back now; the engine stays warm for the next job."""
        if self.filming:
            self.filming = False
            await self.engine.leave()

    async def _replace(self) -> None:
        """End an engine that should have been done, whatever it hangs at; an idle one stays."""
        if self.filming:
            self.filming = False
            await self.engine.stop()
            self.engine.start()

    async def _excuse(self, attempt: Attempt, error: Exception) -> None:
        """What database or store did, or an engine that does not start, is not the film's doing.

        If the database stays away, the attempt counts all the same.
        """
        if isinstance(error, (NoEngine, StoreUnavailable, *_OF_THE_DATABASE)):
            with contextlib.suppress(*_OF_THE_DATABASE):
                await self._patiently(predictions.give_back, attempt)

    async def _patiently(self, act: Callable[..., Value], *arguments: object, **named: object) -> Value:
        """One transaction, for which a database that is away is waited for.

        It may have gone just after the commit, so this is for what may be done twice.
        """
        began_s = time.monotonic()
        while True:
            try:
                return await self._commit(act, *arguments, **named)
            except _OF_THE_DATABASE:
                if time.monotonic() - began_s >= _AWAY_S:
                    raise
            await asyncio.sleep(_AGAIN_S)

    async def _commit(self, act: Callable[..., Value], *arguments: object, **named: object) -> Value:
        """One transaction, beside the loop. Once begun it is waited for, also by whoever is told to stop."""
        act_in = partial(_commit, self.service, lambda connection: act(connection, *arguments, **named))
        running = asyncio.ensure_future(asyncio.to_thread(act_in))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait((running,))
            _give_up(running)
            raise

    def _now(self) -> datetime:
        return self.service.clock.now()


def _commit(service: Service, act: Callable[..., Value]) -> Value:
    with service.database.begin() as connection:
        return act(connection)


def _said(connection: Connection, attempt: Attempt, stand: Stand | None, told: Sequence[Told], *, at: datetime) -> bool:
    """Pass on what an engine said; False when nobody wants the film any more."""
    if stand is None:
        wanted = predictions.wanted(connection, attempt)
    else:
        wanted = predictions.report(connection, attempt, stage=stand.stage, progress=stand.progress, at=at)
    for one in told if wanted else ():
        predictions.tell(connection, attempt, one.kind, one.data, at=at)
    return wanted


def _completed(connection: Connection, attempt: Attempt, stored: list[StoredFile], **named: Any) -> bool:  # noqa: ANN401
    """Complete it; whether it is, also when this very attempt did so and the answer was lost."""
    ended = predictions.complete(connection, attempt, stored, **named)
    return ended is not None or predictions.completed_by(connection, attempt)


@contextlib.contextmanager
def _standing_still(limit: asyncio.Timeout) -> Iterator[None]:
    """What an engine needs to start is no time of the film that waits for it."""
    time_s = asyncio.get_running_loop().time
    left_s = (limit.when() or math.inf) - time_s()
    _set(limit, None)
    yield
    _set(limit, time_s() + left_s)


def _set(limit: asyncio.Timeout, when: float | None) -> None:
    """Move a limit, unless it has just been reached."""
    if not limit.expired():
        limit.reschedule(when)


def _give_up(future: asyncio.Future[Any]) -> None:
    """Nobody will ask what becomes of it; an error that nobody takes would end the worker."""
    future.cancel()
    future.add_done_callback(lambda done: done.cancelled() or done.exception())


def _taken(result: Value | BaseException) -> Value:
    """What came of one of several."""
    if isinstance(result, BaseException):
        raise result
    return result


def _named(error: Exception) -> str:
    """The words of an error, with the name of the input that it is about."""
    return str(error) if str(error).startswith("image:") else f"image: {error}"
