"""Lists that cost no more than they should, and deletes that cannot wait for each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, text

from stillmotion.server import accounts, ids, predictions
from stillmotion.server.db.schema import predictions as table
from stillmotion.server.predictions import Wanted, shelf

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Connection, Engine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE_S = 20


def _ended(connection: Connection, account_id: str, names: list[str]) -> None:
    """Predictions that are over, in this order on the disk."""
    for number, name in enumerate(names):
        row = {"id": name, "account_id": account_id, "dialect": "hosted", "model_id": "m", "input": {}}
        at = NOW + timedelta(seconds=number)
        ended = {"price_micros": 0, "status": "failed", "created_at": at, "finished_at": at}
        connection.execute(insert(table).values(**row, **ended))


def test_counting_ends_somewhere(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page beyond what is counted is empty and asks for nothing; the pages before it are whole."""
    account = accounts.create(connection, "somebody", at=NOW, may_owe=False)
    _ended(connection, account.id, sorted(ids.prediction_id() for _ in range(5)))
    assert predictions.listing(connection, account.id, Wanted(), limit=2)[1] == 5
    monkeypatch.setattr(shelf, "COUNTED", 4)
    pages = [predictions.listing(connection, account.id, Wanted(), limit=2, offset=at) for at in (0, 2, 4, 10**7)]
    assert [(len(found), total) for found, total in pages] == [(2, 4), (2, 4), (0, 4), (0, 4)]


def test_deletes_lock_in_one_order(database: Engine) -> None:
    """One that waits for the first of its rows holds none of the others: two never wait in a circle."""
    first, last = sorted((ids.prediction_id(), ids.prediction_id()))
    with database.begin() as connection:
        account = accounts.create(connection, "somebody", at=NOW, may_owe=False)
        _ended(connection, account.id, [last, first])

    def delete() -> int:
        with database.begin() as other:
            for way in ("indexscan", "bitmapscan", "indexonlyscan"):  # as they lie on the disk: the last comes first
                other.execute(text(f"set local enable_{way} = off"))
            return predictions.delete(other, account.id, [last, first], at=NOW)

    with ThreadPoolExecutor(1) as threads:
        with database.begin() as holder:
            holder.execute(select(table.c.id).where(table.c.id == first).with_for_update())
            deleting = threads.submit(delete)
            waiting = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
            with database.connect().execution_options(isolation_level="AUTOCOMMIT") as watcher:
                assert any(watcher.scalar(waiting) for _ in range(10_000))
            with database.begin() as another:
                free = select(table.c.id).where(table.c.id == last).with_for_update(nowait=True)
                assert another.scalar(free) == last
        assert deleting.result(PATIENCE_S) == 2
    with database.begin() as connection:
        connection.execute(text("delete from predictions where account_id = :id"), {"id": account.id})
