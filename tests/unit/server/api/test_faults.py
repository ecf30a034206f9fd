"""Whoever sends something wrong is told which field it was, what it may be, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient

MODEL = "/api/v3/openai/sora-2/image-to-video"
ASKED = {"image": "https://example.com/lake.jpg", "prompt": "Slow dolly in over the lake"}
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("path", "request_", "message"),
    [
        (MODEL, {"json": {"prompt": "x"}}, "image: is required and was not given."),
        (MODEL, {"json": {**ASKED, "duration": 5}}, "duration: Input should be 4, 8, 12, 16 or 20"),
        (
            MODEL,
            {"json": {**ASKED, "duration": "8"}},
            "duration: Input should be 4, 8, 12, 16 or 20, as a number without quotes",
        ),
        (MODEL, {"json": {**ASKED, "prompt": " "}}, "prompt: the prompt is empty; describe the shot in a sentence"),
        (
            MODEL,
            {"json": {**ASKED, "fps": 24}},
            "fps: there is no such field; openai/sora-2/image-to-video has image, prompt, duration, seed.",
        ),
        (
            MODEL.replace("sora-2", "sora-2-pro"),
            {"json": {**ASKED, "resolution": "4k"}},
            "resolution: Input should be '720p' or '1080p'",
        ),
        (MODEL, {"json": {**ASKED, "query": 1}}, "query: there is no such field; openai/sora-2"),
        ("/api/v3/predictions", {"json": {"body": 5}}, "body: there is no such field; leave it out."),
        ("/api/v3/predictions", {"json": {"limit": 5}}, "limit: there is no such field; leave it out."),
        ("/api/v3/predictions/delete", {}, "The body is a JSON object; send it as application/json."),
        (
            "/api/v3/model/price",
            {"content": b'{"model_id": "x"}', "headers": {"content-type": "text/plain"}},
            "The body is a JSON object; send it as application/json.",
        ),
        ("/api/v3/model/price", {"content": b"[1]", "headers": JSON}, "The body is a JSON object"),
        ("/api/v3/model/price", {"content": b"{", "headers": JSON}, "The body is not JSON: "),
        ("/api/v3/model/price", {"json": {"model_id": "x", "inputs": {"a": 1}, "b": 2}}, "b: there is no such field"),
    ],
)
def test_faults_are_told_in_words(here: TestClient, path: str, request_: dict[str, Any], message: str) -> None:
    """400, with a message that a person can act on."""
    answer = here.post(path, **request_)
    assert answer.status_code == 400, answer.text
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", MODEL, 405, "This address is not asked with GET; use POST."),
        ("POST", "/api/v3/balance", 405, "This address is not asked with POST; use GET."),
        ("GET", "/api/v3/nothing", 404, "There is no such address: '/api/v3/nothing'"),
        ("POST", "/api/v3/openai/sora-9/image-to-video", 404, "There is no model 'openai/sora-9/image-to-video'"),
        ("POST", "/api/v2/bytedance/dance", 404, "There is no model 'bytedance/dance'"),
        ("POST", f"/api/v3/predictions/{'0' * 32}/cancel", 404, "There is no such address: '/api/v3/predictions/0"),
        ("POST", "/api/v3/nothing", 404, "There is no such address: '/api/v3/nothing'"),
        ("POST", "/api/v3/", 404, "There is no such address: '/api/v3/'"),
    ],
)
def test_wrong_addresses_are_told_in_words(here: TestClient, method: str, path: str, status: int, message: str) -> None:
    """What there is instead."""
    answer = here.request(method, path)
    assert answer.status_code == status
    assert answer.json()["message"].startswith(message)
    assert answer.json()["error"] == answer.json()["message"]


@pytest.mark.parametrize("path", [MODEL, "/api/v3/predictions", "/v1/videos", "/api/native/v1/drafts"])
@pytest.mark.parametrize("name", ["\\ud800", "\\u0000", "x" * 50_000, "\\n\\u202e", ""])
def test_names_of_fields_may_be_anything(here: TestClient, path: str, name: str) -> None:
    """Half a character, control characters, a book: refused with a short message that can be sent."""
    answer = here.post(path, content=f'{{"{name}": 1}}'.encode(), headers=JSON)
    assert answer.status_code == 400, answer.text
    assert len(answer.content) < 2000
