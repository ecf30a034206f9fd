"""Accepted once, ended once, charged once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from stillmotion.errors import BalanceTooLow, KeyReused, PredictionUnknown, QueueFull
from stillmotion.money import Money
from stillmotion.server import accounts, ids, ledger, predictions
from stillmotion.server.predictions import Code, Status, StoredFile, Submission, Wanted, happenings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRICE = Money.of("0.40")


@dataclass
class ListQueue:
    """Jobs in a list."""

    jobs: list[str] = field(default_factory=list)

    def run(self, connection: Connection, prediction_id: str) -> None:
        """Remember it."""
        del connection
        self.jobs.append(prediction_id)

    def deliver(self, connection: Connection, delivery_id: str, *, in_s: float = 0.0) -> None:
        """Nothing here sends webhooks."""
        raise NotImplementedError


@dataclass
class Desk:
    """An account with two dollars, a queue, and what was told."""

    connection: Connection
    account_id: str
    queue: ListQueue = field(default_factory=ListQueue)
    told: list[str] = field(default_factory=list)

    def submit(self, **changes: object) -> predictions.Prediction:
        """A request of forty cents."""
        asked = Submission(
            account_id=self.account_id,
            dialect="hosted",
            model_id="openai/sora-2/image-to-video",
            input={"image": "x", "prompt": "waves", "duration": 4},
            price=PRICE,
            concurrency=2,
            queue_limit=10,
        )
        return predictions.submit(self.connection, replace(asked, **changes), self.queue, at=NOW)  # type: ignore[arg-type]

    def begin(self, prediction: predictions.Prediction) -> predictions.Attempt:
        """A worker takes it up."""
        attempt = predictions.begin(self.connection, prediction.id, at=NOW)
        assert attempt is not None
        return attempt

    def complete(self, attempt: predictions.Attempt) -> predictions.Prediction | None:
        """The worker has stored a film."""
        film = StoredFile(key=f"outputs/{attempt.token}.mp4", size_bytes=9, sha256=bytes(32))
        return predictions.complete(
            self.connection, attempt, [film], engine="diorama", facts={}, queue=self.queue, tell=self.tell, at=NOW
        )

    def fail(self, attempt: predictions.Attempt) -> predictions.Prediction | None:
        """The worker cannot do it."""
        return predictions.fail(
            self.connection,
            attempt.prediction.id,
            code=Code.EXECUTION_FAILED,
            error="no",
            queue=self.queue,
            tell=self.tell,
            at=NOW,
            attempt=attempt,
        )

    def cancel(self, prediction: predictions.Prediction) -> predictions.Prediction | None:
        """The caller does not want it any more."""
        return predictions.cancel(self.connection, prediction.id, queue=self.queue, tell=self.tell, at=NOW)

    def tell(self, connection: Connection, made: predictions.Prediction, at: datetime) -> None:
        """Remember whom a webhook goes to."""
        del connection, at
        self.told.append(made.id)

    @property
    def available(self) -> Money:
        """What is left."""
        return ledger.balance(self.connection, self.account_id).available

    @property
    def held(self) -> Money:
        """What is held."""
        return ledger.balance(self.connection, self.account_id).held


@pytest.fixture
def desk(connection: Connection) -> Desk:
    """A desk for one test."""
    account = accounts.create(connection, "somebody", at=NOW, may_owe=False)
    ledger.top_up(connection, account.id, Money.of(2), reference=account.id, words="", at=NOW)
    return Desk(connection, account.id)


def test_accept_holds_and_queues(desk: Desk) -> None:
    """One commit: the prediction, its hold, its job."""
    made = desk.submit()
    assert (made.status, made.outputs, made.error) == (Status.CREATED, [], "")
    assert desk.queue.jobs == [made.id]
    assert (desk.available, desk.held) == (Money.of("1.60"), PRICE)


def test_complete_charges_once(desk: Desk) -> None:
    """Done is done: outputs are there, the price is gone, and a second end changes nothing."""
    attempt = desk.begin(desk.submit(webhook_url="https://example.com/hook"))
    made = desk.complete(attempt)
    assert made is not None
    assert (made.status, made.progress, len(made.outputs)) == (Status.COMPLETED, 100, 1)
    assert desk.complete(attempt) is None
    assert desk.fail(attempt) is None
    assert (desk.available, desk.held) == (Money.of("1.60"), Money(0))
    assert desk.told == [made.id]
    assert ledger.audit(desk.connection) == ()


def test_failure_gives_the_price_back(desk: Desk) -> None:
    """Nobody pays for nothing."""
    made = desk.fail(desk.begin(desk.submit()))
    assert made is not None
    assert (made.status, made.code, made.error) == (Status.FAILED, 1403, "no")
    assert (desk.available, desk.held) == (Money.of(2), Money(0))
    assert desk.told == []


def test_a_woken_worker_comes_too_late(desk: Desk) -> None:
    """Only the latest attempt may report, complete or fail."""
    prediction = desk.submit()
    first = desk.begin(prediction)
    second = desk.begin(prediction)
    assert second.prediction.attempts == 2
    assert not predictions.report(desk.connection, first, stage="render", progress=50, at=NOW)
    assert desk.complete(first) is None
    assert desk.fail(first) is None
    assert desk.complete(second) is not None


def test_the_same_key_gives_the_same_prediction(desk: Desk) -> None:
    """Sent again, the work is done once; with another body it is refused."""
    first = desk.submit(key="k", body_sha256=bytes(32))
    assert desk.submit(key="k", body_sha256=bytes(32)).id == first.id
    assert desk.held == PRICE
    with pytest.raises(KeyReused):
        desk.submit(key="k", body_sha256=b"1" * 32)
    assert desk.submit().id != first.id


def test_more_than_may_run_waits(desk: Desk) -> None:
    """The third waits without a job until one of two ends; each has its hold at once."""
    first, second, third = (desk.submit() for _ in range(3))
    assert desk.queue.jobs == [first.id, second.id]
    assert desk.held == PRICE * 3
    desk.complete(desk.begin(first))
    assert desk.queue.jobs == [first.id, second.id, third.id]


def test_one_that_waited_leaves_no_place_behind(desk: Desk) -> None:
    """Whoever cancels what waits gets no more runs at once than before."""
    _first, _second, third, _fourth = (desk.submit() for _ in range(4))
    desk.cancel(third)
    assert len(desk.queue.jobs) == 2


def test_a_create_during_an_end_is_not_left_waiting(database: Engine) -> None:
    """The create waits for the end that is about to be committed, and takes its place."""
    with database.begin() as connection:
        account = accounts.create(connection, "racing", at=NOW, may_owe=True)
    queue = ListQueue()

    def submit() -> str:
        with database.begin() as other:
            return Desk(other, account.id, queue).submit(concurrency=1).id

    first = submit()
    with ThreadPoolExecutor(1) as threads, database.begin() as connection:
        desk = Desk(connection, account.id, queue)
        attempt = predictions.begin(connection, first, at=NOW)
        assert attempt is not None
        assert desk.complete(attempt) is not None
        following = threads.submit(submit)
        _wait_for_a_waiter(database)
        connection.commit()
        assert queue.jobs == [first, following.result(timeout=20)]


def _wait_for_a_waiter(database: Engine) -> None:
    waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    end_s = time.monotonic() + 20
    with database.connect() as connection:
        while not connection.scalar(waiting):
            assert time.monotonic() < end_s, "nobody waits"
            time.sleep(0.01)


def test_a_full_queue_takes_nothing(desk: Desk) -> None:
    """Refused before any hold."""
    desk.submit(queue_limit=1)
    with pytest.raises(QueueFull):
        desk.submit(queue_limit=1)
    assert desk.held == PRICE


def test_who_cannot_pay_is_told(desk: Desk) -> None:
    """The hosted service's words, with the price."""
    with pytest.raises(BalanceTooLow, match=r"Insufficient credits.*\$2\.40"):
        desk.submit(price=Money.of("2.40"))


