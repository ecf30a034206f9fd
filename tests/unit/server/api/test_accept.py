"""What is refused before anything is stored, and in which order; how much one account may ask for and keep."""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from by_hand import Customer, customer_of, photo, predictions_of
from stillmotion.errors import AccountQuotaFull, StoreUnavailable
from stillmotion.money import Money
from stillmotion.server import accounts, ledger, quota
from stillmotion.server.api.app import create_app
from stillmotion.server.clock import StoppedClock
from stillmotion.server.db import schema
from stillmotion.server.intake import uploads
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stillmotion.server.service import Service

PHOTO = photo()
DATA_URL = "data:image/png;base64," + base64.b64encode(PHOTO).decode()
HOSTED = "/api/v3/openai/sora-2/image-to-video"
FILM_BYTES = quota.film_bytes(4, tiny=False)
"""What a film of the usual length is expected to take."""


@pytest.fixture(scope="module")
def service(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With accounts."""
    settings = Settings(database_url=database_url, data_dir=tmp_path_factory.mktemp("accept"), accounts=True)
    with running(settings, StoppedClock()) as made:
        yield made


def _with(service: Service, **settings: Any) -> Service:
    return replace(service, settings=service.settings.model_copy(update=settings))


def _customer(service: Service, dollars: int = 100) -> Customer:
    return customer_of(service, create_app(service), dollars)


def _hosted(customer: Customer, **headers: str) -> Any:
    return customer.client.post(HOSTED, json={"image": DATA_URL, "prompt": "waves"}, headers=headers)


def _form(customer: Customer, **headers: str) -> Any:
    files = {"input_reference": ("a.png", PHOTO, "image/png")}
    return customer.client.post("/v1/videos", data={"prompt": "waves"}, files=files, headers=headers)


def _json(customer: Customer, **headers: str) -> Any:
    asked = {"prompt": "waves", "input_reference": {"image_url": DATA_URL}}
    return customer.client.post("/v1/videos", json=asked, headers=headers)


def _native(customer: Customer, **headers: str) -> Any:
    asked = {"model": "openai/sora-2/image-to-video", "input": {"image": DATA_URL, "prompt": "waves"}}
    return customer.client.post("/api/native/v1/predictions", json=asked, headers=headers)


def _draft(customer: Customer, **headers: str) -> Any:
    asked = {"image": DATA_URL, "prompt": "waves"}
    return customer.client.post("/api/native/v1/drafts", json=asked, headers=headers)


def _scene(customer: Customer, **headers: str) -> Any:
    return customer.client.post("/api/native/v1/scenes", json={"image": DATA_URL}, headers=headers)


PAID = (_hosted, _form, _json, _native)
CREATES = (*PAID, _draft, _scene)


def _kept(service: Service, customer: Customer) -> int:
    """How many uploads an account has, arrived or not."""
    mine = schema.uploads.c.account_id == customer.account.id
    with service.database.connect() as connection:
        return connection.scalar(select(func.count()).select_from(schema.uploads).where(mine)) or 0


@pytest.mark.parametrize("create", PAID)
def test_without_money_nothing_is_stored(service: Service, create: Callable[..., Any]) -> None:
    """402 in every dialect, wherever the picture stood, and not a byte of it is kept."""
    poor = _customer(service, 0)
    files = set(service.store.keys())
    assert create(poor).status_code == 402
    assert _kept(service, poor) == 0
    assert set(service.store.keys()) == files


@pytest.mark.parametrize("create", CREATES)
def test_above_the_rate_nothing_is_stored(service: Service, create: Callable[..., Any]) -> None:
    """429 with how long to wait."""
    hasty = _customer(_with(service, per_minute=1))
    hasty.client.post(HOSTED, json={"image": "https://example.com/a.png", "prompt": "waves"})
    answer = create(hasty)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    assert _kept(service, hasty) == 0


NATIVE = "/api/native/v1"
FAULTY = {
    "hosted: the model": ("/api/v3/nobody/none", {"json": {"prompt": "waves"}}, 404),
    "hosted: the body": (HOSTED, {"content": b"{"}, 400),
    "hosted: a control field": (HOSTED, {"json": {"enable_sync_mode": "perhaps"}}, 400),
    "hosted: a field": (HOSTED, {"json": {"duration": 5}}, 400),
    "openai: the model": ("/v1/videos", {"json": {"prompt": "waves", "model": "none"}}, 404),
    "openai: the body": ("/v1/videos", {"content": b"{"}, 400),
    "openai: the form": ("/v1/videos", {"data": {"a[": "b"}}, 400),
    "openai: a field": ("/v1/videos", {"json": {"prompt": "waves", "seconds": "5"}}, 400),
    "openai: no video": (f"/v1/videos/video_{'0' * 32}/remix", {"json": {"prompt": "waves"}}, 404),
    "openai: no prompt": (f"/v1/videos/video_{'0' * 32}/remix", {"json": {}}, 404),
    "native: the model": (f"{NATIVE}/predictions", {"json": {"model": "none", "input": {"prompt": "a"}}}, 404),
    "native: the body": (f"{NATIVE}/predictions", {"content": b"{"}, 400),
    "native: a field": (f"{NATIVE}/predictions", {"json": {"colour": "red"}}, 400),
    "native: a draft's field": (f"{NATIVE}/drafts", {"json": {"duration": 5}}, 400),
    "native: a scene's field": (f"{NATIVE}/scenes", {"json": {}}, 400),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_whoever_asks_too_often_is_told_nothing_else(service: Service, fault: str) -> None:
    """In all dialects a create counts wherever it is refused, once, and above the rate nothing of it is looked at."""
    path, asked, status = FAULTY[fault]
    hasty = _customer(_with(service, per_minute=2))
    answers = [hasty.client.post(path, **asked) for _ in range(3)]
    assert [one.status_code for one in answers] == [status, status, 429]
    stranger = {"authorization": "Bearer sm_none"}
    assert hasty.client.post(path, headers=stranger, **asked).status_code == 401


@pytest.mark.parametrize("create", CREATES)
def test_a_create_counts_once(service: Service, create: Callable[..., Any]) -> None:
    """In all dialects as many are accepted in a minute as the account may ask for."""
    hasty = _customer(_with(service, per_minute=2))
    answers = [create(hasty) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]


@pytest.mark.parametrize("path", ["predictions", "drafts"])
def test_a_shot_that_is_none_counts(service: Service, path: str) -> None:
    """Reading one takes time, so who sends many is told to wait like everybody else."""
    hasty, inputs = _customer(_with(service, per_minute=1)), {"image": "https://example.com/a.png", "shot": {}}
    asked = inputs if path == "drafts" else {"model": "openai/sora-2/image-to-video", "input": inputs}
    answers = [hasty.client.post(f"/api/native/v1/{path}", json=asked) for _ in range(2)]
    assert [one.status_code for one in answers] == [400, 429]


@pytest.mark.parametrize("create", CREATES)
def test_for_a_full_queue_nothing_is_stored(service: Service, create: Callable[..., Any]) -> None:
    """429 as well."""
    waiting = _customer(_with(service, queue_limit=1))
    waiting.client.post(HOSTED, json={"image": "https://example.com/a.png", "prompt": "waves"})
    assert create(waiting).status_code == 429
    assert _kept(service, waiting) == 0


@pytest.mark.parametrize("create", [*PAID, _draft])
def test_the_room_for_the_film_is_looked_at_first(service: Service, create: Callable[..., Any]) -> None:
    """Where there is room for the picture and none for what is made of it: 507 with the numbers, and nothing held."""
    narrow = _customer(_with(service, account_quota_bytes=len(PHOTO) + FILM_BYTES - 1))
    answer = create(narrow)
    assert (answer.status_code, "1.1 MiB more: delete predictions or uploads" in answer.text) == (507, True)
    assert _kept(service, narrow) == 0
    assert narrow.client.get("/api/v3/balance").json()["data"]["balance"] == 100
    assert create(_customer(_with(service, account_quota_bytes=len(PHOTO) + FILM_BYTES))).status_code == 200


def test_a_longer_film_needs_more_room(service: Service) -> None:
    """By its length, and no estimate keeps a scene from being looked at."""
    customer = _customer(_with(service, account_quota_bytes=len(PHOTO) + FILM_BYTES))
    asked = {"image": "https://example.com/a.png", "prompt": "waves", "duration": 20}
    assert customer.client.post(HOSTED, json=asked).status_code == 507
    assert customer.client.post(HOSTED, json={**asked, "duration": 4}).status_code == 200
    small = _customer(_with(service, account_quota_bytes=10))
    assert small.client.post("/api/native/v1/scenes", json={"image": asked["image"]}).status_code == 200


@pytest.mark.parametrize("create", CREATES)
def test_without_room_nothing_is_asked_for(service: Service, create: Callable[..., Any]) -> None:
    """507, and no prediction, hold or file comes of it."""
    full = _customer(_with(service, account_quota_bytes=10))
    files = set(service.store.keys())
    answer = create(full)
    assert (answer.status_code, "account_quota_full" in answer.text.lower()) == (507, True)
    assert set(service.store.keys()) == files
    assert full.client.get("/api/v3/predictions").json()["data"]["items"] == []
    assert full.client.get("/api/v3/balance").json()["data"]["balance"] == 100


@pytest.mark.parametrize("create", PAID)
def test_a_repeat_is_answered_when_the_money_is_gone(service: Service, create: Callable[..., Any]) -> None:
    """The same key with the same picture is the prediction that it was, although another could not be paid for."""
    customer = _customer(service, 0)
    with service.database.begin() as connection:
        paid = {"reference": customer.account.id + "once", "words": "", "at": service.clock.now()}
        ledger.top_up(connection, customer.account.id, Money.of("0.40"), **paid)
    first, again = (create(customer, **{"idempotency-key": "one"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert first.text == again.text or first.json()["id"] == again.json()["id"]
    assert create(customer, **{"idempotency-key": "two"}).status_code == 402


@pytest.mark.parametrize("create", CREATES)
def test_a_key_whose_prediction_was_deleted_says_so(service: Service, create: Callable[..., Any]) -> None:
    """No id that is found nowhere, and no second film: 409, nothing held; a new key makes it again."""
    customer = _customer(service)
    made = create(customer, **{"idempotency-key": "one"}).json()
    made_id = str(made.get("data", made)["id"]).removeprefix("video_")
    assert customer.client.delete(f"/api/native/v1/predictions/{made_id}").status_code == 204
    before = predictions_of(service, customer)
    answer = create(customer, **{"idempotency-key": "one"})
    assert (answer.status_code, "idempotency_key_spent" in answer.text.lower()) == (409, True), answer.text
    assert predictions_of(service, customer) == before
    assert create(customer, **{"idempotency-key": "two"}).status_code == 200


def _uploaded(customer: Customer, content: bytes, name: str = "a.png") -> str:
    """The address of a picture that was sent before."""
    answer = customer.client.post("/api/v3/media/upload/binary", files={"file": (name, content)})
    return str(answer.json()["data"]["download_url"])


def _asked(customer: Customer, image: str, key: str) -> Any:
    asked = {"image": image, "prompt": "waves"}
    return customer.client.post(HOSTED, json=asked, headers={"idempotency-key": key})


def test_a_key_knows_a_picture_that_was_uploaded_again(service: Service) -> None:
    """A program that starts over uploads again: another address, the same picture, so the same prediction; or 409."""
    customer = _customer(service)
    addresses = [_uploaded(customer, PHOTO) for _ in range(2)]
    assert addresses[0] != addresses[1]
    answers = [_asked(customer, image, "order-7") for image in (*addresses, DATA_URL)]
    assert [one.status_code for one in answers] == [200] * 3, answers[-1].text
    assert len({one.json()["data"]["id"] for one in answers}) == 1
    other = _uploaded(customer, photo(size=(90, 61)))
    assert _asked(customer, other, "order-7").status_code == 409


def test_the_address_of_an_upload_is_not_kept(service: Service) -> None:
    """It carries a right: what is kept, and shown as the input, is which upload it was, and that can be asked again."""
    customer = _customer(service)
    made = _asked(customer, _uploaded(customer, PHOTO), "").json()["data"]["id"]
    kept = customer.client.get(f"/api/native/v1/predictions/{made}").json()["input"]["image"]
    assert re.fullmatch("upload:[0-9a-f]{32}", kept)
    assert _asked(customer, kept, "").status_code == 200


def test_the_first_of_several_faults_counts(service: Service) -> None:
    """In the documented order: each request has one fault fewer than the one before."""
    customer = _customer(_with(service, queue_limit=1, account_quota_bytes=FILM_BYTES), 1)
    held = customer.client.post(
        HOSTED,
        json={"image": "https://example.com/a.png", "prompt": "waves"},
        headers={"idempotency-key": "used"},
    )
    assert held.status_code == 200
    bad = {"image": "ftp://example.com", "prompt": "waves", "duration": 5, "webhook_url": "ftp://example.com"}
    steps: tuple[tuple[dict[str, Any], str, int, str], ...] = (
        ({}, "used", 400, "duration"),
        ({"duration": 4}, "used", 400, "image"),
        ({"image": "http://10.0.0.1/a.png"}, "used", 409, "Idempotency-Key"),
        ({}, "unused", 400, "network"),
        ({"image": DATA_URL}, "unused", 400, "webhook"),
    )
    for change, key, status, words in steps:
        bad |= change
        answer = customer.client.post(HOSTED, json=bad, headers={"idempotency-key": key})
        assert (answer.status_code, words in answer.json()["message"]) == (status, True), answer.text
    full = customer.client.post(HOSTED, json={**bad, "webhook_url": None}).json()
    assert (full["error_code"], "1 of this account are open, and 1 may be" in full["message"]) == ("QUEUE_FULL", True)
    poor = _customer(_with(service, account_quota_bytes=10), 0)
    assert poor.client.post(HOSTED, json={"image": DATA_URL, "prompt": "waves"}).status_code == 402
    assert _kept(service, customer) == 0


@pytest.mark.parametrize("path", ["/api/v3/media/uploads", "/api/v2/media/upload/binary"])
def test_uploads_have_a_rate(service: Service, path: str) -> None:
    """As many a minute as creates, counted by themselves; above it no byte is taken."""
    clock = StoppedClock()
    hasty = _customer(replace(_with(service, per_minute=2), clock=clock))

    def send() -> Any:
        if path.endswith("binary"):
            return hasty.client.post(path, files={"file": ("a.png", PHOTO)})
        return hasty.client.post(path, json={"filename": "a.png", "size": len(PHOTO)})

    answers = [send() for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert "2 uploads a minute" in answers[-1].json()["message"]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert _kept(service, hasty) == 2
    assert _hosted(hasty).status_code == 200
    clock.advance(60)
    assert send().status_code == 200


def test_one_account_cannot_fill_the_server(service: Service) -> None:
    """Its quota ends its uploads in both flows with 507, while others go on; what it deletes makes room."""
    narrow = _with(service, account_quota_bytes=len(PHOTO) + 10)
    greedy, modest = _customer(narrow), _customer(narrow)
    binary = {"file": ("a.png", PHOTO)}
    assert greedy.client.post("/api/v3/media/upload/binary", files=binary).status_code == 200
    refused = greedy.client.post("/api/v3/media/upload/binary", files=binary)
    assert (refused.status_code, refused.json()["error_code"]) == (507, "ACCOUNT_QUOTA_FULL")
    assert greedy.client.post("/api/v3/media/uploads", json={"size": 100}).status_code == 507
    assert _hosted(greedy).status_code == 507
    assert modest.client.post("/api/v3/media/upload/binary", files=binary).status_code == 200


def _of_an_address(customer: Customer, path: str, **headers: str) -> Any:
    """A create whose picture is fetched later, so that nothing of it is to be kept yet."""
    asked: dict[str, Any] = {"image": "https://example.com/a.png", "prompt": "waves"}
    if path == "/v1/videos":
        asked = {"input_reference": {"image_url": asked.pop("image")}, **asked}
    elif path.endswith("predictions"):
        asked = {"model": "openai/sora-2/image-to-video", "input": asked}
    return customer.client.post(path, json=asked, headers=headers)


def _id(answer: Any) -> str:
    body = answer.json()
    return str(body.get("data", body)["id"])


@pytest.mark.parametrize("path", [HOSTED, "/v1/videos", "/api/native/v1/predictions", "/api/native/v1/drafts"])
def test_what_could_not_be_kept_is_not_accepted(service: Service, path: str) -> None:
    """A full account, or a full server, answers 507 before a film waits for hours and is made for nothing.

    What was accepted before is still known by its key, and whoever deletes may go on.
    """
    account = _with(service, account_quota_bytes=FILM_BYTES + len(PHOTO) - 1)
    customer = _customer(account)
    assert (first := _of_an_address(customer, path, **{"idempotency-key": "before"})).status_code == 200
    sent = customer.client.post("/api/v3/media/upload/binary", files={"file": ("a.png", PHOTO)})
    assert sent.status_code == 200
    assert (full := _of_an_address(customer, path)).status_code == 507
    assert "account_quota_full" in full.text.lower()
    again = _of_an_address(customer, path, **{"idempotency-key": "before"})
    assert again.status_code == 200
    assert _id(again) == _id(first)
    other = _of_an_address(_customer(_with(service, disk_quota_bytes=1)), path)
    assert (other.status_code, "account_quota_full" in other.text.lower()) == (507, False)
    with service.database.begin() as connection:
        mine = schema.uploads.c.account_id == customer.account.id
        connection.execute(schema.uploads.delete().where(mine))
    assert _of_an_address(customer, path).status_code == 200


def test_announcements_take_no_room(service: Service) -> None:
    """Whoever announces much and sends nothing keeps nobody from sending."""
    narrow = _with(service, account_quota_bytes=1000, disk_quota_bytes=service.settings.disk_quota_bytes)
    customer = _customer(narrow)
    for _ in range(5):
        assert customer.client.post("/api/v3/media/uploads", json={"size": 900}).status_code == 200
    assert customer.client.post("/api/v3/media/upload/binary", files={"file": ("a.png", PHOTO)}).status_code == 200


def test_the_same_picture_takes_its_room_once(service: Service) -> None:
    """A second create with it is accepted when there is no more room than for one."""
    customer = _customer(_with(service, account_quota_bytes=len(PHOTO) + FILM_BYTES))
    assert [create(customer).status_code for create in (_hosted, _form, _native, _hosted)] == [200] * 4
    assert _kept(service, customer) == 1


def test_several_at_once_do_not_share_one_room(service: Service, tmp_path: Path) -> None:
    """Each found room when it looked; one is kept, and nothing of the others."""
    narrow = _with(service, account_quota_bytes=len(PHOTO) + 10)
    with service.database.begin() as connection:
        account = accounts.create(connection, "many at once", at=service.clock.now(), may_owe=False)
        opened = [
            uploads.open_upload(connection, account.id, filename="a.png", size_bytes=None, at=service.clock.now())
            for _ in range(4)
        ]
    source, together, ends = tmp_path / "a.png", threading.Barrier(4), list[str]()
    source.write_bytes(PHOTO)
    slow = replace(narrow, store=_Together(service.store, together))

    def send(upload: uploads.Upload) -> None:
        try:
            uploads.receive(slow, upload, source)
            ends.append("kept")
        except AccountQuotaFull:
            ends.append("full")

    threads = [threading.Thread(target=send, args=(one,)) for one in opened]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(ends) == ["full", "full", "full", "kept"]
    there = {key for key, _, _ in service.store.keys()}  # noqa: SIM118 - a store is no dict
    assert len(there & {one.key for one in opened}) == 1


@pytest.mark.parametrize("why", [StoreUnavailable(), PermissionError()])
def test_what_found_no_room_and_cannot_be_removed(service: Service, tmp_path: Path, why: Exception) -> None:
    """There was no room: that is told, whatever the store says to its removal."""
    narrow = _with(service, account_quota_bytes=len(PHOTO) + 10)
    (source := tmp_path / "a.png").write_bytes(PHOTO)
    with service.database.begin() as connection:
        account = accounts.create(connection, "two at once", at=service.clock.now(), may_owe=False)
        named = {"filename": "a.png", "size_bytes": None, "at": service.clock.now()}
        late, early = (uploads.open_upload(connection, account.id, **named) for _ in range(2))
    overtaken = _Overtaken(service.store, partial(uploads.receive, narrow, early, source), why)
    with pytest.raises(AccountQuotaFull):
        uploads.receive(replace(narrow, store=overtaken), late, source)


@dataclass
class _Overtaken:
    """A store that keeps a file, and something else happens before it says so; it removes none."""

    store: Any
    meanwhile: Callable[[], object]
    why: Exception

    def put(self, key: str, source: Path) -> Any:
        """See `Store.put`."""
        stored = self.store.put(key, source)
        self.meanwhile()
        return stored

    def delete(self, _: str) -> None:
        """See `Store.delete`."""
        raise self.why


class _Together:
    """A store that all callers have put their file into before any of them goes on."""

    def __init__(self, store: Any, together: threading.Barrier) -> None:
        self._store, self._together = store, together

    def put(self, key: str, source: Path) -> Any:
        """See `Store.put`."""
        stored = self._store.put(key, source)
        self._together.wait(20)
        return stored

    def delete(self, key: str) -> bool:
        """See `Store.delete`."""
        return bool(self._store.delete(key))


def test_a_single_user_has_the_whole_disk(local: Service) -> None:
    """The quota of an account is for servers that have several."""
    narrow = _with(local, account_quota_bytes=1)
    with local.database.connect() as connection:
        quota.check_account(connection, narrow.settings, accounts.SINGLE_USER, adding_bytes=1000)


@pytest.mark.parametrize("path", ["/v1/videos", HOSTED, "/api/native/v1/predictions", "/api/v3/media/upload/binary"])
def test_the_body_of_a_stranger_is_not_looked_at(service: Service, path: str) -> None:
    """Only its size comes before the key; what is wrong in it is told to callers with a key, and counts then."""
    stranger, limit = _customer(_with(service, per_minute=1)), service.settings.body_limit_bytes
    nobody = {"authorization": "", "content-type": "application/json"}
    assert stranger.client.post(path, content=b'{"image": 1}', headers=nobody).status_code == 401
    if not path.endswith("binary"):
        huge = {**nobody, "content-length": str(limit + 1)}
        assert stranger.client.post(path, content=b"x", headers=huge).status_code == 413
    assert _hosted(stranger).status_code == 200
