"""A worker that is told to stop has time for its film, is not taken for dead meanwhile, and can be hurried."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from sqlalchemy import text

from stillmotion.money import ZERO
from stillmotion.server import accounts, intake, predictions
from stillmotion.server.predictions import Status, Submission
from stillmotion.server.worker import worker
from stillmotion.server.worker.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service
    from stillmotion.server.worker.messages import Work

PATIENCE_S = 60.0


class Endless:
    """An engine that never gets done."""

    def start(self) -> None:
        """See Engine."""

    async def ready(self) -> None:
        """See Engine."""

    async def begin(self, work: Work) -> None:
        """See Engine."""

    async def hear(self, wait_s: float) -> None:
        """See Engine."""
        await asyncio.sleep(wait_s)

    async def stop(self) -> None:
        """See Engine."""


def submitted(service: Service) -> Prediction:
    """A film that waits."""
    asked = Submission(
        account_id=accounts.SINGLE_USER,
        dialect="hosted",
        model_id="openai/sora-2/image-to-video",
        input={"image": "https://example.com/a.jpg", "prompt": "waves"},
        price=ZERO,
        concurrency=9,
        queue_limit=9,
    )
    with service.database.begin() as connection:
        return predictions.submit(connection, asked, service.queue, at=service.clock.now())


def heartbeat(service: Service) -> object:
    """When the worker that has the job was last heard of; None when nobody has it."""
    heard = "select w.last_heartbeat from procrastinate_jobs j join procrastinate_workers w on w.id = j.worker_id"
    with service.database.begin() as connection:
        return connection.scalar(text(heard))


async def until_changed(service: Service, before: object) -> object:
    """The heartbeat as soon as it is another one."""
    end_s = time.monotonic() + PATIENCE_S
    while (now := await asyncio.to_thread(heartbeat, service)) == before or now is None:
        assert time.monotonic() < end_s
        await asyncio.sleep(0.02)
    return now


def test_one_that_stops_is_alive_until_its_film_is_given_back(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told to stop it is heard of as before, so nobody takes its film; told again it gives it back at once."""

    def fetch(_service: Service, _account: str, _reference: str, target: Path) -> None:
        target.touch()

    monkeypatch.setattr(intake, "fetch", fetch)
    monkeypatch.setattr(worker, "_HEARTBEAT_S", 0.05)
    made = submitted(service)

    async def stopped() -> int:
        one = Worker(service, Endless())  # type: ignore[arg-type]
        working = asyncio.create_task(one.run())
        await until_changed(service, None)
        one.told()
        await asyncio.sleep(0)
        before = await until_changed(service, None)
        for _ in range(3):
            before = await until_changed(service, before)
        one.told()
        return await working

    assert asyncio.run(stopped()) == 0
    with service.database.begin() as connection:
        left = predictions.find(connection, made.account_id, made.id)
        jobs = connection.scalars(text("select status::text from procrastinate_jobs")).all()
    assert (left.status, left.attempts) == (Status.PROCESSING, 0)
    assert jobs == ["todo"]
