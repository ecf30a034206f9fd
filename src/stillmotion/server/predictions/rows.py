"""Rows of the table as records, and the order in which they are changed."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from stillmotion.server.db.locks import alone_with
from stillmotion.server.db.schema import predictions
from stillmotion.server.predictions.records import Prediction, Status

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

COLUMNS = tuple(predictions.c[one.name] for one in fields(Prediction))


def record(row: Row[Any]) -> Prediction:
    """A prediction from a row of COLUMNS."""
    values = dict(row._mapping)  # noqa: SLF001 - the public name of SQLAlchemy's mapping of a row
    return Prediction(**{**values, "status": Status(values["status"])})


def one_at_a_time(connection: Connection, account_id: str) -> None:
    """Creates and ends of one account follow each other until the transaction is over.

    Taken after the row of a prediction that ends and before any book of the ledger, so that nobody waits in a circle.
    """
    alone_with(connection, account_id)
