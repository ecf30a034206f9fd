"""Whatever is sent, the answer is one that the document knows, names the field at fault, and costs nothing.

What is bent here is right when it is left alone, so that a server which refused everything would not pass.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hosted_words import MODEL, WANTED
from odd_values import ANYTHING, FEW, HALF, HEADER, ODD, PATH
from stillmotion.server import ledger
from stillmotion.server.db.schema import predictions

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from stillmotion.server.service import Service

FIELDS = {
    MODEL: ("image", "prompt", "duration", "seed", "webhook_url", "enable_base64_output", "fps"),
    MODEL.replace("sora-2", "sora-2-pro"): ("resolution", "duration", "prompt"),
    "/api/v3/predictions": (
        "page",
        "page_size",
        "model",
        "status",
        "created_after",
        "created_before",
        "include_inputs",
        "other",
    ),
    "/api/v3/predictions/delete": ("ids",),
    "/api/v3/media/uploads": ("filename", "size", "content_type"),
    "/api/v3/model/price": ("model_id", "inputs"),
    "/api/v3/model/pricing": ("model_id", "inputs"),
    "/api/v3/user/usage_stats": ("start_time", "end_time", "model_uuid"),
    "/api/v3/billings/search": (
        "billing_type",
        "prediction_uuids",
        "sort",
        "start_time",
        "end_time",
        "page",
        "page_size",
    ),
}
BASE: dict[str, dict[str, Any]] = {
    MODEL: WANTED,
    MODEL.replace("sora-2", "sora-2-pro"): WANTED,
    "/api/v3/model/price": {"model_id": "openai/sora-2/image-to-video", "inputs": {}},
    "/api/v3/model/pricing": {"model_id": "openai/sora-2/image-to-video", "inputs": {}},
    "/api/v3/user/usage_stats": {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-02T00:00:00Z"},
    "/api/v3/media/uploads": {"filename": "cat.png"},
    "/api/v3/predictions/delete": {"ids": ["0" * 32]},
}
CALLED = {"webhook_url": ("webhook_url", "webhook"), "start_time": ("start_time", "end_time"), "model_id": ("",)}
"""How refusals begin when not with the name of the field."""


@pytest.fixture(scope="module")
def rich(another: Callable[..., TestClient]) -> TestClient:
    """Somebody whose money does not end."""
    return another("1000000")


@pytest.fixture(scope="module")
def documented(app: FastAPI) -> dict[str, set[int]]:
    """The statuses of each POST."""
    paths = app.openapi()["paths"]
    return {path: {int(status) for status in way["post"]["responses"]} for path, way in paths.items() if "post" in way}


def _is_an_envelope(answer: Any) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.status_code < 500, body
    assert body["code"] == answer.status_code
    assert ("error" in body) == (answer.status_code != 200)
    assert isinstance(body["message"], str)
    assert body["message"]
    return body


def _sent(rich: TestClient, path: str, name: str, value: Any) -> Any:
    """One field bent."""
    content = _json({**BASE.get(path, {}), name: value})
    return rich.post(path, content=content, headers={"content-type": "application/json"})


@pytest.mark.parametrize("path", list(FIELDS))
def test_what_is_bent_is_right(rich: TestClient, path: str) -> None:
    """Every request of these tests is accepted as long as nobody bends it."""
    assert rich.post(path, json=BASE.get(path, {})).status_code == 200


@pytest.mark.parametrize("path", list(FIELDS))
def test_no_field_falls_over_odd_values(rich: TestClient, documented: dict[str, set[int]], path: str) -> None:
    """Values that have felled servers, in every field of every body: accepted, or refused by the field's name."""
    for name in FIELDS[path]:
        for value in ODD:
            answer = _sent(rich, path, name, value)
            body = _is_an_envelope(answer)
            assert answer.status_code in documented[path]
            if answer.status_code != 200 and value != HALF:
                assert body["message"].startswith(CALLED.get(name, (name,))), (name, value)


