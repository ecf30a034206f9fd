"""How many of an account's predictions are in the queue at once; the others wait for a place, oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from stillmotion.server.db.locks import alone_with_account
from stillmotion.server.db.schema import accounts, predictions
from stillmotion.server.predictions.records import Status

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from stillmotion.server.queue import Queue

_OPEN = (Status.CREATED.value, Status.PROCESSING.value)
_WAITING = (predictions.c.status == Status.CREATED.value) & ~predictions.c.released  # as its index says it


def waiting_accounts(connection: Connection) -> tuple[str, ...]:
    """Accounts that have predictions without a place."""
    return tuple(connection.scalars(select(predictions.c.account_id).where(_WAITING).distinct()))


def give_places(connection: Connection, account_id: str, queue: Queue, *, usual: int | None) -> int:
    """Queue an account's oldest waiting predictions, as many as may run beside those that do; how many.

    Args:
        connection: in a transaction; creates and ends of the account wait for it.
        account_id: whose limit may have been raised or lowered since they were submitted.
        queue: where the jobs go.
        usual: the limit of accounts without one of their own; None is: as before, when one has just left its place.
    """
    alone_with_account(connection, account_id)
    own = connection.scalar(select(accounts.c.concurrency).where(accounts.c.id == account_id))
    limit = own or usual
    placed = (predictions.c.account_id == account_id) & predictions.c.status.in_(_OPEN) & predictions.c.released
    free = 1 if limit is None else limit - (connection.scalar(select(func.count()).where(placed)) or 0)
    if free <= 0:
        return 0
    oldest = (
        select(predictions.c.id)
        .where(predictions.c.account_id == account_id, _WAITING)
        .order_by(predictions.c.created_at, predictions.c.id)
        .limit(free)
        .with_for_update(skip_locked=True)
    )
    chosen = connection.scalars(oldest).all()
    connection.execute(update(predictions).where(predictions.c.id.in_(chosen)).values(released=True))
    for prediction_id in chosen:
        queue.run(connection, prediction_id)
    return len(chosen)
