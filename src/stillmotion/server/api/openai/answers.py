"""Bodies of the OpenAI dialect for the document: what a create may be, and what is answered."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from stillmotion.server.api.openai.fields import CreateVideo, RemixVideo


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class VideoError(_Closed):
    """Why a video failed."""

    code: str
    message: str


class Video(_Closed):
    """A video."""

    id: str
    object: Literal["video"]
    model: str
    status: Literal["queued", "in_progress", "completed", "failed"]
    progress: int
    created_at: int
    completed_at: int | None
    expires_at: int | None
    prompt: str
    size: str
    seconds: str
    remixed_from_video_id: str | None
    error: VideoError | None
    engine: str | None


class VideoList(_Closed):
    """A page of videos."""

    object: Literal["list"]
    data: list[Video]
    first_id: str | None
    last_id: str | None
    has_more: bool


class VideoDeleted(_Closed):
    """A video that is no more."""

    id: str
    object: Literal["video.deleted"]
    deleted: bool


class NamedModel(_Closed):
    """A model by one of its names."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class NamedModels(_Closed):
    """All of them."""

    object: Literal["list"]
    data: list[NamedModel]


def _body(*, multipart: bool) -> dict[str, Any]:
    """The schema of a create; a form may hold the photo itself."""
    schema = CreateVideo.model_json_schema()
    reference = schema.pop("$defs")["Reference"]
    if multipart:
        reference = {"type": "string", "contentMediaType": "application/octet-stream", "description": "The photo."}
    schema["properties"]["input_reference"] = reference
    schema["required"] = ["prompt", "input_reference"]
    return schema


_EXAMPLE = {
    "prompt": "Slow dolly in over the lake at dawn, birds",
    "size": "1280x720",
    "seconds": "8",
    "input_reference": {"image_url": "https://example.com/lake.jpg"},
}
CREATE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _body(multipart=False), "example": _EXAMPLE},
            "multipart/form-data": {"schema": _body(multipart=True)},
        },
    }
}
REMIX: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": RemixVideo.model_json_schema(), "example": {"prompt": "now gulls"}}},
    }
}
VIDEO: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Video,
        "headers": {"openai-poll-after-ms": {"description": "When to ask again", "schema": {"type": "string"}}},
    }
}
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {
            kind: {"schema": {"type": "string", "contentMediaType": kind}}
            for kind in ("video/mp4", "image/webp", "image/jpeg")
        },
    },
    206: {"description": "The range that was asked for"},
    416: {
        "description": "The range lies outside of the file",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OpenAIError"}}},
    },
}
