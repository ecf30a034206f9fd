"""Our own API: Shots, drafts, scenes, events, cancels and deliveries."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from by_hand import photo
from stillmotion.money import Money
from stillmotion.server import ledger, predictions
from stillmotion.server.db import schema
from stillmotion.server.predictions import Code

if TYPE_CHECKING:
    from stillmotion.server.service import Service

HOME = "/api/native/v1"
LAKE = "https://example.com/lake.jpg"
MODEL = "openai/sora-2/image-to-video"
SHOT = {
    "version": 1,
    "prompt": "waves",
    "duration_s": 8,
    "size_px": [1280, 720],
    "seed": 3,
    "framing": {"x0": 0.0, "y0": 0.0, "x1": 1.0, "y1": 1.0},
}
NOBODY = "0" * 32


def _create(customer: Any, **inputs: Any) -> Any:
    given = {"image": LAKE, "prompt": "waves", **inputs}
    kept = {name: value for name, value in given.items() if value is not None}
    return customer.client.post(f"{HOME}/predictions", json={"model": MODEL, "input": kept})


def _row(service: Service, prediction_id: str) -> Any:
    with service.database.connect() as connection:
        wanted = schema.predictions.c.id == prediction_id
        return connection.execute(select(schema.predictions).where(wanted)).one()


def _events(answer: Any) -> list[tuple[int, str, dict[str, Any]]]:
    """The events of a stream that has ended."""
    found = []
    for block in answer.text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in lines:
            found.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
    return found


def test_a_film_of_a_prompt(customer: Any, shared: Service) -> None:
    """Accepted at the model's price, shown with every field."""
    answer = _create(customer, duration=8)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["model"], body["dialect"], body["status"], body["price"]) == (MODEL, "native", "created", "0.80")
    assert body["input"] == {"image": LAKE, "prompt": "waves", "duration": 8, "seed": 0}
    assert (body["shot"], body["scene"], body["notes"]) == (None, None, [])
    assert body["files"] == {"film": None, "thumbnail": None, "spritesheet": None}
    assert _row(shared, body["id"]).price_micros == Money.of("0.80").micros


@pytest.mark.parametrize("form", ["object", "text"])
def test_a_shot_in_place_of_a_prompt(customer: Any, shared: Service, form: str) -> None:
    """What it fixes is taken from it, the price as well; it is stored whole for the worker."""
    body = _create(customer, prompt=None, shot=SHOT if form == "object" else json.dumps(SHOT)).json()
    row = _row(shared, body["id"])
    assert (row.input["prompt"], row.input["duration"], row.input["seed"]) == ("waves", 8, 3)
    assert json.loads(row.input["shot"])["framing"]["x1"] == 1.0
    assert body["price"] == "0.80"


@pytest.mark.parametrize(
    ("inputs", "field", "words"),
    [
        ({"prompt": None}, "prompt", "or a Shot"),
        ({"shot": SHOT}, "shot", "not both"),
        ({"prompt": None, "shot": {**SHOT, "duration_s": 5}}, "shot", "duration_s"),
        ({"prompt": None, "shot": {**SHOT, "wheels": 4}}, "shot", "wheels"),
        ({"prompt": None, "shot": "{"}, "shot", "not JSON"),
        ({"prompt": None, "shot": 7}, "shot", "Shot"),
        ({"prompt": None, "shot": SHOT, "duration": 20}, "duration", "fixes it at 8"),
        ({"prompt": None, "shot": SHOT, "seed": 4}, "seed", "fixes it at 3"),
        ({"called": "x"}, "called", "no such field"),
        ({"image": "ftp://x"}, "image", "http(s)"),
        ({"duration": 5}, "duration", "4, 8, 12, 16 or 20"),
    ],
)
def test_faults_are_named(customer: Any, *, inputs: dict[str, Any], field: str, words: str) -> None:
    """Before anything is held."""
    answer = _create(customer, **inputs)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field
    assert words in answer.json()["error"]["message"]


def test_free_models_have_their_own_addresses(customer: Any) -> None:
    """What costs nothing cannot be asked for as a film, nor by the other dialects."""
    for model in ("stillmotion/draft", "stillmotion/scene", "no/such"):
        body = {"model": model, "input": {"image": LAKE, "prompt": "x"}}
        assert customer.client.post(f"{HOME}/predictions", json=body).status_code == 404
        assert customer.client.post(f"/api/v3/{model}", json=body["input"]).status_code == 404