def test_cancel_before_it_began(desk: Desk) -> None:
    """It ends at once, unpaid."""
    made = desk.cancel(desk.submit())
    assert made is not None
    assert (made.status, made.code) == (Status.FAILED, 1405)
    assert desk.available == Money.of(2)


def test_cancel_while_it_runs(desk: Desk) -> None:
    """The worker hears of it with its next report, and cannot complete any more."""
    prediction = desk.submit()
    attempt = desk.begin(prediction)
    assert predictions.report(desk.connection, attempt, stage="render", progress=10, at=NOW)
    assert desk.cancel(prediction) is not None
    assert not predictions.report(desk.connection, attempt, stage="render", progress=20, at=NOW)
    assert desk.complete(attempt) is None
    assert desk.fail(attempt) is not None
    assert desk.cancel(prediction) is None
    assert desk.available == Money.of(2)


def test_ended_work_is_not_begun_again(desk: Desk) -> None:
    """A job that comes twice finds nothing to do."""
    prediction = desk.submit()
    desk.complete(desk.begin(prediction))
    assert predictions.begin(desk.connection, prediction.id, at=NOW) is None
    assert predictions.begin(desk.connection, ids.prediction_id(), at=NOW) is None


def test_others_see_nothing(desk: Desk) -> None:
    """What is not mine is not there."""
    prediction = desk.submit()
    other = accounts.create(desk.connection, "other", at=NOW, may_owe=False)
    assert predictions.find(desk.connection, desk.account_id, prediction.id).id == prediction.id
    with pytest.raises(PredictionUnknown):
        predictions.find(desk.connection, other.id, prediction.id)
    assert predictions.listing(desk.connection, other.id, Wanted(), limit=9) == ((), 0)
    assert predictions.delete(desk.connection, other.id, [prediction.id], at=NOW) == 0


