"""Webhooks that were sent, or could not be: listed, and sent again; and the secret that they are signed with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from stillmotion.errors import DeliveryUnknown
from stillmotion.server import intake, webhooks
from stillmotion.server.api.accept import count
from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.native.shapes import Deliveries, Delivery, RotatedSecret, WebhookSecret, WebhookTarget
from stillmotion.server.failpoint import failpoint
from stillmotion.server.rates import Kind
from stillmotion.server.webhooks import State  # noqa: TC001 - read by the framework

router = APIRouter()


@router.get("/deliveries")
def listing(
    caller: Caller,
    service: Parts,
    *,
    prediction_id: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")] = None,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Deliveries:
    """A page of the account's webhooks, newest first."""
    with service.database.connect() as connection:
        found, total = webhooks.listing(
            connection, caller.id, limit=limit, offset=offset, state=state, prediction_id=prediction_id
        )
    return Deliveries(total=total, items=[_shown(one) for one in found])


@router.post("/deliveries/{delivery_id}/resend")
def resend(delivery_id: str, caller: Caller, service: Parts) -> Delivery:
    """Send a webhook again: the same id, the same body, signed anew."""
    if not delivery_id.isascii() or not delivery_id.isprintable():
        raise DeliveryUnknown
    count(service, caller, Kind.RESEND)
    with service.database.begin() as connection:
        again = webhooks.resend(connection, service.queue, caller.id, delivery_id, at=service.clock.now())
    failpoint("resent")
    return _shown(again)


@router.get("/webhooks/secret")
def secret(caller: Caller, service: Parts) -> WebhookSecret:
    """What the account's webhooks are signed with."""
    with service.database.connect() as connection:
        return WebhookSecret(secret=webhooks.current_secret(connection, caller.id))


@router.post("/webhooks/secret/rotate")
def rotate(caller: Caller, service: Parts) -> RotatedSecret:
    """A new secret. For a day the old one signs too, in the standard form; the hosted form has one signature."""
    now = service.clock.now()
    with service.database.begin() as connection:
        made = webhooks.rotate_secret(connection, caller.id, at=now)
    return RotatedSecret(secret=made, old_signs_until=now + webhooks.OVERLAP)


@router.get("/webhooks/target")
def target(caller: Caller, service: Parts) -> WebhookTarget:
    """Where the account is told the ends of its videos of the OpenAI dialect."""
    with service.database.connect() as connection:
        return WebhookTarget(url=webhooks.target(connection, caller.id))


@router.post("/webhooks/target")
def set_target(asked: WebhookTarget, caller: Caller, service: Parts) -> WebhookTarget:
    """Be told the ends of videos that are created in the OpenAI dialect from now on: there, or nowhere."""
    if asked.url is not None:
        intake.check_webhook(service, asked.url, field="url")
    with service.database.begin() as connection:
        webhooks.set_target(connection, caller.id, asked.url)
    return asked


def _shown(one: webhooks.Delivery) -> Delivery:
    return Delivery(
        id=one.id,
        prediction_id=one.prediction_id,
        url=one.url,
        state=one.state.value,
        attempts=one.attempts,
        answer=one.answer,
        created_at=one.created_at,
        last_at=one.last_at,
        next_at=one.next_at,
    )
