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
        (MODEL, {"json": {**ASKED, "duration": 5}}, "duration: give 4, 8, 12, 16 or 20"),
        (
            MODEL,
            {"json": {**ASKED, "duration": "8"}},
            "duration: give 4, 8, 12, 16 or 20, as a number without quotes",
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
            "resolution: give '720p' or '1080p'.",
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
        ("POST", "/api/v3/sora-2", 404, "There is no model 'sora-2'"),
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


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (MODEL, {**ASKED, "enable_sync_mode": "no"}, "enable_sync_mode: give true or false, without quotes"),
        (MODEL, {**ASKED, "enable_base64_output": 1}, "enable_base64_output: give true or false, without quotes"),
        (MODEL, {**ASKED, "seed": "7"}, "seed: give a number, without quotes"),
        (MODEL, {**ASKED, "seed": True}, "seed: give a number, without quotes"),
        ("/api/v3/predictions", {"page": "1"}, "page: give a number, without quotes"),
        ("/api/v3/predictions", {"include_inputs": "true"}, "include_inputs: give true or false, without quotes"),
        ("/api/v3/billings/search", {"page": "1"}, "page: give a number, without quotes"),
        ("/api/v3/media/uploads", {"size": "74"}, "size: give a number, without quotes"),
        ("/api/native/v1/drafts", {**ASKED, "seed": "7"}, "seed: give a number, without quotes"),
        ("/v1/videos", {"prompt": "x", "seed": "7"}, "Invalid value for 'seed': give a number, without quotes."),
        ("/v1/videos", {"prompt": "x", "audio": "no"}, "Invalid value for 'audio': give true or false, without"),
    ],
)
def test_json_has_the_types_of_the_schema(here: TestClient, path: str, body: dict[str, Any], message: str) -> None:
    """A text that looks like a number or like yes is none, for "no" would be taken for something, too."""
    answer = here.post(path, json=body)
    assert answer.status_code == 400, answer.text
    told = answer.json()
    assert (told["message"] if "message" in told else told["error"]["message"]).startswith(message)


def test_addresses_and_forms_know_only_texts(here: TestClient) -> None:
    """There a number in text is the number."""
    assert here.get("/api/v3/predictions?page=1&include_inputs=true").status_code == 200
    form = {"prompt": "x", "seed": "7", "audio": "false", "input_reference[image_url]": ASKED["image"]}
    assert here.post("/v1/videos", data=form).status_code == 200


def test_whole_numbers_may_be_written_with_a_point(here: TestClient) -> None:
    """To JSON, 8.0 is the whole number that it is."""
    assert here.post(MODEL, json={**ASKED, "duration": 8.0, "seed": 3.0}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (MODEL, {**ASKED, "prompt": ""}, "prompt: it is empty."),
        (MODEL, {**ASKED, "prompt": 7}, "prompt: give a string."),
        ("/api/v3/predictions/delete", {"ids": []}, "ids: holds too few; give at least 1."),
        ("/api/v3/predictions/delete", {"ids": "x"}, "ids: give a list."),
        ("/api/v3/predictions", {"page": 1.5}, "page: give a whole number."),
        ("/api/v3/predictions", {"page": 0}, "page: give at least 1."),
        ("/api/v3/predictions", {"page_size": 101}, "page_size: give at most 100."),
        ("/api/v3/predictions", {"created_after": "soon"}, "created_after: give a time such as"),
        ("/api/v3/model/price", {"model_id": "x", "inputs": 5}, "inputs: give an object."),
    ],
)
def test_faults_are_told_as_people_talk(here: TestClient, path: str, body: dict[str, Any], message: str) -> None:
    """Not as the library that looks at values does."""
    assert here.post(path, json=body).json()["message"].startswith(message)


def test_queries_are_told_the_same(here: TestClient) -> None:
    """A number that is none, in an address."""
    told = here.get("/api/v3/predictions?page=one").json()["message"]
    assert told == "page: give a whole number."


def test_broken_json_is_shown_where_it_breaks(here: TestClient) -> None:
    """To who says that it is JSON; others learn what could be sent."""
    broken = here.post("/v1/videos", content=b'{"prompt": ', headers=JSON)
    assert broken.json()["error"]["message"].startswith("The body is not JSON: Expecting value: line 1 column 12")
    other = here.post("/v1/videos", content=b"prompt", headers={"content-type": "text/plain"})
    assert other.json()["error"]["message"].startswith("The body is neither JSON nor a multipart form")
