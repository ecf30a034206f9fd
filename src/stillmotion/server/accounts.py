"""Who pays, and how they prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from stillmotion.errors import AccountSuspended, KeyRefused
from stillmotion.server import ids, ledger
from stillmotion.server.db.schema import accounts, api_keys

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

SINGLE_USER = "local"
"""The account of the single-user mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may run models."""

    id: str
    name: str
    admin: bool = False
    per_minute: int | None = None
    """Creates a minute; None is: as the settings say."""
    concurrency: int | None = None
    """Runs at once; None is: as the settings say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """A key as its owner may see it later: never the secret."""

    public: str
    name: str
    created_at: datetime
    revoked_at: datetime | None


def create(
    connection: Connection,
    name: str,
    *,
    at: datetime,
    account_id: str | None = None,
    admin: bool = False,
    may_owe: bool,
) -> Account:
    """A new account with its books; one that is there already is returned as it is."""
    wanted = account_id or ids.prediction_id()
    row = {"id": wanted, "name": name, "admin": admin, "created_at": at}
    connection.execute(insert(accounts).values(row).on_conflict_do_nothing())
    ledger.open_books(connection, wanted, may_owe=may_owe)
    return _account(connection.execute(select(accounts).where(accounts.c.id == wanted)).one())


def issue_key(connection: Connection, account_id: str, *, name: str, at: datetime) -> ids.ApiKey:
    """A new key; its text is known to the caller alone and cannot be read again."""
    key = ids.new_key()
    row = {"public": key.public, "account_id": account_id, "digest": key.digest, "name": name, "created_at": at}
    connection.execute(insert(api_keys).values(row))
    return key


def revoke_key(connection: Connection, account_id: str, public: str, *, at: datetime) -> bool:
    """From now on the key is refused; False when the account has no such key that is still good."""
    mine = (api_keys.c.account_id == account_id) & (api_keys.c.public == public) & api_keys.c.revoked_at.is_(None)
    return connection.execute(update(api_keys).where(mine).values(revoked_at=at)).rowcount > 0


def keys(connection: Connection, account_id: str) -> tuple[KeyInfo, ...]:
    """The keys of an account, oldest first."""
    rows = connection.execute(
        select(api_keys).where(api_keys.c.account_id == account_id).order_by(api_keys.c.created_at, api_keys.c.public)
    )
    return tuple(
        KeyInfo(public=row.public, name=row.name, created_at=row.created_at, revoked_at=row.revoked_at) for row in rows
    )


def of_key(connection: Connection, text: str) -> Account:
    """Whose key that is.

    Raises:
        KeyRefused: no key of ours, a wrong one, or one that was revoked.
        AccountSuspended: the account may do nothing at present.
    """
    key = ids.read_key(text)
    row = None if key is None else connection.execute(_with_account(key)).one_or_none()
    # The same answer for all of them: nobody learns which part was right.
    if key is None or row is None or not key.fits(row.digest) or row.revoked_at is not None:
        raise KeyRefused
    if row.suspended_at is not None:
        raise AccountSuspended
    return _account(row)


def _with_account(key: ids.ApiKey) -> Select[Any]:
    columns = (api_keys.c.digest, api_keys.c.revoked_at, *accounts.c)
    joined = api_keys.join(accounts, api_keys.c.account_id == accounts.c.id)
    return select(*columns).select_from(joined).where(api_keys.c.public == key.public)


def _account(row: Row[Any]) -> Account:
    return Account(id=row.id, name=row.name, admin=row.admin, per_minute=row.per_minute, concurrency=row.concurrency)
