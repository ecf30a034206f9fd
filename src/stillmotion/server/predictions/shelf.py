"""Finding, listing and deleting what was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, tuple_, update

from stillmotion.errors import PredictionUnknown
from stillmotion.server.db.schema import predictions
from stillmotion.server.predictions.records import Prediction
from stillmotion.server.predictions.rows import COLUMNS, record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from stillmotion.server.predictions.records import Status

COUNTED = 100_000
"""More of an account's predictions than this are not counted: that would take as long as somebody likes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which predictions of an account."""

    model_id: str | None = None
    status: Status | None = None
    dialect: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    text: str = ""
    """Words that the prompt holds."""


def find(connection: Connection, account_id: str, prediction_id: str) -> Prediction:
    """One prediction of an account.

    Raises:
        PredictionUnknown: there is none, it was deleted, or it belongs to somebody else: nobody learns which.
    """
    return record(_row(connection, account_id, prediction_id, *COLUMNS))


def is_over(connection: Connection, account_id: str, prediction_id: str) -> bool:
    """Whether a prediction has ended, for those who look often.

    Raises:
        PredictionUnknown: see `find`.
    """
    return _row(connection, account_id, prediction_id, predictions.c.finished_at).finished_at is not None


def _row(connection: Connection, account_id: str, prediction_id: str, *columns: ColumnElement[Any]) -> Row[Any]:
    mine = (predictions.c.id == prediction_id) & (predictions.c.account_id == account_id)
    row = connection.execute(select(*columns).where(mine, predictions.c.deleted_at.is_(None))).one_or_none()
    if row is None:
        raise PredictionUnknown
    return row


def listing(
    connection: Connection, account_id: str, wanted: Wanted, *, limit: int, offset: int = 0, newest_first: bool = True
) -> tuple[tuple[Prediction, ...], int]:
    """A page of an account's predictions, and how many there are in all, of which at most `COUNTED` can be paged to."""
    which = _which(account_id, wanted)
    order = (predictions.c.created_at, predictions.c.id)
    turned = [column.desc() for column in order] if newest_first else list(order)
    every, found = select(predictions.c.id).where(*which), tuple[Prediction, ...]()
    if offset < COUNTED:
        found = _records(connection, every.order_by(*turned).limit(limit).offset(offset), turned)
        if len(found) < limit and (found or not offset):  # the last page tells how many there are
            return found, offset + len(found)
    return found, connection.scalar(select(func.count()).select_from(every.limit(COUNTED).subquery())) or 0


def page(
    connection: Connection, account_id: str, wanted: Wanted, *, after: str, limit: int, newest_first: bool = True
) -> tuple[tuple[Prediction, ...], bool]:
    """The predictions that follow one of them, and whether there are more; from the first on when `after` is empty.

    The one that they follow may have been deleted meanwhile: whoever deletes while paging loses no place.

    Raises:
        PredictionUnknown: there never was such a prediction of this account.
    """
    place = (predictions.c.created_at, predictions.c.id)
    which = _which(account_id, wanted)
    if after:
        mine = (predictions.c.id == after) & (predictions.c.account_id == account_id)
        known = connection.execute(select(*place).where(mine)).one_or_none()
        if known is None:
            raise PredictionUnknown
        here, there = tuple_(*place), tuple_(*(literal(value) for value in known))
        which.append(here < there if newest_first else here > there)
    turned = [column.desc() for column in place] if newest_first else list(place)
    found = _records(connection, select(predictions.c.id).where(*which).order_by(*turned).limit(limit + 1), turned)
    return found[:limit], len(found) > limit


def _records(
    connection: Connection, chosen: Select[tuple[str]], order: Sequence[ColumnElement[Any]]
) -> tuple[Prediction, ...]:
    """Rows that were chosen by what the index holds: no others are read."""
    rows = connection.execute(select(*COLUMNS).where(predictions.c.id.in_(chosen)).order_by(*order))
    return tuple(record(row) for row in rows)


def delete(connection: Connection, account_id: str, prediction_ids: Sequence[str], *, at: datetime) -> int:
    """Take predictions that are over or being stopped off the shelf; files go with the next sweep. How many."""
    mine = predictions.c.account_id == account_id
    ended = predictions.c.finished_at.is_not(None) | predictions.c.cancel_requested_at.is_not(None)
    over = ended & predictions.c.deleted_at.is_(None)
    # Locked in one order, so that two calls that overlap cannot wait for each other.
    asked = mine & over & predictions.c.id.in_(sorted(set(prediction_ids)))
    locked = select(predictions.c.id).where(asked).order_by(predictions.c.id).with_for_update()
    found = connection.execute(locked).scalars().all()
    return connection.execute(update(predictions).where(predictions.c.id.in_(found)).values(deleted_at=at)).rowcount


def _which(account_id: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    which = [predictions.c.account_id == account_id, predictions.c.deleted_at.is_(None)]
    exact = {"model_id": wanted.model_id, "status": wanted.status, "dialect": wanted.dialect}
    which += [predictions.c[name] == str(value) for name, value in exact.items() if value is not None]
    if wanted.created_after is not None:
        which.append(predictions.c.created_at >= wanted.created_after)
    if wanted.created_before is not None:
        which.append(predictions.c.created_at <= wanted.created_before)
    if wanted.text:
        which.append(predictions.c.input["prompt"].astext.icontains(wanted.text, autoescape=True))
    return which


def is_kept(connection: Connection, prediction_id: str) -> bool:
    """Whether a prediction is there and was not deleted."""
    which = (predictions.c.id == prediction_id) & predictions.c.deleted_at.is_(None)
    return connection.scalar(select(predictions.c.id).where(which)) is not None
