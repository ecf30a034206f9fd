"""The envelope around every answer of this dialect, and the prediction inside it.

Successes never carry `error` beside `data`, because a client takes that for a failure; inside, nothing is null.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from stillmotion.errors import StoreUnavailable
from stillmotion.server import log
from stillmotion.server.api import addresses
from stillmotion.server.predictions import Status
from stillmotion.server.webhooks import bodies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service


class Words(BaseModel):
    """Base of all that is read and answered: nothing unknown."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


Data = TypeVar("Data")


class Success(Words, Generic[Data]):
    """An answer."""

    code: Literal[200] = 200
    message: Literal["success"] = "success"
    data: Data


class Urls(Words):
    """Addresses of a prediction."""

    get: str


class Timings(Words):
    """Durations in milliseconds."""

    inference: int


class PredictionData(Words):
    """A prediction."""

    id: str
    model: str
    outputs: list[str]
    urls: Urls
    has_nsfw_contents: list[bool]
    status: Literal["created", "processing", "completed", "failed"]
    created_at: str
    error: str
    executionTime: int  # noqa: N815 - the dialect's name
    timings: Timings
    code: int
    engine: str = Field(description="Who made the film; empty until it is known.")


class PredictionWithInput(PredictionData):
    """A prediction and what was asked for."""

    input: dict[str, Any]


def success(data: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the route answers
    """The envelope as plain values."""
    return {"code": 200, "message": "success", "data": data}


def prediction(
    service: Service, base_url: str, made: Prediction, *, asked: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A prediction in this dialect's words, its films as addresses or as base64 text, as was asked for.

    One that is complete counts as being made for as long as nobody can read its film.

    Args:
        service: the parts.
        base_url: where the caller reaches us.
        made: the prediction.
        asked: what was asked for, when that is to be repeated.
    """
    try:
        films = _texts(service, made) if made.base64_output else addresses.film(service, base_url, made)
    except (StoreUnavailable, OSError) as error:  # it is made and paid for: whoever asks again finds it
        log.get().warning("a film cannot be read now", prediction=made.id, error=type(error).__name__)
        films, made = [], replace(made, status=Status.PROCESSING, finished_at=None)
    return bodies.hosted(made, base_url=base_url, outputs=films, asked=asked)


def _texts(service: Service, made: Prediction) -> list[str]:
    """Films as text.

    Raises:
        StoreUnavailable, OSError: they cannot be had now.
    """
    return [text for key in made.outputs if key.endswith(".mp4") and (text := _text(service, key))]


def _text(service: Service, key: str) -> str:
    """A film as text; empty when it was deleted meanwhile, for whoever asks for what was accepted gets no fault."""
    try:
        with service.store.open(key) as film:
            return base64.b64encode(film.read()).decode()
    except FileNotFoundError:
        return ""
