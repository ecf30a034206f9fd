"""The hosted dialect: `/api/v3`, and `/api/v2` for older clients."""

from fastapi import APIRouter

from stillmotion.server.api.hosted import media, models, money, results, submit
from stillmotion.server.api.hosted import older as superseded


def routers() -> tuple[APIRouter, ...]:
    """The routes under both prefixes; only the newer ones are documented."""
    newer, older = APIRouter(prefix="/api/v3", tags=["hosted"]), APIRouter(prefix="/api/v2", include_in_schema=False)
    for part in (results.router, media.router, models.router, money.router, superseded.router, submit.router()):
        newer.include_router(part)
        older.include_router(part)
    return newer, older, media.targets


__all__ = ["routers"]
