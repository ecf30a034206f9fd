"""The end of a prediction: status, money, webhook and the next in line in one commit, by whoever holds the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from stillmotion.server import ledger, tallies
from stillmotion.server.codes import Code
from stillmotion.server.db.locks import alone_with_account
from stillmotion.server.db.schema import files, predictions
from stillmotion.server.failpoint import failpoint
from stillmotion.server.predictions import happenings
from stillmotion.server.predictions.places import give_places
from stillmotion.server.predictions.records import Attempt, Prediction, Status
from stillmotion.server.predictions.rows import COLUMNS, record
from stillmotion.server.tallies import Tally, What

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from stillmotion.server.predictions.records import StoredFile
    from stillmotion.server.queue import Queue

_OPEN = (Status.CREATED.value, Status.PROCESSING.value)


def complete(
    connection: Connection,
    attempt: Attempt,
    stored: Sequence[StoredFile],
    *,
    engine: str,
    facts: dict[str, Any],
    queue: Queue,
    tell: Callable[[Connection, Prediction, datetime], None],
    at: datetime,
) -> Prediction | None:
    """The work is done and its files are stored: publish them and charge the price.

    Args:
        connection: in a transaction of its own.
        attempt: must still be the latest one.
        stored: the film first; their keys become the outputs.
        engine: who made it.
        facts: what the run found out.
        queue: gets the account's next waiting prediction.
        tell: writes the webhook's delivery into the same transaction.
        at: now.

    Returns:
        The prediction; None when this attempt may not end it: its files are then orphans to be removed.
    """
    values = {
        "status": Status.COMPLETED.value,
        "progress": 100,
        "engine": engine,
        "facts": facts,
        "outputs": [file.key for file in stored],
        "finished_at": at,
    }
    made = _end(connection, _mine(attempt) & predictions.c.cancel_requested_at.is_(None), values)
    if made is None:
        return None
    for file in stored:
        connection.execute(files.insert().values(file.row(made.id, at)))
    ledger.capture(connection, made.account_id, prediction_id=made.id, at=at)
    _afterwards(connection, made, queue, tell, at)
    return made


def completed_by(connection: Connection, attempt: Attempt) -> bool:
    """Whether this attempt has completed it."""
    done = _mine(attempt) & (predictions.c.status == Status.COMPLETED.value)
    return connection.scalar(select(predictions.c.id).where(done)) is not None


def fail(
    connection: Connection,
    prediction_id: str,
    *,
    code: Code,
    error: str,
    queue: Queue,
    tell: Callable[[Connection, Prediction, datetime], None],
    at: datetime,
    attempt: Attempt | None = None,
) -> Prediction | None:
    """It cannot be done: say why and give the price back. With an attempt only while that one is the latest."""
    which = predictions.c.id == prediction_id if attempt is None else _mine(attempt)
    values = {"status": Status.FAILED.value, "code": int(code), "error": error, "outputs": [], "finished_at": at}
    made = _end(connection, which, values)
    if made is None:
        return None
    ledger.release(connection, made.account_id, prediction_id=made.id, at=at)
    _afterwards(connection, made, queue, tell, at)
    return made


def cancel(
    connection: Connection,
    prediction_id: str,
    *,
    queue: Queue,
    tell: Callable[[Connection, Prediction, datetime], None],
    at: datetime,
) -> Prediction | None:
    """Stop it: at once when it has not begun, else through its worker. None when it is over already."""
    waiting = (predictions.c.id == prediction_id) & (predictions.c.status == Status.CREATED.value)
    if connection.scalar(select(predictions.c.id).where(waiting).with_for_update()) is not None:
        words = "Cancelled before it began; nothing was charged."
        return fail(connection, prediction_id, code=Code.CANCELLED, error=words, queue=queue, tell=tell, at=at)
    row = connection.execute(
        update(predictions)
        .where(predictions.c.id == prediction_id, predictions.c.status == Status.PROCESSING.value)
        .values(cancel_requested_at=at)
        .returning(*COLUMNS)
    ).one_or_none()
    return None if row is None else record(row)


def _mine(attempt: Attempt) -> ColumnElement[bool]:
    return (predictions.c.id == attempt.prediction.id) & (predictions.c.attempt_token == attempt.token)


def _end(connection: Connection, which: ColumnElement[bool], values: dict[str, Any]) -> Prediction | None:
    row = connection.execute(
        update(predictions).where(which, predictions.c.status.in_(_OPEN)).values(**values).returning(*COLUMNS)
    ).one_or_none()
    if row is None:
        return None
    # A create at the same moment sees either this end or is seen by it: else it would wait for a place for ever.
    alone_with_account(connection, row.account_id)
    return record(row)


def _afterwards(
    connection: Connection,
    made: Prediction,
    queue: Queue,
    tell: Callable[[Connection, Prediction, datetime], None],
    at: datetime,
) -> None:
    happenings.add(connection, made.id, "status", {"status": made.status.value, "error": made.error}, at=at)
    if made.webhook_url:
        tell(connection, made, at)
    # One that never had a place leaves none behind.
    if connection.scalar(select(predictions.c.released).where(predictions.c.id == made.id)):
        give_places(connection, made.account_id, queue, usual=None)
    tallies.add(connection, _tallied(made))
    failpoint("ending")


def _tallied(made: Prediction) -> list[Tally]:
    """That it ended, and when it completed, what its time went into: the queue, the work, and the stages of that."""
    found = [Tally(what=What.ENDED, model_id=made.model_id, word=made.status.value, code=made.code)]
    if made.status is Status.COMPLETED and made.started_at is not None and made.finished_at is not None:
        spans_s = {
            "waiting": (made.started_at - made.created_at).total_seconds(),
            "working": (made.finished_at - made.started_at).total_seconds(),
            **made.facts.get("stages_s", {}),
        }
        found += [
            Tally(what=What.STAGE, model_id=made.model_id, word=word, seconds=float(span_s))
            for word, span_s in spans_s.items()
        ]
    return found
