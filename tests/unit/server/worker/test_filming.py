"""Whatever becomes of an engine's work, the prediction ends once, in the right words, or its job is tried again."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from scripted import MADE, PRICE, Scripted, books, cancelled, clean, filmed, found, submitted
from stillmotion.errors import MediaUnreachable
from stillmotion.money import Money
from stillmotion.server import intake, predictions, quota
from stillmotion.server.predictions import Code, Status, happenings
from stillmotion.server.worker import filming
from stillmotion.server.worker.engine import EngineDied
from stillmotion.server.worker.filming import Filming
from stillmotion.server.worker.messages import DECODE, FILES, Message, Refused, Stand, Told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from stillmotion.server.predictions import Attempt
    from stillmotion.server.service import Service


def test_done_is_stored_and_charged(service: Service) -> None:
    """Three files under names of the attempt, notes and engine in the row, events for listeners, the price paid."""
    before = books(service)
    told = Told(kind="warning", data={"message": "no lake"})
    made, engine = filmed(service, submitted(service), Stand(stage="render", progress=40), told, None, MADE)
    assert (made.status, made.progress, made.engine, made.facts) == (Status.COMPLETED, 100, "diorama", MADE.facts)
    assert [key.rpartition("-")[2] for key in made.outputs] == list(FILES)
    for key, name in zip(made.outputs, FILES, strict=True):
        with service.store.open(key) as file:
            assert file.read() == name.encode()
    with service.database.begin() as connection:
        kinds = [one.kind for one in happenings.after(connection, made.id, 0)]
    assert kinds == ["status", "status", "progress", "progress", "warning", "status"]
    after = books(service)
    assert (before.available.micros - after.available.micros, after.held) == (PRICE.micros, before.held)
    assert engine.stopped == 0
    assert clean(service)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Refused(code=1200, error="no faces"), Code.MODERATION),
        (Refused(code=1401, error="no picture"), Code.PARAMETER_INVALID),
        (Refused(code=1403, error="broke"), Code.EXECUTION_FAILED),
    ],
)
def test_a_refusal_costs_nothing(service: Service, said: Refused, code: Code) -> None:
    """The engine's words and code, the price given back."""
    before = books(service)
    made, _ = filmed(service, submitted(service), said)
    assert (made.status, made.code, made.error) == (Status.FAILED, code, said.error)
    assert books(service) == before
    assert clean(service)


