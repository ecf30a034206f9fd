"""Addresses that older pages of the hosted service name: answered like the newer ones, and not documented."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.hosted import media, money
from stillmotion.server.api.hosted.money import Search, Span  # noqa: TC001 - read by the framework

router = APIRouter(include_in_schema=False)


@router.post("/upload")
async def upload(request: Request, service: Parts, account: Caller) -> dict[str, Any]:
    """A file in one request; its address is called `url`."""
    kept = await media.binary(request, service, account)
    return {**kept, "data": {**kept["data"], "url": kept["data"]["download_url"]}}


@router.get("/account/billings")
def billings(service: Parts, account: Caller, search: Annotated[Search, Query()]) -> dict[str, Any]:
    """The movements of your money, by query."""
    return money.found_bills(service, account, search)


@router.get("/account/usage")
def usage(service: Parts, account: Caller, span: Annotated[Span, Query()]) -> dict[str, Any]:
    """What you made in a span of time, by query."""
    return money.usage(service, account, span)
