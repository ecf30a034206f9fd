"""Double-entry books in whole micro-dollars: every movement is one immutable transfer between two books.

An account has two books, what it may spend and what is held for its open predictions. A hold moves the price from the
first to the second; its end moves it on to the revenue (capture) or back (release). Both ends carry the same unique
reference, so that a hold ends once, whoever tries, however often. The books sum to zero because every transfer does.
Callers give the transaction: money moves in the commit of what it is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from stillmotion.errors import BalanceTooLow
from stillmotion.money import ZERO, Money
from stillmotion.server.db.schema import balances, transfers

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

WORLD, REVENUE = "world", "revenue"
_COVERED = "ck_balances_covered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an account has."""

    available: Money
    held: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A top-up."""

    account_id: str
    amount: Money
    at: datetime
    undone_at: datetime | None
    """When it was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Transfer:
    reference: str
    kind: str
    debit: str
    credit: str
    amount: Money
    prediction_id: str | None = None
    words: str = ""


def spendable(account_id: str) -> str:
    """The book of what an account may spend."""
    return f"account:{account_id}"


def held(account_id: str) -> str:
    """The book of what is held for an account's open predictions."""
    return f"held:{account_id}"


def open_books(connection: Connection, account_id: str, *, may_owe: bool) -> None:
    """Open an account's two books, and ours if they are missing; opening twice changes nothing.

    Args:
        connection: in the caller's transaction.
        account_id: of whom.
        may_owe: whether its balance may go below zero: money is then recorded and never refused.
    """
    rows = [
        {"book": WORLD, "account_id": None, "may_owe": True},
        {"book": REVENUE, "account_id": None, "may_owe": False},
        {"book": spendable(account_id), "account_id": account_id, "may_owe": may_owe},
        {"book": held(account_id), "account_id": account_id, "may_owe": False},
    ]
    connection.execute(insert(balances).values(rows).on_conflict_do_nothing())


def top_up(connection: Connection, account_id: str, amount: Money, *, reference: str, words: str, at: datetime) -> bool:
    """Add money; False when this reference was booked before.

    Raises:
        ValueError: the amount is not above zero.
    """
    if amount <= ZERO:
        message = f"a top-up is above zero, not {amount}"
        raise ValueError(message)
    moved = _Transfer(
        reference=f"topup:{reference}",
        kind="topup",
        debit=WORLD,
        credit=spendable(account_id),
        amount=amount,
        words=words,
    )
    return _move(connection, moved, at)


def payment(connection: Connection, reference: str) -> Payment | None:
    """The top-up that was booked under a reference; None when none was."""
    back = transfers.alias()
    joined = transfers.join(balances, balances.c.book == transfers.c.credit)
    joined = joined.outerjoin(back, back.c.reference == f"undo:{reference}")
    columns = (balances.c.account_id, transfers.c.micros, transfers.c.at, back.c.at.label("undone_at"))
    booked = select(*columns).select_from(joined).where(transfers.c.reference == f"topup:{reference}")
    row = connection.execute(booked).one_or_none()
    if row is None:
        return None
    return Payment(account_id=row.account_id, amount=Money(row.micros), at=row.at, undone_at=row.undone_at)


def take_back(connection: Connection, found: Payment, *, reference: str, words: str, at: datetime) -> bool:
    """Book a top-up the other way round; False when that was done before.

    Raises:
        BalanceTooLow: what is free of it is less, because the rest was spent or is held.
    """
    book = spendable(found.account_id)
    free = connection.execute(select(balances).where(balances.c.book == book).with_for_update()).one()
    moved = _Transfer(
        reference=f"undo:{reference}", kind="undo", debit=book, credit=WORLD, amount=found.amount, words=words
    )
    known = connection.scalar(select(transfers.c.id).where(transfers.c.reference == moved.reference))
    if known is None and not free.may_owe and free.micros < found.amount.micros:
        message = (
            f"The top-up {reference} was {found.amount}, and of that account's money {Money(free.micros)} is free: the"
            " rest was spent, or is held. Nothing was taken back."
        )
        raise BalanceTooLow(message)
    return _move(connection, moved, at)


