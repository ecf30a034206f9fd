"""Asking for a film: one route for each model of the catalog, made from its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote, unquote_plus

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field, ValidationError, create_model
from pydantic_core import from_json

from stillmotion import catalog
from stillmotion.catalog.exact import Exact
from stillmotion.errors import ParameterInvalid
from stillmotion.server.api import addresses, faults
from stillmotion.server.api.accept import Request as Asked
from stillmotion.server.api.accept import accept
from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.creates import Creating
from stillmotion.server.api.hosted import envelope, waiting
from stillmotion.server.api.hosted.envelope import PredictionData, Success, Words
from stillmotion.server.api.idempotency import IdempotencyKey  # noqa: TC001 - read by the framework
from stillmotion.server.api.limits import let_go
from stillmotion.server.api.reading import parsed
from stillmotion.server.api.shapes import Dialect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from stillmotion.catalog import Model
    from stillmotion.server.accounts import Account
    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

_WEBHOOK = "webhook="


class Control(Words, Exact):
    """Fields that every model has beside its own."""

    webhook_url: Annotated[str | None, Field(description="Where the end is told; the query `webhook` comes first.")] = (
        None
    )
    enable_sync_mode: Annotated[bool, Field(description="Answer when the film is done, or after a while.")] = False
    enable_base64_output: Annotated[bool, Field(description="Answer films as base64 text.")] = False


_Answer = dict[str, Any]


def router() -> APIRouter:
    """A route for each model, also by its older ids."""
    made = APIRouter(route_class=Creating)
    for name, model in catalog.by_every_name().items():
        made.add_api_route(
            f"/{name}",
            _route(model),
            methods=["POST"],
            response_model=Success[PredictionData],
            summary=model.title,
            description=model.description,
            operation_id=f"hosted_{name.replace('/', '_').replace('-', '_').replace('.', '_')}",
            include_in_schema=name == model.id,
            openapi_extra={"requestBody": _body_of(model), "parameters": [_webhook_of_query()]},
        )
    return made


def _route(model: Model) -> Callable[..., Awaitable[_Answer]]:
    async def accepted(request: Request, service: Service, account: Account, key: str) -> tuple[Prediction, Control]:
        """The picture is in here only, so that it is gone while a film is waited for."""
        webhook = _webhook(request.scope["query_string"].decode("latin-1"))
        asked, control = await parsed(request, lambda body: _read(model, body, webhook))
        whole = Asked(**asked, key=key, base_url=addresses.base(service, request))
        return await run_in_threadpool(accept, service, account, whole), control

    async def run(request: Request, service: Parts, account: Caller, key: IdempotencyKey = "") -> _Answer:
        made, control = await accepted(request, service, account, key)
        base_url = addresses.base(service, request)
        if control.enable_sync_mode:
            let_go(request)
            return await waiting.finished(service, base_url, made, request)
        return envelope.success(await run_in_threadpool(envelope.prediction, service, base_url, made))

    return run


def _read(model: Model, body: bytes, webhook: str | None) -> tuple[dict[str, Any], Control]:
    """The request, and how it wants to be answered.

    Raises:
        ParameterInvalid: the body is no JSON object, or a control field is wrong.
    """
    values = _object(body)
    control = _control({name: values.pop(name) for name in Control.model_fields if name in values})
    target = webhook or control.webhook_url
    if target and control.enable_base64_output:
        message = "enable_base64_output cannot be combined with a webhook: take the film from the prediction."
        raise ParameterInvalid(message, field="enable_base64_output")
    asked = {
        "dialect": Dialect.HOSTED,
        "model_id": model.id,
        "inputs": values,
        "webhook_url": target or None,
        "webhook_field": "webhook" if webhook else "webhook_url",
        "base64_output": control.enable_base64_output,
    }
    return asked, control


def _object(body: bytes) -> dict[str, Any]:
    try:
        values = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        message = f"The body is not JSON: {error}."
        raise ParameterInvalid(message) from None
    if not isinstance(values, dict):
        message = "The body is a JSON object with the model's fields."
        raise ParameterInvalid(message)
    return values


def _control(values: dict[str, Any]) -> Control:
    try:
        return Control.model_validate(values)
    except ValidationError as error:
        field, message = faults.told(error.errors(include_url=False))
        raise ParameterInvalid(message, field=field) from None


def _webhook(query: str) -> str | None:
    """The webhook of the query string.

    Some clients paste the address as it is, so that its own `?` and `&` are not escaped: then all that follows
    belongs to it. An address that was escaped ends at the next `&`, as usual, also where `:` and `/` were left as they
    are, which a query allows.
    """
    begin = 0 if query.startswith(_WEBHOOK) else query.find("&" + _WEBHOOK) + 1
    if not query[begin:].startswith(_WEBHOOK):
        return None
    raw = query[begin + len(_WEBHOOK) :]
    first = raw.partition("&")[0]
    if "://" not in first:
        return unquote_plus(first)
    if _is_escaped(first):
        return unquote(first)  # no address has a space, so what looks like one is a plus
    return raw if "?" in first else first


def _is_escaped(address: str) -> bool:
    """Whether an address with a bare `://` went through an encoder nevertheless.

    Then its own query shows it: the `?` is escaped, or the `=` behind it; a path that had escapes has them twice.
    """
    path, asks, query = address.lower().partition("?")
    return "%3d" in query and "=" not in query if asks else "%3f" in path or "%25" in path


def _body_of(model: Model) -> dict[str, Any]:
    """The documented body: the model's inputs and the control fields."""
    fields: dict[str, Any] = {name: (one.annotation, one) for name, one in Control.model_fields.items()}
    whole = create_model(f"{model.input.__name__}Request", __base__=model.input, **fields)
    schema = whole.model_json_schema()
    example = model.examples[0].inputs if model.examples else {}
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _webhook_of_query() -> dict[str, Any]:
    return {
        "name": "webhook",
        "in": "query",
        "required": False,
        "description": "Where the end is told.",
        "schema": {"type": "string", "format": "uri"},
    }
