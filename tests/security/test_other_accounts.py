"""Nobody sees, changes or learns of another account's things, by any route that takes an id.

The routes come from the application itself: one that is added tomorrow is tested tomorrow, or this file says that it
does not know how to call it.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from by_hand import Customer, Hand, customer_of, photo
from databases import database_url, postgres_url
from security.routes import routes
from stillmotion.server import ids
from stillmotion.server.api.app import create_app
from stillmotion.server.db import schema
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from stillmotion.server.service import Service

__all__ = ["database_url", "postgres_url"]
WORDS = "a secret lighthouse"
"""The prompt of the one whose things they are."""
SIGNED = ("/files/", "/uploads/")
"""No key is looked at there: the address itself is the right, and nobody else has it."""
PUBLIC = ("/v1/models/", "/v1/videos/characters/")
"""Ids of no account."""


ROUTES = [(method, path) for method, path in routes() if "{" in path]


@dataclass
class Things:
    """What one account has, and both callers."""

    owner: Customer
    stranger: Customer
    names: dict[str, str]
    secrets: tuple[str, ...]


@pytest.fixture(scope="module")
def service(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With accounts."""
    settings = Settings(
        database_url=database_url, data_dir=tmp_path_factory.mktemp("theirs"), accounts=True, per_minute=0
    )
    with running(settings) as made:
        yield made


@pytest.fixture(scope="module")
def app(service: Service) -> FastAPI:
    """The application."""
    return create_app(service)


@pytest.fixture
def things(service: Service, app: FastAPI, tmp_path: Path) -> Things:
    """A complete film of the OpenAI dialect (every dialect can name it), its webhook, and an upload."""
    owner, stranger = customer_of(service, app), customer_of(service, app)
    sent = {"prompt": WORDS, "seconds": "4"}
    file = {"input_reference": ("cat.png", photo(), "image/png")}
    made = owner.client.post("/v1/videos", data=sent, files=file)
    assert made.status_code == 200, made.text
    plain = made.json()["id"].removeprefix("video_")
    worker = Hand(service, tmp_path)
    assert worker.complete(worker.begin(plain)) is not None
    delivery = ids.message_id()
    with service.database.begin() as connection:
        connection.execute(
            insert(schema.deliveries).values(
                id=delivery,
                prediction_id=plain,
                account_id=owner.account.id,
                url="https://owner.example/hook",
                scheme="hosted",
                body=WORDS,
                state="failed",
                created_at=service.clock.now(),
            )
        )
    with service.database.connect() as connection:
        mine = schema.uploads.c.account_id == owner.account.id
        upload = str(connection.scalar(select(schema.uploads.c.id).where(mine)))
    names = {"prediction_id": plain, "video_id": made.json()["id"], "delivery_id": delivery, "upload_id": upload}
    return Things(owner, stranger, names, (WORDS, owner.account.id, "owner.example", owner.key.public))


def _asked(path: str, names: dict[str, str]) -> str:
    asked = path
    for name, value in names.items():
        asked = asked.replace(f"{{{name}}}", value)
    assert "{" not in asked, f"say in this test what {path} takes"
    return asked


_BODY: dict[str, Any] = {"prompt": "now gulls"}
_THEIRS = [(method, path) for method, path in ROUTES if not path.startswith((*SIGNED, *PUBLIC))]


@pytest.mark.parametrize(("method", "path"), _THEIRS)
def test_anothers_things_are_not_there(things: Things, method: str, path: str) -> None:
    """The answer is 404, the same as for an id that never was, and it holds nothing of the owner's."""
    body = _BODY if path.endswith("/remix") else None
    theirs = things.stranger.client.request(method, _asked(path, things.names), json=body)
    made_up = {name: value[:-32] + secrets.token_hex(16) for name, value in things.names.items()}
    nothing = things.stranger.client.request(method, _asked(path, made_up), json=body)
    assert theirs.status_code == 404, theirs.text
    assert nothing.status_code == 404
    assert theirs.content == nothing.content
    assert not [one for one in things.secrets if one in theirs.text]


def test_the_routes_are_known() -> None:
    """A framework that hides its routes must not make this file pass by being empty."""
    assert {path.split("/")[1] for _, path in _THEIRS} == {"api", "v1"}
    assert len(_THEIRS) >= 14


