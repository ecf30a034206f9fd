"""Whether the process lives, whether it can do its work, and what it has done."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, cast

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import SQLAlchemyError

from stillmotion.errors import KeyRefused, QuotaFull, StoreUnavailable
from stillmotion.server import accounts, queue, quota
from stillmotion.server.api.callers import Parts, bearer
from stillmotion.server.db import engine
from stillmotion.server.store import check_owner

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from stillmotion.server.api.metrics import Metrics
    from stillmotion.server.service import Service

router = APIRouter(tags=["health"])
_SHORTEST_S = 4.0
"""Of films."""
_FOR_OPERATORS = "The metrics are for operators: send the key of an administrator, or that of the setting metrics_key."
_OLDER = "The tables are not those of this version: run `stillmotion migrate`."
_NEWER = "The tables are newer than this version: update it."
_STOPPING = "The service is stopping: what was accepted can be asked for, and no new film is taken."


class Readiness(BaseModel):
    """Whether work can be done."""

    model_config = ConfigDict(extra="forbid")

    ready: bool
    reasons: list[str]
    """Why not."""


@router.get("/healthz", response_class=PlainTextResponse)
def healthz() -> str:
    """The process lives."""
    return "ok\n"


@router.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness, "description": "Not yet"}})
def readyz(request: Request, service: Parts) -> JSONResponse:
    """Database and store answer, the tables are those of this version, a worker lives, and there is room for films."""
    reasons = [_STOPPING] if request.app.state.is_stopping() else _missing(service)
    return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)


def _missing(service: Service) -> list[str]:
    try:
        with service.database.connect() as connection:
            if not engine.is_current(connection):
                return [_OLDER if engine.is_known(engine.current_revision(connection)) else _NEWER]
            reasons = []
            if not queue.living_takers(connection):
                reasons.append(f"No worker was heard of for {queue.SILENT_S:g} s: films wait until one starts.")
            if not _has_room(service, connection):
                reasons.append("Uploads and films have reached disk_quota_bytes: not one more film can be kept.")
    except SQLAlchemyError:
        return ["The database does not answer."]
    try:
        check_owner(service.store, service.installation)
    except (StoreUnavailable, OSError):
        reasons.append("The store of films and uploads does not answer, or is not this installation's.")
    return reasons


def _has_room(service: Service, connection: Connection) -> bool:
    """Whether a create would be refused for the room, however short its film is."""
    needed = quota.film_bytes(_SHORTEST_S, tiny=service.settings.quality == "tiny")
    try:
        quota.check(connection, service.settings.disk_quota_bytes, adding_bytes=needed)
    except QuotaFull:
        return False
    return True


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request, service: Parts) -> PlainTextResponse:
    """Counters and gauges for Prometheus. With accounts they are for operators."""
    if service.settings.accounts:
        _check_operator(service, request)
    found = cast("Metrics", request.app.state.metrics)
    return PlainTextResponse(found.text(), media_type=CONTENT_TYPE_LATEST)


def _check_operator(service: Service, request: Request) -> None:
    """Let the key of an administrator through, and the one that opens nothing but the metrics.

    Raises:
        KeyRefused: it is neither.
    """
    key, own = bearer(request.headers), service.settings.metrics_key
    if own is not None and hmac.compare_digest(key.encode(), own.get_secret_value().encode()):
        return
    with service.database.connect() as connection:
        if not accounts.of_key(connection, key).admin:
            raise KeyRefused(_FOR_OPERATORS)
