"""Whatever is sent to our own API, the answer is what was asked for or an error in its shape; refusals hold nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from by_hand import Customer, Hand, predictions_of, unbounded_customer_of
from odd_values import ANYTHING, FEW, HEADER, ODD, PATH

if TYPE_CHECKING:
    from fastapi import FastAPI

    from stillmotion.server.service import Service

HOME = "/api/native/v1"
INPUT = {"image": "https://example.com/lake.jpg", "prompt": "waves"}
SHOT: dict[str, Any] = {
    "version": 1,
    "prompt": "waves",
    "duration_s": 4,
    "size_px": [640, 360],
    "seed": 3,
    "framing": {"x0": 0.0, "y0": 0.0, "x1": 1.0, "y1": 1.0},
    "camera": [{"kind": "dolly", "start_s": 0.0, "end_s": 4.0, "amount": 0.2}],
}
MODEL = "openai/sora-2/image-to-video"
BASE: dict[str, dict[str, Any]] = {
    "/predictions": {"model": MODEL, "input": INPUT},
    "/drafts": INPUT,
    "/scenes": {"image": INPUT["image"]},
}
FIELDS: dict[str, tuple[str, ...]] = {
    "/predictions": ("model", "input", "webhook_url", "other", "\ud800"),
    "/drafts": ("image", "prompt", "shot", "duration", "seed", "other"),
    "/scenes": ("image", "other"),
}
INPUTS = ("image", "prompt", "duration", "seed", "shot", "resolution", "called", "", "\ud800")
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def rich(_parts: Service, _app: FastAPI) -> Customer:
    """Somebody whose money does not end and who may ask as often as he likes."""
    return unbounded_customer_of(_parts, _app)


@pytest.fixture(scope="module")
def film(rich: Customer, _parts: Service, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A prediction of theirs that is done."""
    made = rich.client.post(f"{HOME}/predictions", json=BASE["/predictions"]).json()["id"]
    return Hand(_parts, tmp_path_factory.mktemp("film")).film(made)


def _is_told(answer: Any) -> None:
    """An error has exactly its three fields, and words that say something."""
    assert answer.status_code < 500, answer.text
    if answer.status_code < 300:
        return
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "field"}
    assert body["error"]["message"].strip()
    assert body["error"]["code"]


def _is_one_more_or_told(service: Service, customer: Customer, path: str, body: Any) -> None:
    """Either something was accepted, or nothing was."""
    before = predictions_of(service, customer)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = customer.client.post(HOME + path, content=content, headers=JSON)
    _is_told(answer)
    assert predictions_of(service, customer) - before == (answer.status_code == 200)


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in FIELDS.items() for name in names])
def test_no_field_falls_over_odd_values(rich: Customer, shared: Service, path: str, name: str) -> None:
    """Values that have felled servers."""
    for value in ODD:
        _is_one_more_or_told(shared, rich, path, {**BASE[path], name: value})


@pytest.mark.parametrize("name", INPUTS)
def test_no_input_falls_over_odd_values(rich: Customer, shared: Service, name: str) -> None:
    """Of a model, the Shot among them."""
    for value in ODD:
        _is_one_more_or_told(shared, rich, "/predictions", {"model": MODEL, "input": {**INPUT, name: value}})


@pytest.mark.parametrize("name", [*SHOT, "subject", "sounds", "dialogue", "other", "\ud800"])
def test_no_part_of_a_shot_falls_over_odd_values(rich: Customer, shared: Service, name: str) -> None:
    """Of any of its fields."""
    for value in ODD:
        _is_one_more_or_told(shared, rich, "/drafts", {"image": INPUT["image"], "shot": {**SHOT, name: value}})


@FEW
@given(where=st.sampled_from(("framing", "camera")), name=st.text(max_size=8), value=ANYTHING)
def test_what_a_shot_holds_may_be_anything(
    rich: Customer, shared: Service, *, where: str, name: str, value: Any
) -> None:
    """Inside of its objects and lists."""
    inner = SHOT[where]
    known = list(inner if isinstance(inner, dict) else inner[0])
    field = known[len(name) % len(known)] if len(name) % 3 else name
    changed = {**inner, field: value} if isinstance(inner, dict) else [{**inner[0], field: value}]
    _is_one_more_or_told(shared, rich, "/drafts", {"image": INPUT["image"], "shot": {**SHOT, where: changed}})


@FEW
@given(path=st.sampled_from(list(FIELDS)), data=st.data())
def test_each_field_may_be_anything(rich: Customer, shared: Service, path: str, data: st.DataObject) -> None:
    """One at a time, in a request that is right otherwise."""
    name = data.draw(st.sampled_from(FIELDS[path]))
    _is_one_more_or_told(shared, rich, path, {**BASE[path], name: data.draw(ANYTHING)})


@FEW
@given(path=st.sampled_from(list(FIELDS)), body=ANYTHING | st.binary(max_size=80))
def test_each_body_may_be_anything(rich: Customer, shared: Service, path: str, body: Any) -> None:
    """Also what is no JSON."""
    _is_one_more_or_told(shared, rich, path, body)


@FEW
@given(key=HEADER, last=HEADER)
def test_each_header_may_be_anything(rich: Customer, film: str, key: str, last: str) -> None:
    """Of those that are read."""
    headers = {"idempotency-key": key.encode("latin-1")}
    _is_told(rich.client.post(f"{HOME}/scenes", json=BASE["/scenes"], headers=headers))
    _is_told(rich.client.get(f"{HOME}/predictions/{film}/events", headers={"last-event-id": last.encode("latin-1")}))


@FEW
@given(name=st.sampled_from(("prediction_id", "state", "limit", "offset", "other")), value=st.text(max_size=40))
def test_each_query_may_be_anything(rich: Customer, name: str, value: str) -> None:
    """Of the list of webhooks."""
    _is_told(rich.client.get(f"{HOME}/deliveries", params={name: value}))


@FEW
@given(
    name=PATH,
    asked=st.sampled_from(("GET {}", "DELETE {}", "POST {}/cancel", "GET {}/events")),
    place=st.sampled_from(("predictions", "deliveries")),
)
def test_each_id_may_be_anything(rich: Customer, name: str, asked: str, place: str) -> None:
    """In the path."""
    method, _, rest = asked.partition(" ")
    _is_told(rich.client.request(method, f"http://films.test{HOME}/{place}/{rest.format(quote(name, safe=''))}"))
    _is_told(rich.client.post(f"http://films.test{HOME}/deliveries/{quote(name, safe='')}/resend"))
