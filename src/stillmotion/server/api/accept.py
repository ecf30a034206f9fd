"""From a caller's words to an accepted prediction: what all dialects do between reading a request and answering it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stillmotion import catalog
from stillmotion.errors import ParameterInvalid
from stillmotion.server import intake, predictions, rates
from stillmotion.server.failpoint import failpoint

if TYPE_CHECKING:
    from stillmotion.catalog import Model, ModelInput
    from stillmotion.server.accounts import Account
    from stillmotion.server.api.shapes import Dialect
    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A create in no dialect's words."""

    dialect: Dialect
    model_id: str
    inputs: dict[str, Any]
    webhook_url: str | None = None
    remixed_from: str | None = None
    key: str = ""
    """Idempotency-Key, or what tells a resent request in this dialect; empty when nothing does."""


def accept(service: Service, account: Account, asked: Request) -> Prediction:
    """Check, price, hold and queue.

    Every fault that the request itself shows is found here, before any money is held. Pictures behind addresses are
    fetched later, by the worker.

    Raises:
        InputRefused: a field is missing or wrong, the model is unknown, the policy says no.
        RateLimited, QueueFull, BalanceTooLow, KeyReused: as they say.
    """
    settings, now = service.settings, service.clock.now()
    limit = settings.per_minute if account.per_minute is None else account.per_minute
    with service.database.begin() as connection:
        rates.count(connection, account.id, per_minute=limit, at=now)
    model = catalog.get(asked.model_id)
    inputs = validated(model, asked.inputs)
    values = inputs.model_dump(mode="json")
    service.policy.check_prompt(str(values.get("prompt", "")))
    intake.check_reference(service, account.id, str(values.get("image", "")))
    if asked.webhook_url:
        intake.check_webhook(service, asked.webhook_url)
    submission = predictions.Submission(
        account_id=account.id,
        dialect=asked.dialect.value,
        model_id=model.id,
        input=values,
        price=model.quote(inputs).price,
        concurrency=account.concurrency or settings.concurrency,
        queue_limit=settings.queue_limit,
        webhook_url=asked.webhook_url,
        remixed_from=asked.remixed_from,
        key=asked.key,
        body_sha256=_fingerprint(model, values, asked),
    )
    with service.database.begin() as connection:
        made = predictions.submit(connection, submission, service.queue, at=now)
    failpoint("accepted")
    return made


def validated(model: Model, inputs: dict[str, Any]) -> ModelInput:
    """The inputs of a model.

    Raises:
        ParameterInvalid: the first fault, with the name of its field and what it may be.
    """
    try:
        return model.input.model_validate(inputs)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(step) for step in first["loc"])
        message = f"{field}: {first['msg']}" if field else first["msg"]
        raise ParameterInvalid(message, field=field) from None


def _fingerprint(model: Model, values: dict[str, Any], asked: Request) -> bytes:
    """The same for requests that ask for the same."""
    content = [model.id, values, asked.webhook_url, asked.remixed_from]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()
