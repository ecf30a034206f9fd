"""Creates a minute for each account, counted in the database so that all API processes count together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert

from stillmotion.errors import RateLimited
from stillmotion.server.db.schema import rates

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_WINDOW_S = 60


def count(connection: Connection, account_id: str, *, per_minute: int, at: datetime) -> None:
    """Count one create of an account; windows begin with the minute, as the hosted service's do.

    Args:
        connection: in a transaction of its own: a refused request counts as well.
        account_id: of the caller.
        per_minute: 0 is no limit.
        at: now.

    Raises:
        RateLimited: there were more in this minute; it says how long to wait.
    """
    if per_minute == 0:
        return
    window = int(at.timestamp()) // _WINDOW_S
    following = case((rates.c.window == window, rates.c.count + 1), else_=1)
    counted = insert(rates).values(account_id=account_id, window=window, count=1)
    total = connection.execute(
        counted.on_conflict_do_update(
            index_elements=["account_id"], set_={"window": window, "count": following}
        ).returning(rates.c.count)
    ).scalar_one()
    if total > per_minute:
        wait_s = math.ceil((window + 1) * _WINDOW_S - at.timestamp())
        message = f"Too Many Requests: {per_minute} creates a minute are allowed; wait {wait_s} s."
        raise RateLimited(message, retry_after_s=max(wait_s, 1))
