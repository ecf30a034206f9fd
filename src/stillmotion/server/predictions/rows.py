"""Rows of the table as records."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from stillmotion.server.db.schema import predictions
from stillmotion.server.predictions.records import Prediction, Status

if TYPE_CHECKING:
    from sqlalchemy import Row

COLUMNS = tuple(predictions.c[one.name] for one in fields(Prediction))


def record(row: Row[Any]) -> Prediction:
    """A prediction from a row of COLUMNS."""
    values = dict(row._mapping)  # noqa: SLF001 - the public name of SQLAlchemy's mapping of a row
    return Prediction(**{**values, "status": Status(values["status"])})