def hold(connection: Connection, account_id: str, amount: Money, *, prediction_id: str, at: datetime) -> bool:
    """Reserve the price of a prediction; False when it was reserved before.

    Raises:
        BalanceTooLow: the account cannot cover it; the transaction can only be rolled back after that.
    """
    moved = _Transfer(
        reference=f"hold:{prediction_id}",
        kind="hold",
        debit=spendable(account_id),
        credit=held(account_id),
        amount=amount,
        prediction_id=prediction_id,
    )
    try:
        return _move(connection, moved, at)
    except IntegrityError as error:
        if _COVERED not in str(error.orig):
            raise
        raise _too_low(amount) from None


def check_cover(connection: Connection, account_id: str, amount: Money) -> None:
    """Whether an account could pay that now; only `hold` makes sure that it still can a moment later.

    Raises:
        BalanceTooLow: it could not.
    """
    book = select(balances.c.micros, balances.c.may_owe).where(balances.c.book == spendable(account_id))
    row = connection.execute(book).one()
    if not row.may_owe and row.micros < amount.micros:
        raise _too_low(amount)


def _too_low(amount: Money) -> BalanceTooLow:
    return BalanceTooLow(
        f"Insufficient credits: this run costs {amount}, which the balance does not cover. Top up first."
    )


def capture(connection: Connection, account_id: str, *, prediction_id: str, at: datetime) -> bool:
    """Charge what was held for a prediction; False when its hold has ended already."""
    return _end(connection, "capture", account_id, prediction_id, at)


def release(connection: Connection, account_id: str, *, prediction_id: str, at: datetime) -> bool:
    """Give back what was held for a prediction; False when its hold has ended already."""
    return _end(connection, "release", account_id, prediction_id, at)


def balance(connection: Connection, account_id: str) -> Balance:
    """What an account may spend and what is held for it."""
    wanted = (spendable(account_id), held(account_id))
    rows = connection.execute(select(balances.c.book, balances.c.micros).where(balances.c.book.in_(wanted)))
    found = {row.book: Money(row.micros) for row in rows}
    return Balance(available=found.get(wanted[0], ZERO), held=found.get(wanted[1], ZERO))


def _end(connection: Connection, kind: str, account_id: str, prediction_id: str, at: datetime) -> bool:
    reserved = connection.scalar(select(transfers.c.micros).where(transfers.c.reference == f"hold:{prediction_id}"))
    if reserved is None:
        return False
    moved = _Transfer(
        reference=f"end:{prediction_id}",
        kind=kind,
        debit=held(account_id),
        credit=REVENUE if kind == "capture" else spendable(account_id),
        amount=Money(reserved),
        prediction_id=prediction_id,
    )
    return _move(connection, moved, at)


def _move(connection: Connection, moved: _Transfer, at: datetime) -> bool:
    """Book a transfer and carry both balances along; a reference that is there already moves nothing."""
    row = {
        "reference": moved.reference,
        "kind": moved.kind,
        "debit": moved.debit,
        "credit": moved.credit,
        "micros": moved.amount.micros,
        "prediction_id": moved.prediction_id,
        "words": moved.words,
        "at": at,
    }
    booked = insert(transfers).values(row).on_conflict_do_nothing(index_elements=["reference"])
    if connection.scalar(booked.returning(transfers.c.id)) is None:
        return False
    changes = {moved.debit: -moved.amount.micros, moved.credit: moved.amount.micros}
    for book in sorted(changes):  # always in one order, so that two transfers cannot wait for each other
        connection.execute(
            update(balances).where(balances.c.book == book).values(micros=balances.c.micros + changes[book])
        )
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that the books should not show."""

    what: str
    where: str


def audit(connection: Connection) -> tuple[Finding, ...]:
    """Prove the ledger: every balance is the sum of its transfers, and all of them together are nothing."""
    out = select(transfers.c.debit.label("book"), (-transfers.c.micros).label("micros"))
    into = select(transfers.c.credit.label("book"), transfers.c.micros.label("micros"))
    both = out.union_all(into).subquery()
    sums = select(both.c.book, func.sum(both.c.micros).label("micros")).group_by(both.c.book).subquery()
    rows = connection.execute(
        select(balances.c.book, balances.c.micros, func.coalesce(sums.c.micros, 0).label("moved")).join_from(
            balances, sums, balances.c.book == sums.c.book, isouter=True
        )
    ).all()
    wrong = [
        Finding(what=f"holds {row.micros}, moved {row.moved}", where=row.book)
        for row in rows
        if row.micros != row.moved
    ]
    total = sum(row.micros for row in rows)
    return (*wrong, *([Finding(what=f"the books sum to {total}", where="all")] if total else []))
