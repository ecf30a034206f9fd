"""Creates are counted before anything of theirs is looked at, in the same way in all dialects.

Whoever asks too often is told so whatever else is wrong, and a create counts wherever it is refused after that. Were it
counted later, faulty requests would be free, and each dialect would have an order of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.concurrency import run_in_threadpool

from stillmotion.errors import ServerBusy
from stillmotion.server.api import callers
from stillmotion.server.api.accept import count
from stillmotion.server.api.reading import Reading
from stillmotion.server.rates import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Request
    from starlette.responses import Response

_STOPPING = "The server is stopping and took nothing of this; send it again when it is back, in half a minute or so."


class Creating(Reading):
    """A route that makes predictions."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        """See `APIRoute`."""
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            await counted(request)
            return await answer(request)

        return answered


async def counted(request: Request) -> None:
    """Count a create of whoever calls.

    Raises:
        KeyRefused, AccountSuspended: the caller may do nothing.
        ServerBusy: it stops, and takes nothing new.
        RateLimited: there were more in this minute.
    """
    caller = await callers.known(request)
    if request.app.state.is_stopping():
        raise ServerBusy(_STOPPING)
    service = await callers.service_of(request)
    await run_in_threadpool(count, service, caller, Kind.CREATE)
