"""Locks by name, which the database holds until the transaction is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection


def alone_with(connection: Connection, name: str) -> None:
    """Wait until no other transaction is alone with this name; whoever asks next waits for ours."""
    connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