@pytest.mark.parametrize("path", [MODEL, MODEL.replace("sora-2", "sora-2-pro")])
def test_refusals_leave_nothing_and_what_is_accepted_can_be_asked_for(
    another: Callable[..., TestClient], service: Service, path: str
) -> None:
    """As many predictions as were accepted, exactly their prices held, and each can be polled, listed and deleted."""
    somebody, odd = another("1000"), []
    for name in FIELDS[path]:
        for value in ODD:
            answer = _sent(somebody, path, name, value)
            odd += [answer.json()["data"]["id"]] if answer.status_code == 200 else []
    assert odd
    with service.database.connect() as connection:
        owner = select(predictions.c.account_id).where(predictions.c.id == odd[0]).scalar_subquery()
        mine = connection.execute(select(predictions).where(predictions.c.account_id == owner)).all()
        assert sorted(row.id for row in mine) == sorted(odd)
        held = ledger.balance(connection, mine[0].account_id).held
        assert held.micros == sum(row.price_micros for row in mine)
    listed = somebody.post("/api/v3/predictions", json={"page_size": 100, "include_inputs": True})
    assert _is_an_envelope(listed)["data"]["total"] == len(odd)
    for one in odd:
        assert somebody.get(f"/api/v3/predictions/{one}/result").status_code == 200
        assert somebody.delete(f"/api/v3/predictions/{one}").status_code == 200
    assert somebody.get("/api/v3/balance").json()["data"] == {"balance": 1000.0}


@FEW
@given(data=st.data())
@pytest.mark.parametrize("path", list(FIELDS))
def test_each_field_may_be_anything(rich: TestClient, path: str, data: st.DataObject) -> None:
    """One field at a time, in a request that is right otherwise."""
    name = data.draw(st.sampled_from(FIELDS[path]))
    body = {**BASE.get(path, {}), name: data.draw(ANYTHING)}
    _is_an_envelope(rich.post(path, content=_json(body), headers={"content-type": "application/json"}))


@FEW
@given(body=ANYTHING | st.binary(max_size=60))
@pytest.mark.parametrize("path", list(FIELDS))
def test_each_body_may_be_anything(rich: TestClient, path: str, body: Any) -> None:
    """Also what is no JSON at all."""
    content = body if isinstance(body, bytes) else _json(body)
    _is_an_envelope(rich.post(path, content=content, headers={"content-type": "application/json"}))


@FEW
@given(name=st.sampled_from(FIELDS["/api/v3/predictions"]), value=st.text(max_size=40))
def test_each_query_may_be_anything(rich: TestClient, name: str, value: str) -> None:
    """Of the list."""
    _is_an_envelope(rich.get("/api/v3/predictions", params={name: value}))


@FEW
@given(webhook=st.text(max_size=60) | st.binary(max_size=30).map(lambda raw: raw.hex("%")))
def test_each_webhook_may_be_anything(rich: TestClient, webhook: str) -> None:
    """Escaped by the client or not."""
    _is_an_envelope(rich.post(MODEL, params={"webhook": webhook}, json=WANTED))
    raw = "".join(one for one in webhook if one.isascii() and one.isprintable() and one != "#")
    _is_an_envelope(rich.post(f"{MODEL}?webhook=https://{raw}", json=WANTED))


@FEW
@given(key=HEADER)
def test_each_idempotency_key_may_be_anything(rich: TestClient, key: str) -> None:
    """That a header can hold."""
    _is_an_envelope(rich.post(MODEL, json=WANTED, headers={"idempotency-key": key.encode("latin-1")}))


@FEW
@given(
    name=st.text(max_size=40),
    content=st.binary(max_size=80) | st.sampled_from([b"\x89PNG\r\n\x1a\n", b"RIFF....WEBP", b"GIF89a"]),
    media_type=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
)
def test_each_file_may_be_anything(rich: TestClient, name: str, content: bytes, media_type: str) -> None:
    """Name, bytes and type."""
    _is_an_envelope(rich.post("/api/v3/media/upload/binary", files={"file": (name, content, media_type)}))


@FEW
@given(name=PATH)
def test_each_id_may_be_anything(rich: TestClient, name: str) -> None:
    """In the path."""
    for method in ("GET", "DELETE"):
        _is_an_envelope(rich.request(method, f"http://films.test/api/v3/predictions/{_quoted(name)}"))


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
