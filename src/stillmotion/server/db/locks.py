"""Locks by name, which the database holds until the transaction is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection


def alone_with(connection: Connection, name: str) -> None:
    """Wait until no other transaction is alone with this name; whoever asks next waits for ours."""
    connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def alone_with_account(connection: Connection, account_id: str) -> None:
    """What an account asks for, what of it ends, and what it takes from under that, follow each other.

    Taken after the row of a prediction that ends and before any book of the ledger, so that nobody waits in a circle.
    """
    alone_with(connection, account_id)
