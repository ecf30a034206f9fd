"""What an account made and paid: sums by model and day, and the movements of its money with what they were for.

Both tell also what was deleted or not kept any longer: of its row that much stays (`removed`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, case, cast, func, literal_column, select, union_all

from stillmotion.money import Money
from stillmotion.server import ledger
from stillmotion.server.db.schema import predictions, removed, transfers
from stillmotion.server.predictions.records import Status
from stillmotion.server.predictions.shelf import COUNTED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Row, Select, Table

BILLED = ("capture", "topup", "undo")
"""Movements that an account sees; a hold is neither a cost nor a credit."""
_BOOKS = {
    "capture": (transfers.c.debit, ledger.held),
    "topup": (transfers.c.credit, ledger.spendable),
    "undo": (transfers.c.debit, ledger.spendable),
}
"""Where an account's book stands in them. Each kind has an index of its own, in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one model did for an account on one day (UTC)."""

    model_id: str
    day: date
    count: int
    completed: int
    cost: Money
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """One movement of an account's money."""

    number: int
    reference: str
    """Names it, and says nothing of others' business."""
    kind: str
    """One of `BILLED`."""
    amount: Money
    at: datetime
    prediction_id: str
    model_id: str
    """Empty for a top-up, and for one that was taken back."""
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """Which movements."""

    kinds: tuple[str, ...] = BILLED
    prediction_ids: Sequence[str] = ()
    """Empty is: all."""
    begin: datetime | None = None
    end: datetime | None = None


def spent(
    connection: Connection, account_id: str, *, begin: datetime, end: datetime, model_id: str | None = None
) -> tuple[Spent, ...]:
    """What an account made between two times, by model and day; only completed runs cost something."""
    runs = union_all(*(_runs(table, account_id, begin, end, model_id) for table in (predictions, removed))).subquery()
    done = runs.c.status == Status.COMPLETED.value
    day = cast(func.timezone("UTC", runs.c.created_at), Date)
    rows = connection.execute(
        select(
            runs.c.model_id,
            day.label("day"),
            func.count().label("made"),
            func.count().filter(done).label("completed"),
            func.coalesce(func.sum(case((done, runs.c.price_micros), else_=0)), 0).label("micros"),
            func.max(runs.c.created_at).label("last_at"),
        )
        .group_by(runs.c.model_id, day)
        .order_by(day, runs.c.model_id)
    )
    return tuple(
        Spent(
            model_id=row.model_id,
            day=row.day,
            count=row.made,
            completed=row.completed,
            cost=Money(int(row.micros)),
            last_at=row.last_at,
        )
        for row in rows
    )


def _runs(
    table: Table, account_id: str, begin: datetime, end: datetime, model_id: str | None
) -> Select[tuple[str, str, int, datetime]]:
    which = [table.c.account_id == account_id, table.c.created_at.between(begin, end)]
    if model_id is not None:
        which.append(table.c.model_id == model_id)
    return select(table.c.model_id, table.c.status, table.c.price_micros, table.c.created_at).where(*which)


def bills(
    connection: Connection, account_id: str, wanted: Billed, *, limit: int, offset: int = 0, newest_first: bool = True
) -> tuple[tuple[Bill, ...], int]:
    """A page of the movements of an account's money, and how many there are, of which `COUNTED` can be paged to."""
    turned = [column.desc() if newest_first else column for column in (transfers.c.at, transfers.c.id)]
    several = [_moves(account_id, kind, wanted) for kind in wanted.kinds]
    if not several:
        return (), 0
    if offset >= COUNTED:
        return (), _counted(connection, several)
    # Each kind is read in its order and no further than the page goes; only what is on the page is joined.
    firsts = (one.order_by(*turned).limit(offset + limit).subquery() for one in several)
    moves = union_all(*(select(first) for first in firsts)).subquery()
    order = [column.desc() if newest_first else column for column in (moves.c.at, moves.c.id)]
    chosen = select(moves.c.id).order_by(*order).limit(limit).offset(offset)
    joined = transfers.outerjoin(predictions, transfers.c.prediction_id == predictions.c.id)
    joined = joined.outerjoin(removed, transfers.c.prediction_id == removed.c.id)
    told = (func.coalesce(predictions.c[name], removed.c[name], "").label(name) for name in ("model_id", "status"))
    which = transfers.c.id.in_(chosen)
    rows = connection.execute(select(*transfers.c, *told).select_from(joined).where(which).order_by(*turned))
    found = tuple(map(_bill, rows))
    whole = len(found) < limit and (found or not offset)
    return found, offset + len(found) if whole else _counted(connection, several)


def _bill(row: Row[Any]) -> Bill:
    return Bill(
        number=row.id,
        reference=row.reference,
        kind=row.kind,
        amount=Money(row.micros),
        at=row.at,
        prediction_id=row.prediction_id or "",
        model_id=row.model_id,
        status=row.status,
    )


def _counted(connection: Connection, several: Sequence[Select[Any]]) -> int:
    """How many there are, of those that can be paged to."""
    counts = (select(func.count()).select_from(one.limit(COUNTED).subquery()).scalar_subquery() for one in several)
    return min(COUNTED, connection.scalar(select(reduce(add, counts))) or 0)


def _moves(account_id: str, kind: str, wanted: Billed) -> Select[Any]:
    """Those of one kind."""
    column, book = _BOOKS[kind]
    which = [column == book(account_id), transfers.c.kind == literal_column(f"'{kind}'")]  # as the index has it
    if wanted.prediction_ids:
        which.append(transfers.c.prediction_id.in_(list(wanted.prediction_ids)))
    if wanted.begin is not None:
        which.append(transfers.c.at >= wanted.begin)
    if wanted.end is not None:
        which.append(transfers.c.at <= wanted.end)
    return select(transfers.c.at, transfers.c.id).where(*which)
