"""Stored files under signed addresses: whole or in ranges, with the type that their bytes have."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from stillmotion import signing
from stillmotion.errors import PredictionUnknown, UploadUnknown
from stillmotion.server import predictions
from stillmotion.server.api import ranges
from stillmotion.server.api.addresses import FILES, RIGHT
from stillmotion.server.api.callers import Parts  # noqa: TC001 - read by the framework
from stillmotion.server.intake import kinds, uploads

if TYPE_CHECKING:
    from starlette.responses import Response

    from stillmotion.server.service import Service

router = APIRouter(tags=["files"])
_TYPES = {
    ".mp4": "video/mp4",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt",
    ".wav": "audio/wav",
    ".json": "application/json",
}
Download = Annotated[bool, Query(description="To be saved, not shown.")]
_UNKNOWN = "application/octet-stream"
_OUTPUTS = "outputs/"
_AGAIN = "list your uploads to get a fresh one, or upload the file again"
_SAFE = {
    # What people uploaded must not become a page of ours, whatever a browser makes of its bytes.
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cache-control": "private, max-age=3600",
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    206: {"description": "The range that was asked for"},
    403: {"description": "The address is not signed, was changed or has expired"},
    404: {"description": "The file is no longer kept"},
    416: {
        "description": "The range lies outside of the file",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NativeError"}}},
    },
}


@router.head(FILES + "{key:path}", responses=_ANSWERS, response_model=None, include_in_schema=False)
@router.get(
    FILES + "{key:path}",
    responses=_ANSWERS,
    response_class=FileResponse,
    response_model=None,
    openapi_extra={"parameters": RIGHT},
)
def file(
    key: str,
    request: Request,
    service: Parts,
    *,
    download: Download = False,
) -> Response:
    """A stored file: films, their pictures, uploads. The address carries its own right and its end."""
    now_s = service.clock.now().timestamp()
    advice = {"advice": _AGAIN} if key.startswith(uploads.FOLDER) else {}
    signing.check_signed_path(FILES + key, dict(request.query_params), service.address_secret, now_s=now_s, **advice)
    if key.startswith(_OUTPUTS) and not _is_kept(service, key):
        raise PredictionUnknown
    headers = {**_SAFE, "content-disposition": f'{"attachment" if download else "inline"}; filename="{_name(key)}"'}
    missing = UploadUnknown() if key.startswith(uploads.FOLDER) else PredictionUnknown()
    try:
        media_type = _type(service, key)
    except FileNotFoundError:
        raise missing from None
    return ranges.answer(service.store, key, media_type=media_type, missing=missing, headers=headers)


def _is_kept(service: Service, key: str) -> bool:
    """Whether the prediction of an output was not deleted: its files only go with the next sweep."""
    with service.database.connect() as connection:
        return predictions.is_kept(connection, key.split("/")[1])


def _name(key: str) -> str:
    """What a file is called when it is saved: the prediction's beginning and what it shows."""
    path = PurePosixPath(key)
    shown = path.name.rpartition("-")[2]
    return f"{path.parts[1][:8]}-{shown}" if len(path.parts) == 3 else shown


def _type(service: Service, key: str) -> str:
    if not key.startswith(uploads.FOLDER):
        return _TYPES.get(PurePosixPath(key).suffix, _UNKNOWN)
    with service.store.open(key) as opened:
        kind = kinds.sniff(opened.read(kinds.HEAD_BYTES))
    return kind.media_type if kind else _UNKNOWN
