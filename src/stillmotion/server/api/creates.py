"""Creates are counted before anything of theirs is looked at, in the same way in all dialects.

Whoever asks too often is told so whatever else is wrong, and a create counts wherever it is refused after that. Were it
counted later, faulty requests would be free, and each dialect would have an order of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.concurrency import run_in_threadpool

from stillmotion.errors import ServerBusy
from stillmotion.server.api import callers
from stillmotion.server.api.accept import count, refuse_new
from stillmotion.server.api.idempotency import resends
from stillmotion.server.api.reading import Reading
from stillmotion.server.rates import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Request
    from starlette.responses import Response

_STOPPING = "The server is stopping, and this request was not accepted; send it again in about {after_s} s."
_RESTART_S, _LONGEST_S = 5, 60
"""Until it is back when its films are done, and how long clients wait at most."""


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

    While the server stops, only who may be asking for what was accepted already is heard any further.

    Raises:
        KeyRefused, AccountSuspended: the caller may do nothing.
        ServerBusy: it stops, and takes nothing new.
        RateLimited: there were more in this minute.
    """
    caller = await callers.known(request)
    service = await callers.service_of(request)
    if request.app.state.is_stopping():
        after_s = min(round(service.settings.drain_s) + _RESTART_S, _LONGEST_S)
        stopping = ServerBusy(_STOPPING.format(after_s=after_s), retry_after_s=after_s)
        if not _may_be_known(request):
            raise stopping
        refuse_new(stopping)
    await run_in_threadpool(count, service, caller, Kind.CREATE)


def _may_be_known(request: Request) -> bool:
    """Whether it has a key by which it was remembered, or says that it was sent before."""
    return bool(request.headers.get("idempotency-key")) or (resends(request) or 0) > 0
