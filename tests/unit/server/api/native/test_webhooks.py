"""Webhooks by our own API: the secret, and sending again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from by_hand import photo
from stillmotion.server.db import schema

if TYPE_CHECKING:
    from by_hand import Customer
    from stillmotion.server.service import Service

HOME = "/api/native/v1"
SECRET = f"{HOME}/webhooks/secret"


def test_the_secret_is_shown_and_rotated(customer: Customer, stranger: Customer, shared: Service) -> None:
    """Both dialects show the same one; a new one counts at once, for its account alone, and says how long both sign."""
    first = customer.client.get(SECRET).json()["secret"]
    others = stranger.client.get(SECRET).json()["secret"]
    assert customer.client.get("/api/v3/webhook/secret").json()["data"] == {"secret": first}
    rotated = customer.client.post(f"{SECRET}/rotate").json()
    assert rotated["secret"].startswith("whsec_")
    assert datetime.fromisoformat(rotated["old_signs_until"]) == shared.clock.now() + timedelta(hours=24)
    assert len({first, others, rotated["secret"]}) == 3
    for path in (SECRET, "/api/v3/webhook/secret"):
        assert rotated["secret"] in customer.client.get(path).text
    assert stranger.client.get(SECRET).json()["secret"] == others
    nobody = {"authorization": ""}
    assert customer.client.get(SECRET, headers=nobody).status_code == 401
    assert customer.client.post(f"{SECRET}/rotate", headers=nobody).status_code == 401


def _a_delivery(customer: Customer, shared: Service) -> str:
    files = {"input_reference": ("cat.png", photo(), "image/png")}
    made = customer.client.post("/v1/videos", data={"prompt": "waves"}, files=files).json()["id"]
    row: dict[str, Any] = {
        "id": f"msg_{made[6:]}",
        "prediction_id": made[6:],
        "account_id": customer.account.id,
        "url": "https://example.com/hook",
        "scheme": "hosted",
        "body": "{}",
        "state": "failed",
        "created_at": shared.clock.now(),
    }
    with shared.database.begin() as connection:
        connection.execute(insert(schema.deliveries).values(row))
    return str(row["id"])


def test_a_webhook_that_is_about_to_be_sent_is_not_sent_twice(customer: Customer, shared: Service) -> None:
    """429 with how long to wait."""
    address = f"{HOME}/deliveries/{_a_delivery(customer, shared)}/resend"
    assert customer.client.post(address).json()["state"] == "waiting"
    again = customer.client.post(address)
    assert (again.status_code, again.json()["error"]["code"]) == (429, "resend_too_soon")
    assert again.headers["retry-after"] == "15"


def test_sending_again_has_a_rate(customer: Customer, shared: Service) -> None:
    """As many a minute as creates, counted by themselves; a loop over one id ends in 429."""
    address = f"{HOME}/deliveries/{_a_delivery(customer, shared)}/resend"
    answers = [customer.client.post(address) for _ in range(shared.settings.per_minute + 1)]
    assert {one.json()["error"]["code"] for one in answers[1:-1]} == {"resend_too_soon"}
    assert answers[-1].json()["error"]["code"] == "rate_limited"
    _a_delivery(customer, shared)  # creates are not used up
