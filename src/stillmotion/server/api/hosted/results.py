"""What became of a film: one prediction, a list of them, and taking them off the shelf."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AfterValidator, Field

from stillmotion import catalog
from stillmotion.catalog.exact import Exact
from stillmotion.errors import PredictionUnknown
from stillmotion.server import ids, predictions
from stillmotion.server.accounts import Account  # noqa: TC001 - read by the framework
from stillmotion.server.api import addresses, contents
from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.hosted import envelope
from stillmotion.server.api.hosted.envelope import (
    PredictionData,
    PredictionWithInput,
    Success,
    Words,
)
from stillmotion.server.api.reading import Reading
from stillmotion.server.intake import uploads
from stillmotion.server.predictions import Prediction, Status, Wanted
from stillmotion.server.service import Service  # noqa: TC001 - read by the framework
from stillmotion.server.webhooks import bodies

router = APIRouter(route_class=Reading)
PAGES, PAGE, IDS = 100_000, 100, 1000


def _aware(value: datetime) -> datetime:
    """Times without a zone are UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _storable(value: str) -> str:
    if "\0" in value:
        message = "the character NUL is not allowed"
        raise ValueError(message)
    return value


Time = Annotated[datetime, AfterValidator(_aware)]
Text = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
ModelId = Annotated[Text, AfterValidator(catalog.current_id)]
"""Which runs of a model: also those that were asked for by an older id of it."""
Id = Annotated[str, Path(description="As the create answered it.")]
_PENDING = "pending"
_NEVER = ("cancelled", "timeout", "deleted")
"""Words of the hosted service for which we say "failed", with a code."""


class Shown(Words):
    """Which predictions."""

    page: Annotated[int, Field(ge=1, le=PAGES)] = 1
    page_size: Annotated[int, Field(ge=1, le=PAGE)] = 10
    model: ModelId | None = None
    status: (
        Literal["created", "pending", "processing", "completed", "failed", "cancelled", "timeout", "deleted"] | None
    ) = None
    created_after: Time | None = None
    created_before: Time | None = None
    include_inputs: bool = False


class ShownOf(Shown, Exact):
    """The same as JSON."""


class Page(Words):
    """Some of the predictions, newest first."""

    page: int
    total: int
    items: list[PredictionWithInput | PredictionData]


class Ids(Words):
    """Which predictions to delete; unknown ones and those that are still running are left out."""

    ids: Annotated[list[Text], Field(min_length=1, max_length=IDS)]


class Deleted(Words):
    """How many were deleted."""

    deleted_count: int


class DeletedOne(Words):
    """What was deleted."""

    id: str
    status: Literal["deleted"] = "deleted"


_Answer = dict[str, Any]


def _found(service: Parts, account: Caller, prediction_id: Id) -> Prediction:
    plain = ids.prediction_of(prediction_id)
    if plain is None:
        raise PredictionUnknown
    with service.database.connect() as connection:
        return predictions.find(connection, account.id, plain)


Found = Annotated[Prediction, Depends(_found)]
_GONE: dict[str, Any] = {"response_model": Success[DeletedOne]}
_ONE: dict[str, Any] = {"response_model": Success[PredictionData]}


@router.get("/predictions/{prediction_id}/result", **_ONE)  # noqa: FAST003 - see _found
@router.get("/predictions/{prediction_id}", **_ONE)
def result(request: Request, service: Parts, made: Found) -> _Answer:
    """How far a prediction is, and its films when it is complete; one that failed is a success with its reason."""
    return envelope.success(envelope.prediction(service, addresses.base(service, request), made))


@router.post("/predictions", response_model=Success[Page])
def listed(request: Request, service: Parts, account: Caller, wanted: ShownOf | None = None) -> _Answer:
    """A page of your predictions, newest first."""
    return envelope.success(_page(request, service, account, wanted or Shown()))


@router.get("/predictions", response_model=Success[Page])
def listed_by_query(request: Request, service: Parts, account: Caller, wanted: Annotated[Shown, Query()]) -> _Answer:
    """The same by query."""
    return envelope.success(_page(request, service, account, wanted))


def _page(request: Request, service: Service, account: Account, wanted: Shown) -> dict[str, Any]:
    which = Wanted(
        model_id=wanted.model,
        status=_status(wanted.status),
        created_after=wanted.created_after,
        created_before=wanted.created_before,
    )
    found: tuple[Prediction, ...] = ()
    pictures: dict[str, str] = {}
    total = 0
    if wanted.status not in _NEVER:
        offset = (wanted.page - 1) * wanted.page_size
        with service.database.connect() as connection:
            found, total = predictions.listing(connection, account.id, which, limit=wanted.page_size, offset=offset)
            if wanted.include_inputs:
                pictures = uploads.keys(connection, [str(one.input.get("image", "")) for one in found])
    base_url = addresses.base(service, request)
    # A page of films as base64 would not fit into memory: a list names addresses.
    plain = [replace(one, base64_output=False) for one in found]

    def asked(one: Prediction) -> dict[str, Any]:
        key = pictures.get(str(one.input.get("image", "")))
        return bodies.asked(one, None if key is None else addresses.file(service, base_url, key))

    repeated = [asked(one) if wanted.include_inputs else None for one in plain]
    pairs = zip(plain, repeated, strict=True)
    items = [envelope.prediction(service, base_url, one, asked=given) for one, given in pairs]
    return {"page": wanted.page, "total": total, "items": items}


def _status(word: str | None) -> Status | None:
    if word is None or word in _NEVER:
        return None
    return Status.CREATED if word == _PENDING else Status(word)


@router.post("/predictions/delete", response_model=Success[Deleted])
def delete_several(service: Parts, account: Caller, which: Ids) -> _Answer:
    """Delete predictions that have ended."""
    plain = [one for one in map(ids.prediction_of, which.ids) if one is not None]
    with service.database.begin() as connection:
        count = predictions.delete(connection, account.id, plain, at=service.clock.now())
    return envelope.success({"deleted_count": count})


@router.delete("/predictions/{prediction_id}", **_GONE)  # noqa: FAST003 - see _found
def delete_one(service: Parts, account: Caller, made: Found) -> _Answer:
    """Delete a prediction; one that has not ended is stopped first and not charged."""
    contents.forget(service, account, made)
    return envelope.success({"id": made.id, "status": "deleted"})
