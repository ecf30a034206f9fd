"""Whatever is sent, the answer is an envelope and never a fault of the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_words import MODEL, WANTED
from odd_values import ANYTHING, FEW, ODD

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

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
}


@pytest.fixture(scope="module")
def rich(another: Callable[..., TestClient]) -> TestClient:
    """Somebody whose money does not end."""
    return another("1000000")


def _is_an_envelope(answer: Any) -> None:
    body = answer.json()
    assert answer.status_code < 500, body
    assert body["code"] == answer.status_code
    assert ("error" in body) == (answer.status_code != 200)
    assert isinstance(body["message"], str)
    assert body["message"]


@pytest.mark.parametrize("path", list(FIELDS))
def test_no_field_falls_over_odd_values(rich: TestClient, path: str) -> None:
    """Values that have felled servers, in every field of every body."""
    for name in FIELDS[path]:
        for value in ODD:
            content = _json({**BASE.get(path, {}), name: value})
            _is_an_envelope(rich.post(path, content=content, headers={"content-type": "application/json"}))


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
@given(key=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=300))
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
@given(name=st.text(st.characters(exclude_characters="/?#", exclude_categories=("Cs",)), min_size=1, max_size=40))
def test_each_id_may_be_anything(rich: TestClient, name: str) -> None:
    """In the path."""
    if name.strip(".") == "":
        return
    for method in ("GET", "DELETE"):
        _is_an_envelope(rich.request(method, f"http://films.test/api/v3/predictions/{_quoted(name)}"))


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
