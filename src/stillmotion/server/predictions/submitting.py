"""Acceptance: prediction, hold, job and the memory of the request in one commit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from stillmotion.errors import KeyReused, KeySpent, ParameterInvalid, QueueFull
from stillmotion.money import ZERO
from stillmotion.server import ids, ledger
from stillmotion.server.db.locks import alone_with_account
from stillmotion.server.db.schema import accounts, predictions, repeats
from stillmotion.server.failpoint import failpoint
from stillmotion.server.intake import uploads
from stillmotion.server.predictions import happenings
from stillmotion.server.predictions.rows import COLUMNS, record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, ScalarSelect
    from sqlalchemy.sql.dml import ReturningInsert

    from stillmotion.server.predictions.records import Prediction, Repeated, Submission
    from stillmotion.server.queue import Queue

_DELETED = "image: the upload was deleted while this was being accepted; send the picture again."


def submit(connection: Connection, asked: Submission, queue: Queue, *, at: datetime) -> Prediction:
    """Accept a request, or give back what the same request was given before.

    Args:
        connection: in a transaction of its own; whatever is raised, it is rolled back and nothing has happened.
        asked: checked and priced.
        queue: where jobs go; the job is part of the transaction.
        at: now.

    Raises:
        BalanceTooLow: the account does not cover the price.
        KeyReused: the key was sent before with another body.
        KeySpent: what it made is no more.
        QueueFull: too much is waiting.
        ParameterInvalid: its upload was deleted meanwhile.
    """
    alone_with_account(connection, asked.account_id)  # the same key sent twice at once gives one prediction
    earlier = known(connection, asked, at=at)
    if earlier is not None:
        failpoint("repeated")
        return earlier
    running, waiting = _open(connection, asked.account_id)
    if running + waiting >= asked.queue_limit:
        raise _queue_full(running + waiting, asked.queue_limit)
    _check_upload(connection, asked)
    released, prediction_id = running < asked.concurrency, ids.prediction_id()
    made = record(connection.execute(_row(asked, prediction_id, at, released=released)).one())
    if asked.key:
        _note(connection, asked, prediction_id, at)
    if asked.price > ZERO:
        ledger.hold(connection, asked.account_id, asked.price, prediction_id=prediction_id, at=at)
    happenings.add(connection, prediction_id, "status", {"status": made.status}, at=at)
    if released:
        queue.run(connection, prediction_id)
    failpoint("submitting")
    return made


def known(connection: Connection, asked: Submission, *, at: datetime) -> Prediction | None:
    """What the same request was given before, if anything.

    Raises:
        KeyReused, KeySpent: as `submit`.
    """
    return _earlier(connection, asked, at) if asked.key and asked.repeated.known else None


def foresee(connection: Connection, asked: Submission) -> None:
    """Refuse what `submit` would refuse of a new request, before anything is kept for it.

    It takes no lock: `submit` decides, this only spares what is in vain.

    Raises:
        QueueFull, BalanceTooLow: as `submit`.
    """
    waiting = sum(_open(connection, asked.account_id))
    if waiting >= asked.queue_limit:
        raise _queue_full(waiting, asked.queue_limit)
    ledger.check_cover(connection, asked.account_id, asked.price)


def as_remembered(connection: Connection, asked: Submission, image: str, *, at: datetime) -> Submission:
    """A request whose picture is not kept any more, under what an equal one is remembered by.

    What stood for the picture tells which it was, and all else stands in what was made. Without such a memory it is
    what it was.

    Args:
        connection: to read with.
        asked: with a fingerprint that can be no one's, for the content of the picture is part of it.
        image: what stood for the picture while it was kept.
        at: now.
    """
    if not (asked.key and asked.repeated.known):
        return asked
    mine = (repeats.c.account_id == asked.account_id) & (predictions.c.account_id == asked.account_id)
    several = select(repeats.c.key, repeats.c.body_sha256).join(predictions).where(mine, _as_before(asked, image, at))
    found = connection.execute(several.order_by(repeats.c.created_at.desc()).limit(1)).one_or_none()
    return asked if found is None else replace(asked, key=found.key, body_sha256=bytes(found.body_sha256))


def _as_before(asked: Submission, image: str, at: datetime) -> ColumnElement[bool]:
    """Whether an equal request was remembered. What its key made and was deleted needs not be equal: it is spent."""
    equal = and_(
        predictions.c.model_id == asked.model_id,
        predictions.c.input == {**asked.input, "image": image},
        predictions.c.base64_output == asked.base64_output,
        predictions.c.remixed_from.is_not_distinct_from(asked.remixed_from),
    )
    if not asked.account_webhook:
        equal &= predictions.c.webhook_url.is_not_distinct_from(asked.webhook_url)
    if asked.repeated.within is None:
        equal |= predictions.c.deleted_at.is_not(None)
    return _sent_as(asked.key, asked.repeated, at) & equal


def remix_known(
    connection: Connection, account_id: str, source_id: str, prompt: str, *, key: str, repeated: Repeated, at: datetime
) -> Prediction | None:
    """What the same remix was given before, when the video is gone of which it was one.

    Args:
        connection: to read with.
        account_id: of the caller.
        source_id: of the video that is gone.
        prompt: of the remix; all else was that video's.
        key: by which it is remembered, as far as that can be known.
        repeated: what the key is good for.
        at: now.
    """
    if not (key and repeated.known):
        return None
    mine = (repeats.c.account_id == account_id) & (predictions.c.account_id == account_id)
    that = (predictions.c.remixed_from == source_id) & (predictions.c.input["prompt"].astext == prompt)
    there = mine & that & predictions.c.deleted_at.is_(None) & _sent_as(key, repeated, at)
    several = select(*COLUMNS).join(repeats).where(there).order_by(repeats.c.created_at.desc())
    found = connection.execute(several.limit(1)).one_or_none()
    return None if found is None else record(found)


def _sent_as(key: str, repeated: Repeated, at: datetime) -> ColumnElement[bool]:
    """Whether a memory is that of a key, or of its beginning where it ends in a fingerprint that cannot be had now."""
    if repeated.within is None:
        return repeats.c.key == key
    sender, recent = key.rpartition(" ")[0], repeats.c.created_at >= at - repeated.within
    return repeats.c.key.startswith(f"{sender} ", autoescape=True) & recent


def _check_upload(connection: Connection, asked: Submission) -> None:
    """Whether what was looked at before is still there: from here on nobody deletes it, as this prediction needs it."""
    reference = str(asked.input.get("image", ""))
    if not reference.startswith(uploads.REFERENCE):
        return
    if uploads.of_reference(connection, asked.account_id, reference) is None:
        raise ParameterInvalid(_DELETED, field="image")


def _queue_full(waiting: int, limit: int) -> QueueFull:
    return QueueFull(
        f"Too many requests are waiting: {waiting:,} of this account are open, and {limit:,} may be. Wait until some"
        " have ended, or cancel some."
    )


def _earlier(connection: Connection, asked: Submission, at: datetime) -> Prediction | None:
    """What this key was answered before."""
    known = connection.execute(
        select(repeats.c.body_sha256, repeats.c.prediction_id, repeats.c.created_at, predictions.c.deleted_at)
        .join(predictions, predictions.c.id == repeats.c.prediction_id)
        .where(repeats.c.account_id == asked.account_id, repeats.c.key == asked.key)
    ).one_or_none()
    if known is None or (asked.repeated.within is not None and known.created_at < at - asked.repeated.within):
        return None
    if bytes(known.body_sha256) != asked.body_sha256:
        raise KeyReused
    if known.deleted_at is not None:
        raise KeySpent  # its id is found nowhere any more
    return record(connection.execute(select(*COLUMNS).where(predictions.c.id == known.prediction_id)).one())


def _note(connection: Connection, asked: Submission, prediction_id: str, at: datetime) -> None:
    row = {
        "account_id": asked.account_id,
        "key": asked.key,
        "body_sha256": asked.body_sha256,
        "prediction_id": prediction_id,
        "created_at": at,
    }
    written = upsert(repeats).values(row)
    connection.execute(written.on_conflict_do_update(index_elements=["account_id", "key"], set_=row))


def _open(connection: Connection, account_id: str) -> tuple[int, int]:
    """How many of an account's predictions are running or queued, and how many wait for one of those to end."""
    counts = connection.execute(
        select(predictions.c.released, func.count())
        .where(predictions.c.account_id == account_id, predictions.c.status.in_(("created", "processing")))
        .group_by(predictions.c.released)
    )
    found = {row[0]: row[1] for row in counts}
    return found.get(True, 0), found.get(False, 0)


def _row(asked: Submission, prediction_id: str, at: datetime, *, released: bool) -> ReturningInsert[Any]:
    return (
        insert(predictions)
        .values(
            id=prediction_id,
            account_id=asked.account_id,
            dialect=asked.dialect,
            model_id=asked.model_id,
            input=asked.input,
            price_micros=asked.price.micros,
            released=released,
            webhook_url=_target(asked),
            base_url=asked.base_url,
            base64_output=asked.base64_output,
            remixed_from=asked.remixed_from,
            created_at=at,
        )
        .returning(*COLUMNS)
    )


def _target(asked: Submission) -> str | ScalarSelect[str | None] | None:
    """Where the end is told; what holds for the account is read as the row is written."""
    if asked.webhook_url or not asked.account_webhook:
        return asked.webhook_url
    return select(accounts.c.webhook_url).where(accounts.c.id == asked.account_id).scalar_subquery()
