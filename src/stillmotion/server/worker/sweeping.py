"""What must go: what was kept long enough, what was deleted, what nobody owns; and jobs whose worker is gone."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import delete, exists, insert, select, text, tuple_, update

from stillmotion import catalog
from stillmotion.server import log, queue, webhooks
from stillmotion.server.db.locks import alone_with_account
from stillmotion.server.db.schema import deliveries, events, files, predictions, removed, repeats, uploads
from stillmotion.server.failpoint import failpoint
from stillmotion.server.intake.uploads import FOLDER, awaited, discard
from stillmotion.server.predictions import give_places, waiting_accounts
from stillmotion.server.worker.filming import WORK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Connection, Executable

    from stillmotion.server.service import Service

RESCUE_S, SWEEP_S = 2.0, 10.0
"""How often jobs of dead workers are looked for, and everything else."""
_STRANDED = timedelta(seconds=20)
_REMEMBERED = timedelta(hours=24)
"""How long a resent request is recognised."""
_LINGERS = timedelta(minutes=5)
"""How long after the end whoever lost the connection may still come back for pictures of what was being made."""
_ABANDONED = timedelta(hours=1)
"""Nobody sends one file for so long."""
_RESCUE_LOCK, _SWEEP_LOCK = 0x72657363, 0x73776565
_OUTPUTS = "outputs/"
Value = TypeVar("Value")
_MANY = 500
"""Rows of one transaction."""


def rescue(service: Service, judge: queue.Judge | None = None) -> int:
    """Queue again what is in the hands of no living worker; how many. For `judge` see `queue.take_back`."""
    with service.database.begin() as connection:
        if not _alone(connection, _RESCUE_LOCK):
            return 0
        stalled = queue.take_back(connection, judge)
        lost = queue.stranded(connection, before=service.clock.now() - _STRANDED)
        for prediction_id in lost:
            service.queue.run(connection, prediction_id)
        accounts = waiting_accounts(connection)
    for account_id in accounts:  # whose limit may have been raised
        _in_one(service, partial(_give_places, service, account_id))
    if stalled or lost:
        failpoint("rescued")
        log.get().warning("jobs queued again", stalled=stalled, stranded=len(lost))
    return stalled + len(lost)


def sweep(service: Service) -> None:
    """Remove what need not be kept. One process does it at a time; it may die anywhere and be done again.

    Raises:
        ExceptionGroup: steps went wrong, which hinders no other step.
    """
    forget = (_expire, _forget_repeats, _forget_previews)
    steps = (*forget, _remove_deleted, _remove_uploads, _remove_orphans, _remove_work, _send_overdue)
    with service.database.connect() as holder, holder.begin():
        if not _alone(holder, _SWEEP_LOCK):
            return
        now = service.clock.now()
        wrong = [error for step in steps if (error := _tried(step, service, now)) is not None]
    if wrong:
        message = "steps of a sweep went wrong"
        raise ExceptionGroup(message, wrong)


def _tried(step: Callable[[Service, datetime], None], service: Service, now: datetime) -> Exception | None:
    """What went wrong in a step, told with its name: it may be the same each time, and nobody would learn which."""
    try:
        step(service, now)
    except Exception as error:  # noqa: BLE001 - the other steps have nothing to do with it
        what = {"step": step.__name__.strip("_"), "error": type(error).__name__}
        log.get().error("a step of a sweep failed", **what, places=log.places(error.__traceback__))
        return error
    return None


def _give_places(service: Service, account_id: str, connection: Connection) -> None:
    usual = service.settings.concurrency
    if given := give_places(connection, account_id, service.queue, usual=usual):
        log.get().info("places given", account=account_id, count=given)


def _alone(connection: Connection, key: int) -> bool:
    """Whether no other process does this at the moment; it is told so until the transaction ends."""
    return bool(connection.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": key}))


def _expire(service: Service, now: datetime) -> None:
    """What was finished long ago counts as deleted."""
    before = now - timedelta(days=service.settings.retention_days)
    passing = predictions.c.model_id.in_(catalog.PASSING) & (predictions.c.finished_at < now - catalog.PASSING_KEPT)
    old = ((predictions.c.finished_at < before) | passing) & predictions.c.deleted_at.is_(None)
    # Locked in the order in which their owners delete several, so that neither waits for the other.
    locked = select(predictions.c.id).where(old).order_by(predictions.c.id).limit(_MANY).with_for_update()
    found: Sequence[str] = ("",)
    while found:
        with service.database.begin() as connection:
            found = connection.scalars(locked).all()
            connection.execute(update(predictions).where(predictions.c.id.in_(found)).values(deleted_at=now))


def _forget_repeats(service: Service, now: datetime) -> None:
    _in_one(service, lambda c: c.execute(delete(repeats).where(repeats.c.created_at < now - _REMEMBERED)))


def _forget_previews(service: Service, now: datetime) -> None:
    """Pictures of films that are there: who comes back that late needs the end, and no quota counts them."""
    over = events.c.prediction_id.in_(select(predictions.c.id).where(predictions.c.finished_at < now - _LINGERS))
    place = (events.c.prediction_id, events.c.number)
    some = select(*place).where(events.c.kind == "preview", over).limit(_MANY)
    gone = delete(events).where(tuple_(*place).in_(some)).returning(events.c.number)
    while _in_one(service, partial(_keys_of, gone)):
        pass


def _remove_deleted(service: Service, now: datetime) -> None:
    """Files first, then their rows: what is left after a crash is found again."""
    del now
    deleted = select(files.c.key).join(predictions).where(predictions.c.deleted_at.is_not(None))
    some, last = deleted.order_by(files.c.key).limit(_MANY), ""
    while keys := _in_one(service, partial(_keys_of, some.where(files.c.key > last))):
        gone = _removed(service.store.delete, keys)
        failpoint("files-removed")
        _in_one(service, partial(_run, delete(files).where(files.c.key.in_(gone))))
        last = keys[-1]
    kept = [
        exists().where(files.c.prediction_id == predictions.c.id),
        exists().where(repeats.c.prediction_id == predictions.c.id),
        exists().where(deliveries.c.prediction_id == predictions.c.id, deliveries.c.state == "waiting"),
    ]
    # What is deleted while it runs has a hold until its worker ends it.
    ended = predictions.c.deleted_at.is_not(None) & predictions.c.finished_at.is_not(None)
    over = ended & ~kept[0] & ~kept[1] & ~kept[2]
    _in_one(service, partial(_run, _noted_and_gone(over)))


def _noted_and_gone(over: ColumnElement[bool]) -> Executable:
    """Rows go, and in the same statement what usage and bills tell of them stays: nothing is there twice or nowhere."""
    kept = [column.name for column in removed.columns]
    gone = delete(predictions).where(over).returning(*(predictions.c[name] for name in kept)).cte("gone")
    return insert(removed).from_select(kept, select(gone))


def _remove_uploads(service: Service, now: datetime) -> None:
    """Old ones that no open prediction will fetch, and those that were announced and never came.

    Rows first, for a prediction may be accepted at this moment: it sees that its upload is gone, or is seen by us. A
    file that a crash leaves is an orphan.
    """
    old = uploads.c.created_at < now - timedelta(days=service.settings.retention_days)
    empty = uploads.c.stored_at.is_(None) & (uploads.c.created_at < now - timedelta(days=1))
    over = (old | empty) & ~awaited()
    owners = _in_one(service, partial(_keys_of, select(uploads.c.account_id).where(over).distinct()))
    for account_id in owners:
        gone = delete(uploads).where(over, uploads.c.account_id == account_id).returning(uploads.c.key)
        keys = _in_one(service, partial(_alone_with, account_id, gone))
        _removed(partial(discard, service), [key for key in keys if key])


def _alone_with(account_id: str, gone: Executable, connection: Connection) -> Sequence[str]:
    alone_with_account(connection, account_id)
    return _keys_of(gone, connection)


def _remove_orphans(service: Service, now: datetime) -> None:
    """Files that no row knows and none will: of attempts that are over, and others after an hour.

    Each is read before what it becomes: files before tables, open attempts before the files of completed ones. So what
    is completed in between still counts as open, or is known.
    """
    old = (now - _ABANDONED).timestamp()
    service.store.tidy(old)
    # By the clock, which all workers share: each of them sweeps.
    every_s = service.store.listed_every_s
    if every_s and now.timestamp() % every_s > 2 * SWEEP_S:
        return
    if not service.store.claim(service.installation):
        log.get().error("the files belong to another installation; none is removed")
        return
    found = tuple(service.store.keys())
    open_tokens = _in_one(service, _open_tokens)
    known = _in_one(service, _known_keys)
    for key, _size, at in found:
        token = key.rpartition("/")[2].partition("-")[0]
        wanted = token in open_tokens if key.startswith(_OUTPUTS) else at > old
        if key not in known and not wanted:
            _remove_orphan(service, key)


def _remove_orphan(service: Service, key: str) -> None:
    """An upload may be sent anew at this moment, under the same key, and stays; the films of an attempt are not."""
    remove = partial(discard, service) if key.startswith(FOLDER) else service.store.delete
    told: list[bool] = []
    _removed(lambda one: told.append(remove(one)), [key])
    if any(told):
        failpoint("orphan-removed")
        log.get().info("orphan removed", file=key)


def _remove_work(service: Service, now: datetime) -> None:
    """Folders of attempts that are over: their worker died, or is about to remove them itself."""
    del now
    folder = service.settings.data_dir / WORK
    places = list(folder.iterdir()) if folder.is_dir() else []
    open_tokens = _in_one(service, _open_tokens)
    for place in places:
        if place.name not in open_tokens:
            shutil.rmtree(place, ignore_errors=True)


def _send_overdue(service: Service, now: datetime) -> None:
    del now
    webhooks.overdue(service)


def _removed(remove: Callable[[str], object], keys: Sequence[str]) -> list[str]:
    """Those of the files that are gone now. One that cannot be removed stays known, and the others go."""
    gone, stay = [], []
    for key in keys:
        try:
            remove(key)
        except OSError as error:
            stay.append((key, type(error).__name__))
        else:
            gone.append(key)
    if stay:
        (key, error_name), count = stay[0], len(stay)
        log.get().error("files cannot be removed; look at their permissions", file=key, error=error_name, count=count)
    return gone


def _keys_of(statement: Executable, connection: Connection) -> Sequence[str]:
    return connection.execute(statement).scalars().all()


def _known_keys(connection: Connection) -> frozenset[str]:
    stored = connection.execute(select(files.c.key)).scalars()
    sent = connection.execute(select(uploads.c.key).where(uploads.c.key.is_not(None))).scalars()
    return frozenset((*stored, *sent))


def _open_tokens(connection: Connection) -> frozenset[str]:
    chosen = (predictions.c.status == "processing") & predictions.c.attempt_token.is_not(None)
    return frozenset(connection.execute(select(predictions.c.attempt_token).where(chosen)).scalars())


def _run(statement: Executable, connection: Connection) -> None:
    connection.execute(statement)


def _in_one(service: Service, act: Callable[[Connection], Value]) -> Value:
    with service.database.begin() as connection:
        return act(connection)
