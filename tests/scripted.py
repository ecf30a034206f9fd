"""Films by an engine that says what a test wants, and what becomes of them."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image
from sqlalchemy.exc import OperationalError

from stillmotion.money import Money
from stillmotion.server import accounts, ledger, predictions
from stillmotion.server.predictions import Submission
from stillmotion.server.worker.filming import WORK, Filming
from stillmotion.server.worker.messages import FILES, Made, Message, Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

PRICE = Money.of("0.40")
MADE = Made(engine="diorama", facts={"notes": ["no lake"]})


@dataclass
class Scripted:
    """An engine that says what a test wants; what can be called is done before it is said."""

    script: list[Message | Exception | Callable[[], None] | None]
    stopped: int = 0
    left: int = 0
    work: Work | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    cold: asyncio.Event | None = None
    """Set when it is warm; without it, it is warm from the start."""
    leaves: tuple[str, ...] = FILES
    started: int = 0
    waits_s: list[float] = field(default_factory=list)
    """For how long it was listened to, each time."""

    async def ready(self) -> None:
        """See Engine."""
        if self.cold is not None:
            await self.cold.wait()

    def start(self) -> None:
        """See Engine."""
        self.started += 1

    async def stop(self) -> None:
        """See Engine."""
        self.stopped += 1

    async def leave(self) -> None:
        """See Engine."""
        self.left += 1

    async def begin(self, work: Work) -> None:
        """See Engine."""
        self.work = work
        self.begun.set()

    async def hear(self, wait_s: float) -> Message | None:
        """See Engine."""
        self.waits_s.append(wait_s)
        said = self.script.pop(0)
        if callable(said):  # it happens just before the engine says the next thing
            await asyncio.to_thread(said)
            said = self.script.pop(0)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Made):
            assert self.work is not None
            for name in self.leaves:
                self.work.place(name).write_bytes(name.encode())
        return said


def picture() -> str:
    """A data URL."""
    content = BytesIO()
    Image.new("RGB", (80, 80), "teal").save(content, "PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


def submitted(service: Service) -> Prediction:
    """A prediction that waits for a worker."""
    asked = Submission(
        account_id=accounts.SINGLE_USER,
        dialect="hosted",
        model_id="openai/sora-2/image-to-video",
        input={"image": picture(), "prompt": "waves"},
        price=PRICE,
        concurrency=9,
        queue_limit=99,
    )
    with service.database.begin() as connection:
        return predictions.submit(connection, asked, service.queue, at=service.clock.now())


def filmed(service: Service, made: Prediction, *script: object) -> tuple[Prediction, Scripted]:
    """What one run of the job made of it."""
    engine = Scripted(list(script))  # type: ignore[arg-type]
    asyncio.run(Filming(service, engine).run(made.id))  # type: ignore[arg-type]
    return found(service, made), engine


def found(service: Service, made: Prediction) -> Prediction:
    """It, as it stands now."""
    with service.database.begin() as connection:
        return predictions.find(connection, made.account_id, made.id)


def books(service: Service) -> ledger.Balance:
    """What the account has left, and what is held."""
    with service.database.begin() as connection:
        return ledger.balance(connection, accounts.SINGLE_USER)


def cancelled(service: Service, made: Prediction) -> Callable[[], None]:
    """Somebody cancels it."""

    def cancel() -> None:
        told = {"queue": service.queue, "tell": lambda *_: None, "at": service.clock.now()}
        with service.database.begin() as connection:
            assert predictions.cancel(connection, made.id, **told)

    return cancel


def clean(service: Service) -> bool:
    """Whether nothing half-made is left."""
    return not list((service.settings.data_dir / WORK).glob("*"))


def blip() -> OperationalError:
    """A connection to the database is gone."""
    return OperationalError("update", {}, Exception("terminating connection"))


def faulty(real: Callable[..., object], *, when: str) -> Callable[..., object]:
    """An act whose connection is gone while frames are made, or where the stage plays no part."""

    def act(*arguments: object, **named: object) -> object:
        if named.get("stage", when) == when:
            raise blip()
        return real(*arguments, **named)

    return act
