"""What whoever runs the service does: accounts, keys, money, and proving that the books are right."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text, union_all, update

from stillmotion.errors import AccountUnknown, InputRefused
from stillmotion.money import ZERO, Money
from stillmotion.server import accounts, ledger
from stillmotion.server.db.locks import alone_with
from stillmotion.server.db.schema import accounts as people
from stillmotion.server.db.schema import api_keys, files, kept, predictions, removed, transfers, uploads
from stillmotion.server.ledger import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from stillmotion.server.accounts import Account
    from stillmotion.server.ledger import Balance
    from stillmotion.server.store import Store

_NAME_LIMIT = 200
_AMOUNT = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
CEILING = Money.of(100_000)
"""Of one top-up: more is most likely a slip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """An account as its operator sees it."""

    id: str
    name: str
    admin: bool
    balance: Balance
    keys: int
    """Keys that are good."""
    created_at: datetime
    suspended_at: datetime | None


def create_account(connection: Connection, name: str, *, admin: bool = False, at: datetime) -> Account:
    """A new account.

    Raises:
        InputRefused: the name cannot be one, or is somebody else's.
    """
    _plain(name, "The name of an account")
    alone_with(connection, "accounts")
    if connection.scalar(select(people.c.id).where((people.c.name == name) | (people.c.id == name))) is not None:
        message = f"There is an account called {name!r}; choose another name."
        raise InputRefused(message)
    return accounts.create(connection, name, at=at, admin=admin, may_owe=False)


def key_name(name: str) -> str:
    """What a key is for, in words that can be shown; none at all is fine.

    Raises:
        InputRefused: it has line breaks or other characters that cannot be shown, or is too long.
    """
    return name and _plain(name, "The name of a key")


def find_account(connection: Connection, wanted: str) -> str:
    """The id of the account of that id or name.

    Raises:
        AccountUnknown: there is none.
    """
    found = connection.scalar(select(people.c.id).where((people.c.id == wanted) | (people.c.name == wanted)))
    if found is None:
        message = f"There is no account {wanted!r}; `stillmotion accounts list` shows them."
        raise AccountUnknown(message)
    return str(found)


def holders(connection: Connection) -> tuple[Holder, ...]:
    """Every account, oldest first."""
    good = select(api_keys.c.account_id, func.count().label("good_keys")).where(api_keys.c.revoked_at.is_(None))
    counted = good.group_by(api_keys.c.account_id).subquery()
    joined = people.join(counted, counted.c.account_id == people.c.id, isouter=True)
    rows = connection.execute(
        select(*people.c, func.coalesce(counted.c.good_keys, 0).label("good_keys"))
        .select_from(joined)
        .order_by(people.c.created_at, people.c.id)
    ).all()
    return tuple(
        Holder(
            id=row.id,
            name=row.name,
            admin=row.admin,
            balance=ledger.balance(connection, row.id),
            keys=row.good_keys,
            created_at=row.created_at,
            suspended_at=row.suspended_at,
        )
        for row in rows
    )


def suspend(connection: Connection, account_id: str, *, at: datetime | None) -> None:
    """From now on the account's keys are refused; None lifts it. What runs already goes on."""
    connection.execute(update(people).where(people.c.id == account_id).values(suspended_at=at))


def top_up(
    connection: Connection, account_id: str, dollars: str, *, at: datetime, reference: str = "", words: str = ""
) -> bool:
    """Add money to an account; False when the same payment was booked before.

    Args:
        connection: in a transaction.
        account_id: whose.
        dollars: the amount, for example "25" or "12.50".
        at: now.
        reference: what names the payment, so that it is booked once however often it is sent; else a new one.
        words: a note for the books.

    Raises:
        InputRefused: the amount is none, not above zero or above the ceiling; the reference names another payment.
    """
    amount, named = _amount(dollars), new_reference() if not reference else _plain(reference, "A reference")
    if ledger.top_up(connection, account_id, amount, reference=named, words=words, at=at):
        return True
    known = ledger.payment(connection, named)
    assert known is not None  # noqa: S101 - or it would have been booked
    if known.undone_at is not None:
        message = f"{named} was taken back on {known.undone_at:%Y-%m-%d}; nothing was added. Choose another reference."
        raise InputRefused(message)
    if (known.account_id, known.amount) != (account_id, amount):
        message = (
            f"{named} is a top-up of {known.amount} for {_called(connection, known.account_id)}, booked on"
            f" {known.at:%Y-%m-%d}; nothing was added. Another payment needs another reference."
        )
        raise InputRefused(message)
    return False


def undo_top_up(connection: Connection, account_id: str, reference: str, *, at: datetime, words: str = "") -> bool:
    """Take a top-up of an account back, with an entry of its own; False when it was taken back before.

    Raises:
        InputRefused: the account has no such top-up.
        BalanceTooLow: less than that is free.
    """
    found = ledger.payment(connection, reference)
    if found is None or found.account_id != account_id:
        message = (
            f"{_called(connection, account_id)} has no top-up with the reference {reference!r}; `stillmotion topup`"
            " printed it when it was booked."
        )
        raise InputRefused(message)
    return ledger.take_back(connection, found, reference=reference, words=words, at=at)


def new_reference() -> str:
    """The name of a payment that was given none."""
    return secrets.token_hex(8)


def _amount(dollars: str) -> Money:
    if not _AMOUNT.fullmatch(dollars):
        message = f"{dollars!r} is not an amount in dollars; write for example 25 or 12.50."
        raise InputRefused(message)
    try:
        amount = Money.of(dollars)
    except ValueError:  # of so many digits that the books cannot hold it
        amount = CEILING + CEILING
    if not ZERO < amount <= CEILING:
        message = f"A top-up is above zero and at most {CEILING} at once, not {dollars[:_NAME_LIMIT]}."
        raise InputRefused(message)
    return amount