def test_drafts_and_scenes_cost_nothing(poor: Any, shared: Service) -> None:
    """Without a cent, run by the same worker."""
    made = [
        poor.client.post(f"{HOME}/drafts", json={"image": LAKE, "prompt": "waves", "seed": 4}),
        poor.client.post(f"{HOME}/drafts", json={"image": LAKE, "shot": SHOT}),
        poor.client.post(f"{HOME}/scenes", json={"image": LAKE}),
    ]
    assert [one.status_code for one in made] == [200, 200, 200]
    assert [one.json()["model"] for one in made] == ["stillmotion/draft", "stillmotion/draft", "stillmotion/scene"]
    assert {one.json()["price"] for one in made} == {"0.00"}
    assert json.loads(_row(shared, made[1].json()["id"]).input["shot"])["seed"] == 3
    with shared.database.connect() as connection:
        assert ledger.balance(connection, poor.account.id).held == Money(0)


def test_drafts_are_rate_limited(customer: Any, shared: Service) -> None:
    """They cost nothing, so their number is bounded, by the same count as films."""
    with shared.database.begin() as connection:
        mine = schema.accounts.c.id == customer.account.id
        connection.execute(schema.accounts.update().where(mine).values(per_minute=2))
    asked = {"image": LAKE, "prompt": "waves"}
    answers = [customer.client.post(f"{HOME}/drafts", json=asked) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) > 0


def test_drafts_are_gone_after_an_hour(customer: Any, worker: Any, clock: Any, shared: Service) -> None:
    """Films of the same age stay."""
    from stillmotion.server.worker import sweeping  # noqa: PLC0415 - only here

    draft = customer.client.post(f"{HOME}/drafts", json={"image": LAKE, "prompt": "waves"}).json()["id"]
    film = _create(customer).json()["id"]
    for prediction_id in (draft, film):
        worker.film(prediction_id)
    for minutes, expected in ((59, 200), (2, 404)):
        clock.at += timedelta(minutes=minutes)
        sweeping.sweep(shared)
        assert customer.client.get(f"{HOME}/predictions/{draft}").status_code == expected
    assert customer.client.get(f"{HOME}/predictions/{film}").status_code == 200


def test_what_was_made_is_told(customer: Any, worker: Any) -> None:
    """The Shot, what could not be done, signed addresses; of every dialect."""
    body = {"prompt": "waves", "input_reference": {"image_url": LAKE}}
    made = [
        _create(customer).json()["id"],
        customer.client.post("/v1/videos", json=body).json()["id"].removeprefix("video_"),
        customer.client.post(f"/api/v3/{MODEL}", json={"image": LAKE, "prompt": "waves"}).json()["data"]["id"],
    ]
    for prediction_id, dialect in zip(made, ("native", "openai", "hosted"), strict=True):
        worker.film(prediction_id)
        told = customer.client.get(f"{HOME}/predictions/{prediction_id}").json()
        assert (told["status"], told["progress"], told["engine"]) == ("completed", 100, "diorama")
        assert (told["dialect"], told["notes"], told["shot"]) == (dialect, ["no boat"], {"version": 1})
        assert customer.client.get(told["files"]["film"]).status_code == 200


def test_a_cancel_gives_the_price_back(customer: Any, worker: Any, shared: Service) -> None:
    """At once while it waits, through the worker while it runs, not at all when it is over."""
    waiting, running, done = (_create(customer).json()["id"] for _ in range(3))
    attempt = worker.begin(running)
    worker.film(done)
    answers = [customer.client.post(f"{HOME}/predictions/{one}/cancel").json() for one in (waiting, running, done)]
    assert [one["status"] for one in answers] == ["failed", "processing", "completed"]
    assert answers[0]["code"] == int(Code.CANCELLED)
    assert worker.report(attempt, 10) is False
    worker.fail(attempt, Code.CANCELLED, "cancelled")
    with shared.database.connect() as connection:
        balance = ledger.balance(connection, customer.account.id)
    assert (balance.available, balance.held) == (Money.of("99.60"), Money(0))


