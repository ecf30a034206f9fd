"""What tests of the API share: photos, callers with keys, and a worker without an engine."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from stillmotion.money import Money
from stillmotion.server import accounts, ids, ledger, predictions
from stillmotion.server.db import schema
from stillmotion.server.predictions import Code, StoredFile

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from fastapi import FastAPI
    from sqlalchemy import Connection

    from stillmotion.server.predictions import Attempt, Prediction
    from stillmotion.server.service import Service

FILES = {"film.mp4": b"film" * 100, "thumbnail.webp": b"thumbnail", "sprites.jpg": b"sprites"}


def photo(kind: str = "PNG", size: tuple[int, int] = (90, 60)) -> bytes:
    """A picture of one colour."""
    made = io.BytesIO()
    Image.new("RGB", size, (200, 120, 40)).save(made, kind)
    return made.getvalue()


@dataclass
class Hand:
    """Does by hand what a worker does."""

    service: Service
    folder: Path

    def begin(self, video_id: str) -> Attempt:
        """Take a video up."""
        with self.service.database.begin() as connection:
            attempt = predictions.begin(connection, video_id.removeprefix("video_"), at=self.service.clock.now())
        assert attempt is not None
        return attempt

    def report(self, attempt: Attempt, progress: int) -> bool:
        """Say how far it is."""
        with self.service.database.begin() as connection:
            return predictions.report(
                connection, attempt, stage="render", progress=progress, at=self.service.clock.now()
            )

    def complete(self, attempt: Attempt) -> Prediction | None:
        """Store files and publish them."""
        stored = []
        for name, content in FILES.items():
            part = self.folder / secrets.token_hex(4)
            part.write_bytes(content)
            put = self.service.store.put(f"outputs/{attempt.prediction.id}/{attempt.token}-{name}", part)
            stored.append(StoredFile(key=put.key, size_bytes=put.size_bytes, sha256=put.sha256))
        with self.service.database.begin() as connection:
            return predictions.complete(
                connection,
                attempt,
                stored,
                engine="diorama",
                facts={"notes": ["no boat"], "shot": {"version": 1}},
                queue=self.service.queue,
                tell=_tell,
                at=self.service.clock.now(),
            )

    def film(self, prediction_id: str) -> str:
        """Take one up and complete it; its id."""
        self.complete(self.begin(prediction_id))
        return prediction_id

    def fail(self, attempt: Attempt, code: Code, error: str) -> None:
        """Say why it cannot be done."""
        with self.service.database.begin() as connection:
            predictions.fail(
                connection,
                attempt.prediction.id,
                code=code,
                error=error,
                queue=self.service.queue,
                tell=_tell,
                at=self.service.clock.now(),
                attempt=attempt,
            )


def _tell(connection: Connection, made: Prediction, at: datetime) -> None:
    del connection, made, at


@dataclass
class Customer:
    """An account with money, and a client that sends its key."""

    account: accounts.Account
    key: ids.ApiKey
    client: TestClient


def predictions_of(service: Service, customer: Customer) -> int:
    """How many they have, deleted ones too."""
    with service.database.connect() as connection:
        mine = schema.predictions.c.account_id == customer.account.id
        return connection.scalar(select(func.count()).select_from(schema.predictions).where(mine)) or 0


def customer_of(service: Service, app: FastAPI, dollars: int = 100) -> Customer:
    """A new account of a server with accounts."""
    now = service.clock.now()
    with service.database.begin() as connection:
        account = accounts.create(connection, "somebody", at=now, may_owe=False)
        if dollars:
            ledger.top_up(connection, account.id, Money.of(dollars), reference=account.id, words="", at=now)
        key = accounts.issue_key(connection, account.id, name="", at=now)
    client = TestClient(
        app,
        base_url="http://127.0.0.1:8000",
        raise_server_exceptions=False,
        headers={"authorization": f"Bearer {key.text}"},
    )
    return Customer(account, key, client)


def unbounded_customer_of(service: Service, app: FastAPI) -> Customer:
    """A new account whose money does not end and which may ask as often as it likes."""
    made = customer_of(service, app, 1_000_000)
    with service.database.begin() as connection:
        mine = schema.accounts.c.id == made.account.id
        connection.execute(update(schema.accounts).where(mine).values(per_minute=0))
    return made
