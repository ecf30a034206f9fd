"""The end of a prediction becomes a delivery, in the commit that ends it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stillmotion import signing
from stillmotion.server import ids
from stillmotion.server.db.schema import deliveries
from stillmotion.server.intake import uploads
from stillmotion.server.webhooks import bodies
from stillmotion.server.webhooks.deliveries import State
from stillmotion.server.webhooks.delivering import SCHEDULE_S
from stillmotion.signing import Scheme

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

BODY_LIMIT_BYTES = 20_000
_HOSTED, _OPENAI = "hosted", "openai"
_FILES = "/files/"
_BASE_LIMIT = 1000
"""A caller may send any Host; no name of a machine is as long, and it stands in the body several times."""


def tell(service: Service) -> Callable[[Connection, Prediction, datetime], None]:
    """What `predictions.complete`, `fail` and `cancel` call: writes the delivery and its job where they write."""

    def write(connection: Connection, made: Prediction, at: datetime) -> None:
        delivery_id = ids.message_id()
        row = {
            "id": delivery_id,
            "prediction_id": made.id,
            "account_id": made.account_id,
            "url": made.webhook_url,
            "scheme": (Scheme.HOSTED if made.dialect == _HOSTED else Scheme.STANDARD).value,
            "body": _body(service, connection, made, delivery_id, at),
            "state": State.WAITING.value,
            "created_at": at,
            "next_at": at,
        }
        connection.execute(deliveries.insert().values(row))
        service.queue.deliver(connection, delivery_id)

    return write


def _body(service: Service, connection: Connection, made: Prediction, delivery_id: str, at: datetime) -> str:
    if made.dialect == _HOSTED:
        given = str(made.input.get("image", ""))
        return _hosted(service, made, uploads.keys(connection, [given]).get(given), at)
    event_id = "evt_" + delivery_id.partition("_")[2]
    if made.dialect == _OPENAI:
        return _text(bodies.event(made, event_id=event_id, object_id=ids.video_id(made.id), noun="video"))
    return _text(bodies.event(made, event_id=event_id, object_id=made.id, noun="prediction"))


def _hosted(service: Service, made: Prediction, upload_key: str | None, at: datetime) -> str:
    """The prediction with its input, or with as much of that as fits; a picture that was uploaded is an address."""
    base_url = _base_url(service, made)
    outputs = [_signed(service, base_url, key, at) for key in made.outputs if key.endswith(".mp4")]
    picture = None if upload_key is None else _signed(service, base_url, upload_key, at)
    whole = bodies.hosted(made, base_url=base_url, outputs=outputs, asked=bodies.asked(made, picture))
    short = {**whole, "input": bodies.shortened(whole["input"]), "error": bodies.shortened(whole["error"])}
    without = {**short, "input": {}}
    texts = [_text(body) for body in (whole, short, without)]
    return next((text for text in texts if len(text.encode()) <= BODY_LIMIT_BYTES), texts[-1])


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _base_url(service: Service, made: Prediction) -> str:
    """Where receivers reach us: the configured place, else where the create did; a worker knows no address of ours."""
    public = service.settings.public_url
    if public is not None:
        return str(public).rstrip("/")
    return made.base_url if len(made.base_url) <= _BASE_LIMIT else ""


def _signed(service: Service, base_url: str, key: str, at: datetime) -> str:
    """Good as long as any address of ours, counted from the last attempt to deliver it."""
    expires_s = int(at.timestamp() + sum(SCHEDULE_S)) + service.settings.url_ttl_s
    # Signed from the files on: what stands before them may be a path of the proxy's, which we never see.
    return base_url + signing.signed_url(f"{_FILES}{key}", service.address_secret, expires_s=expires_s)
