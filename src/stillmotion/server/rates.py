"""What an account asks for in a minute, counted in the database so that all API processes count together."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert

from stillmotion.errors import RateLimited
from stillmotion.server.db.schema import rates

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_WINDOW_S = 60


class Kind(StrEnum):
    """What is counted, each by itself: a film from an uploaded picture is one of both and not two of one."""

    CREATE = "create"
    UPLOAD = "upload"
    RESEND = "resend"
    """Webhooks that are sent again by hand."""


_SEVERAL = {Kind.CREATE: "creates", Kind.UPLOAD: "uploads", Kind.RESEND: "webhooks sent again"}


def count(connection: Connection, account_id: str, kind: Kind, *, per_minute: int, at: datetime) -> None:
    """Count one request of an account; windows begin with the minute, as the hosted service's do.

    Args:
        connection: in a transaction of its own: a refused request counts as well.
        account_id: of the caller.
        kind: what is asked for.
        per_minute: 0 is no limit.
        at: now.

    Raises:
        RateLimited: there were more in this minute; it says how long to wait.
    """
    if per_minute == 0:
        return
    window = int(at.timestamp()) // _WINDOW_S
    following = case((rates.c.window == window, rates.c.count + 1), else_=1)
    counted = insert(rates).values(account_id=account_id, kind=kind.value, window=window, count=1)
    anew = {"window": window, "count": following}
    total = connection.execute(
        counted.on_conflict_do_update(index_elements=["account_id", "kind"], set_=anew).returning(rates.c.count)
    ).scalar_one()
    if total > per_minute:
        wait_s = math.ceil((window + 1) * _WINDOW_S - at.timestamp())
        message = f"Too Many Requests: {per_minute} {_SEVERAL[kind]} a minute are allowed; wait {wait_s} s."
        raise RateLimited(message, retry_after_s=max(wait_s, 1))
