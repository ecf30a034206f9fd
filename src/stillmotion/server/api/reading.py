"""Reading JSON: what is large is parsed in a thread and not kept, if it is large because of its texts.

One thread runs Python at a time, so parsing stops the loop that answers everybody else. It does so for as long as a few
hundredths of a second for a picture of 20 MB as text; many small values would take seconds, and many times their size.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from stillmotion.server.api.limits import SMALL_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from starlette.responses import Response

Value = TypeVar("Value")
MOST_VALUES = 100_000
"""In a large body; films are asked for with a few thousand, if they bring a Shot."""


async def parsed(request: Request, parse: Callable[[bytes], Value]) -> Value:
    """The body of a request, parsed; its bytes are gone then."""
    content = b"".join([piece async for piece in request.stream()])
    return await _beside(content, parse)


async def _beside(content: bytes, parse: Callable[[bytes], Value]) -> Value:
    return parse(content) if len(content) <= SMALL_BYTES else await run_in_threadpool(_bounded, content, parse)


def _bounded(content: bytes, parse: Callable[[bytes], Value]) -> Value:
    """Each value but the first comes after one of these; those inside of texts are few."""
    if sum(map(content.count, (b",", b"[", b"{"))) > MOST_VALUES:
        message = f"The body holds too many values; those of more than {SMALL_BYTES:,} bytes hold {MOST_VALUES:,}."
        raise HTTPException(400, message)
    return parse(content)


class Reading(APIRoute):
    """A route whose body the framework parses, as above."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See `APIRoute`."""
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            return await answer(_Request(request.scope, request.receive))

        return answered


class _Request(Request):
    async def json(self) -> Any:  # noqa: ANN401 - JSON has no shape
        """See `Request`."""
        if not hasattr(self, "_json"):
            self._json = await _beside(await self.body(), json.loads)
        return self._json
