"""A prediction as the OpenAI dialect shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from stillmotion.server import ids
from stillmotion.server.api.shapes import MODERATION_BLOCKED
from stillmotion.server.predictions import Code, Prediction, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

POLL_AFTER_MS = 1000
_WORDS: Mapping[Status, str] = {
    Status.CREATED: "queued",
    Status.PROCESSING: "in_progress",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
}
_CODES: Mapping[int, str] = {
    Code.MODERATION: MODERATION_BLOCKED,
    Code.PARAMETER_MISSING: "missing_parameter",
    Code.PARAMETER_INVALID: "invalid_parameter",
    Code.MEDIA_UNREACHABLE: "media_unreachable",
    Code.CANCELLED: "cancelled",
    Code.UNAVAILABLE: "unavailable",
    Code.TIMED_OUT: "timed_out",
}


def shown(made: Prediction, *, kept_days: float) -> dict[str, Any]:
    """The video object.

    Args:
        made: a prediction that was asked for in this dialect.
        kept_days: how long films are kept.
    """
    done = made.finished_at if made.status is Status.COMPLETED else None
    gone = None if done is None else done + timedelta(days=kept_days)
    return {
        "id": ids.video_id(made.id),
        "object": "video",
        "model": made.input["called"],
        "status": _WORDS[made.status],
        "progress": made.progress,
        "created_at": int(made.created_at.timestamp()),
        "completed_at": None if done is None else int(done.timestamp()),
        "expires_at": None if gone is None else int(gone.timestamp()),
        "prompt": made.input["prompt"],
        "size": made.input["size"],
        "seconds": str(made.input["duration"]),
        "remixed_from_video_id": None if made.remixed_from is None else ids.video_id(made.remixed_from),
        "error": _error(made),
        "engine": made.engine or None,
    }


def poll_headers(made: Prediction) -> dict[str, str]:
    """When to ask again."""
    return {} if made.finished_at is not None else {"openai-poll-after-ms": str(POLL_AFTER_MS)}


def _error(made: Prediction) -> dict[str, str] | None:
    if made.status is not Status.FAILED:
        return None
    return {"code": _CODES.get(made.code, "server_error"), "message": made.error}
