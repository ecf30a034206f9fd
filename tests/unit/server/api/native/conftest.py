"""Callers with keys, and a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from by_hand import Customer, Hand, customer_of
from stillmotion.server.api.app import create_app
from stillmotion.server.clock import StoppedClock
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from stillmotion.server.service import Service


@pytest.fixture(scope="session")
def _time() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def clock(_time: StoppedClock) -> StoppedClock:
    """Time, which begins anew with each test."""
    _time.at = StoppedClock().at
    return _time


@pytest.fixture(scope="session")
def _parts(database_url: str, tmp_path_factory: pytest.TempPathFactory, _time: StoppedClock) -> Iterator[Service]:
    settings = Settings(database_url=database_url, data_dir=tmp_path_factory.mktemp("shared"), accounts=True)
    with running(settings, _time) as service:
        yield service


@pytest.fixture(scope="session")
def _app(_parts: Service) -> FastAPI:
    return create_app(_parts)


@pytest.fixture
def shared(_parts: Service, clock: StoppedClock) -> Service:
    """The parts with accounts, made once; each test has its own accounts."""
    del clock
    return _parts


@pytest.fixture
def customer(shared: Service, _app: FastAPI) -> Customer:
    """An account of a server with accounts."""
    return customer_of(shared, _app)


@pytest.fixture
def stranger(shared: Service, _app: FastAPI) -> Customer:
    """Another one."""
    return customer_of(shared, _app)


@pytest.fixture
def poor(shared: Service, _app: FastAPI) -> Customer:
    """One without money."""
    return customer_of(shared, _app, 0)


@pytest.fixture
def worker(shared: Service, tmp_path: Path) -> Hand:
    """A worker."""
    return Hand(shared, tmp_path)
