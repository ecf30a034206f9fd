"""Files that were sent: listed, and deleted to make room."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from by_hand import photo, predictions_of
from databases import until_it_waits
from stillmotion.errors import StoreUnavailable
from stillmotion.server import ledger, predictions, quota
from stillmotion.server.worker import sweeping

if TYPE_CHECKING:
    from by_hand import Customer, Hand
    from stillmotion.server.clock import StoppedClock
    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

UPLOADS, SORA = "/api/native/v1/uploads", "/api/v3/openai/sora-2/image-to-video"


def _sent(customer: Customer, colour: str) -> str:
    """The address of a picture that was sent."""
    Image.new("RGB", (96, 64), colour).save(made := io.BytesIO(), "PNG")
    file = {"file": (f"{colour}.png", made.getvalue())}
    return str(customer.client.post("/api/v3/media/upload/binary", files=file).json()["data"]["download_url"])


def _items(customer: Customer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = customer.client.get(UPLOADS).json()["items"]
    return found


def test_what_was_sent_is_listed_and_deleted(customer: Customer, shared: Service, clock: StoppedClock) -> None:
    """Newest first, with fresh addresses, what arrived only; deleted, its room is free again and its file gone."""
    for colour in ("red", "blue", "green"):
        clock.advance(1)
        _sent(customer, colour)
    customer.client.post("/api/v3/media/uploads", json={"filename": "never.png"})
    assert [one["filename"] for one in _items(customer)] == ["green.png", "blue.png", "red.png"]
    page = customer.client.get(UPLOADS, params={"limit": 1, "offset": 1}).json()
    assert (page["total"], len(page["items"])) == (3, 1)
    (one,) = page["items"]
    assert (one["type"], customer.client.get(one["download_url"]).status_code) == ("image/png", 200)
    assert len(customer.client.get(one["download_url"]).content) == one["size"]
    for status in (204, 404):
        assert customer.client.delete(f"{UPLOADS}/{one['id']}").status_code == status
    assert customer.client.get(one["download_url"]).status_code == 404
    left = _items(customer)
    assert one["id"] not in {each["id"] for each in left}
    with shared.database.connect() as connection:
        assert quota.used_by(connection, customer.account.id) == sum(each["size"] for each in left)


def test_what_is_awaited_stays(customer: Customer, worker: Hand) -> None:
    """As long as a prediction will fetch it: 409; then it goes, and the film stays."""
    asked = {"image": _sent(customer, "red"), "prompt": "waves"}
    made = customer.client.post(SORA, json=asked).json()["data"]["id"]
    (one,) = _items(customer)
    refused = customer.client.delete(f"{UPLOADS}/{one['id']}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "upload_awaited")
    worker.film(made)
    assert customer.client.delete(f"{UPLOADS}/{one['id']}").status_code == 204
    assert customer.client.get(f"/api/native/v1/predictions/{made}").json()["files"]["film"]


@pytest.mark.parametrize("by_address", [True, False])
def test_what_is_deleted_under_a_create(
    customer: Customer, shared: Service, monkeypatch: pytest.MonkeyPatch, *, by_address: bool
) -> None:
    """Deleted after the create looked at it: 400 of the picture, and nothing is made or held."""
    real = predictions.submit
    carried = f"data:image/png;base64,{base64.b64encode(photo()).decode()}"
    image = _sent(customer, "red") if by_address else carried

    def submit(*given: Any, **named: Any) -> Prediction:
        there = _items(customer)
        assert there
        for each in there:
            assert customer.client.delete(f"{UPLOADS}/{each['id']}").status_code == 204
        return real(*given, **named)

    monkeypatch.setattr(predictions, "submit", submit)
    refused = customer.client.post(SORA, json={"image": image, "prompt": "waves"})
    assert (refused.status_code, "deleted while" in refused.json()["message"]) == (400, True)
    assert predictions_of(shared, customer) == 0
    with shared.database.connect() as connection:
        assert ledger.balance(connection, customer.account.id).held.micros == 0


def test_what_is_deleted_while_a_create_commits(
    customer: Customer, shared: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever deletes it waits for the create, and is told that it is needed."""
    address, real = _sent(customer, "red"), predictions.submit
    (one,) = _items(customer)
    told = list[int]()
    other = Thread(
        target=lambda: told.append(customer.client.delete(f"{UPLOADS}/{one['id']}").status_code), daemon=True
    )

    def submit(*given: Any, **named: Any) -> Prediction:
        made = real(*given, **named)
        other.start()
        until_it_waits(shared.database, other)
        return made

    monkeypatch.setattr(predictions, "submit", submit)
    assert customer.client.post(SORA, json={"image": address, "prompt": "waves"}).status_code == 200
    other.join(30)
    assert told == [409]


@pytest.mark.parametrize("upload_id", ["x", "0" * 32, "A" * 32])
def test_what_is_not_there(customer: Customer, upload_id: str) -> None:
    """404, whatever it looks like."""
    answer = customer.client.delete(f"{UPLOADS}/{upload_id}")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], f"GET {UPLOADS} lists" in error["message"]) == (
        404,
        "upload_unknown",
        True,
    )


@pytest.mark.parametrize("fault", [StoreUnavailable(), PermissionError()], ids=repr)
def test_a_store_that_is_away_takes_nothing_back(
    customer: Customer, shared: Service, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """The row goes first, so the upload is deleted whatever becomes of its file, which the sweep finds."""
    _sent(customer, "red")
    (one,) = _items(customer)

    def away(_key: str) -> bool:
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(shared.store, "delete", away)
        assert customer.client.delete(f"{UPLOADS}/{one['id']}").status_code == 204
    assert _items(customer) == []
    left = {key: at for key, _, at in tuple(shared.store.keys()) if one["id"] in key}
    assert left
    later = datetime.fromtimestamp(max(left.values()), tz=UTC) + timedelta(hours=2)  # the disk's own time
    sweeping._remove_orphans(shared, later)
    assert left.keys().isdisjoint(key for key, _, _ in tuple(shared.store.keys()))
