"""What was accepted is known when it is sent again, whatever became of the server and of the picture meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from by_hand import Customer, Hand, customer_of, photo, predictions_of
from stillmotion.server.api.app import create_app
from stillmotion.server.policy import Blocklist
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stillmotion.server.service import Service

HOSTED, OPENAI, NATIVE = "/api/v3/openai/sora-2/image-to-video", "/v1/videos", "/api/native/v1"
KEY = {"idempotency-key": "order-7"}
RETRY = {"x-stainless-retry-count": "1"}
LAKE = "https://example.com/lake.png"


@pytest.fixture(scope="module")
def service(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With accounts."""
    settings = Settings(database_url=database_url, data_dir=tmp_path_factory.mktemp("resent"), accounts=True)
    with running(settings) as made:
        yield made


@pytest.fixture
def customer(service: Service) -> Customer:
    """Somebody with money."""
    return customer_of(service, create_app(service))


def _creates(image: str) -> dict[str, Any]:
    """A request of each dialect, by its path."""
    return {
        HOSTED: {"image": image, "prompt": "waves", "webhook_url": "https://example.com/told"},
        OPENAI: {"input_reference": {"image_url": image}, "prompt": "waves"},
        f"{NATIVE}/predictions": {
            "model": "openai/sora-2/image-to-video",
            "input": {"image": image, "prompt": "waves"},
        },
        f"{NATIVE}/drafts": {"image": image, "prompt": "waves"},
        f"{NATIVE}/scenes": {"image": image},
    }


def _id(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return str(body.get("data", body)["id"])


def _while_it_stops(service: Service, customer: Customer) -> TestClient:
    app = create_app(service, is_stopping=lambda: True)
    return TestClient(app, base_url="http://127.0.0.1:8000", headers=dict(customer.client.headers))


def test_at_the_end_of_the_service(service: Service, customer: Customer) -> None:
    """Accepted before: 200 with its id in every dialect. Of all else it is true that it was not accepted."""
    stopping = _while_it_stops(service, customer)
    for path, asked in _creates(LAKE).items():
        key = {"idempotency-key": path}
        made = _id(customer.client.post(path, json=asked, headers=key))
        before = predictions_of(service, customer)
        assert _id(stopping.post(path, json=asked, headers=key)) == made
        for headers in ({}, {"idempotency-key": "another"}, RETRY, {"x-stainless-retry-count": "0"}):
            refused = stopping.post(path, json=asked, headers=headers)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "25"), headers
            assert "was not accepted" in refused.text
        assert predictions_of(service, customer) == before


def test_a_retry_at_the_end_of_the_service(service: Service, customer: Customer) -> None:
    """The official clients have no key: their second send is the first one's video also now."""
    asked = _creates(LAKE)[OPENAI]
    made = _id(customer.client.post(OPENAI, json=asked, headers={"x-stainless-retry-count": "0"}))
    assert _id(_while_it_stops(service, customer).post(OPENAI, json=asked, headers=RETRY)) == made


def test_when_the_policy_has_changed(service: Service, customer: Customer) -> None:
    """What was accepted under another one is still what it is; new ones are refused."""
    asked = _creates(LAKE)[HOSTED]
    made = _id(customer.client.post(HOSTED, json=asked, headers=KEY))
    app = create_app(replace(service, policy=Blocklist(("waves",))))
    strict = TestClient(app, base_url="http://127.0.0.1:8000", headers=dict(customer.client.headers))
    assert _id(strict.post(HOSTED, json=asked, headers=KEY)) == made
    assert strict.post(HOSTED, json=asked, headers={"idempotency-key": "another"}).status_code == 400


def _sent(customer: Customer, width: int) -> tuple[str, str]:
    """A picture that was uploaded: its id, and its address."""
    files = {"file": ("a.png", photo(size=(width, 60)))}
    url = str(customer.client.post("/api/v3/media/upload/binary", files=files).json()["data"]["download_url"])
    (only,) = customer.client.get(f"{NATIVE}/uploads", params={"limit": 1}).json()["items"]
    assert only["id"] in url
    return only["id"], url


WAYS = {
    "by its id": lambda upload_id, _: f"upload:{upload_id}",
    "by its address here": lambda _, url: url,
    "by its address elsewhere": lambda _, url: url.replace("http://127.0.0.1:8000", "https://films.example.com"),
}