def test_deleting_forgets(customer: Any) -> None:
    """With nothing to say."""
    made = _create(customer).json()["id"]
    answer = customer.client.delete(f"{HOME}/predictions/{made}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert customer.client.get(f"{HOME}/predictions/{made}").status_code == 404


def test_events_are_told_in_order_and_go_on(customer: Any, worker: Any, shared: Service) -> None:
    """From the first to the end; from any of them on; and after the last there is nothing to come back for."""
    made = _create(customer).json()["id"]
    attempt = worker.begin(made)
    worker.report(attempt, 40)
    with shared.database.begin() as connection:
        now = shared.clock.now()
        predictions.tell(connection, attempt, "warning", {"message": "no boat"}, at=now)
        predictions.tell(connection, attempt, "preview", {"image": "data:image/webp;base64,AA"}, at=now)
    worker.complete(attempt)
    address = f"{HOME}/predictions/{made}/events"
    answer = customer.client.get(address)
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = _events(answer)
    assert [number for number, _, _ in told] == list(range(1, len(told) + 1))
    assert [kind for _, kind, _ in told] == ["status", "status", "progress", "warning", "preview", "status"]
    assert told[2][2] == {"stage": "render", "progress": 40}
    assert told[-1][2]["status"] == "completed"
    assert _events(customer.client.get(address, headers={"last-event-id": "3"})) == told[3:]
    assert customer.client.get(address, headers={"last-event-id": str(len(told))}).status_code == 204
    assert _events(customer.client.get(address, headers={"last-event-id": "nonsense"})) == told


def test_deliveries_are_listed_and_sent_again(customer: Any, stranger: Any, shared: Service) -> None:
    """The owner's, by prediction and state; the same id again."""
    made = _create(customer).json()["id"]
    row = {
        "id": "msg_" + made,
        "prediction_id": made,
        "account_id": customer.account.id,
        "url": "https://example.com/hook",
        "scheme": "hosted",
        "body": "{}",
        "state": "failed",
        "attempts": 3,
        "created_at": shared.clock.now(),
    }
    with shared.database.begin() as connection:
        connection.execute(insert(schema.deliveries).values(row))
    address = f"{HOME}/deliveries"
    listed = customer.client.get(address, params={"prediction_id": made, "state": "failed"}).json()
    assert (listed["total"], listed["items"][0]["id"]) == (1, row["id"])
    assert stranger.client.get(address).json()["total"] == 0
    assert stranger.client.post(f"{address}/{row['id']}/resend").status_code == 404
    again = customer.client.post(f"{address}/{row['id']}/resend").json()
    assert (again["id"], again["state"], again["attempts"]) == (row["id"], "waiting", 0)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/predictions/{}"),
        ("DELETE", "/predictions/{}"),
        ("POST", "/predictions/{}/cancel"),
        ("GET", "/predictions/{}/events"),
    ],
)
def test_others_see_nothing(customer: Any, stranger: Any, *, method: str, path: str) -> None:
    """What belongs to somebody else is as unknown as what never was."""
    for prediction_id in (_create(customer).json()["id"], NOBODY, "x", "%00"):
        answer = stranger.client.request(method, HOME + path.format(prediction_id))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "prediction_unknown")


def test_a_picture_inside_is_an_upload(customer: Any, shared: Service) -> None:
    """The row of a prediction stays small."""
    import base64  # noqa: PLC0415 - only here

    url = "data:image/png;base64," + base64.b64encode(photo()).decode()
    made = customer.client.post(f"{HOME}/scenes", json={"image": url})
    assert made.status_code == 200, made.text
    assert _row(shared, made.json()["id"]).input["image"].startswith("upload:")


def test_the_document_is_closed_and_says_what_can_go_wrong(customer: Any) -> None:
    """Every operation names its errors, no object takes unknown fields, examples come from the catalog."""
    document = customer.client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        if not path.startswith((HOME, "/v1/")):
            continue
        for operation in operations.values():
            assert {"401", "403"} <= set(operation["responses"]), path
            assert "default" not in operation["responses"]
            assert "422" not in operation["responses"], path
    schemas = document["components"]["schemas"]
    for name in ("Create", "Draft", "SceneOf", "PredictionView", "NativeError", "OpenAIError", "HostedError", "Video"):
        assert schemas[name]["additionalProperties"] is False, name
    examples = schemas["Create"]["properties"]["input"]["examples"]
    assert examples[0]["prompt"].startswith("Slow dolly")


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "a\0b"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/videos", {"prompt": "{}", "input_reference": {"image_url": LAKE}}),
        ("/v1/videos", {"prompt": "x", "model": "{}", "input_reference": {"image_url": LAKE}}),
        ("/v1/videos", {"prompt": "x", "input_reference": {"image_url": LAKE + "{}"}}),
        (f"{HOME}/drafts", {"prompt": "{}", "image": LAKE}),
        (f"{HOME}/drafts", {"image": LAKE, "shot": {**SHOT, "prompt": "{}"}}),
        (f"{HOME}/predictions", {"model": "{}", "input": {"image": LAKE, "prompt": "x"}}),
        (f"{HOME}/predictions", {"model": MODEL, "input": {"image": LAKE, "prompt": "x"}, "webhook_url": LAKE + "{}"}),
        (f"/api/v3/{MODEL}", {"image": LAKE, "prompt": "x", "webhook_url": LAKE + "{}"}),
    ],
)
def test_texts_that_cannot_be_stored_are_refused(customer: Any, *, path: str, body: dict[str, Any], text: str) -> None:
    """Halves of characters and NUL are legal in JSON and nowhere else."""
    sent = json.dumps(body).replace('"{}"', json.dumps(text)).replace("{}", json.dumps(text)[1:-1])
    answer = customer.client.post(path, content=sent, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 404}, answer.text
