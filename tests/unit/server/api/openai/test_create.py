"""What a create takes and what it answers."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from by_hand import photo
from stillmotion.money import Money
from stillmotion.server import ledger
from stillmotion.server.db.schema import predictions

if TYPE_CHECKING:
    from stillmotion.server.service import Service

LAKE = "https://example.com/lake.jpg"
PROMPT = "Slow dolly in over the lake"


def _create(customer: Any, **fields: Any) -> Any:
    """A create as JSON, with a photo behind an address unless told otherwise."""
    body = {"prompt": PROMPT, "input_reference": {"image_url": LAKE}, **fields}
    return customer.client.post("/v1/videos", json={name: value for name, value in body.items() if value is not ...})


def _stored(service: Service, video_id: str) -> Any:
    """The row of a video."""
    with service.database.connect() as connection:
        wanted = predictions.c.id == video_id.removeprefix("video_")
        return connection.execute(select(predictions).where(wanted)).one()


def _count(service: Service, customer: Any) -> int:
    with service.database.connect() as connection:
        mine = predictions.c.account_id == customer.account.id
        return connection.scalar(select(func.count()).select_from(predictions).where(mine)) or 0


def test_defaults_are_those_of_the_dialect(customer: Any, shared: Service) -> None:
    """A prompt and a photo are enough; the answer has every field that clients read, and says when to ask again."""
    answer = _create(customer)
    assert answer.status_code == 200
    assert answer.headers["openai-poll-after-ms"].isdigit()
    body = answer.json()
    assert body.pop("id").startswith("video_")
    assert body == {
        "object": "video",
        "model": "sora-2",
        "status": "queued",
        "progress": 0,
        "created_at": int(shared.clock.now().timestamp()),
        "completed_at": None,
        "expires_at": None,
        "prompt": PROMPT,
        "size": "720x1280",
        "seconds": "4",
        "remixed_from_video_id": None,
        "error": None,
        "engine": None,
    }


@pytest.mark.parametrize("seconds", ["8", 8])
@pytest.mark.parametrize("size", ["1280x720", "1280*720"])
def test_seconds_and_sizes_in_all_writings(customer: Any, seconds: object, size: str) -> None:
    """Text or number, x or *."""
    body = _create(customer, seconds=seconds, size=size).json()
    assert (body["seconds"], body["size"]) == ("8", "1280x720")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("media_type", ["application/octet-stream", "text/plain", "image/gif", None])
def test_a_file_is_what_its_bytes_are(customer: Any, shared: Service, kind: str, media_type: str | None) -> None:
    """The part's name and type are not believed; what was sent is an upload of the account."""
    part = ("upload", photo(kind), media_type) if media_type else ("upload", photo(kind))
    answer = customer.client.post("/v1/videos", data={"prompt": PROMPT}, files={"input_reference": part})
    assert answer.status_code == 200, answer.text
    assert _stored(shared, answer.json()["id"]).input["image"].startswith("upload:")


def test_a_chunked_form_is_read(customer: Any) -> None:
    """As the JavaScript client sends a stream: without a length."""
    boundary = "openai-form-boundary"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n{PROMPT}\r\n--{boundary}\r\n'
    head += 'Content-Disposition: form-data; name="input_reference"; filename="cat.png"\r\n'
    head += "Content-Type: application/octet-stream\r\n\r\n"
    pieces = [head.encode(), photo(), f"\r\n--{boundary}--\r\n".encode()]
    kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
    answer = customer.client.post("/v1/videos", content=iter(pieces), headers=kind)
    assert answer.status_code == 200, answer.text


def test_bracketed_names_are_objects(customer: Any, shared: Service) -> None:
    """As both official clients send an object in a form, with seeds and switches as text."""
    data = {"prompt": PROMPT, "input_reference[image_url]": LAKE, "seed": "7", "audio": "false", "seconds": "12"}
    answer = customer.client.post("/v1/videos", files={name: (None, value) for name, value in data.items()})
    assert answer.status_code == 200, answer.text
    row = _stored(shared, answer.json()["id"])
    assert row.input["image"] == LAKE
    assert (row.input["seed"], row.input["audio"], row.input["duration"]) == (7, False, 12)


