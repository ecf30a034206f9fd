"""The parts of a worker, with a database and a store of their own and nothing in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from databases import fresh
from stillmotion.server import queue
from stillmotion.server.clock import StoppedClock
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stillmotion.server.service import Service

_EMPTIED = "predictions, removed, uploads, kept, transfers, procrastinate_jobs, procrastinate_workers"


@pytest.fixture
def clock() -> StoppedClock:
    """Time stands still unless a test moves it."""
    return StoppedClock()


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database of the tests counts as one that has been there for long."""
    monkeypatch.setattr(queue, "_SETTLED_S", 0.0)


@pytest.fixture(scope="session")
def emptied_url(postgres_url: str) -> Iterator[str]:
    """A database of our own, for it is emptied before each test, the books too."""
    with fresh(postgres_url) as url:
        yield url


@pytest.fixture
def service(emptied_url: str, tmp_path: Path, clock: StoppedClock) -> Iterator[Service]:
    """The parts."""
    settings = Settings(database_url=emptied_url, data_dir=tmp_path, quality="tiny", attempts=3)
    with running(settings, clock) as parts:
        with parts.database.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))  # the ledger's guard looks away
            connection.execute(text(f"truncate {_EMPTIED} cascade"))
            connection.execute(text("update balances set micros = 0"))
        yield parts
