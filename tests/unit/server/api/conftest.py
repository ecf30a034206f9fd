"""The application in process, on the tests' database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from stillmotion.server.api.app import create_app
from stillmotion.server.clock import StoppedClock
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.server.service import Service


@pytest.fixture
def clock() -> StoppedClock:
    """Time stands still unless a test moves it."""
    return StoppedClock()


@pytest.fixture
def local(database_url: str, tmp_path_factory: pytest.TempPathFactory, clock: StoppedClock) -> Iterator[Service]:
    """The parts in the single-user mode, whose user is the same in all tests: he may ask as often as they do."""
    settings = Settings(database_url=database_url, data_dir=tmp_path_factory.mktemp("local"), per_minute=0)
    with running(settings, clock) as service:
        yield service


@pytest.fixture
def shared(database_url: str, tmp_path_factory: pytest.TempPathFactory, clock: StoppedClock) -> Iterator[Service]:
    """The parts with accounts."""
    settings = Settings(database_url=database_url, data_dir=tmp_path_factory.mktemp("shared"), accounts=True)
    with running(settings, clock) as service:
        yield service


@pytest.fixture
def here(local: Service) -> TestClient:
    """A caller on this machine."""
    return TestClient(create_app(local), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