def test_lists_are_filtered_and_paged(desk: Desk) -> None:
    """By model, status, time and words, newest first."""
    first = desk.submit()
    desk.complete(desk.begin(first))
    second = desk.submit(input={"prompt": "a 100% storm"})
    page, total = predictions.listing(desk.connection, desk.account_id, Wanted(), limit=1)
    assert (len(page), total) == (1, 2)
    for wanted, found in (
        (Wanted(status=Status.COMPLETED), [first.id]),
        (Wanted(text="100%"), [second.id]),
        (Wanted(created_after=NOW + timedelta(seconds=1)), []),
        (Wanted(model_id="other"), []),
    ):
        rows, _ = predictions.listing(desk.connection, desk.account_id, wanted, limit=9)
        assert [row.id for row in rows] == found


def test_deleted_is_gone(desk: Desk) -> None:
    """Finished predictions leave the shelf; running ones stay, unknown ones are no error."""
    done, running = desk.submit(), desk.submit()
    desk.complete(desk.begin(done))
    assert predictions.delete(desk.connection, desk.account_id, [done.id, running.id, "x"], at=NOW) == 1
    with pytest.raises(PredictionUnknown):
        predictions.find(desk.connection, desk.account_id, done.id)


def test_events_are_numbered(desk: Desk) -> None:
    """A listener who knows the last number gets the rest, in order."""
    prediction = desk.submit()
    attempt = desk.begin(prediction)
    predictions.report(desk.connection, attempt, stage="render", progress=40, at=NOW)
    desk.complete(attempt)
    everything = happenings.after(desk.connection, prediction.id, 0)
    assert [one.number for one in everything] == [1, 2, 3, 4]
    assert [one.data.get("status") for one in everything] == ["created", "processing", None, "completed"]
    assert happenings.after(desk.connection, prediction.id, 3) == everything[3:]