@pytest.mark.parametrize(("method", "path"), _THEIRS)
def test_the_owner_is_answered(things: Things, method: str, path: str) -> None:
    """The same requests by the owner find something: otherwise the test above would say nothing."""
    body = _BODY if path.endswith("/remix") else None
    answer = things.owner.client.request(method, _asked(path, things.names), json=body)
    assert answer.status_code in {200, 204}, answer.text


@pytest.mark.parametrize(
    "path", ["/api/v3/predictions", "/api/v2/predictions", "/v1/videos", "/api/native/v1/deliveries"]
)
def test_lists_hold_only_ones_own(things: Things, path: str) -> None:
    """The owner's list has it, the stranger's is empty."""
    assert things.names["prediction_id"] in things.owner.client.get(path).text
    theirs = things.stranger.client.get(path).text
    assert not [one for one in (things.names["prediction_id"], *things.secrets) if one in theirs]


def test_anothers_uploads_are_not_listed(things: Things) -> None:
    """Neither their names nor how many there are."""
    assert things.names["upload_id"] in things.owner.client.get(f"{NATIVE}/uploads").text
    assert things.stranger.client.get(f"{NATIVE}/uploads").json() == {"total": 0, "items": []}


def test_many_ids_at_once_are_checked_one_by_one(things: Things) -> None:
    """Deleting a list with another's prediction in it deletes nothing; it is still there afterwards."""
    asked = {"ids": [things.names["prediction_id"], things.names["video_id"]]}
    assert things.stranger.client.post("/api/v3/predictions/delete", json=asked).json()["data"] == {"deleted_count": 0}
    assert things.owner.client.get(f"/v1/videos/{things.names['video_id']}").status_code == 200


def test_anothers_movements_of_money_are_not_found(things: Things) -> None:
    """By the id of a prediction neither."""
    asked = {"prediction_uuids": [things.names["prediction_id"]]}
    mine = things.owner.client.post("/api/v3/billings/search", json=asked).json()["data"]
    assert mine["total"] == 1
    assert things.stranger.client.post("/api/v3/billings/search", json=asked).json()["data"]["total"] == 0


HOSTED, NATIVE = "/api/v3/openai/sora-2/image-to-video", "/api/native/v1"
_WITH_PICTURES: dict[str, tuple[str, Any]] = {
    "hosted": (HOSTED, lambda picture: {"image": picture, "prompt": WORDS}),
    "openai": ("/v1/videos", lambda picture: {"input_reference": {"image_url": picture}, "prompt": WORDS}),
    "native": (
        f"{NATIVE}/predictions",
        lambda picture: {"model": "openai/sora-2/image-to-video", "input": {"image": picture, "prompt": WORDS}},
    ),
    "draft": (f"{NATIVE}/drafts", lambda picture: {"image": picture, "prompt": WORDS}),
    "scene": (f"{NATIVE}/scenes", lambda picture: {"image": picture}),
}


@pytest.mark.parametrize("asking", _WITH_PICTURES)
def test_anothers_upload_cannot_be_filmed(things: Things, asking: str) -> None:
    """Neither by its id nor, in any dialect, in a draft or a scene; the words do not tell that it exists."""
    file = {"file": ("cat.png", photo(), "image/png")}
    address = things.owner.client.post("/api/v3/media/upload/binary", files=file).json()["data"]["download_url"]
    upload_id = address.rpartition("/")[2][:32]
    path, body = _WITH_PICTURES[asking]
    answers = [
        things.stranger.client.post(path, json=body(f"upload:{upload}"))
        for upload in (upload_id, secrets.token_hex(16))
    ]
    assert [one.status_code for one in answers] == [400, 400]
    assert answers[0].json() == answers[1].json()
    assert things.owner.client.post(path, json=body(f"upload:{upload_id}")).status_code == 200


def test_anothers_address_is_only_an_address(things: Things) -> None:
    """What means an upload when its owner says it is, for others, a picture somewhere, and subject to its rules."""
    file = {"file": ("cat.png", photo(), "image/png")}
    address = things.owner.client.post("/api/v3/media/upload/binary", files=file).json()["data"]["download_url"]
    answer = things.stranger.client.post(HOSTED, json={"image": address, "prompt": WORDS})
    assert (answer.status_code, "network that this server does not go to" in answer.text) == (400, True)


