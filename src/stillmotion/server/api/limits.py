"""Bodies are counted while they arrive: what is too large is refused before it is in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from stillmotion.errors import BodyTooLarge
from stillmotion.server.api import shapes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOADS = ("/api/v3/media/upload/", "/api/v2/media/upload/", "/uploads/")
"""Paths with a limit of their own."""


class BodyLimit:
    """An ASGI layer that ends requests whose body is too large."""

    def __init__(self, app: ASGIApp, *, limit_bytes: int) -> None:
        self._app = app
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http" or scope["path"].startswith(UPLOADS):
            await self._app(scope, receive, send)
            return
        left = self._limit_bytes

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise BodyTooLarge
            return message

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._limit_bytes:
            error = BodyTooLarge()
            found = shapes.body(shapes.dialect_of(scope["path"]), 413, str(error), error.code)
            await JSONResponse(found, 413)(scope, receive, send)
            return
        await self._app(scope, counted, send)
