"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from stillmotion.server.api.callers import Parts  # noqa: TC001 - read by the framework
from stillmotion.server.db import engine

router = APIRouter(tags=["health"])


class Readiness(BaseModel):
    """Whether work can be done."""

    model_config = ConfigDict(extra="forbid")

    ready: bool


@router.get("/healthz", response_class=PlainTextResponse)
def healthz() -> str:
    """The process lives."""
    return "ok\n"


@router.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness, "description": "Not yet"}})
def readyz(service: Parts) -> JSONResponse:
    """The database answers and its tables are those of this version."""
    try:
        with service.database.connect() as connection:
            connection.execute(text("select 1"))
            ready = engine.is_current(connection)
    except SQLAlchemyError:
        ready = False
    return JSONResponse({"ready": ready}, 200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
def metrics() -> PlainTextResponse:
    """Counters and gauges for Prometheus."""
    return PlainTextResponse(generate_latest().decode(), media_type=CONTENT_TYPE_LATEST)