@pytest.mark.parametrize("kind", ["draft", "scene"])
def test_what_is_free_is_ones_own_too(things: Things, service: Service, tmp_path: Path, kind: str) -> None:
    """Drafts with their previews, and scenes: by every route that takes the id of a prediction."""
    path, body = _WITH_PICTURES[kind]
    picture = "data:image/png;base64," + base64.b64encode(photo()).decode()
    made = things.owner.client.post(path, json=body(picture)).json()["id"]
    worker = Hand(service, tmp_path)
    assert worker.complete(worker.begin(made)) is not None
    names = {**things.names, "prediction_id": made, "video_id": f"video_{made}"}
    shown = things.owner.client.get(f"{NATIVE}/predictions/{made}").json()
    for method, theirs in _THEIRS:
        if "{delivery_id}" not in theirs and "{upload_id}" not in theirs:
            sent = _BODY if theirs.endswith("/remix") else None
            answer = things.stranger.client.request(method, _asked(theirs, names), json=sent)
            assert answer.status_code == 404, (method, theirs)
    preview = shown["files"]["film"]
    assert things.stranger.client.get(preview.partition("?")[0]).status_code == 403
    assert things.owner.client.get(f"{NATIVE}/predictions/{made}").json()["status"] == "completed"


def test_a_key_of_a_request_is_ones_own(things: Things) -> None:
    """The Idempotency-Key that another account used leads to a prediction of one's own."""
    asked = {"image": "https://example.com/a.png", "prompt": WORDS}
    made = [
        one.client.post(HOSTED, json=asked, headers={"idempotency-key": "same"}).json()["data"]["id"]
        for one in (things.owner, things.stranger, things.owner)
    ]
    assert made[0] == made[2] != made[1]


def test_the_same_picture_of_two_accounts_is_two_uploads(things: Things) -> None:
    """Nobody learns from an id, a size or an answer that somebody else sent the same picture."""
    picture = "data:image/png;base64," + base64.b64encode(photo(size=(77, 66))).decode()
    inputs = []
    for one in (things.owner, things.stranger):
        made = one.client.post(f"{NATIVE}/scenes", json={"image": picture}).json()
        inputs.append(made["input"]["image"])
    assert inputs[0] != inputs[1]
    assert {one.partition(":")[0] for one in inputs} == {"upload"}


def test_lists_of_others_predictions_are_empty(things: Things) -> None:
    """Webhooks asked for by the id of another's prediction; secrets are each account's own."""
    asked = {"prediction_id": things.names["prediction_id"]}
    assert things.owner.client.get(f"{NATIVE}/deliveries", params=asked).json()["total"] == 1
    assert things.stranger.client.get(f"{NATIVE}/deliveries", params=asked).json() == {"total": 0, "items": []}
    told = [one.client.get(f"{NATIVE}/webhooks/secret").json()["secret"] for one in (things.owner, things.stranger)]
    assert told[0] != told[1]


@pytest.mark.parametrize("path", [path for _, path in ROUTES if path.startswith(SIGNED)])
def test_files_need_their_signature(things: Things, path: str) -> None:
    """A key opens no file: neither the stranger's nor the owner's."""
    name = f"outputs/{things.names['prediction_id']}/{secrets.token_hex(16)}-film.mp4"
    asked = path.replace("{key:path}", name).replace("{upload_id}", things.names["prediction_id"])
    method = "PUT" if path.startswith("/uploads/") else "GET"
    for caller in (things.stranger, things.owner):
        answer = caller.client.request(method, asked, params={"expires": "9999999999", "signature": "x" * 43})
        assert answer.status_code == 403


def test_answers_have_the_documented_fields(things: Things, app: FastAPI) -> None:
    """Every field of a prediction, in each dialect, is one of the document, and none is missing."""
    schemas = app.openapi()["components"]["schemas"]
    plain, video = things.names["prediction_id"], things.names["video_id"]
    client = things.owner.client
    shown = {
        "PredictionData": client.get(f"/api/v3/predictions/{plain}").json()["data"],
        "PredictionWithInput": client.post("/api/v3/predictions", json={"include_inputs": True}).json()["data"][
            "items"
        ][0],
        "Video": client.get(f"/v1/videos/{video}").json(),
        "PredictionView": client.get(f"/api/native/v1/predictions/{plain}").json(),
        "Delivery": client.get("/api/native/v1/deliveries").json()["items"][0],
    }
    assert {name: set(one) for name, one in shown.items()} == {name: set(schemas[name]["properties"]) for name in shown}
    told = json.dumps(shown)
    assert things.owner.account.id not in told
    assert things.owner.key.public not in told
