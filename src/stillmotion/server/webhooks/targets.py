"""Where an account is told the ends of videos whose creates cannot name a webhook, as the OpenAI dialect's cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from stillmotion.server.db.schema import accounts

if TYPE_CHECKING:
    from sqlalchemy import Connection


def target(connection: Connection, account_id: str) -> str | None:
    """The address; None where there is none."""
    return connection.scalar(select(accounts.c.webhook_url).where(accounts.c.id == account_id))


def set_target(connection: Connection, account_id: str, url: str | None) -> None:
    """From now on creates are told there, or nowhere. What was accepted before is told where it was to be.

    Args:
        connection: in a transaction.
        account_id: whose.
        url: checked as any webhook is; None removes it.
    """
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(webhook_url=url))