@pytest.mark.parametrize("form", ["{image_url}", "text", "json in a text", "form"])
def test_data_urls_are_uploads(customer: Any, shared: Service, form: str) -> None:
    """A picture inside the request never lies in the row of its prediction."""
    url = "data:image/png;base64," + base64.b64encode(photo()).decode()
    if form == "form":
        answer = customer.client.post("/v1/videos", data={"prompt": PROMPT, "input_reference[image_url]": url})
    else:
        ways = {"{image_url}": {"image_url": url}, "text": url, "json in a text": json.dumps({"image_url": url})}
        answer = _create(customer, input_reference=ways[form])
    assert answer.status_code == 200, answer.text
    assert _stored(shared, answer.json()["id"]).input["image"].startswith("upload:")


@pytest.mark.parametrize(
    ("model", "size", "seconds", "dollars"),
    [
        ("sora-2", "720x1280", 4, "0.40"),
        ("sora-2-2025-12-08", "1280x720", 20, "2.00"),
        ("sora-2-pro", "1280x720", 4, "1.20"),
        ("sora-2-pro", "1024x1792", 8, "4.00"),
        ("sora-2-pro-2025-10-06", "1792x1024", 4, "2.00"),
        ("sora-2-pro", "1080x1920", 4, "2.80"),
        ("sora-2-pro", "1920x1080", 20, "14.00"),
    ],
)
def test_the_dialect_has_its_own_prices(
    customer: Any, shared: Service, *, model: str, size: str, seconds: int, dollars: str
) -> None:
    """By the second and the size; what is held is what the table says."""
    answer = _create(customer, model=model, size=size, seconds=seconds)
    assert answer.json()["model"] == model
    assert _stored(shared, answer.json()["id"]).price_micros == Money.of(dollars).micros
    with shared.database.connect() as connection:
        assert ledger.balance(connection, customer.account.id).held == Money.of(dollars)


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"prompt": ...}, "prompt", "Missing required parameter"),
        ({"prompt": ""}, "prompt", "is empty"),
        ({"prompt": " \n"}, "prompt", "the prompt is empty"),
        ({"prompt": "x" * 32_001}, "prompt", "at most 32000"),
        ({"prompt": "a\0b"}, "prompt", "NUL"),
        ({"prompt": 7}, "prompt", "string"),
        ({"seconds": "5"}, "seconds", "'4', '8', '12', '16' or '20'"),
        ({"seconds": 4.5}, "seconds", "'4'"),
        ({"size": "640x360"}, "size", "720x1280"),
        ({"size": "1920x1080"}, "size", "sora-2-pro"),
        ({"seed": -1}, "seed", "give at least 0"),
        ({"negative_prompt": "cats"}, "negative_prompt", "Unknown parameter"),
        ({"input_reference": ...}, "input_reference", "Films are made from a photo"),
        ({"input_reference": None}, "input_reference", "Films are made from a photo"),
        ({"input_reference": {"file_id": "file_1"}}, "input_reference", "no stored files"),
        ({"input_reference": {"file_id": "file_1", "image_url": LAKE}}, "input_reference", "exactly one"),
        ({"input_reference": {"image_url": "ftp://example.com/x"}}, "input_reference.image_url", "http(s)"),
        ({"input_reference": {"image_url": "upload:" + "0" * 32}}, "input_reference.image_url", "no such upload"),
        ({"input_reference": {"image_url": "data:image/png;base64,AA"}}, "input_reference.image_url", "not a picture"),
        ({"input_reference": {"image_url": "http://169.254.169.254/x"}}, "input_reference.image_url", "does not go to"),
        ({"input_reference": 5}, "input_reference", "Invalid value"),
        ({"input_reference": ""}, "input_reference", "Films are made from a photo"),
        ({"input_reference": {"image_url": ""}}, "input_reference", "Films are made from a photo"),
        ({"characters": [{"id": "char_1"}]}, "characters", "does not make edits, extensions and characters yet"),
    ],
)
def test_faults_are_named(customer: Any, shared: Service, fields: dict[str, Any], param: str, words: str) -> None:
    """In the dialect's shape, before anything is held, and clients need not try again."""
    answer = _create(customer, **fields)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert words in error["message"]
    assert answer.headers["x-should-retry"] == "false"
    assert _count(shared, customer) == 0


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"x", "multipart/form-data"),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b"),
        (b"prompt=a&prompt=b", "application/x-www-form-urlencoded"),
        (b"a[b=1", "application/x-www-form-urlencoded"),
        (b"a=1&a[b]=1", "application/x-www-form-urlencoded"),
        (b"a[b]=1&a[]=1", "application/x-www-form-urlencoded"),
        (b"a[b][c][d][e][f][g]=1", "application/x-www-form-urlencoded"),
    ],
)
def test_broken_bodies_are_refused(customer: Any, content: bytes, kind: str) -> None:
    """Each with 400 and words, never a fault of the server."""
    answer = customer.client.post("/v1/videos", content=content, headers={"content-type": kind})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert answer.json()["error"]["param"] != ""


