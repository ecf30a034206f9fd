"""Sending webhooks: at least once, signed, to checked targets, on a schedule until the receiver says 2xx."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from stillmotion import signing
from stillmotion.errors import AddressRefused
from stillmotion.server import log, tallies
from stillmotion.server.db.schema import deliveries
from stillmotion.server.failpoint import failpoint
from stillmotion.server.intake import addresses
from stillmotion.server.intake.addresses import Rules
from stillmotion.server.intake.outbound import Outbound, OutboundError
from stillmotion.server.webhooks import keys
from stillmotion.server.webhooks.deliveries import COLUMNS, Delivery, State, record
from stillmotion.signing import Scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from stillmotion.server.intake.addresses import Machine
    from stillmotion.server.service import Service
    from stillmotion.server.webhooks.turns import Turns

LIMIT_S = 15.0
SCHEDULE_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Waits before each attempt."""
_JITTER = 0.2
"""Of a wait, added at random: receivers that were away are not called by everybody at once."""
_EARLY = timedelta(seconds=30)
"""Clocks differ; a job that comes earlier than this belongs to a delivery that was begun anew meanwhile."""
_LOST = timedelta(minutes=10)
_MANY = 500
"""Rows of one transaction."""
_GONE = 410
_WAITING = deliveries.c.state == State.WAITING.value
_DISCREET = "it was not taken"
"""Whatever a machine in an opened private network did: no account maps that network through us."""
_OURS = "the server could not send it"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What came of an attempt."""

    words: str
    delivered: bool = False
    hopeless: bool = False
    """Whether further attempts are in vain."""


def deliver(
    service: Service, delivery_id: str, turns: Turns | None = None, *, chance: Callable[[], float] = random.random
) -> None:
    """Attempt a delivery that is due, note what came of it, and queue the next attempt if there is to be one.

    Args:
        service: the parts.
        delivery_id: one that has been delivered, ended or deleted meanwhile is left alone.
        turns: those of this process; while slow receivers of the account have them, the delivery is put off. Without
            accounts there is nobody else to be held up, and nothing is.
        chance: numbers in 0..1, for the jitter.
    """
    found = _due(service, delivery_id)
    if found is None:
        return
    if turns is None or not service.settings.accounts:
        _attempt(service, *found, chance)
        return
    account_id = found[0].account_id
    with turns.turn(account_id) as free:
        if free:
            _attempt(service, *found, chance)
        else:
            _put_off(service, found[0], turns.later_s(account_id))


def _attempt(service: Service, delivery: Delivery, secrets: tuple[str, ...], chance: Callable[[], float]) -> None:
    failpoint("webhook-sends")
    outcome = _tried(service, delivery, secrets)
    failpoint("webhook-sent")
    with service.database.begin() as connection:
        _note(service, connection, delivery, outcome, chance())
    failpoint("webhook-noted")
    log.get().info("webhook", delivery=delivery.id, attempt=delivery.attempts + 1, answer=outcome.words)


def _put_off(service: Service, delivery: Delivery, wait_s: float) -> None:
    """Have it tried later; that is no attempt."""
    later = update(deliveries).where(_same(delivery)).values(next_at=service.clock.now() + timedelta(seconds=wait_s))
    with service.database.begin() as connection:
        if connection.execute(later).rowcount:
            service.queue.deliver(connection, delivery.id, in_s=wait_s)
    log.get().info("webhook put off", delivery=delivery.id, wait_s=round(wait_s))


def overdue(service: Service) -> int:
    """Queue deliveries again whose job was lost; for a periodic sweep. How many there were."""
    now, count = service.clock.now(), 0
    while found := _queued_again(service, now):
        count += found
    return count


def _queued_again(service: Service, now: datetime) -> int:
    late = (deliveries.c.state == State.WAITING.value) & (deliveries.c.next_at < now - _LOST)
    with service.database.begin() as connection:
        found = _locked(connection, late, limit=_MANY)
        connection.execute(update(deliveries).where(deliveries.c.id.in_(found)).values(next_at=now))
        for delivery_id in found:
            service.queue.deliver(connection, delivery_id)
    return len(found)


def _due(service: Service, delivery_id: str) -> tuple[Delivery, tuple[str, ...]] | None:
    """The delivery and the secrets that sign it, if it is to be sent now."""
    now = service.clock.now()
    waiting = (deliveries.c.id == delivery_id) & (deliveries.c.state == State.WAITING.value)
    with service.database.connect() as connection:
        row = connection.execute(select(*COLUMNS).where(waiting)).one_or_none()
        if row is None or (row.next_at is not None and now < row.next_at - _EARLY):
            return None
        return record(row), keys.signing_secrets(connection, row.account_id, at=now)


def _tried(service: Service, delivery: Delivery, secrets: tuple[str, ...]) -> _Outcome:
    """One attempt; a fault of ours is one too, so that the schedule bounds how often it is met."""
    try:
        return _sent(service, delivery, _headers(service, delivery, secrets))
    except Exception as error:  # noqa: BLE001 - whatever it is, it would be the same every second
        places = log.places(error.__traceback__)
        log.get().error("webhook failed", delivery=delivery.id, error=type(error).__name__, places=places)
        return _Outcome(words=_OURS)


def _headers(service: Service, delivery: Delivery, secrets: tuple[str, ...]) -> dict[str, str]:
    signed = signing.webhook_headers(
        Scheme(delivery.scheme),
        secrets,
        message_id=delivery.id,
        timestamp_s=int(service.clock.now().timestamp()),
        body=delivery.body.encode(),
    )
    return {"Content-Type": "application/json", **signed}


def _sent(service: Service, delivery: Delivery, headers: dict[str, str]) -> _Outcome:
    """One request; redirects are not followed, and what the receiver says beside its status is not read."""
    machines: list[Machine] = []
    outbound = Outbound(rules=Rules.for_webhooks(service.settings), limit_s=LIMIT_S, meant=machines.append)
    try:
        address = addresses.parse(delivery.url)
        with outbound.send("POST", address, headers=headers, content=delivery.body.encode()) as answer:
            status = answer.status
    except AddressRefused as error:
        return _Outcome(words=str(error), hopeless=True)
    except OutboundError as error:
        outcome = _Outcome(words=str(error))
    else:
        outcome = _Outcome(words=f"HTTP {status}", delivered=200 <= status < 300, hopeless=status == _GONE)
    private = service.settings.accounts and not all(map(addresses.is_public, machines))
    return replace(outcome, words=_DISCREET) if private and not outcome.delivered else outcome


def _note(service: Service, connection: Connection, delivery: Delivery, outcome: _Outcome, chance: float) -> None:
    """Write down an attempt; when somebody else noted one meanwhile, theirs counts."""
    now, attempts = service.clock.now(), delivery.attempts + 1
    wait_s = None if outcome.delivered or outcome.hopeless else _wait_s(attempts, chance)
    state = State.DELIVERED if outcome.delivered else State.FAILED if wait_s is None else State.WAITING
    values = {
        "state": state.value,
        "attempts": attempts,
        "answer": outcome.words,
        "last_at": now,
        "next_at": None if wait_s is None else now + timedelta(seconds=wait_s),
    }
    if outcome.hopeless:  # the others' rows are changed too, and theirs may say the same at this moment
        _locked(connection, _all_for(delivery))
    noted = update(deliveries).where(_same(delivery)).values(values)
    if connection.execute(noted).rowcount == 0:
        return
    if wait_s is not None:
        service.queue.deliver(connection, delivery.id, in_s=wait_s)
    if outcome.hopeless:
        _give_up(connection, delivery, outcome.words, now)
    word = "retried" if state is State.WAITING else state.value
    tallies.add(connection, [tallies.Tally(what=tallies.What.WEBHOOK, word=word)])


def _same(delivery: Delivery) -> ColumnElement[bool]:
    """It, as long as nobody else has attempted it meanwhile."""
    return (deliveries.c.id == delivery.id) & (deliveries.c.attempts == delivery.attempts) & _WAITING


def _wait_s(attempts: int, chance: float) -> float | None:
    """Until the next attempt; None when there were enough."""
    return SCHEDULE_S[attempts] * (1 + _JITTER * chance) if attempts < len(SCHEDULE_S) else None


def _give_up(connection: Connection, delivery: Delivery, words: str, at: datetime) -> None:
    """The receiver is gone for good: what else the account has for it is not sent either, unless asked to."""
    ended = {"state": State.FAILED.value, "answer": words, "last_at": at, "next_at": None}
    connection.execute(update(deliveries).where(_all_for(delivery)).values(ended))


def _all_for(delivery: Delivery) -> ColumnElement[bool]:
    """What waits of the same account for the same receiver."""
    mine = (deliveries.c.account_id == delivery.account_id) & (deliveries.c.url == delivery.url)
    return mine & (deliveries.c.state == State.WAITING.value)


def _locked(connection: Connection, which: ColumnElement[bool], limit: int | None = None) -> Sequence[str]:
    """Several deliveries, locked in one order, so that two who change the same ones cannot wait for each other."""
    chosen = select(deliveries.c.id).where(which).order_by(deliveries.c.id).limit(limit).with_for_update()
    return connection.scalars(chosen).all()
