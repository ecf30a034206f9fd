"""A service whose predictions end, and receivers on this machine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from stillmotion.money import Money
from stillmotion.server import accounts, predictions, webhooks
from stillmotion.server.clock import StoppedClock
from stillmotion.server.db.schema import deliveries
from stillmotion.server.predictions import Code, StoredFile, Submission
from stillmotion.server.service import running
from stillmotion.server.settings import Settings
from stillmotion.server.webhooks import deliveries as kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service
    from stillmotion.server.webhooks import Delivery

HERE = "http://127.0.0.1:8000"


@dataclass
class WaitingJobs:
    """The queue as a list of deliveries with their waits; predictions are not run."""

    waiting: list[tuple[str, float]] = field(default_factory=list)

    def run(self, connection: Connection, prediction_id: str) -> None:
        """Nothing here films."""

    def deliver(self, connection: Connection, delivery_id: str, *, in_s: float = 0.0) -> None:
        """Remember it."""
        del connection
        self.waiting.append((delivery_id, in_s))


@dataclass
class Desk:
    """Ends predictions and carries out deliveries."""

    service: Service
    clock: StoppedClock
    queue: WaitingJobs
    account_id: str

    def ended(
        self,
        url: str,
        *,
        dialect: str = "hosted",
        error: str = "",
        base_url: str = HERE,
        meanwhile: Callable[[], object] = lambda: None,
        **inputs: Any,
    ) -> Delivery:
        """The delivery of a prediction that has just ended; its create was sent to the base_url."""
        now = self.clock.now()
        asked = Submission(
            account_id=self.account_id,
            dialect=dialect,
            model_id="openai/sora-2/image-to-video",
            input={"image": "https://example.com/a.png", "prompt": "waves", "duration": 4, **inputs},
            price=Money(0),
            concurrency=9,
            queue_limit=999,
            webhook_url=url,
            base_url=base_url,
        )
        tell = webhooks.tell(self.service)
        with self.service.database.begin() as connection:
            made = predictions.submit(connection, asked, self.queue, at=now)
            attempt = predictions.begin(connection, made.id, at=now)
            assert attempt is not None
        self.clock.advance(3)
        meanwhile()
        now = self.clock.now()
        with self.service.database.begin() as connection:
            if error:
                ended = predictions.fail(
                    connection,
                    made.id,
                    code=Code.EXECUTION_FAILED,
                    error=error,
                    queue=self.queue,
                    tell=tell,
                    at=now,
                )
            else:
                film = StoredFile(key=f"outputs/{made.id}/t-film.mp4", size_bytes=9, sha256=bytes(32))
                ended = predictions.complete(
                    connection, attempt, [film], engine="diorama", facts={}, queue=self.queue, tell=tell, at=now
                )
        assert ended is not None
        return self.of(ended)

    def of(self, made: Prediction) -> Delivery:
        """The one delivery of a prediction."""
        with self.service.database.connect() as connection:
            (found,), total = webhooks.listing(connection, self.account_id, limit=9, prediction_id=made.id)
        assert total == 1
        return found

    def again(self, delivery: Delivery) -> Delivery:
        """How it stands now."""
        with self.service.database.connect() as connection:
            return kept.record(connection.execute(select(*kept.COLUMNS).where(deliveries.c.id == delivery.id)).one())

    @property
    def secret(self) -> str:
        """What the account's receivers have."""
        with self.service.database.connect() as connection:
            return webhooks.current_secret(connection, self.account_id)

    def attempt(self, delivery: Delivery, *, chance: float = 0.0) -> Delivery:
        """A job for it is carried out."""
        webhooks.deliver(self.service, delivery.id, chance=lambda: chance)
        return self.again(delivery)


@pytest.fixture(scope="module")
def parts(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The single-user mode: receivers may be on this machine."""
    settings = Settings(database_url=database_url, data_dir=tmp_path_factory.mktemp("webhooks"))
    with running(settings, StoppedClock()) as made:
        yield made


@pytest.fixture
def desk(parts: Service) -> Desk:
    """A desk with an account of its own."""
    clock, queue = StoppedClock(), WaitingJobs()
    with parts.database.begin() as connection:
        account = accounts.create(connection, "somebody", at=clock.now(), may_owe=True)
    return Desk(replace(parts, clock=clock, queue=queue), clock, queue, account.id)
