"""What our own API is asked and answers: closed objects, all fields always there."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - the types of fields
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from stillmotion import catalog
from stillmotion.catalog.exact import Exact
from stillmotion.catalog.sora import Image, Prompt, Seconds, Seed  # noqa: TC001 - the types of fields
from stillmotion.server.predictions import Code, Status  # noqa: TC001 - the types of fields


class Closed(BaseModel):
    """No field but these."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ShotObject = Annotated[
    dict[str, Any], Field(description="A Shot, as predictions give it back: filmed as it stands, without a plan.")
]


class Create(Closed):
    """A run of a model of the catalog."""

    model: Annotated[str, Field(examples=list(catalog.models()))]
    input: Annotated[
        dict[str, Any],
        Field(
            description="The model's inputs; `shot` may stand in place of `prompt`, `duration` and `seed`.",
            examples=[example.inputs for model in catalog.models().values() for example in model.examples],
        ),
    ]
    webhook_url: str | None = None


class Draft(Closed, Exact):
    """A free draft: the plan of a shot, and a preview of it in 360p."""

    image: Image
    prompt: Prompt | None = None
    shot: ShotObject | None = None
    duration: Seconds = 4
    seed: Seed = 0


class SceneOf(Closed):
    """What is in a photo."""

    image: Image


class Files(Closed):
    """Signed addresses of what was made; they expire, and asking again gives fresh ones."""

    film: str | None
    thumbnail: str | None
    spritesheet: str | None


class PredictionView(Closed):
    """A prediction."""

    id: str
    model: str
    dialect: str
    status: Status
    stage: str
    progress: Annotated[int, Field(ge=0, le=100)]
    code: Code
    error: str
    engine: str
    price: Annotated[str, Field(description="In dollars, exact.")]
    input: dict[str, Any]
    shot: Annotated[dict[str, Any] | None, Field(description="What was filmed; edit it and send it back.")]
    scene: Annotated[dict[str, Any] | None, Field(description="What is in the photo.")]
    notes: Annotated[list[str], Field(description="What was asked for and could not be done.")]
    files: Files
    remixed_from: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    events: Annotated[str, Field(description="Where its events are sent from.")]


class Delivery(Closed):
    """A webhook, sent or to be sent."""

    id: str
    prediction_id: str
    url: str
    state: str
    attempts: int
    answer: str
    created_at: datetime
    last_at: datetime | None
    next_at: datetime | None


class Deliveries(Closed):
    """A page of them, newest first."""

    total: int
    items: list[Delivery]


class UploadView(Closed):
    """A file that the account sent."""

    id: str
    filename: str
    type: Annotated[str, Field(description="By its bytes.", examples=["image/jpeg"])]
    size: Annotated[int, Field(description="In bytes.")]
    stored_at: datetime | None
    download_url: Annotated[str, Field(description="Signed, for as long as it is kept; an input as it stands.")]


class Uploads(Closed):
    """A page of them, newest first."""

    total: int
    items: list[UploadView]


class WebhookSecret(Closed):
    """What webhooks are signed with."""

    secret: Annotated[str, Field(description='"whsec_" and base64.')]


class RotatedSecret(WebhookSecret):
    """The new one."""

    old_signs_until: datetime


class WebhookTarget(Closed):
    """Where ends of videos of the OpenAI dialect are told, whose creates name no webhook."""

    url: Annotated[str | None, Field(description="Null: nowhere.", examples=["https://example.com/hook"])]


EVENT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "description": "To go on after it."},
        "event": {"enum": ["status", "progress", "preview", "warning"]},
        "data": {"type": "string", "description": "JSON."},
        "retry": {"type": "integer"},
    },
}
"""One event of a stream, for the document."""
