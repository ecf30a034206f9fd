"""Reading JSON: what is large is parsed beside the loop that answers everybody else, and not kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from stillmotion.server.api.limits import SMALL_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from starlette.responses import Response

Value = TypeVar("Value")


async def parsed(request: Request, parse: Callable[[bytes], Value]) -> Value:
    """The body of a request, parsed; its bytes are gone then."""
    content = b"".join([piece async for piece in request.stream()])
    return await _beside(content, parse)


async def _beside(content: bytes, parse: Callable[[bytes], Value]) -> Value:
    return parse(content) if len(content) <= SMALL_BYTES else await run_in_threadpool(parse, content)


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
