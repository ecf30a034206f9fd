"""A film is made on while the database is away for a while: it can do without what only informs."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError

from scripted import MADE, PRICE, Scripted, blip, books, faulty, filmed, found, submitted
from stillmotion.server import intake, predictions
from stillmotion.server.predictions import Status, happenings
from stillmotion.server.worker import filming
from stillmotion.server.worker.filming import Filming
from stillmotion.server.worker.messages import FILES, Message, Stand, Told

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from stillmotion.server.service import Service

RENDERING, WARNING = Stand(stage="render", progress=10), Told(kind="warning", data={})


class Time:
    """Seconds that pass when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 0.0
        monkeypatch.setattr(filming, "time", SimpleNamespace(monotonic=lambda: self.now_s))

    def passes(self, seconds: float) -> Callable[[], None]:
        """Just before the engine says the next thing."""

        def on() -> None:
            self.now_s += seconds

        return on


@pytest.mark.parametrize("asked", ["report", "tell", "wanted"])
def test_a_hiccup_costs_no_film(service: Service, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    """What the database could not hear is left out; the film is done in its first attempt, and its engine goes on."""
    monkeypatch.setattr(predictions, asked, faulty(getattr(predictions, asked), when="render"))
    made, engine = filmed(service, submitted(service), RENDERING, WARNING, None, MADE)
    assert (made.status, made.attempts, len(made.outputs)) == (Status.COMPLETED, 1, len(FILES))
    assert (engine.left, engine.stopped) == (0, 0)


def test_a_database_that_stays_away(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """After half a minute the film is left, and is no attempt; somebody else may have it by then."""
    monkeypatch.setattr(predictions, "report", faulty(predictions.report, when="render"))
    time, waiting = Time(monkeypatch), submitted(service)
    with pytest.raises(OperationalError):
        filmed(service, waiting, RENDERING, time.passes(29), RENDERING, time.passes(1), RENDERING, MADE)
    assert (found(service, waiting).status, found(service, waiting).attempts) == (Status.PROCESSING, 0)


def test_what_is_made_outlasts_a_database_that_hears_no_words(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was away for half a minute as the film was done: the film is kept as soon as it can be."""
    monkeypatch.setattr(predictions, "report", faulty(predictions.report, when=("render", "finish")))
    time, finish = Time(monkeypatch), Stand(stage="finish", progress=99)
    made, engine = filmed(service, submitted(service), RENDERING, finish, time.passes(30.1), MADE)
    assert (made.status, made.attempts, engine.left) == (Status.COMPLETED, 1, 0)


def test_a_warning_is_told_after_a_hiccup(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the stand that it came with is not."""
    faults, report = [blip()], predictions.report

    def hiccup(*arguments: Any, **named: Any) -> bool:
        if named["stage"] == "render" and faults:
            raise faults.pop()
        return report(*arguments, **named)

    monkeypatch.setattr(predictions, "report", hiccup)
    waiting = submitted(service)
    filmed(service, waiting, WARNING, RENDERING, MADE)
    with service.database.begin() as connection:
        kinds = [one.kind for one in happenings.after(connection, waiting.id, 0)]
    assert (faults, kinds) == ([], ["status", "status", "progress", "warning", "status"])


def test_hiccups_far_apart_are_not_one(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a half minute of its own."""
    monkeypatch.setattr(predictions, "report", faulty(predictions.report, when="render"))
    time = Time(monkeypatch)
    between = (time.passes(20), None)  # the database is asked, and is there
    made, _ = filmed(service, submitted(service), RENDERING, *between, time.passes(20), RENDERING, MADE)
    assert (made.status, made.attempts) == (Status.COMPLETED, 1)


def test_a_cancel_is_seen_after_a_hiccup(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer counts: the film is left."""
    told: list[None] = []
    real = predictions.wanted

    def wanted(*arguments: object) -> bool:
        told.append(None)
        if len(told) == 1:
            raise blip()
        assert real(*arguments)  # type: ignore[arg-type]
        return False

    monkeypatch.setattr(predictions, "wanted", wanted)
    _, engine = filmed(service, submitted(service), None, None, MADE)
    assert (engine.left, engine.script) == (1, [MADE])


@pytest.mark.parametrize("done", [False, True])
def test_a_film_that_is_made_waits_for_the_database(
    service: Service, monkeypatch: pytest.MonkeyPatch, *, done: bool
) -> None:
    """It is away as the film is to be completed, before or just after it heard so: the film is there, made once."""
    monkeypatch.setattr(filming, "_AGAIN_S", 0.01)
    before, faults, complete = books(service), [blip(), blip()][done:], filming._completed

    def completed(connection: Connection, *arguments: Any, **named: Any) -> bool:
        if faults:
            fault = faults.pop()
            if done:
                assert complete(connection, *arguments, **named)
                connection.commit()
            raise fault
        return complete(connection, *arguments, **named)

    monkeypatch.setattr(filming, "_completed", completed)
    made, engine = filmed(service, submitted(service), RENDERING, MADE)
    assert (made.status, made.attempts, len(made.outputs), faults) == (Status.COMPLETED, 1, len(FILES), [])
    assert (engine.left, sorted(key for key, _, _ in service.store.keys())) == (0, sorted(made.outputs))  # noqa: SIM118
    assert books(service).available == before.available - PRICE


def test_a_film_that_is_left_waits_for_the_database(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It went away as the picture was fetched, and is still away when the film is given back: that is no attempt."""
    monkeypatch.setattr(filming, "_AGAIN_S", 0.01)
    faults, give_back, waiting = [blip(), blip()], predictions.give_back, submitted(service)

    def away(*_: object) -> None:
        raise blip()

    def late(*arguments: Any) -> bool:
        if faults:
            raise faults.pop()
        return give_back(*arguments)

    monkeypatch.setattr(intake, "fetch", away)
    monkeypatch.setattr(predictions, "give_back", late)
    with pytest.raises(OperationalError):
        filmed(service, waiting)
    assert (faults, found(service, waiting).attempts) == ([], 0)


@pytest.mark.parametrize("asked", ["report", "tell", "wanted", "complete"])
def test_a_fault_of_the_database_inside_a_film(service: Service, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    """Where it lasts: an engine that works leaves its film, whose attempt does not count, and which is made later."""
    monkeypatch.setattr(filming, "_AWAY_S", 0.0)
    monkeypatch.setattr(predictions, asked, faulty(getattr(predictions, asked), when="render"))
    waiting = submitted(service)
    told: tuple[Message | None, ...] = (WARNING, RENDERING, None, MADE)
    engine = Scripted(list(told))
    with pytest.raises(OperationalError):
        asyncio.run(Filming(service, engine).run(waiting.id))  # type: ignore[arg-type]
    works_on = asked != "complete"
    assert (engine.left, engine.stopped, engine.started) == (works_on, 0, 0)
    assert (found(service, waiting).status, found(service, waiting).attempts) == (Status.PROCESSING, 0)
    monkeypatch.undo()
    made, _ = filmed(service, waiting, *told)
    assert (made.status, made.attempts, len(made.outputs)) == (Status.COMPLETED, 1, len(FILES))
