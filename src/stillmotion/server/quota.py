"""How much uploads and outputs may take together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from stillmotion.errors import QuotaFull
from stillmotion.server.db.schema import files, uploads

if TYPE_CHECKING:
    from sqlalchemy import Connection

_GIB = 1 << 30


def used_bytes(connection: Connection) -> int:
    """What the store holds, as the tables know it."""
    parts = (select(func.coalesce(func.sum(table.c.size_bytes), 0)).select_from(table) for table in (files, uploads))
    return sum(int(connection.scalar(part) or 0) for part in parts)


def check(connection: Connection, limit_bytes: int, *, adding_bytes: int = 0) -> None:
    """Whether that much more may be kept; a limit of 0 is none.

    Raises:
        QuotaFull: the message says how much is used.
    """
    if not limit_bytes:
        return
    used = used_bytes(connection)
    if used + adding_bytes > limit_bytes:
        message = (
            f"The server keeps {used / _GIB:.1f} GiB and may keep {limit_bytes / _GIB:.1f} GiB: delete predictions,"
            " or wait until old ones are removed."
        )
        raise QuotaFull(message)
