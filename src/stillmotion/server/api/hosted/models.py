"""The catalog, and the secret under which webhooks are signed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from stillmotion import catalog
from stillmotion.server import webhooks
from stillmotion.server.api import addresses
from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.hosted import envelope
from stillmotion.server.api.hosted.envelope import Success, Words

router = APIRouter()


class Listed(Words):
    """A model: what it is, what it costs, and how it is run."""

    model_id: str
    name: str
    base_price: float
    description: str
    type: str
    sort_order: int
    formula: str
    api_schema: dict[str, Any]


class Secret(Words):
    """The secret of your webhooks."""

    secret: str


@router.get("/models", response_model=Success[list[Listed]])
def models(request: Request, service: Parts, account: Caller) -> dict[str, Any]:
    """Every model with the schema of its inputs and the formula of its price."""
    del account
    base_url = addresses.base(service, request)
    several = enumerate(catalog.models().values())
    return envelope.success([catalog.listing(one, base_url, sort_order=place) for place, one in several])


@router.get("/webhook/secret", response_model=Success[Secret])
def webhook_secret(service: Parts, account: Caller) -> dict[str, Any]:
    """What webhooks are signed with."""
    with service.database.connect() as connection:
        return envelope.success({"secret": webhooks.current_secret(connection, account.id)})
