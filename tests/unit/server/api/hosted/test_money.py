"""Models, prices, usage, bills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hosted_words import MODEL, WANTED, data_of, refused

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from hosted_words import Ending

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
    for filters in ({"billing_type": "gift"}, {"prediction_uuids": [made[1]]}, {"end_time": "0"}):
        assert data_of(caller.post("/api/v3/billings/search", json=filters))["items"] == []
    assert data_of(caller.post("/api/v3/billings/search", json={"start_time": "0", "end_time": "9" * 15}))["total"] == 2


def test_the_secret_of_webhooks(caller: TestClient) -> None:
    """In the form that verifiers expect."""
    assert data_of(caller.get("/api/v3/webhook/secret"))["secret"].startswith("whsec_")
