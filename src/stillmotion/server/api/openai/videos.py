"""Videos: create, remix, look, list, fetch, delete."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse, JSONResponse

from stillmotion.errors import NotYet, PredictionUnknown
from stillmotion.server import ids, predictions
from stillmotion.server.api import contents
from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.creates import Creating
from stillmotion.server.api.openai import answers, bodies, creating, video
from stillmotion.server.predictions import Prediction, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.server.accounts import Account
    from stillmotion.server.service import Service

router, _creates = APIRouter(), APIRouter(route_class=Creating)
DIALECT = "openai"
_NOT_YET: dict[str, Any] = {
    "status_code": 400,
    "response_class": Response,  # the document has the form of errors
    "response_description": "This is not made here yet",
}
Sent = Annotated[bodies.Body, Depends(bodies.read)]
Named = Annotated[creating.Naming, Depends(creating.naming)]


@_creates.post("/v1/videos", responses=answers.VIDEO, openapi_extra=answers.CREATE)
def create(caller: Caller, service: Parts, sent: Sent, naming: Named) -> JSONResponse:
    """Film a photo."""
    return _answer(service, creating.create(service, caller, sent, naming))


@_creates.post("/v1/videos/{video_id}/remix", responses=answers.VIDEO, openapi_extra=answers.REMIX)
def remix(video_id: str, caller: Caller, service: Parts, sent: Sent, naming: Named) -> JSONResponse:
    """Film the photo of another video with another prompt."""
    try:
        source = _find(service, caller, video_id)
    except PredictionUnknown:
        known = creating.remixed(service, caller, sent, naming, ids.prediction_of(video_id) or "")
        if known is None:
            raise
        made = known
    else:
        made = creating.remix(service, caller, sent, naming, source)
    return _answer(service, made)


router.include_router(_creates)


@router.post("/v1/videos/edits", **_NOT_YET)
@router.post("/v1/videos/extensions", **_NOT_YET)
@router.post("/v1/videos/characters", **_NOT_YET)
def not_yet(_caller: Caller) -> None:
    """What this server does not make yet."""
    raise NotYet


@router.get("/v1/videos/characters/{name}", **_NOT_YET)
def character(_caller: Caller, name: str) -> None:
    """One of the characters, which this server does not make yet."""
    del name
    raise NotYet


@router.get("/v1/videos", response_model=answers.VideoList)
def listing(
    caller: Caller,
    service: Parts,
    after: str = "",
    limit: Annotated[int, Query(ge=0, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
) -> dict[str, Any]:
    """A page of videos, newest first unless asked otherwise."""
    known = ids.prediction_of(after)
    if after and known is None:
        raise _unknown()
    with service.database.connect() as connection, _in_its_words():
        found, more = predictions.page(
            connection,
            caller.id,
            Wanted(dialect=DIALECT),
            after=known or "",
            limit=limit,
            newest_first=order == "desc",
        )
    data = [video.shown(made, kept_days=service.settings.retention_days) for made in found]
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": more}


@router.get("/v1/videos/{video_id}", responses=answers.VIDEO)
def retrieve(video_id: str, caller: Caller, service: Parts) -> JSONResponse:
    """One video."""
    return _answer(service, _find(service, caller, video_id))


@router.delete("/v1/videos/{video_id}", response_model=answers.VideoDeleted)
def delete(video_id: str, caller: Caller, service: Parts) -> dict[str, Any]:
    """Forget a video; one that is being made is stopped first."""
    made = _find(service, caller, video_id)
    contents.forget(service, caller, made)
    return {"id": ids.video_id(made.id), "object": "video.deleted", "deleted": True}


@router.head("/v1/videos/{video_id}/content", response_model=None, include_in_schema=False)
@router.get(
    "/v1/videos/{video_id}/content", responses=answers.CONTENT, response_class=FileResponse, response_model=None
)
def content(
    video_id: str,
    caller: Caller,
    service: Parts,
    variant: contents.Variant = contents.Variant.VIDEO,
) -> Response:
    """The film as MP4, its thumbnail as WebP, or its sprite sheet as JPEG."""
    return contents.of(service, _find(service, caller, video_id), variant)


def _find(service: Service, caller: Account, video_id: str) -> Prediction:
    """A video of the caller, made in this dialect."""
    prediction_id = ids.prediction_of(video_id)
    if prediction_id is None:
        raise _unknown()
    with service.database.connect() as connection, _in_its_words():
        made = predictions.find(connection, caller.id, prediction_id)
    if made.dialect != DIALECT:
        raise _unknown()
    return made


@contextmanager
def _in_its_words() -> Iterator[None]:
    """In this dialect a prediction is a video."""
    try:
        yield
    except PredictionUnknown:
        raise _unknown() from None


def _unknown() -> PredictionUnknown:
    return PredictionUnknown("There is no such video; it may have been deleted, or kept past the retention time.")


def _answer(service: Service, made: Prediction) -> JSONResponse:
    shown = video.shown(made, kept_days=service.settings.retention_days)
    return JSONResponse(shown, headers=video.poll_headers(made))
