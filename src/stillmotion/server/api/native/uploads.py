"""Files that the account has sent and that are still kept: listed, and deleted to make room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from stillmotion.errors import StoreUnavailable, UploadUnknown
from stillmotion.server import ids, log
from stillmotion.server.api import addresses
from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.native.shapes import Uploads, UploadView
from stillmotion.server.intake import uploads

if TYPE_CHECKING:
    from stillmotion.server.intake.uploads import Upload
    from stillmotion.server.service import Service

router = APIRouter()
_NONE = "There is no upload of this id, or not any more; GET /api/native/v1/uploads lists those that there are."


@router.get("/uploads")
def listing(
    request: Request,
    caller: Caller,
    service: Parts,
    *,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Uploads:
    """A page of the account's files that have arrived and are kept, newest first: also pictures of requests."""
    with service.database.connect() as connection:
        found, total = uploads.listing(connection, caller.id, limit=limit, offset=offset)
    base_url = addresses.base(service, request)
    return Uploads(total=total, items=[_shown(service, base_url, one) for one in found])


@router.delete(
    "/uploads/{upload_id}",
    status_code=204,
    responses={409: {"description": "A prediction that has not ended needs it"}},
)
def delete(upload_id: str, caller: Caller, service: Parts) -> Response:
    """Delete a file, and have its room back; films that were made from it stay."""
    try:
        key = _removed(service, caller.id, upload_id)
    except UploadUnknown:
        raise UploadUnknown(_NONE) from None
    if key is not None:
        try:
            uploads.discard(service, key)
        except (StoreUnavailable, OSError) as error:  # it is deleted all the same: the sweep removes nobody's files
            log.get().warning("a file cannot be removed now", file=key, error=type(error).__name__)
    return Response(status_code=204)


def _removed(service: Service, account_id: str, upload_id: str) -> str | None:
    if ids.prediction_of(upload_id) != upload_id:
        raise UploadUnknown
    with service.database.begin() as connection:
        return uploads.remove(connection, account_id, upload_id)


def _shown(service: Service, base_url: str, one: Upload) -> UploadView:
    return UploadView(
        id=one.id,
        filename=one.filename,
        type=one.media_type,
        size=one.size_bytes or 0,
        stored_at=one.stored_at,
        download_url=addresses.upload(service, base_url, one),
    )