def test_a_picture_out_of_reach(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """1402, without any work."""

    def fetch(_service: Service, _account: str, _reference: str, _target: Path, _unwanted: Event) -> None:
        raise MediaUnreachable

    monkeypatch.setattr(intake, "fetch", fetch)
    made, engine = filmed(service, submitted(service))
    assert (made.status, made.code) == (Status.FAILED, Code.MEDIA_UNREACHABLE)
    assert engine.work is None


@pytest.mark.parametrize("said", [None, Stand(stage="render", progress=40), MADE])
def test_cancel_has_the_engine_leave(service: Service, said: Message | None) -> None:
    """Whether the engine is silent, talks or is just done: it works no more, 1405, nothing paid, nothing stored."""
    before, waiting = books(service), submitted(service)
    made, engine = filmed(service, waiting, cancelled(service, waiting), said, None)
    assert (made.status, made.code) == (Status.FAILED, Code.CANCELLED)
    assert (engine.left, engine.stopped, engine.script) == (said != MADE, 0, [None])
    assert books(service) == before
    assert list(service.store.keys()) == []
    assert clean(service)


def test_a_cancel_is_looked_for_whatever_the_engine_says(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes too soon to be reported puts nothing off: it is only listened to until it may be."""
    now_s = [100.0]
    monkeypatch.setattr(filming, "time", SimpleNamespace(monotonic=lambda: now_s[0]))

    def later() -> None:
        now_s[0] += 0.35

    one, other = Stand(stage="render", progress=10), Stand(stage="render", progress=11)
    made, engine = filmed(service, submitted(service), one, later, other, later, None, MADE)
    assert made.status is Status.COMPLETED
    assert engine.waits_s[1:] == pytest.approx([0.5, 0.05, 0.5])


def test_a_cancel_is_looked_for_while_only_pictures_come(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that says other things than how far it is hears of a cancel as soon."""
    now_s = [100.0]
    monkeypatch.setattr(filming, "time", SimpleNamespace(monotonic=lambda: now_s[0]))

    def later() -> None:
        now_s[0] += 0.3

    picture, waiting = Told(kind="preview", data={}), submitted(service)
    said = (picture, later, picture, cancelled(service, waiting), picture, later, picture, MADE)
    made, engine = filmed(service, waiting, Stand(stage="render", progress=10), *said)
    assert (made.code, engine.left, engine.script) == (Code.CANCELLED, 1, [MADE])
    assert engine.waits_s[1] == pytest.approx(0.5)


@pytest.mark.parametrize("said", [MADE, Refused(code=1403, error="broke")])
def test_an_engine_that_is_done_is_not_told_to_leave(service: Service, said: Message) -> None:
    """Whoever cancels as it says its last words finds words still waiting: the idle engine stays as it is."""
    waiting, begun = submitted(service), Stand(stage="render", progress=40)
    late = (Stand(stage="finish", progress=99), cancelled(service, waiting), said)
    made, engine = filmed(service, waiting, begun, *late)
    assert (made.status, made.code) == (Status.FAILED, Code.CANCELLED)
    assert (engine.left, engine.stopped) == (0, 0)


def test_what_comes_together_is_passed_on_together(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction for stages that rush by and what is told with them, and nothing of it is lost at the end."""
    monkeypatch.setattr(filming, "time", SimpleNamespace(monotonic=lambda: 100.0))
    commits: list[int] = []
    said = filming._said

    def counted(
        connection: Connection, attempt: Attempt, stand: Stand | None, told: Sequence[Told], *, at: datetime
    ) -> bool:
        commits.append((stand is not None) + len(told))
        return said(connection, attempt, stand, told, at=at)

    monkeypatch.setattr(filming, "_said", counted)
    stages = [Stand(stage=stage, progress=0) for stage in ("decode", "analyse", "plan")]
    first, notes = Stand(stage="render", progress=1), [Told(kind="warning", data={"message": one}) for one in "ab"]
    waiting = submitted(service)
    filmed(service, waiting, *stages, *notes, first, Told(kind="preview", data={}), MADE)
    assert commits == [3, 1]
    with service.database.begin() as connection:
        found = [(one.kind, one.data) for one in happenings.after(connection, waiting.id, 0)][3:-1]
    assert found == [
        ("progress", {"stage": "render", "progress": 1}),
        *(("warning", one.data) for one in notes),
        ("preview", {}),
    ]


def test_a_cancel_before_the_next_attempt(service: Service) -> None:
    """The worker died after the cancel: the next one ends it without any work."""
    waiting = submitted(service)
    with service.database.begin() as connection:
        assert predictions.begin(connection, waiting.id, at=service.clock.now())
    cancelled(service, waiting)()
    made, engine = filmed(service, waiting)
    assert (made.status, made.code) == (Status.FAILED, Code.CANCELLED)
    assert engine.work is None


@pytest.mark.parametrize("said", [None, Stand(stage="render", progress=40), MADE])
def test_whoever_was_overtaken_leaves_quietly(service: Service, said: Message | None) -> None:
    """Another attempt has it: this one leaves its work, keeps no file, and ends nothing; also when it is just done."""
    waiting = submitted(service)

    def overtake() -> None:
        with service.database.begin() as connection:
            assert predictions.begin(connection, waiting.id, at=service.clock.now())

    made, engine = filmed(service, waiting, overtake, said, None)
    assert (made.status, made.attempts) == (Status.PROCESSING, 2)
    assert (engine.left, engine.stopped, engine.script) == (said != MADE, 0, [None])
    assert list(service.store.keys()) == []


def test_a_run_that_takes_too_long(service: Service) -> None:
    """5004, the engine is stopped, nothing is paid."""
    before = books(service)
    hasty = replace(service, settings=service.settings.model_copy(update={"time_limit_s": 0.3}))
    made, engine = filmed(hasty, submitted(service), *[None] * 100_000)
    assert (made.status, made.code) == (Status.FAILED, Code.TIMED_OUT)
    assert engine.stopped == 1
    assert books(service) == before


def test_a_job_that_breaks_the_engine(service: Service) -> None:
    """Tried three times; then it counts as poison: 5000, and nothing is paid."""
    before, waiting = books(service), submitted(service)
    for _ in range(3):
        with pytest.raises(EngineDied):
            filmed(service, waiting, EngineDied(-9, "render"))
        assert found(service, waiting).status is Status.PROCESSING
        assert clean(service)
    made, engine = filmed(service, waiting)
    assert (made.status, made.code) == (Status.FAILED, Code.INTERNAL)
    assert engine.work is None
    assert books(service) == before


@pytest.mark.parametrize(("returncode", "tried_again"), [(-11, False), (-24, False), (-9, True)])
def test_a_picture_that_breaks_the_decoder(service: Service, returncode: int, *, tried_again: bool) -> None:
    """A crash or too much processor time while decoding is the picture's fault; being killed is not."""
    waiting = submitted(service)
    if tried_again:
        with pytest.raises(EngineDied):
            filmed(service, waiting, EngineDied(returncode, DECODE))
        return
    made, _ = filmed(service, waiting, EngineDied(returncode, DECODE))
    assert (made.status, made.code) == (Status.FAILED, Code.PARAMETER_INVALID)


def test_a_full_quota(service: Service) -> None:
    """5003, and nothing is kept."""
    tight = replace(service, settings=service.settings.model_copy(update={"disk_quota_bytes": 10}))
    made, _ = filmed(tight, submitted(service), MADE)
    assert (made.status, made.code) == (Status.FAILED, Code.UNAVAILABLE)
    assert "may keep" in made.error
    assert list(service.store.keys()) == []


def test_without_room_nothing_is_begun(service: Service) -> None:
    """A film that could not be kept is not made, nor is its picture fetched: the engine is not asked."""
    kept = submitted(service)
    filmed(service, kept, MADE)
    with service.database.begin() as connection:
        size_bytes = quota.used_bytes(connection)
    tight = replace(service, settings=service.settings.model_copy(update={"disk_quota_bytes": size_bytes}))
    made, engine = filmed(tight, submitted(service), MADE)
    assert (made.status, made.code, engine.work) == (Status.FAILED, Code.UNAVAILABLE, None)
    assert "may keep" in made.error


def test_a_worker_that_must_go_gives_back(service: Service) -> None:
    """Its attempt does not count, its engine is stopped, and it can no longer end the prediction."""
    waiting, engine = submitted(service), Scripted([None] * 100_000)

    async def leave() -> None:
        working = asyncio.create_task(Filming(service, engine).run(waiting.id))  # type: ignore[arg-type]
        await engine.begun.wait()
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working

    asyncio.run(leave())
    left = found(service, waiting)
    assert (left.status, left.attempts, left.progress) == (Status.PROCESSING, 0, 0)
    assert engine.stopped == 1
    assert clean(service)
    made, _ = filmed(service, waiting, MADE)
    assert (made.status, made.attempts) == (Status.COMPLETED, 1)


def test_what_has_ended_is_left_alone(service: Service) -> None:
    """A job that comes twice does nothing the second time."""
    made, _ = filmed(service, submitted(service), MADE)
    again, engine = filmed(service, made)
    assert again == made
    assert engine.work is None


def test_a_cold_engine_is_waited_for_in_words(service: Service) -> None:
    """While the engine is prepared the stage says so, and a cancel is seen: the film is never begun."""
    made = submitted(service)
    stages: list[str] = []

    async def film() -> Scripted:
        engine = Scripted([], cold=asyncio.Event())
        running = asyncio.create_task(Filming(service, engine).run(made.id))  # type: ignore[arg-type]
        while (stand := await asyncio.to_thread(found, service, made)).stage != "warm up":
            stages.append(stand.stage)
            await asyncio.sleep(0.02)
        with service.database.begin() as connection:
            predictions.cancel(connection, made.id, queue=service.queue, tell=lambda *_: None, at=service.clock.now())
        await asyncio.wait_for(running, 10)
        return engine

    engine = asyncio.run(film())
    assert engine.work is None
    assert set(stages) <= {"", "fetch"}
    stand = found(service, made)
    assert (stand.status, stand.code) == (Status.FAILED, Code.CANCELLED)
    assert books(service).held == Money.of("0")


def test_a_cold_engine_takes_no_time_from_a_film(service: Service) -> None:
    """However long the engine needs to start, the film that waits for it has its own time afterwards."""
    hasty = replace(service, settings=service.settings.model_copy(update={"time_limit_s": 0.5}))
    made = submitted(service)

    async def film() -> None:
        cold = asyncio.Event()
        running = asyncio.create_task(Filming(hasty, Scripted([MADE], cold=cold)).run(made.id))  # type: ignore[arg-type]
        await asyncio.wait((running,), timeout=0.7)
        cold.set()
        await running

    asyncio.run(film())
    assert found(service, made).status is Status.COMPLETED


def test_a_limit_that_is_just_reached_is_not_moved() -> None:
    """It fires in the same turn of the loop in which the film is there: it timed out, and that is no fault of ours."""

    async def run() -> None:
        async with asyncio.timeout(30) as limit:
            limit._on_timeout()
            filming._set(limit, None)
            await asyncio.sleep(0)

    with pytest.raises(TimeoutError):
        asyncio.run(run())


def test_a_fault_of_our_own_counts(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would come again each second without an end: three times, then 5000."""

    def put(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(type(service.store), "put", put)
    waiting = submitted(service)
    for _ in range(3):
        with pytest.raises(PermissionError):
            filmed(service, waiting, MADE)
    made, _ = filmed(service, waiting)
    assert (made.status, made.code) == (Status.FAILED, Code.INTERNAL)


def test_no_film_is_no_success(service: Service) -> None:
    """An engine that says it is done and left no film: 1403, nothing is paid."""
    before, waiting, engine = books(service), submitted(service), Scripted([MADE], leaves=FILES[1:])
    asyncio.run(Filming(service, engine).run(waiting.id))  # type: ignore[arg-type]
    made = found(service, waiting)
    assert (made.status, made.code, made.outputs) == (Status.FAILED, Code.EXECUTION_FAILED, [])
    assert books(service) == before
    assert list(service.store.keys()) == []


@pytest.mark.parametrize("time_limit_s", [None, 0.3])
def test_fetches_that_are_given_up_hold_nothing_up(
    service: Service, monkeypatch: pytest.MonkeyPatch, time_limit_s: float | None
) -> None:
    """Many cancels, or time limits, while pictures do not come: each is seen, the engine stays warm, no error stays."""
    asked: list[Event] = []

    def fetch(_service: Service, _account: str, _reference: str, _target: Path, unwanted: Event) -> None:
        asked.append(unwanted)
        assert unwanted.wait(30)
        raise MediaUnreachable

    monkeypatch.setattr(intake, "fetch", fetch)
    settings = service.settings.model_copy(update={"time_limit_s": time_limit_s or service.settings.time_limit_s})
    engine, surprises = Scripted([]), []
    filming = Filming(replace(service, settings=settings), engine)  # type: ignore[arg-type]

    async def film() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: surprises.append(context))
        for number in range(3):
            made = submitted(service)
            running = asyncio.create_task(filming.run(made.id))
            while len(asked) == number and not running.done():  # noqa: ASYNC110 - a thread's doing
                await asyncio.sleep(0.01)
            if time_limit_s is None:
                await asyncio.to_thread(cancelled(service, made))
            await asyncio.wait_for(running, 10)
            stand = found(service, made)
            assert stand.code == (Code.CANCELLED if time_limit_s is None else Code.TIMED_OUT)
        await asyncio.to_thread(filming.fetches.shutdown)
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(film())
    assert surprises == []
    assert engine.stopped == 0
    assert clean(service)


def test_a_hanging_fetch_is_not_in_the_way_of_the_database(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the loop's own threads are few: a cancel is seen although the fetch does not look up."""
    go, begun = Event(), Event()

    def fetch(*_: object) -> None:
        begun.set()
        assert go.wait(30)

    monkeypatch.setattr(intake, "fetch", fetch)
    filming = Filming(service, Scripted([]))  # type: ignore[arg-type]

    async def film() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        made = submitted(service)
        running = asyncio.create_task(filming.run(made.id))
        while not begun.is_set():  # noqa: ASYNC110 - an event of threads
            await asyncio.sleep(0.01)
        cancelled(service, made)()
        try:
            await asyncio.wait_for(running, 10)
        finally:
            go.set()
        assert found(service, made).code == Code.CANCELLED

    asyncio.run(film())
