"""The routes of our own API: what the two other dialects have no words for, and what the page stands on."""

from fastapi import APIRouter

from stillmotion.server.api.native import deliveries, making, uploads, watching

router = APIRouter(prefix="/api/native/v1", tags=["native"])
router.include_router(making.router)
router.include_router(watching.router)
router.include_router(deliveries.router)
router.include_router(uploads.router)

__all__ = ["router"]
