"""Files whole or in ranges, with what goes wrong told in the words of the dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import FileResponse, JSONResponse
from starlette.datastructures import Headers

from stillmotion.server.api import shapes

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

_MALFORMED, _OUTSIDE = 400, 416


class RangedFile(FileResponse):
    """A stored file. A range that nobody can read is as good as none, as HTTP has it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        refused: Message | None = None

        async def tried(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] in {_MALFORMED, _OUTSIDE}:
                refused = message
            if refused is None:
                await send(message)

        await super().__call__(scope, receive, tried)
        if refused is None:
            return
        if refused["status"] == _OUTSIDE:
            await _outside(scope["path"], refused)(scope, receive, send)
            return
        whole = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": whole}, receive, send)


def _outside(path: str, refused: Message) -> JSONResponse:
    size = Headers(raw=list(refused["headers"]))["content-range"]
    message = f"The range lies outside of the file, which has {size.rpartition('/')[2]} bytes; ask for less."
    told = shapes.body(shapes.dialect_of(path), _OUTSIDE, message, "range_outside", field=None)
    return JSONResponse(told, _OUTSIDE, {"content-range": size, "accept-ranges": "bytes", "x-should-retry": "false"})
