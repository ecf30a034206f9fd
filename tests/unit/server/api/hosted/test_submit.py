"""Asking for a film."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hosted_words import FILM, MODEL, WANTED, data_of, refused
from stillmotion.server.db.schema import predictions, uploads

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from hosted_words import Ending
    from stillmotion.server.service import Service


def test_a_prediction_is_made_and_answered(caller: TestClient, service: Service) -> None:
    """Every field of the contract, none of them null, and an absolute address to ask."""
    answer = caller.post(MODEL, json={**WANTED, "duration": 8})
    made = data_of(answer)
    assert made == {
        "id": made["id"],
        "model": "openai/sora-2/image-to-video",
        "outputs": [],
        "urls": {"get": f"http://films.test/api/v3/predictions/{made['id']}/result"},
        "has_nsfw_contents": [],
        "status": "created",
        "created_at": made["created_at"],
        "error": "",
        "executionTime": 0,
        "timings": {"inference": 0},
        "code": 0,
        "engine": "",
    }
    assert len(made["id"]) == 32
    assert made["created_at"].endswith("Z")
    assert answer.headers["x-request-id"].startswith("req_")
    with service.database.connect() as connection:
        row = connection.execute(select(predictions).where(predictions.c.id == made["id"])).one()
    assert (row.dialect, row.price_micros, row.input["duration"]) == ("hosted", 800_000, 8)


def test_older_prefix_and_older_id(caller: TestClient) -> None:
    """Clients of the second version, and the older name of the pro model, are served."""
    assert data_of(caller.post(MODEL.replace("v3", "v2"), json=WANTED))["status"] == "created"
    older = caller.post("/api/v3/openai/sora-2/image-to-video-pro", json={**WANTED, "resolution": "1080p"})
    assert data_of(older)["model"] == "openai/sora-2-pro/image-to-video"


def test_where_it_was_reached_is_kept_for_the_webhook(another: Callable[..., TestClient], service: Service) -> None:
    """A webhook names addresses of the place that the create was sent to, whatever the port that was asked for."""
    caller = another()
    caller.base_url = "http://films.test:4711"  # type: ignore[assignment] - the client makes an address of it
    made = data_of(caller.post(f"{MODEL}?webhook=https://9.9.9.9/cb", json=WANTED))
    with service.database.connect() as connection:
        kept = connection.scalar(select(predictions.c.base_url).where(predictions.c.id == made["id"]))
    assert kept == "http://films.test:4711"
    assert made["urls"]["get"].startswith(f"{kept}/api/v3/")


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("webhook=https%3A%2F%2F9.9.9.9%2Fcb%3Fa%3D1", "https://9.9.9.9/cb?a=1"),
        ("webhook=https://9.9.9.9/cb?a=1", "https://9.9.9.9/cb?a=1"),
        ("webhook=https://9.9.9.9/cb?a=1&b=2", "https://9.9.9.9/cb?a=1&b=2"),
        ("x=1&webhook=https%3A%2F%2F9.9.9.9%2Fcb&y=2", "https://9.9.9.9/cb"),
        ("webhook=https://9.9.9.9/cb&y=2", "https://9.9.9.9/cb"),
        ("webhook=https://9.9.9.9/a%2Fb+c&y=2", "https://9.9.9.9/a%2Fb+c"),
        ("webhook=https://9.9.9.9/cb?a=%2Bb&b=2", "https://9.9.9.9/cb?a=%2Bb&b=2"),
        ("webhook=https://9.9.9.9/cb?once&b=2", "https://9.9.9.9/cb?once&b=2"),
        ("webhook=https://9.9.9.9/cb%3Ftoken%3Da%2Bb%26c%3D1&y=2", "https://9.9.9.9/cb?token=a+b&c=1"),
        ("webhook=https://9.9.9.9/cb?token%3Da%2Bb%26c%3D1&y=2", "https://9.9.9.9/cb?token=a+b&c=1"),
        ("webhook=https://9.9.9.9/a%252Fb&y=2", "https://9.9.9.9/a%2Fb"),
        ("webhook=", "https://8.8.8.8/body"),
        ("", "https://8.8.8.8/body"),
    ],
)
def test_webhooks_of_query_and_body(caller: TestClient, service: Service, query: str, kept: str) -> None:
    """The query comes first; an address that was pasted in unescaped keeps its tail, an escaped one ends."""
    made = data_of(caller.post(f"{MODEL}?{query}", json={**WANTED, "webhook_url": "https://8.8.8.8/body"}))
    with service.database.connect() as connection:
        url = connection.scalar(select(predictions.c.webhook_url).where(predictions.c.id == made["id"]))
    assert url == kept


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"image": None}, "image"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "a\0b"}, "prompt"),
        ({"duration": 5}, "duration"),
        ({"duration": "long"}, "duration"),
        ({"fps": 24}, "fps"),
        ({"image": "file:///etc/passwd"}, "image"),
        ({"image": "upload:00000000000000000000000000000000"}, "image"),
        ({"image": "data:image/png;base64,AAAA"}, "image"),
        ({"enable_sync_mode": "perhaps"}, "enable_sync_mode"),
        ({"webhook_url": "ftp://8.8.8.8/x"}, "webhook_url: "),
        ({"webhook_url": 7}, "webhook_url"),
    ],
)
def test_wrong_fields_are_named(caller: TestClient, wrong: dict[str, Any], named: str) -> None:
    """A 400 says which field is wrong, nothing is held."""
    body = refused(caller.post(MODEL, json={**WANTED, **wrong}), 400)
    assert body["message"].startswith(named)
    assert data_of(caller.get("/api/v3/balance")) == {"balance": 100.0}


def test_a_webhook_of_the_query_is_named_like_that(caller: TestClient) -> None:
    """As it was sent, which is not the name that it has in bodies."""
    body = refused(caller.post(f"{MODEL}?webhook=ftp://8.8.8.8/x", json=WANTED), 400)
    assert body["message"].startswith("webhook: ")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"prompt": NaN}', b"[" * 100_000])
def test_bodies_that_are_no_object(caller: TestClient, body: bytes) -> None:
    """Told, never a fault of the server."""
    refused(caller.post(MODEL, content=body, headers={"content-type": "application/json"}), 400)


def test_missing_fields_are_named(caller: TestClient) -> None:
    """The sample of the hosted page has neither picture nor prompt."""
    assert refused(caller.post(MODEL, json={"duration": 4}), 400)["message"].startswith("image")


def test_base64_and_webhook_exclude_each_other(caller: TestClient) -> None:
    """As in the hosted service: 400 with a top-level error."""
    asked = {**WANTED, "enable_base64_output": True}
    told = refused(caller.post(f"{MODEL}?webhook=https://9.9.9.9/x", json=asked), 400)
    assert told["error"].startswith("enable_base64_output")


def test_unknown_models_are_told_apart(caller: TestClient) -> None:
    """A 404 that names the models that there are."""
    told = refused(caller.post("/api/v3/openai/sora-3/image-to-video", json=WANTED), 404)
    assert "openai/sora-2/image-to-video" in told["message"]


def test_keys_are_needed(caller: TestClient) -> None:
    """No key, a wrong one: 401 before anything is looked at."""
    refused(caller.post(MODEL, json=WANTED, headers={"authorization": "Bearer nonsense"}), 401)


def test_empty_balances_are_told(another: Callable[..., TestClient]) -> None:
    """The words that clients look for."""
    assert "Insufficient credits" in refused(another("0.30").post(MODEL, json=WANTED), 402)["message"]


def test_the_same_key_is_the_same_prediction(caller: TestClient) -> None:
    """Only the key tells a repeat: the same prompt twice is two films."""
    key = {"idempotency-key": "order 7"}
    first, second = (data_of(caller.post(MODEL, json=WANTED, headers=key)) for _ in range(2))
    assert first["id"] == second["id"]
    refused(caller.post(MODEL, json={**WANTED, "duration": 8}, headers=key), 409)
    unkeyed = {data_of(caller.post(MODEL, json=WANTED))["id"] for _ in range(2)}
    assert len(unkeyed | {first["id"]}) == 3


def test_pictures_inside_requests_become_uploads(caller: TestClient, service: Service, photo: bytes) -> None:
    """The row of a prediction stays small, and the same picture is kept once."""
    image = "data:image/png;base64," + base64.b64encode(photo).decode()
    made = [data_of(caller.post(MODEL, json={**WANTED, "image": image}))["id"] for _ in range(2)]
    with service.database.connect() as connection:
        kept = connection.scalars(select(predictions.c.input["image"].astext).where(predictions.c.id.in_(made))).all()
        assert len(set(kept)) == 1
        row = connection.execute(select(uploads).where(uploads.c.id == kept[0].removeprefix("upload:"))).one()
    assert (row.media_type, row.size_bytes) == ("image/png", len(photo))


def test_sync_mode_overrun(caller: TestClient) -> None:
    """Held for a while, then the answer that clients know: HTTP 200, processing, 5004, three phrases."""
    made = data_of(caller.post(MODEL, json={**WANTED, "enable_sync_mode": True}))
    assert (made["status"], made["code"], made["outputs"]) == ("processing", 5004, [])
    for phrase in ("Sync mode timed out", f"Prediction ID: {made['id']}", "Query the result later at: http://films"):
        assert phrase in made["error"]


def test_sync_mode_answers_the_film(caller: TestClient, ending: Ending) -> None:
    """A finished prediction is answered at once, here because the key was sent before."""
    key = {"idempotency-key": "sync"}
    asked = {**WANTED, "enable_sync_mode": True}
    ending.complete(data_of(caller.post(MODEL, json=asked, headers=key))["id"])
    made = data_of(caller.post(MODEL, json=asked, headers=key))
    assert (made["status"], made["code"], made["error"], len(made["outputs"])) == ("completed", 0, "", 1)


def test_base64_output(caller: TestClient, ending: Ending) -> None:
    """Films as naked base64 text, when polling too."""
    made = data_of(caller.post(MODEL, json={**WANTED, "enable_base64_output": True}))
    ending.complete(made["id"])
    done = data_of(caller.get(f"/api/v3/predictions/{made['id']}"))
    assert base64.b64decode(done["outputs"][0], validate=True) == FILM
    assert done["has_nsfw_contents"] == [False]


def test_base64_of_a_film_that_is_gone(caller: TestClient, ending: Ending, service: Service) -> None:
    """A repeated create of what was deleted, and a poll that a deletion overtakes, are no faults of the server."""
    key = {"idempotency-key": "gone"}
    asked = {**WANTED, "enable_base64_output": True}
    made = ending.complete(data_of(caller.post(MODEL, json=asked, headers=key))["id"])
    service.store.delete(made.outputs[0])
    polled = data_of(caller.get(f"/api/v3/predictions/{made.id}"))
    assert (polled["status"], polled["outputs"], polled["has_nsfw_contents"]) == ("completed", [], [])
    modes = [{**asked, **mode} for mode in ({}, {"enable_sync_mode": True})]
    for again in modes:
        assert data_of(caller.post(MODEL, json=again, headers=key))["id"] == made.id
    assert data_of(caller.delete(f"/api/v3/predictions/{made.id}"))["status"] == "deleted"
    for again in modes:
        assert refused(caller.post(MODEL, json=again, headers=key), 409)["error_code"] == "IDEMPOTENCY_KEY_SPENT"
