"""Holding a request until its film is done, without holding a thread meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from stillmotion.errors import PredictionUnknown
from stillmotion.server import predictions
from stillmotion.server.api.hosted import envelope
from stillmotion.server.predictions import Code, Status
from stillmotion.server.predictions.records import FINAL

if TYPE_CHECKING:
    from starlette.requests import Request

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

_FIRST_S, _GROWTH, _LONGEST_S = 0.05, 1.3, 0.5
"""Between two looks: short films are answered quickly, long ones are not asked for too often."""


async def finished(service: Service, base_url: str, made: Prediction, request: Request) -> dict[str, Any]:
    """The prediction when it has ended; after the configured time what clients know as an overrun.

    Args:
        service: the parts.
        base_url: where the caller reaches us.
        made: just accepted.
        request: who waits: no longer when the caller has hung up, or the service stops.
    """
    end_s, pause_s = anyio.current_time() + service.settings.sync_wait_s, _FIRST_S
    while made.status not in FINAL:
        left_s = end_s - anyio.current_time()
        if request.app.state.is_stopping():  # whoever is held until the very end is answered nothing
            return envelope.success(_overrun(service, base_url, made, " because the server stops"))
        if left_s <= 0 or await request.is_disconnected():
            waited = f" after {service.settings.sync_wait_s:g} s"
            return envelope.success(_overrun(service, base_url, made, waited))
        await anyio.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * _GROWTH, _LONGEST_S)
        try:
            made = await run_in_threadpool(_look, service, made)
        except (SQLAlchemyError, PredictionUnknown):  # accepted is accepted: the caller learns the id whatever happens
            return envelope.success(_overrun(service, base_url, made))
    told = await run_in_threadpool(envelope.prediction, service, base_url, made)
    whole = told["status"] == made.status.value
    return envelope.success(told if whole else _late(told, " because the film cannot be read now; it is kept"))


def _look(service: Service, made: Prediction) -> Prediction:
    with service.database.connect() as connection:
        return predictions.find(connection, made.account_id, made.id)


def _overrun(service: Service, base_url: str, made: Prediction, why: str = "") -> dict[str, Any]:
    """Still running: the words are those that clients look for."""
    return _late(envelope.prediction(service, base_url, made), f"{why}; the prediction goes on")


def _late(told: dict[str, Any], why: str) -> dict[str, Any]:
    words = f"Sync mode timed out{why}. Prediction ID: {told['id']}. Query the result later at: {told['urls']['get']}"
    return {**told, "status": Status.PROCESSING.value, "code": int(Code.TIMED_OUT), "error": words}
