"""Webhooks by our own API: the secret, and sending again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from by_hand import photo
from stillmotion.server.db import schema

if TYPE_CHECKING:
    from by_hand import Customer
    from stillmotion.server.service import Service

HOME = "/api/native/v1"
SECRET, TARGET = f"{HOME}/webhooks/secret", f"{HOME}/webhooks/target"
PLACE = "https://9.9.9.9/hook?a=1"
MODEL = "openai/sora-2/image-to-video"


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


def _video(customer: Customer, **more: str) -> str:
    files = {"input_reference": ("cat.png", photo(), "image/png")}
    return str(customer.client.post("/v1/videos", data={"prompt": "waves"}, files=files, headers=more).json()["id"])


def _told_at(shared: Service, made: str) -> str | None:
    """Where the end of a prediction is told."""
    which = schema.predictions.c.id == made.removeprefix("video_")
    with shared.database.connect() as connection:
        return connection.execute(select(schema.predictions.c.webhook_url).where(which)).scalar_one()


def test_videos_are_told_where_their_account_says(customer: Customer, stranger: Customer, shared: Service) -> None:
    """Creates and remixes of the OpenAI dialect from then on, of that account alone, until it is removed."""
    before = _video(customer)
    assert customer.client.get(TARGET).json() == {"url": None}
    assert customer.client.post(TARGET, json={"url": PLACE}).json() == {"url": PLACE}
    assert customer.client.get(TARGET).json() == {"url": PLACE}
    made = _video(customer)
    remixed = customer.client.post(f"/v1/videos/{made}/remix", json={"prompt": "gulls"}).json()["id"]
    assert [_told_at(shared, one) for one in (before, made, remixed)] == [None, PLACE, PLACE]
    assert stranger.client.get(TARGET).json() == {"url": None}
    assert _told_at(shared, _video(stranger)) is None
    assert customer.client.post(TARGET, json={"url": None}).json() == {"url": None}
    assert _told_at(shared, _video(customer)) is None


def test_other_dialects_name_their_own(customer: Customer, shared: Service) -> None:
    """What the account says does not count for creates that can say it themselves."""
    customer.client.post(TARGET, json={"url": PLACE})
    wanted = {"image": "https://example.com/a.png", "prompt": "waves"}
    hosted = customer.client.post(f"/api/v3/{MODEL}", json=wanted).json()["data"]["id"]
    native = customer.client.post(f"{HOME}/predictions", json={"model": MODEL, "input": wanted}).json()["id"]
    assert (_told_at(shared, hosted), _told_at(shared, native)) == (None, None)


def test_a_target_is_no_part_of_a_request(customer: Customer, shared: Service) -> None:
    """A create that is sent again is the same one, though the account has another target by now."""
    made = _video(customer, **{"Idempotency-Key": "order-1"})
    customer.client.post(TARGET, json={"url": PLACE})
    assert _video(customer, **{"Idempotency-Key": "order-1"}) == made
    assert _told_at(shared, made) is None


@pytest.mark.parametrize(
    "url", ["", "/hook", "ftp://9.9.9.9/", "http://127.0.0.1/", "http://10.0.0.1/", "http://169.254.169.254/", 7]
)
def test_a_target_is_checked_like_any_webhook(customer: Customer, url: object) -> None:
    """400, and what was there stays."""
    customer.client.post(TARGET, json={"url": PLACE})
    answer = customer.client.post(TARGET, json={"url": url})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_param")
    assert customer.client.get(TARGET).json() == {"url": PLACE}


def test_a_target_is_never_removed_by_leaving_it_out(customer: Customer) -> None:
    """Null must be said; and nobody without a key sees or sets one."""
    customer.client.post(TARGET, json={"url": PLACE})
    assert customer.client.post(TARGET, json={}).status_code == 400
    assert customer.client.get(TARGET).json() == {"url": PLACE}
    nobody = {"authorization": ""}
    assert customer.client.get(TARGET, headers=nobody).status_code == 401
    assert customer.client.post(TARGET, json={"url": None}, headers=nobody).status_code == 401
