"""How much uploads and outputs may take: all together, and those of one account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from stillmotion.errors import AccountQuotaFull, QuotaFull
from stillmotion.server import sizes
from stillmotion.server.db.locks import alone_with
from stillmotion.server.db.schema import kept

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from stillmotion.server.settings import Settings

_ADVICE = "delete predictions or uploads, or wait until old ones are removed."
_FILM_BYTES_A_S, _PICTURES_BYTES = 200 << 10, 350 << 10
"""What films of calm photos take at their usual size; with much motion they take up to three times that."""
_TINY_SHARE = 8


def used_bytes(connection: Connection) -> int:
    """What the store holds, as the tables know it. What was announced and has not come takes no room."""
    return int(connection.scalar(select(func.coalesce(func.sum(kept.c.size_bytes), 0))) or 0)


def used_by(connection: Connection, account_id: str) -> int:
    """What it holds of one account."""
    return connection.scalar(select(kept.c.size_bytes).where(kept.c.account_id == account_id)) or 0


def film_bytes(seconds: float, *, tiny: bool) -> int:
    """About what a film with its pictures will take, rather too little than too much: its worker looks again."""
    whole = round(seconds * _FILM_BYTES_A_S) + _PICTURES_BYTES
    return whole // _TINY_SHARE if tiny else whole


def check(connection: Connection, limit_bytes: int, *, adding_bytes: int = 0) -> None:
    """Whether the server may keep that much more; a limit of 0 is none.

    Raises:
        QuotaFull: the message says how much is used.
    """
    used = used_bytes(connection) if limit_bytes else 0
    if limit_bytes and used + adding_bytes > limit_bytes:
        message = _full("The server", used, limit_bytes, adding_bytes)
        raise QuotaFull(message)


def check_account(connection: Connection, settings: Settings, account_id: str, *, adding_bytes: int) -> None:
    """Whether an account, and the server with it, may keep that much more.

    Raises:
        QuotaFull: the server, or (AccountQuotaFull) the account keeps as much as it may.
    """
    limit_bytes = settings.account_quota_bytes if settings.accounts else 0
    used = used_by(connection, account_id) if limit_bytes else 0
    if limit_bytes and used + adding_bytes > limit_bytes:
        message = _full("The account", used, limit_bytes, adding_bytes)
        raise AccountQuotaFull(message)
    check(connection, settings.disk_quota_bytes, adding_bytes=adding_bytes)


def one_at_a_time(connection: Connection, account_id: str) -> None:
    """What an account adds is added one after the other until the transaction is over, so that no two take one room."""
    alone_with(connection, f"quota {account_id}")


def _full(who: str, used: int, limit_bytes: int, adding_bytes: int) -> str:
    more = f", and this needs {sizes.words(adding_bytes)} more" if adding_bytes > 1 else ""
    return f"{who} keeps {sizes.words(used)} and may keep {sizes.words(limit_bytes)}{more}: {_ADVICE}"