def _plain(name: str, what: str) -> str:
    """A name that can be shown, and typed again as it is.

    Raises:
        InputRefused: it is empty, too long, or cannot.
    """
    if not name.isprintable() or name != name.strip() or name.startswith("-") or not 0 < len(name) <= _NAME_LIMIT:
        message = (
            f"{what} has 1 to {_NAME_LIMIT} characters that can be shown; it begins and ends with no space, and begins"
            " with no dash."
        )
        raise InputRefused(message)
    return name


def _called(connection: Connection, account_id: str) -> str:
    return str(connection.scalar(select(people.c.name).where(people.c.id == account_id)))


def audit(connection: Connection) -> tuple[Finding, ...]:
    """Prove the books: balances are sums of transfers, and every prediction was held, charged and refunded as it ended.

    Args:
        connection: best in a transaction that sees one moment ("repeatable read"), for while it looks things go on.
    """
    return (*ledger.audit(connection), *_runs(connection), *_strays(connection), *_undone(connection))


def audited(connection: Connection) -> dict[str, int]:
    """How much an audit looks at: an empty installation has nothing that could be wrong."""
    counted = {"accounts": (people,), "predictions": (predictions, removed), "entries": (transfers,)}
    return {
        what: sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
        for what, tables in counted.items()
    }


_RUNS = text(
    """
    with runs as (
        select id, status, price_micros from predictions union all select id, status, price_micros from removed
    )
    select p.id, p.status, p.price_micros as price, h.micros as held, e.kind as ended, e.micros as moved
    from runs p
    left join transfers h on h.reference = 'hold:' || p.id
    left join transfers e on e.reference = 'end:' || p.id
    where not (
        (p.price_micros = 0 and h.id is null and e.id is null)
        or (h.micros is not distinct from p.price_micros and p.status in ('created', 'processing') and e.id is null)
        or (h.micros is not distinct from p.price_micros and e.micros is not distinct from p.price_micros
            and ((p.status = 'completed' and e.kind = 'capture') or (p.status = 'failed' and e.kind = 'release')))
    )
    order by p.id
    """
)
_STRAYS = text(
    """
    select h.prediction_id as id, h.micros, coalesce(e.kind, 'hold') as kind from transfers h
    left join transfers e on e.reference = 'end:' || h.prediction_id
    where h.kind = 'hold'
        and not exists (select from predictions p where p.id = h.prediction_id)
        and not exists (select from removed r where r.id = h.prediction_id)
    order by h.id
    """
)


_UNDONE = text(
    """
    select u.id, u.micros, coalesce(t.micros, 0) as booked from transfers u
    left join transfers t on t.reference = 'topup:' || substr(u.reference, 6) and t.credit = u.debit
    where u.kind = 'undo' and t.micros is distinct from u.micros
    order by u.id
    """
)


def _runs(connection: Connection) -> tuple[Finding, ...]:
    """Predictions whose money did not go as they did."""
    return tuple(
        Finding(
            what=f"{row.status} at {row.price} micro-dollars; held {row.held}, then {row.ended} of {row.moved}",
            where=f"prediction {row.id}",
        )
        for row in connection.execute(_RUNS)
    )


def _strays(connection: Connection) -> tuple[Finding, ...]:
    """Money that moved for nothing that is known: usage does not tell it."""
    return tuple(
        Finding(
            what=f"a {row.kind} of {row.micros} micro-dollars for a prediction that nobody knows",
            where=f"hold {row.id}",
        )
        for row in connection.execute(_STRAYS)
    )


def _undone(connection: Connection) -> tuple[Finding, ...]:
    """What was taken back and was no top-up of that account and amount."""
    return tuple(
        Finding(what=f"takes {row.micros} micro-dollars back, of a top-up of {row.booked}", where=f"entry {row.id}")
        for row in connection.execute(_UNDONE)
    )


def audit_files(connection: Connection, store: Store) -> tuple[Finding, ...]:
    """Outputs that should be in the store and are not, or have another size; accounts whose room is counted wrong."""
    there: Mapping[str, int] = {key: size for key, size, _ in store.keys()}  # noqa: SIM118 - a store is no dict
    joined = files.join(predictions, files.c.prediction_id == predictions.c.id)
    wanted = select(files.c.key, files.c.size_bytes).select_from(joined).where(predictions.c.deleted_at.is_(None))
    lost = tuple(
        Finding(
            what="is missing" if row.key not in there else f"has {there[row.key]} bytes, not {row.size_bytes}",
            where=row.key,
        )
        for row in connection.execute(wanted.order_by(files.c.key))
        if there.get(row.key) != row.size_bytes
    )
    return (*lost, *rooms(connection))


def rooms(connection: Connection) -> tuple[Finding, ...]:
    """Accounts that have more or less than their quota counts."""
    made = select(predictions.c.account_id, files.c.size_bytes).join_from(files, predictions)
    sent = select(uploads.c.account_id, uploads.c.size_bytes).where(uploads.c.stored_at.is_not(None))
    every = union_all(made, sent, select(kept.c.account_id, -kept.c.size_bytes)).subquery()
    apart = func.sum(every.c.size_bytes)
    wrong = select(every.c.account_id, apart.label("apart")).group_by(every.c.account_id).having(apart != 0)
    return tuple(
        Finding(what=f"has {row.apart:+} bytes beside those that its quota counts", where=f"account {row.account_id}")
        for row in connection.execute(wrong.order_by(every.c.account_id))
    )
