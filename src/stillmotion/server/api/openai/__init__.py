"""The OpenAI dialect: what the `openai` packages for Python and JavaScript send and read under /v1."""

from fastapi import APIRouter

from stillmotion.server.api.openai import models, videos

router = APIRouter(tags=["OpenAI dialect"])
router.include_router(models.router)
router.include_router(videos.router)

__all__ = ["router"]