@pytest.mark.parametrize(
    ("content", "words"), [(b'{"seconds": ' + b"9" * 5000 + b"}", "too many digits"), (b"\xff{", "no UTF-8 text")]
)
def test_broken_json_is_told_by_what_is_broken(customer: Any, content: bytes, words: str) -> None:
    """Text that is none, and numbers that are none."""
    answer = customer.client.post("/v1/videos", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, words in answer.json()["error"]["message"]) == (400, True), answer.text


def test_what_is_no_picture_is_refused_at_once(customer: Any, shared: Service) -> None:
    """Nobody has to wait for a worker to learn it."""
    files = {"input_reference": ("cat.png", b"%PDF-1.7 is no picture", "image/png")}
    answer = customer.client.post("/v1/videos", data={"prompt": PROMPT}, files=files)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "input_reference"
    assert _count(shared, customer) == 0


def test_a_file_in_the_place_of_a_text_is_refused(customer: Any) -> None:
    """By the name of its field; unknown files are named as well."""
    for name in ("prompt", "video"):
        files = {name: ("a.txt", b"hello", "text/plain"), "input_reference": ("a.png", photo(), "image/png")}
        data = {} if name == "prompt" else {"prompt": PROMPT}
        answer = customer.client.post("/v1/videos", data=data, files=files)
        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == name


def test_who_cannot_pay_or_is_not_known(poor: Any) -> None:
    """402 and 401 in the dialect's shape."""
    answer = _create(poor)
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "balance_too_low")
    answer = poor.client.post("/v1/videos", headers={"authorization": "Bearer wrong"}, content=b"{")
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")
    assert answer.headers["x-should-retry"] == "false"


def test_no_characters_are_none(customer: Any) -> None:
    """An empty list asks for nothing that cannot be done."""
    assert _create(customer, characters=[]).status_code == 200


def test_an_unknown_model_is_not_found(customer: Any) -> None:
    """With its field and the names that there are."""
    answer = _create(customer, model="sora-9")
    assert (answer.status_code, answer.json()["error"]["param"]) == (404, "model")
    assert "sora-2-pro" in answer.json()["error"]["message"]


def _resend(customer: Any, count: str | None, key: str | None = None, boundary: str = "b", prompt: str = PROMPT) -> Any:
    """The same create as a form, with the headers of a client that counts its retries."""
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n{prompt}\r\n'.encode()]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="input_reference"; filename="a"\r\n\r\n'
    parts += [head.encode(), photo(), f"\r\n--{boundary}--\r\n".encode()]
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    headers |= {"x-stainless-retry-count": count} if count is not None else {}
    headers |= {"idempotency-key": key} if key is not None else {}
    return customer.client.post("/v1/videos", content=b"".join(parts), headers=headers)


