"""Models, prices, usage, bills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hosted_words import MODEL, WANTED, data_of, refused
from stillmotion.server.db.schema import transfers

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from hosted_words import Ending
    from stillmotion.server.service import Service

SORA, PRO = "openai/sora-2/image-to-video", "openai/sora-2-pro/image-to-video"


def test_models_are_listed(caller: TestClient) -> None:
    """Each says how it is run and what it takes, and its address works."""
    found = data_of(caller.get("/api/v3/models"))
    assert [one["model_id"] for one in found][:2] == [SORA, PRO]
    schema = found[0]["api_schema"]["api_schemas"][0]
    assert (schema["type"], schema["method"], schema["server"]) == ("model_run", "POST", "http://films.test")
    assert schema["request_schema"]["required"] == ["image", "prompt"]
    assert data_of(caller.post(schema["api_path"], json=WANTED))["model"] == SORA


@pytest.mark.parametrize(
    ("model", "inputs", "dollars"),
    [
        *((SORA, {"duration": length}, length / 10) for length in (4, 8, 12, 16, 20)),
        (SORA, {}, 0.4),
        (SORA, {"duration": 8, "prompt": "p", "image": "https://example.com/a.png", "seed": 3}, 0.8),
        (SORA, {"duration": 8, "enable_sync_mode": True}, 0.8),
        (PRO, {"duration": 20}, 6.0),
        (PRO, {"duration": 12, "resolution": "1080p"}, 6.0),
    ],
)
def test_prices(caller: TestClient, model: str, inputs: dict[str, Any], dollars: float) -> None:
    """Both calls name the price of the inputs, whatever is left out of what it does not depend on."""
    asked = {"model_id": model, "inputs": inputs}
    told = data_of(caller.post("/api/v3/model/price", json=asked))
    assert told == {
        "model_id": model,
        "price": dollars,
        "discounted_price": dollars,
        "discount_rate": 0.0,
        "currency": "USD",
    }
    told = data_of(caller.post("/api/v3/model/pricing", json=asked))
    assert told == {"model_id": model, "unit_price": dollars, "currency": "USD"}


def _runs() -> list[tuple[str, dict[str, Any], int]]:
    """Every model, length and size, with its price in cents."""
    lengths = (4, 8, 12, 16, 20)
    plain = [(SORA, {"duration": length}, 10 * length) for length in lengths]
    cents = {"720p": 30, "1080p": 50}
    sized = [
        (PRO, {"duration": length, "resolution": size}, each * length)
        for size, each in cents.items()
        for length in lengths
    ]
    return [*plain, *sized]


@pytest.mark.parametrize("run", _runs(), ids=lambda run: f"{run[0].split('/')[1]}-{run[2]}")
def test_one_price_all_the_way(
    caller: TestClient, ending: Ending, service: Service, run: tuple[str, dict[str, Any], int]
) -> None:
    """Quote, hold, charge, bill, usage and balance are the same amount, to the micro-dollar."""
    model, inputs, cents = run
    dollars, asked = cents / 100, {"model_id": model, "inputs": inputs}
    assert data_of(caller.post("/api/v3/model/price", json=asked))["price"] == dollars
    assert data_of(caller.post("/api/v3/model/pricing", json=asked))["unit_price"] == dollars
    made = data_of(caller.post(f"/api/v3/{model}", json={**WANTED, **inputs}))["id"]
    assert data_of(caller.get("/api/v3/balance")) == {"balance": (10_000 - cents) / 100}
    ending.complete(made)
    with service.database.connect() as connection:
        moved = connection.execute(select(transfers).where(transfers.c.prediction_id == made)).all()
    assert {one.kind: one.micros for one in moved} == {"hold": cents * 10_000, "capture": cents * 10_000}
    (bill,) = data_of(caller.post("/api/v3/billings/search", json={"prediction_uuids": [made]}))["items"]
    assert (bill["billing_type"], bill["price"], bill["order"]["price"]) == ("deduct", dollars, dollars)
    span = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-31T00:00:00Z"}
    used = data_of(caller.post("/api/v3/user/usage_stats", json=span))
    assert used["summary"] == {"total_cost": dollars, "total_requests": 1, "success_requests": 1}
    (kept,) = data_of(caller.post("/api/v3/predictions", json={"include_inputs": True}))["items"]
    assert {name: kept["input"][name] for name in inputs} == inputs
    assert data_of(caller.get("/api/v3/balance")) == {"balance": (10_000 - cents) / 100}


def test_many_small_amounts_stay_exact(caller: TestClient, ending: Ending) -> None:
    """Sums are of whole micro-dollars: three times forty cents is no 1.2000000000000002 dollars."""
    for _ in range(3):
        ending.complete(data_of(caller.post(MODEL, json=WANTED))["id"])
    span = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-31T00:00:00Z"}
    used = data_of(caller.post("/api/v3/user/usage_stats", json=span))
    assert used["summary"]["total_cost"] == used["daily_usage"][0]["amount"] == 1.2
    assert data_of(caller.get("/api/v3/balance")) == {"balance": 98.8}


def test_wrong_prices_are_refused(caller: TestClient) -> None:
    """Unknown models and fields are named."""
    refused(caller.post("/api/v3/model/price", json={"model_id": "nobody/nothing"}), 404)
    for inputs in ({"duration": 5}, {"length": 4}, {"prompt": ""}):
        told = refused(caller.post("/api/v3/model/pricing", json={"model_id": SORA, "inputs": inputs}), 400)
        assert told["message"].startswith(next(iter(inputs)))


def test_usage(caller: TestClient, ending: Ending) -> None:
    """Only what was completed costs; requests count all the same."""
    made = [data_of(caller.post(MODEL, json={**WANTED, "duration": 8}))["id"] for _ in range(3)]
    ending.complete(made[0])
    ending.fail(made[1])
    day = data_of(caller.get(f"/api/v3/predictions/{made[0]}"))["created_at"][:10]
    span = {"start_time": f"{day}T00:00:00Z", "end_time": f"{day}T23:59:59Z"}
    told = data_of(caller.post("/api/v3/user/usage_stats", json=span))
    assert told["summary"] == {"total_cost": 0.8, "total_requests": 3, "success_requests": 1}
    (model,) = told["per_model_usage"]
    assert (model["model_uuid"], model["model_type"], model["unit_price"]) == (SORA, "image-to-video", 0.4)
    assert (model["total_cost"], model["total_count"]) == (0.8, 3)
    assert told["daily_usage"] == [
        {"date": day, "amount": 0.8, "count": 3, "models": [{"model_uuid": SORA, "amount": 0.8, "count": 3}]}
    ]
    none = data_of(caller.post("/api/v3/user/usage_stats", json={**span, "model_uuid": PRO}))
    assert (none["per_model_usage"], none["summary"]["total_requests"]) == ([], 0)


def test_lists_and_usage_know_older_ids(caller: TestClient, ending: Ending) -> None:
    """What is asked for by an older id of a model is found by either; of an unknown one there is none."""
    older = "openai/sora-2/image-to-video-pro"
    made = data_of(caller.post(f"/api/v3/{older}", json=WANTED))["id"]
    ending.complete(made)
    ending.complete(data_of(caller.post(MODEL, json=WANTED))["id"])
    span = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-31T00:00:00Z"}
    for model, found in ((older, [made]), (PRO, [made]), ("nobody/nothing", [])):
        asked, of_model = {"model": model}, {**span, "model_uuid": model}
        for answer in (caller.post("/api/v3/predictions", json=asked), caller.get("/api/v3/predictions", params=asked)):
            assert [one["id"] for one in data_of(answer)["items"]] == found
        for answer in (
            caller.post("/api/v3/user/usage_stats", json=of_model),
            caller.get("/api/v3/account/usage", params=of_model),
        ):
            told = data_of(answer)
            assert (told["summary"]["total_requests"], len(told["per_model_usage"])) == (len(found), len(found))


@pytest.mark.parametrize("end", ["2025-12-31T23:59:59Z", "2026-02-02T00:00:00Z"])
def test_spans_are_limited(caller: TestClient, end: str) -> None:
    """Backwards, or longer than 31 days."""
    span = {"start_time": "2026-01-01T00:00:00Z", "end_time": end}
    assert refused(caller.post("/api/v3/user/usage_stats", json=span), 400)["message"].startswith("end_time")


def test_bills(caller: TestClient, ending: Ending) -> None:
    """One for each completed prediction and each top-up; holds and what was given back are none."""
    made = [data_of(caller.post(MODEL, json=WANTED))["id"] for _ in range(2)]
    ending.complete(made[0])
    ending.fail(made[1])
    told = data_of(caller.post("/api/v3/billings/search", json={"page": 1, "page_size": 10}))
    assert told["total"] == 2
    assert {one["billing_type"]: one["price"] for one in told["items"]} == {"deduct": 0.4, "top_up": 100.0}
    asked = {"billing_type": "deduct", "prediction_uuids": [made[0]], "sort": "created_at ASC"}
    (bill,) = data_of(caller.post("/api/v3/billings/search", json=asked))["items"]
    assert bill["prediction"] == {"uuid": made[0], "model_uuid": SORA, "status": "completed"}
    assert (bill["order"]["price"], bill["access_key_name"]) == (0.4, "")
    assert len({one["uuid"] for one in told["items"]}) == 2
    assert all(int(one["uuid"], 16) > 1 << 64 for one in told["items"]), "a running number tells of others' business"
    refused = caller.post("/api/v3/billings/search", json={"billing_type": "gift"})
    assert (refused.status_code, refused.json()["error_code"]) == (400, "INVALID_PARAM")
    assert "'deduct', 'top_up'" in refused.json()["message"]
    for filters in ({"billing_type": "top_up_undone"}, {"prediction_uuids": [made[1]]}, {"end_time": "0"}):
        assert data_of(caller.post("/api/v3/billings/search", json=filters))["items"] == []
    assert data_of(caller.post("/api/v3/billings/search", json={"start_time": "0", "end_time": "9" * 15}))["total"] == 2


def test_older_addresses_of_money(caller: TestClient, ending: Ending) -> None:
    """By query, with the answers of the newer ones."""
    ending.complete(data_of(caller.post(MODEL, json=WANTED))["id"])
    search = {"billing_type": "deduct", "page_size": 5}
    newer = data_of(caller.post("/api/v3/billings/search", json=search))
    assert data_of(caller.get("/api/v3/account/billings", params=search)) == newer
    assert newer["total"] == 1
    span = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-31T00:00:00Z"}
    newer = data_of(caller.post("/api/v3/user/usage_stats", json=span))
    assert data_of(caller.get("/api/v2/account/usage", params=span)) == newer
    assert newer["summary"]["total_requests"] == 1
    refused(caller.get("/api/v3/account/usage"), 400)


def test_the_secret_of_webhooks(caller: TestClient) -> None:
    """In the form that verifiers expect."""
    assert data_of(caller.get("/api/v3/webhook/secret"))["secret"].startswith("whsec_")
