"""Whatever is sent in the OpenAI dialect, the answer is a video or an error in its shape, and refusals hold nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from by_hand import Customer, Hand, photo, predictions_of, unbounded_customer_of
from odd_values import ANYTHING, FEW, HEADER, ODD, PATH

if TYPE_CHECKING:
    from fastapi import FastAPI

    from stillmotion.server.service import Service

VIDEOS = "/v1/videos"
BASE = {"prompt": "waves", "input_reference": {"image_url": "https://example.com/lake.jpg"}}
FIELDS = ("prompt", "model", "seconds", "size", "input_reference", "seed", "audio", "characters", "other", "", "\ud800")
NESTED = (
    "input_reference[image_url]",
    "input_reference[file_id]",
    "input_reference[]",
    "a[][b]",
    "a[b",
    "[]",
    "seed[]",
)
JSON = {"content-type": "application/json"}
TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
}


@pytest.fixture(scope="module")
def rich(_parts: Service, _app: FastAPI) -> Customer:
    """Somebody whose money does not end and who may ask as often as he likes."""
    return unbounded_customer_of(_parts, _app)


@pytest.fixture(scope="module")
def film(rich: Customer, _parts: Service, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A video of theirs that is done."""
    video_id = rich.client.post(VIDEOS, json=BASE).json()["id"]
    return Hand(_parts, tmp_path_factory.mktemp("film")).film(video_id)


def _is_told(answer: Any) -> None:
    """An error has exactly its four fields, words that say something, and the type of its status."""
    assert answer.status_code < 500, answer.text
    if answer.status_code < 300:
        return
    body = answer.json()
    assert set(body) == {"error"}
    error = body["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == TYPES.get(answer.status_code, "invalid_request_error")
    assert error["message"].strip()
    assert error["param"] is None or error["param"]
    assert error["code"]
    if answer.status_code != 429:
        assert answer.headers["x-should-retry"] == "false"


def _is_one_more_or_told(service: Service, customer: Customer, **sent: Any) -> None:
    """Either a video was made, or nothing was."""
    before = predictions_of(service, customer)
    answer = customer.client.post(VIDEOS, **sent)
    _is_told(answer)
    assert predictions_of(service, customer) - before == (answer.status_code == 200)


@pytest.mark.parametrize("name", FIELDS)
def test_no_field_falls_over_odd_values(rich: Customer, shared: Service, name: str) -> None:
    """Values that have felled servers, in JSON and in a form."""
    for value in ODD:
        content = json.dumps({**BASE, name: value}).encode()
        _is_one_more_or_told(shared, rich, content=content, headers=JSON)
        form = {"prompt": "waves", "input_reference[image_url]": BASE["input_reference"]["image_url"]}  # type: ignore[index]
        texts = {one.encode("utf-8", "replace").decode(): words for one, words in {**form, name: str(value)}.items()}
        files = {one: (None, words.encode("utf-8", "replace")) for one, words in texts.items()}
        _is_one_more_or_told(shared, rich, files=files)


@FEW
@given(name=st.sampled_from(FIELDS), value=ANYTHING)
def test_each_field_may_be_anything(rich: Customer, shared: Service, name: str, value: Any) -> None:
    """One at a time, in a request that is right otherwise."""
    content = json.dumps({**BASE, name: value}).encode()
    _is_one_more_or_told(shared, rich, content=content, headers=JSON)


@FEW
@given(inner=st.dictionaries(st.sampled_from(("image_url", "file_id", "detail")), ANYTHING))
def test_each_reference_may_be_anything(rich: Customer, shared: Service, inner: dict[str, Any]) -> None:
    """Inside of the object too."""
    content = json.dumps({**BASE, "input_reference": inner}).encode()
    _is_one_more_or_told(shared, rich, content=content, headers=JSON)


@FEW
@given(
    names=st.lists(
        st.sampled_from((*FIELDS, *NESTED)) | st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
    ),
    words=st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
    content=st.binary(max_size=60) | st.just(photo()),
    kind=st.sampled_from(("image/png", "text/plain", "application/octet-stream", "multipart/mixed; boundary=x")),
)
def test_each_form_may_be_anything(
    rich: Customer, shared: Service, *, names: list[str], words: str, content: bytes, kind: str
) -> None:
    """Names with brackets, files in the place of texts, texts in the place of files."""
    parts: list[Any] = [("prompt", (None, "waves")), ("input_reference", ("a", content, kind))]
    sayable = [name.encode("utf-8", "replace").decode() for name in names]  # a form has no halves of characters
    parts += [(name, (None, words) if number % 2 else ("f", content)) for number, name in enumerate(sayable)]
    _is_one_more_or_told(shared, rich, files=parts)


@FEW
@given(
    body=ANYTHING.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=80),
    kind=st.sampled_from(
        (
            "application/json",
            "multipart/form-data; boundary=b",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "text/plain",
            "",
            "a/b; charset=nothing",
        )
    ),
)
def test_each_body_may_be_anything(rich: Customer, shared: Service, body: bytes, kind: str) -> None:
    """Also what is neither JSON nor a form."""
    _is_one_more_or_told(shared, rich, content=body, headers={"content-type": kind})


@FEW
@given(body=ANYTHING, other=st.booleans())
def test_each_remix_may_be_anything(rich: Customer, film: str, *, body: Any, other: bool) -> None:
    """Its prompt and its body."""
    sent = json.dumps(body if other else {"prompt": body}).encode()
    _is_told(rich.client.post(f"{VIDEOS}/{film}/remix", content=sent, headers=JSON))


@FEW
@given(key=HEADER, count=HEADER)
def test_each_header_may_be_anything(rich: Customer, key: str, count: str) -> None:
    """Of those that are read."""
    headers = {"idempotency-key": key.encode("latin-1"), "x-stainless-retry-count": count.encode("latin-1")}
    _is_told(rich.client.post(VIDEOS, json=BASE, headers=headers))


@FEW
@given(name=st.sampled_from(("after", "limit", "order", "other")), value=st.text(max_size=40))
def test_each_query_may_be_anything(rich: Customer, name: str, value: str) -> None:
    """Of the list."""
    _is_told(rich.client.get(VIDEOS, params={name: value}))


@FEW
@given(variant=st.text(max_size=20) | st.sampled_from(("video", "thumbnail")), span=HEADER, plain=st.booleans())
def test_each_range_may_be_anything(rich: Customer, film: str, *, variant: str, span: str, plain: bool) -> None:
    """Of each variant of a film."""
    asked = f"bytes={span}" if plain else span
    path = f"{VIDEOS}/{film}/content"
    _is_told(rich.client.get(path, params={"variant": variant}, headers={"range": asked.encode("latin-1", "replace")}))


@FEW
@given(name=PATH | PATH.map("video_".__add__), method=st.sampled_from(("GET", "DELETE", "content", "remix")))
def test_each_id_may_be_anything(rich: Customer, name: str, method: str) -> None:
    """In the path."""
    path = f"http://films.test{VIDEOS}/{quote(name, safe='')}"
    if method == "content":
        _is_told(rich.client.get(f"{path}/content"))
    elif method == "remix":
        _is_told(rich.client.post(f"{path}/remix", json={"prompt": "x"}))
    else:
        _is_told(rich.client.request(method, path))