@pytest.mark.parametrize("way", WAYS)
def test_when_the_upload_was_deleted(service: Service, customer: Customer, tmp_path: Path, way: str) -> None:
    """The picture is gone, and the film that was made of it is the answer; another request has another answer."""
    upload_id, url = _sent(customer, 91)
    creates, made = _creates(WAYS[way](upload_id, url)), {}
    for path, asked in creates.items():
        made[path] = _id(customer.client.post(path, json=asked, headers={"idempotency-key": path}))
        Hand(service, tmp_path).film(made[path].removeprefix("video_"))
    assert customer.client.delete(f"{NATIVE}/uploads/{upload_id}").status_code == 204
    before = predictions_of(service, customer)
    for path, asked in creates.items():
        assert _id(customer.client.post(path, json=asked, headers={"idempotency-key": path})) == made[path]
        other = {"idempotency-key": "/v1/videos" if path == HOSTED else HOSTED}
        assert customer.client.post(path, json=asked, headers=other).status_code == 409
    assert predictions_of(service, customer) == before


def test_a_retry_when_the_upload_was_deleted(service: Service, customer: Customer, tmp_path: Path) -> None:
    """Without a key it is known by what it asks for; what asks for something else is refused, for it has no picture."""
    upload_id, url = _sent(customer, 92)
    asked = {**_creates(url)[OPENAI], "seconds": "8"}
    made = _id(customer.client.post(OPENAI, json=asked, headers={"x-stainless-retry-count": "0"}))
    Hand(service, tmp_path).film(made.removeprefix("video_"))
    assert customer.client.delete(f"{NATIVE}/uploads/{upload_id}").status_code == 204
    before = predictions_of(service, customer)
    assert _id(customer.client.post(OPENAI, json=asked, headers=RETRY)) == made
    for different, headers in (({"prompt": "wind"}, RETRY), ({}, {"x-stainless-retry-count": "0"}), ({}, {})):
        answer = customer.client.post(OPENAI, json={**asked, **different}, headers=headers)
        assert answer.status_code == 400, answer.text
    assert predictions_of(service, customer) == before


def test_a_remix_when_the_upload_was_deleted(service: Service, customer: Customer, tmp_path: Path) -> None:
    """One that was accepted is known; another one has no photo, and says so."""
    upload_id, url = _sent(customer, 93)
    source = _id(customer.client.post(OPENAI, json=_creates(url)[OPENAI]))
    remix, asked = f"{OPENAI}/{source}/remix", {"prompt": "wind"}
    made = _id(customer.client.post(remix, json=asked, headers=KEY))
    for one in (source, made):
        Hand(service, tmp_path).film(one.removeprefix("video_"))
    assert customer.client.delete(f"{NATIVE}/uploads/{upload_id}").status_code == 204
    assert _id(customer.client.post(remix, json=asked, headers=KEY)) == made
    refused = customer.client.post(remix, json=asked)
    assert (refused.status_code, "no such upload" in refused.text) == (400, True)


@pytest.mark.parametrize("first", [KEY, {"x-stainless-retry-count": "0"}])
def test_a_remix_when_its_source_was_deleted(
    service: Service, customer: Customer, tmp_path: Path, first: dict[str, str]
) -> None:
    """It was accepted, so it is known; another prompt, key or send is one of a video that is not there."""
    source = _id(customer.client.post(OPENAI, json=_creates(LAKE)[OPENAI]))
    remix, asked = f"{OPENAI}/{source}/remix", {"prompt": "wind"}
    made = _id(customer.client.post(remix, json=asked, headers=first))
    Hand(service, tmp_path).film(source.removeprefix("video_"))
    assert customer.client.delete(f"{OPENAI}/{source}").status_code == 200
    again = KEY if first is KEY else RETRY
    assert _id(customer.client.post(remix, json=asked, headers=again)) == made
    others = [({"prompt": "rain"}, again), (asked, {}), (asked, {"idempotency-key": "another"})]
    assert {customer.client.post(remix, json=body, headers=headers).status_code for body, headers in others} == {404}
    stranger = customer_of(service, create_app(service))
    assert stranger.client.post(remix, json=asked, headers=again).status_code == 404
    assert customer.client.delete(f"{OPENAI}/{made}").status_code == 200
    assert customer.client.post(remix, json=asked, headers=again).status_code == 404


def test_when_upload_and_film_were_deleted(service: Service, customer: Customer, tmp_path: Path) -> None:
    """The key is spent: not another request's, and no reason to look for an upload."""
    upload_id, url = _sent(customer, 94)
    asked = _creates(url)[HOSTED]
    made = Hand(service, tmp_path).film(_id(customer.client.post(HOSTED, json=asked, headers=KEY)))
    assert customer.client.delete(f"{NATIVE}/uploads/{upload_id}").status_code == 204
    assert customer.client.delete(f"/api/v3/predictions/{made}").status_code == 200
    answer = customer.client.post(HOSTED, json=asked, headers=KEY)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "IDEMPOTENCY_KEY_SPENT")
