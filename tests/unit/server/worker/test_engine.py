"""The engine process, a real one: stopped when its time is over, with nothing of it left running."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import psutil
from PIL import Image
from sklearn.datasets import load_sample_image

from stillmotion.money import Money
from stillmotion.server import accounts, ledger, predictions
from stillmotion.server.predictions import Code, Status, Submission
from stillmotion.server.worker.engine import Engine
from stillmotion.server.worker.filming import WORK, Filming

if TYPE_CHECKING:
    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

LIMIT_S = 0.5


def submitted(service: Service) -> Prediction:
    """A film of twenty seconds that waits."""
    content = BytesIO()
    Image.fromarray(load_sample_image("china.jpg")).save(content, "PNG")
    picture = "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()
    asked = Submission(
        account_id=accounts.SINGLE_USER,
        dialect="hosted",
        model_id="openai/sora-2/image-to-video",
        input={"image": picture, "prompt": "Slow dolly in, the leaves sway", "duration": 20},
        price=Money.of("2.00"),
        concurrency=9,
        queue_limit=9,
    )
    with service.database.begin() as connection:
        return predictions.submit(connection, asked, service.queue, at=service.clock.now())


def test_a_film_beyond_its_time_is_stopped_and_paid_back(service: Service) -> None:
    """5004, no money, no files; the process that worked on it is gone at once, and a new one is on its way."""
    hasty = replace(service, settings=service.settings.model_copy(update={"time_limit_s": LIMIT_S}))
    made = submitted(service)

    async def run() -> tuple[psutil.Process, float, bool]:
        engine = Engine(thoroughly=False)
        await engine.ready()
        assert engine._process is not None
        process, began_s = psutil.Process(engine._process.pid), time.monotonic()
        await Filming(hasty, engine).run(made.id)
        took_s, follows = time.monotonic() - began_s, engine._starting is not None
        await engine.stop()
        return process, took_s, follows

    process, took_s, follows = asyncio.run(run())
    assert follows
    assert not process.is_running()
    with service.database.begin() as connection:
        ended = predictions.find(connection, made.account_id, made.id)
        assert ledger.balance(connection, made.account_id).held == Money(0)
    assert (ended.status, ended.code) == (Status.FAILED, Code.TIMED_OUT)
    assert "0.5 s" in ended.error
    assert took_s >= LIMIT_S
    assert not list((service.settings.data_dir / WORK).glob("*"))
    assert list(service.store.keys()) == []
