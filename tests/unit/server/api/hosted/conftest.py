"""Accounts of the hosted dialect, and the end of a prediction without a worker."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from starlette.testclient import TestClient

from hosted_words import Ending
from stillmotion.money import Money
from stillmotion.server import accounts, ledger
from stillmotion.server.api.app import create_app
from stillmotion.server.clock import StoppedClock
from stillmotion.server.ids import message_id
from stillmotion.server.service import Service, running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastapi import FastAPI


@pytest.fixture(scope="session")
def hosted_clock() -> StoppedClock:
    """Time stands still unless a test moves it."""
    return StoppedClock()


@pytest.fixture(scope="session")
def service(
    database_url: str, tmp_path_factory: pytest.TempPathFactory, hosted_clock: StoppedClock
) -> Iterator[Service]:
    """The parts with accounts, and room for many requests."""
    settings = Settings(
        database_url=database_url,
        data_dir=tmp_path_factory.mktemp("hosted"),
        accounts=True,
        per_minute=0,
        sync_wait_s=0.3,
        upload_limit_bytes=100_000,
    )
    with running(settings, hosted_clock) as parts:
        yield parts


@pytest.fixture(scope="session")
def app(service: Service) -> FastAPI:
    """The application."""
    return create_app(service)


@pytest.fixture
def ending(service: Service, tmp_path: Path) -> Ending:
    """What workers do."""
    return Ending(service, tmp_path)


@pytest.fixture(scope="session")
def another(service: Service, app: FastAPI) -> Callable[..., TestClient]:
    """Makes callers with an account of their own."""

    def make(dollars: str = "100") -> TestClient:
        with service.database.begin() as connection:
            account = accounts.create(connection, "tests", at=service.clock.now(), may_owe=False)
            key = accounts.issue_key(connection, account.id, name="tests", at=service.clock.now())
            if dollars != "0":
                ledger.top_up(
                    connection,
                    account.id,
                    Money.of(dollars),
                    reference=message_id(),
                    words="tests",
                    at=service.clock.now(),
                )
        return TestClient(
            app,
            base_url="http://films.test",
            headers={"authorization": f"Bearer {key.text}"},
            raise_server_exceptions=False,
        )

    return make


@pytest.fixture
def caller(another: Callable[..., TestClient]) -> TestClient:
    """Somebody with money."""
    return another()


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A small picture."""
    made = io.BytesIO()
    Image.linear_gradient("L").resize((96, 64)).convert("RGB").save(made, "PNG")
    return made.getvalue()
