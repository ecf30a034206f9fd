"""Deliveries as they are kept: found, listed, sent again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from stillmotion.errors import DeliveryUnknown, ResendTooSoon
from stillmotion.server.db.schema import deliveries
from stillmotion.server.queue import withdraw

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from stillmotion.server.queue import Queue

COUNTED = 100_000
"""More of an account's deliveries than this are not counted: that would take as long as somebody likes."""
_SOON_S = 15
"""An attempt takes no longer."""


class State(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one receiver."""

    id: str
    """Sent as `webhook-id`, the same with every attempt."""
    prediction_id: str
    account_id: str
    url: str
    scheme: str
    body: str
    state: State
    attempts: int
    answer: str
    """What came of the last attempt, in our words."""
    created_at: datetime
    last_at: datetime | None
    next_at: datetime | None


COLUMNS = tuple(deliveries.c[one.name] for one in fields(Delivery))


def record(row: Row[Any]) -> Delivery:
    """A delivery from a row of COLUMNS."""
    values = dict(row._mapping)  # noqa: SLF001 - the public name of SQLAlchemy's mapping of a row
    return Delivery(**{**values, "state": State(values["state"])})


def listing(
    connection: Connection,
    account_id: str,
    *,
    limit: int,
    offset: int = 0,
    state: State | None = None,
    prediction_id: str | None = None,
) -> tuple[tuple[Delivery, ...], int]:
    """A page of an account's deliveries, newest first, and how many there are; at most `COUNTED` are counted."""
    which = [deliveries.c.account_id == account_id]
    if state is not None:
        which.append(deliveries.c.state == state.value)
    if prediction_id is not None:
        which.append(deliveries.c.prediction_id == prediction_id)
    newest_first = (deliveries.c.created_at.desc(), deliveries.c.id)
    every = select(deliveries.c.id).where(*which)
    chosen = every.order_by(*newest_first).limit(limit).offset(offset)
    rows = connection.execute(select(*COLUMNS).where(deliveries.c.id.in_(chosen)).order_by(*newest_first))
    found = tuple(map(record, rows))
    if len(found) < limit and (found or not offset):  # the last page tells how many there are
        return found, offset + len(found)
    return found, connection.scalar(select(func.count()).select_from(every.limit(COUNTED).subquery())) or 0


def resend(connection: Connection, queue: Queue, account_id: str, delivery_id: str, *, at: datetime) -> Delivery:
    """Begin a delivery anew, however it ended: same id, same body. It has one job, however often this is asked for.

    Raises:
        DeliveryUnknown: the account has none of that id.
        ResendTooSoon: it is about to be sent already.
    """
    mine = (deliveries.c.id == delivery_id) & (deliveries.c.account_id == account_id)
    row = connection.execute(select(*COLUMNS).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise DeliveryUnknown
    if row.state == State.WAITING.value and row.next_at is not None and row.next_at <= at:
        raise ResendTooSoon(retry_after_s=_SOON_S)
    withdraw(connection, delivery_id)
    anew = {"state": State.WAITING.value, "attempts": 0, "next_at": at}
    row = connection.execute(update(deliveries).where(mine).values(anew).returning(*COLUMNS)).one()
    queue.deliver(connection, delivery_id)
    return record(row)
