"""A page of a list reads what is on it, however much its account has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from stillmotion.server import accounts, predictions, webhooks
from stillmotion.server.db.engine import driver
from stillmotion.server.intake import uploads
from stillmotion.server.predictions import Wanted, spending
from stillmotion.server.predictions.spending import Billed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MANY, LIMIT, BEFORE = 400, 5, 10
_ROWS = """
insert into predictions (id, account_id, dialect, model_id, input, status, price_micros, created_at, finished_at)
    select md5(:me || n), :me, 'openai', 'm', '{}', 'completed', 1, at, at
    from (select n, :now + n * interval '1 second' as at from generate_series(1, :many) n) numbered;
insert into transfers (reference, kind, debit, credit, micros, prediction_id, at)
    select 'end:' || id, 'capture', 'held:' || :me, 'revenue', 1, id, created_at from predictions
    where account_id = :me;
insert into transfers (reference, kind, debit, credit, micros, at)
    select 'topup:' || :me || n, 'topup', 'world', 'account:' || :me, 1, :now from generate_series(1, 3) n;
insert into deliveries (id, prediction_id, account_id, url, scheme, body, state, created_at)
    select 'msg_' || id, id, account_id, 'http://x/', 'hosted', '{}', 'delivered', created_at from predictions
    where account_id = :me;
insert into uploads (id, account_id, filename, size_bytes, created_at, stored_at)
    select id, account_id, 'a.png', 1, created_at, created_at from predictions where account_id = :me;
analyze predictions, transfers, deliveries, removed, uploads
"""


@pytest.fixture
def me(connection: Connection) -> str:
    """An account that has much of everything, beside others."""
    made = [accounts.create(connection, name, at=NOW, may_owe=True).id for name in ("somebody else", "me")]
    for one in made:
        for statement in _ROWS.split(";"):
            given = {"me": one, "now": NOW, "many": MANY}
            connection.execute(text(statement), {key: value for key, value in given.items() if f":{key}" in statement})
    return made[-1]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All steps of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def most_read(connection: Connection, act: Callable[[], object]) -> int:
    """What the greediest step of the questions reads which an act asks; counting is not looked at.

    A table of a few hundred rows is read as a whole sooner than by its index, so that is forbidden.
    """
    asked: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, given: object, *_: object) -> None:
        asked.append((statement, given))

    event.listen(connection, "before_cursor_execute", hear)
    act()
    event.remove(connection, "before_cursor_execute", hear)
    for way in ("seqscan", "bitmapscan"):
        connection.execute(text(f"set local enable_{way} = off"))
    steps = [
        step
        for statement, given in asked
        if "count(*)" not in statement
        for ((plan,),) in driver(connection).execute(f"explain (analyze, format json) {statement}".encode(), given)
        for step in nodes(plan["Plan"])
    ]
    assert steps
    return max(
        round((one["Actual Rows"] + one.get("Rows Removed by Filter", 0)) * one["Actual Loops"]) for one in steps
    )


BILLS = {
    "newest": (Billed(), {}),
    "oldest": (Billed(), {"newest_first": False}),
    "later": (Billed(), {"offset": BEFORE}),
    "paid in": (Billed(kinds=("topup",)), {}),
    "of a time": (Billed(begin=NOW + timedelta(seconds=100), end=NOW + timedelta(seconds=200)), {}),
}


@pytest.mark.parametrize("which", BILLS)
def test_bills(connection: Connection, me: str, which: str) -> None:
    """No more movements are read than those on the page and those before it, of whichever kind and time."""
    wanted, how = BILLS[which]
    assert most_read(connection, lambda: spending.bills(connection, me, wanted, limit=LIMIT, **how)) <= LIMIT + BEFORE


def test_bills_are_whole(connection: Connection, me: str) -> None:
    """Both kinds in one order, each once, with how many there are: on every page, the last one and those beyond."""
    pages = [spending.bills(connection, me, Billed(), limit=100, offset=at) for at in range(0, 600, 100)]
    assert [(len(found), total) for found, total in pages] == [(100, 403)] * 4 + [(3, 403), (0, 403)]
    every = [one for found, _ in pages for one in found]
    assert [one.at for one in every] == sorted((one.at for one in every), reverse=True)
    assert len({one.number for one in every}) == len(every)
    assert {(one.kind, one.model_id, one.status) for one in every} == {("capture", "m", "completed"), ("topup", "", "")}
    assert spending.bills(connection, me, Billed(kinds=()), limit=9) == ((), 0)


LISTS: dict[str, Callable[[Connection, str], object]] = {
    "history": lambda c, me: predictions.listing(c, me, Wanted(), limit=LIMIT, offset=BEFORE),
    "videos": lambda c, me: predictions.page(c, me, Wanted(dialect="openai"), after="", limit=LIMIT),
    "uploads": lambda c, me: uploads.listing(c, me, limit=LIMIT, offset=BEFORE),
    "deliveries": lambda c, me: webhooks.listing(c, me, limit=LIMIT, offset=BEFORE),
}


@pytest.mark.parametrize("which", LISTS)
def test_lists(connection: Connection, me: str, which: str) -> None:
    """No more rows are read than those on the page and those before it."""
    assert most_read(connection, lambda: LISTS[which](connection, me)) <= LIMIT + BEFORE


def test_counting_uploads_ends_somewhere(connection: Connection, me: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page beyond what is counted is empty; the pages before it are whole, and newest first."""
    pages = [uploads.listing(connection, me, limit=150, offset=at) for at in (0, 150, 300, MANY)]
    assert [(len(found), total) for found, total in pages] == [(150, MANY), (150, MANY), (100, MANY), (0, MANY)]
    every = [one.stored_at for found, _ in pages for one in found if one.stored_at]
    assert every == sorted(every, reverse=True)
    monkeypatch.setattr(uploads, "COUNTED", 20)
    for at, count in ((0, 15), (15, 15), (20, 0), (10**6, 0)):
        found, total = uploads.listing(connection, me, limit=15, offset=at)
        assert (len(found), total) == (count, 20)


def test_the_last_page_needs_no_counting(connection: Connection, me: str) -> None:
    """It tells how many there are by itself; for most accounts that is the first one."""
    counted: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *given: counted.append(given[2]))
    assert webhooks.listing(connection, me, limit=50, offset=390)[1] == MANY
    assert predictions.listing(connection, me, Wanted(), limit=50, offset=390)[1] == MANY
    assert uploads.listing(connection, me, limit=50, offset=390)[1] == MANY
    assert spending.bills(connection, me, Billed(kinds=("topup",)), limit=10)[1] == 3
    assert not any("count(*)" in one for one in counted)
    assert predictions.listing(connection, me, Wanted(), limit=50, offset=MANY) == ((), MANY)
    assert webhooks.listing(connection, me, limit=50, offset=MANY) == ((), MANY)