def test_a_retry_of_the_client_is_the_same_video(customer: Any, shared: Service) -> None:
    """Another boundary, the same request: answered again, charged once."""
    first = _resend(customer, "0", boundary="one").json()
    for count in ("1", "2"):
        again = _resend(customer, count, boundary=f"two{count}").json()
        assert again["id"] == first["id"]
    assert _count(shared, customer) == 1


def test_an_equal_request_is_a_new_video(customer: Any, shared: Service) -> None:
    """People ask for the same film twice; only a client that says so repeats itself."""
    made = {_resend(customer, count).json()["id"] for count in ("0", "0", None, None)}
    assert len(made) == 4
    assert _count(shared, customer) == 4


def test_a_retry_of_something_else_is_new(customer: Any, stranger: Any, clock: Any) -> None:
    """Another body, another account, or later than ten minutes."""
    first = _resend(customer, "0").json()["id"]
    assert _resend(customer, "1", prompt="gulls").json()["id"] != first
    assert _resend(stranger, "1").json()["id"] != first
    clock.advance(599)
    assert _resend(customer, "1").json()["id"] == first
    clock.advance(2)
    assert _resend(customer, "1").json()["id"] != first


def test_another_key_of_the_account_does_not_repeat(customer: Any, shared: Service) -> None:
    """Two programs of one account do not stand for each other."""
    from stillmotion.server import accounts  # noqa: PLC0415 - only here

    first = _resend(customer, "0").json()["id"]
    with shared.database.begin() as connection:
        other = accounts.issue_key(connection, customer.account.id, name="", at=shared.clock.now())
    customer.client.headers["authorization"] = f"Bearer {other.text}"
    assert _resend(customer, "1").json()["id"] != first


def test_an_idempotency_key_names_one_video(customer: Any) -> None:
    """However often it is sent; with another body it is refused."""
    first = _resend(customer, None, key="k", boundary="one").json()["id"]
    assert _resend(customer, "0", key="k", boundary="two").json()["id"] == first
    answer = _resend(customer, None, key="k", prompt="gulls")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert answer.headers["x-should-retry"] == "false"


def test_an_idempotency_key_names_one_remix(customer: Any) -> None:
    """As it does with creates; keys that are too long are refused in words."""
    source = _create(customer).json()["id"]
    asked = {"json": {"prompt": "gulls"}, "headers": {"idempotency-key": "r" * 255}}
    made = {customer.client.post(f"/v1/videos/{source}/remix", **asked).json()["id"] for _ in range(2)}
    assert len(made) == 1
    asked["headers"]["idempotency-key"] += "r"
    for path in ("/v1/videos", f"/v1/videos/{source}/remix"):
        answer = customer.client.post(path, **asked)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "Idempotency-Key"), answer.text


def test_too_many_are_told_when_to_come_back(customer: Any, shared: Service) -> None:
    """429 before anything is held, with the time to wait; clients may try again."""
    from sqlalchemy import update  # noqa: PLC0415 - only here

    from stillmotion.server.db.schema import accounts  # noqa: PLC0415 - only here

    with shared.database.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.id == customer.account.id).values(per_minute=1))
    assert _create(customer).status_code == 200
    answer = _create(customer)
    assert answer.status_code == 429
    assert answer.json()["error"]["type"] == "rate_limit_error"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "x-should-retry" not in answer.headers
    assert _count(shared, customer) == 1


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=b"])
def test_endless_bodies_are_cut_off(customer: Any, shared: Service, kind: str) -> None:
    """Also without a length: what arrives is counted."""
    head = b'--b\r\nContent-Disposition: form-data; name="input_reference"; filename="a"\r\n\r\n'
    count = shared.settings.body_limit_bytes // 2**20 + 2
    pieces = (head if number == 0 else b"x" * 2**20 for number in range(count))
    answer = customer.client.post("/v1/videos", content=pieces, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
