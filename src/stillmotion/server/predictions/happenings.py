"""What happens to a prediction, numbered, so that a listener who lost the connection can go on where it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from stillmotion.server.db.schema import events

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

CHANNEL = "stillmotion_events"
"""Listeners are woken on it; the payload is the prediction's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event of a prediction."""

    number: int
    kind: str
    """"status", "progress", "warning", "preview"."""
    data: dict[str, Any]


def add(connection: Connection, prediction_id: str, kind: str, data: dict[str, Any], *, at: datetime) -> None:
    """Append an event; listeners hear of it when the transaction commits."""
    following = select(func.coalesce(func.max(events.c.number), 0) + 1).where(events.c.prediction_id == prediction_id)
    row = {"prediction_id": prediction_id, "number": following.scalar_subquery(), "kind": kind, "data": data, "at": at}
    connection.execute(insert(events).values(row).returning(func.pg_notify(CHANNEL, prediction_id)))


def after(connection: Connection, prediction_id: str, number: int) -> tuple[Happening, ...]:
    """The events of a prediction with greater numbers, in order."""
    wanted = (events.c.prediction_id == prediction_id) & (events.c.number > number)
    rows = connection.execute(select(events).where(wanted).order_by(events.c.number))
    return tuple(Happening(number=row.number, kind=row.kind, data=row.data) for row in rows)
