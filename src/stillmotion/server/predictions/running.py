"""A worker takes a prediction up, and says how far it is. Only the latest attempt is listened to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from stillmotion.server import ids
from stillmotion.server.db.schema import predictions
from stillmotion.server.predictions import happenings
from stillmotion.server.predictions.records import Attempt, Status
from stillmotion.server.predictions.rows import COLUMNS, record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

_OPEN = (Status.CREATED.value, Status.PROCESSING.value)


def begin(connection: Connection, prediction_id: str, *, at: datetime) -> Attempt | None:
    """Take a prediction up; None when it has ended or is gone. Whoever held it before can no longer end it."""
    token = ids.attempt_token()
    row = connection.execute(
        update(predictions)
        .where(predictions.c.id == prediction_id, predictions.c.status.in_(_OPEN))
        .values(
            status=Status.PROCESSING.value,
            attempts=predictions.c.attempts + 1,
            attempt_token=token,
            started_at=at,
            progress=0,
            stage="",
        )
        .returning(*COLUMNS)
    ).one_or_none()
    if row is None:
        return None
    happenings.add(connection, prediction_id, "status", {"status": Status.PROCESSING.value}, at=at)
    return Attempt(prediction=record(row), token=token)


def report(connection: Connection, attempt: Attempt, *, stage: str, progress: int, at: datetime) -> bool:
    """Say how far it is; False when somebody else has it now, or it was cancelled: the work can stop."""
    mine = (predictions.c.id == attempt.prediction.id) & (predictions.c.attempt_token == attempt.token)
    row = connection.execute(
        update(predictions)
        .where(mine, predictions.c.status == Status.PROCESSING.value)
        .values(stage=stage, progress=progress)
        .returning(predictions.c.cancel_requested_at)
    ).one_or_none()
    if row is None or row.cancel_requested_at is not None:
        return False
    happenings.add(connection, attempt.prediction.id, "progress", {"stage": stage, "progress": progress}, at=at)
    return True


def wanted(connection: Connection, attempt: Attempt) -> bool:
    """Whether the work should go on; for while there is nothing to report."""
    row = connection.execute(select(predictions.c.cancel_requested_at).where(*_working(attempt))).one_or_none()
    return row is not None and row.cancel_requested_at is None


def tell(connection: Connection, attempt: Attempt, kind: str, data: dict[str, Any], *, at: datetime) -> None:
    """Add to what listeners are told meanwhile, as long as this attempt is the latest one."""
    if connection.scalar(select(predictions.c.id).where(*_working(attempt))) is not None:
        happenings.add(connection, attempt.prediction.id, kind, data, at=at)


def give_back(connection: Connection, attempt: Attempt) -> bool:
    """The worker must go: the attempt does not count, and this worker can no longer end the prediction."""
    row = connection.execute(
        update(predictions)
        .where(*_working(attempt))
        .values(attempt_token=None, attempts=predictions.c.attempts - 1, progress=0, stage="")
        .returning(predictions.c.id)
    ).one_or_none()
    return row is not None


def _working(attempt: Attempt) -> tuple[ColumnElement[bool], ...]:
    return (
        predictions.c.id == attempt.prediction.id,
        predictions.c.attempt_token == attempt.token,
        predictions.c.status == Status.PROCESSING.value,
    )
