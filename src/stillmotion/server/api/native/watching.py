"""Looking at predictions: once, or as a stream of events; and ending them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from stillmotion.errors import AccountSuspended, KeyRefused, PredictionUnknown, TooManyListeners
from stillmotion.server import ids, predictions, webhooks
from stillmotion.server.api import callers, contents
from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.native.listening import Listeners, bell_of
from stillmotion.server.api.native.shapes import EVENT, PredictionView
from stillmotion.server.api.native.showing import shown
from stillmotion.server.failpoint import failpoint
from stillmotion.server.predictions import happenings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.predictions.happenings import Happening
    from stillmotion.server.service import Service

router = APIRouter()
_QUIET_S = 15.0
"""After so long without an event a comment keeps proxies from closing the connection."""
_RETRY_MS = 1000
_STREAM = "text/event-stream"


@router.get("/predictions/{prediction_id}")
def look(prediction_id: str, request: Request, caller: Caller, service: Parts) -> PredictionView:
    """A prediction of any dialect, with its Shot and the report of what could not be done."""
    return shown(service, request, _find(service, caller.id, prediction_id))


@router.post("/predictions/{prediction_id}/cancel")
def cancel(prediction_id: str, request: Request, caller: Caller, service: Parts) -> PredictionView:
    """Stop it and give the price back; what is over stays as it is."""
    made = _find(service, caller.id, prediction_id)
    with service.database.begin() as connection:
        tell = webhooks.tell(service)
        predictions.cancel(connection, made.id, queue=service.queue, tell=tell, at=service.clock.now())
    failpoint("cancelled")
    return shown(service, request, _find(service, caller.id, prediction_id))


@router.delete("/predictions/{prediction_id}", status_code=204)
def delete(prediction_id: str, caller: Caller, service: Parts) -> None:
    """Forget it and its files; one that is being made is stopped first."""
    contents.forget(service, caller, _find(service, caller.id, prediction_id))


@router.get(
    "/predictions/{prediction_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Events: `status`, `progress`, `preview`, `warning`, each with JSON as its data",
            "content": {_STREAM: {"itemSchema": EVENT}},
        },
        204: {"description": "There are no events after that one, and none will come: do not reconnect"},
        429: {"description": "The account has too many streams open"},
    },
)
async def events(
    prediction_id: str,
    request: Request,
    caller: Caller,
    service: Parts,
    last_event_id: Annotated[str, Header(alias="Last-Event-ID", description="Go on after this one.")] = "",
) -> Response:
    """Server-sent events of a prediction until it ends; a listener who lost the connection goes on where it was."""
    _listeners(request).check(caller.id)
    after = int(last_event_id[:9]) if last_event_id.isascii() and last_event_id.isdigit() else 0
    over, found = await asyncio.to_thread(_news, service, caller.id, prediction_id, after)
    if over and not found:
        return Response(status_code=204)
    stream = _counted(_listeners(request), caller.id, _stream(request, service, caller.id, prediction_id, after))
    return StreamingResponse(
        stream, media_type=_STREAM, headers={"cache-control": "no-store", "x-accel-buffering": "no"}
    )


async def _counted(listeners: Listeners, account_id: str, stream: AsyncGenerator[str]) -> AsyncIterator[str]:
    """A stream, as one of those that its account has open."""
    async with contextlib.aclosing(stream):
        with contextlib.suppress(TooManyListeners), listeners.one_more(account_id):
            async for text in stream:
                yield text


async def _stream(
    request: Request, service: Service, account_id: str, prediction_id: str, after: int
) -> AsyncGenerator[str]:
    yield f"retry: {_RETRY_MS}\n\n"
    bell = bell_of(request.app.state, service.database_url)
    async with bell.heard(prediction_id) as rung:
        while True:
            rung.clear()
            last = bell.silenced
            try:
                over, found = await asyncio.to_thread(_news_for, request, service, account_id, prediction_id, after)
            except (PredictionUnknown, KeyRefused, AccountSuspended):
                return  # it was deleted, or the key was revoked, meanwhile
            for one in found:
                yield _written(one)
                after = one.number
            if last or over:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), _QUIET_S)
                continue
            yield ": still here\n\n"


def _written(one: Happening) -> str:
    return f"id: {one.number}\nevent: {one.kind}\ndata: {json.dumps(one.data)}\n\n"


def _news_for(
    request: Request, service: Service, account_id: str, prediction_id: str, after: int
) -> tuple[bool, tuple[Happening, ...]]:
    """The news for whoever asked. The key is looked at last: if it is good, so it was when the news happened."""
    found = _news(service, account_id, prediction_id, after)
    callers.caller(request)
    return found


def _news(service: Service, account_id: str, prediction_id: str, after: int) -> tuple[bool, tuple[Happening, ...]]:
    """Whether a prediction is over, and what happened to it since. That is read first: no end is told too early."""
    _check(prediction_id)
    with service.database.connect() as connection:
        over = predictions.is_over(connection, account_id, prediction_id)
        return over, happenings.after(connection, prediction_id, after)


def _listeners(request: Request) -> Listeners:
    """Those of this process."""
    state = request.app.state
    if not hasattr(state, "listeners"):
        state.listeners = Listeners()
    found: Listeners = state.listeners
    return found


def _find(service: Service, account_id: str, prediction_id: str) -> Prediction:
    _check(prediction_id)
    with service.database.connect() as connection:
        return predictions.find(connection, account_id, prediction_id)


def _check(prediction_id: str) -> None:
    """Refuse other spellings of ids than those that are given out.

    Raises:
        PredictionUnknown: it is none.
    """
    if ids.prediction_of(prediction_id) != prediction_id:
        raise PredictionUnknown
