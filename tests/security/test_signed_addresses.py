"""Addresses of films and uploads: whoever has one may fetch that file until it expires, and nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pytest
from sqlalchemy import select

from by_hand import FILES, Customer, Hand, customer_of, photo
from databases import database_url, postgres_url
from stillmotion.server.api.app import create_app
from stillmotion.server.clock import StoppedClock
from stillmotion.server.db import schema
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stillmotion.server.service import Service

__all__ = ["database_url", "postgres_url"]
KINDS = {
    "film": ("film.mp4", "video/mp4"),
    "thumbnail": ("thumbnail.webp", "image/webp"),
    "spritesheet": ("sprites.jpg", "image/jpeg"),
}


@pytest.fixture(scope="module")
def clock() -> StoppedClock:
    """Time that tests move on."""
    return StoppedClock()


@pytest.fixture(scope="module")
def service(database_url: str, tmp_path_factory: pytest.TempPathFactory, clock: StoppedClock) -> Iterator[Service]:
    """With accounts."""
    settings = Settings(
        database_url=database_url, data_dir=tmp_path_factory.mktemp("signed"), accounts=True, per_minute=0
    )
    with running(settings, clock) as made:
        yield made


@pytest.fixture(scope="module")
def customer(service: Service) -> Customer:
    """The owner."""
    return customer_of(service, create_app(service))


@pytest.fixture
def files(service: Service, customer: Customer, tmp_path: Path) -> dict[str, str]:
    """The addresses of a complete film, without the host."""
    sent = {"input_reference": ("cat.png", photo(), "image/png")}
    made = customer.client.post("/v1/videos", data={"prompt": "waves"}, files=sent).json()["id"]
    worker = Hand(service, tmp_path)
    assert worker.complete(worker.begin(made)) is not None
    shown = customer.client.get(f"/api/native/v1/predictions/{made[6:]}").json()["files"]
    return {name: address.removeprefix("http://127.0.0.1:8000") for name, address in shown.items()}


@pytest.fixture
def anybody(customer: Customer) -> Callable[..., Any]:
    """Asks without a key."""
    return lambda address, method="GET", **headers: customer.client.request(
        method, address, headers={"authorization": "", **headers}
    )


def _changed(address: str, **query: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{urlencode({**dict(parse_qsl(parts.query)), **query})}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_served_as_what_it_is(files: dict[str, str], anybody: Any, kind: str) -> None:
    """Without a key: its bytes, type, length and name; a browser makes no page of ours of it."""
    name, media_type = KINDS[kind]
    answer = anybody(files[kind])
    assert (answer.status_code, answer.content) == (200, FILES[name])
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"].startswith("private")
    prediction = files[kind].split("/")[3]
    assert answer.headers["content-disposition"] == f'inline; filename="{prediction[:8]}-{name}"'
    saved = anybody(files[kind] + "&download=true").headers["content-disposition"]
    assert saved == f'attachment; filename="{prediction[:8]}-{name}"'


@pytest.mark.parametrize("kind", KINDS)
def test_head_and_ranges(files: dict[str, str], anybody: Any, kind: str) -> None:
    """As players ask for them; a range needs the same right as the whole."""
    content = FILES[KINDS[kind][0]]
    head = anybody(files[kind], "HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(content)))
    assert head.headers["accept-ranges"] == "bytes"
    part = anybody(files[kind], range="bytes=2-4")
    assert (part.status_code, part.content) == (206, content[2:5])
    assert part.headers["content-range"] == f"bytes 2-4/{len(content)}"
    assert anybody(files[kind], range="bytes=-3").content == content[-3:]
    assert anybody(files[kind], range=f"bytes={len(content)}-").status_code == 416
    for method in ("GET", "HEAD"):
        assert anybody(_changed(files[kind], signature="x"), method, range="bytes=0-1").status_code == 403


def test_an_address_expires(files: dict[str, str], anybody: Any, service: Service, clock: StoppedClock) -> None:
    """To the second, for every method; asked for again there is a fresh one."""
    clock.advance(service.settings.url_ttl_s - 1)
    assert anybody(files["film"]).status_code == 200
    clock.advance(1)
    for method in ("GET", "HEAD"):
        assert anybody(files["film"], method).status_code == 403
    assert "expired" in anybody(files["film"]).json()["error"]["message"]


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "99999999999"},
        {"expires": "-1"},
        {"expires": ""},
        {"expires": "never"},
        {"expires": "1e12"},
        {"expires": "9" * 5000},
        {"signature": ""},
        {"signature": "A" * 43},
        {"signature": "é"},
        {"signature": "\0"},
    ],
    ids=lambda change: " ".join(f"{name}={value[:12]}" for name, value in change.items()),
)
def test_what_was_changed_is_refused(files: dict[str, str], anybody: Any, change: dict[str, str]) -> None:
    """403, never a fault of ours."""
    assert anybody(_changed(files["film"], **change)).status_code == 403


def test_a_signature_is_for_one_file(files: dict[str, str], anybody: Any) -> None:
    """Neither another file of the same film nor the same with a letter changed."""
    right = dict(parse_qsl(urlsplit(files["film"]).query))
    other = dict(parse_qsl(urlsplit(files["thumbnail"]).query))
    assert anybody(_changed(files["thumbnail"], **right)).status_code == 403
    assert anybody(_changed(files["film"], **other)).status_code == 403
    shortened = right["signature"][:-1]
    assert anybody(_changed(files["film"], signature=shortened)).status_code == 403
    for missing in right:
        left = {name: value for name, value in right.items() if name != missing}
        assert anybody(f"{urlsplit(files['film']).path}?{urlencode(left)}").status_code == 403
    # Said twice, no two readers may differ: what counts is what was signed.
    assert anybody(f"{files['film']}&signature=x").status_code == 403


@pytest.mark.parametrize(
    "trick",
    [
        "/files/../files/{key}",
        "/files/./{key}",
        "/files//{key}",
        "/files/{key}/",
        "/files/{key}%00",
        "/files/{key}%2f..%2ffilm.mp4",
        "/files/x/%2e%2e/{key}",
        "/files/{key}/../../../../etc/passwd",
        "/files/..%2f..%2f..%2fetc/passwd",
        "/files/%2fetc/passwd",
        "/files/{key};x",
        "/files\\{key}",
        "/FILES/{key}",
    ],
)
def test_paths_are_what_was_signed(files: dict[str, str], customer: Customer, trick: str) -> None:
    """No other spelling of the path is served: the text is compared before anything is opened."""
    parts = urlsplit(files["film"])
    path = trick.replace("{key}", parts.path.removeprefix("/files/"))
    status, content = asyncio.run(_raw(customer.client.app, path, parts.query))
    assert status in {403, 404}
    assert FILES["film.mp4"] not in content


async def _raw(app: Any, path: str, query: str) -> tuple[int, bytes]:
    """Ask for a path as it is: clients tidy dots and slashes up before they send them."""
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1:8000")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, receive, send)
    return told[0]["status"], b"".join(one.get("body", b"") for one in told[1:])


def test_the_path_as_it_was_signed_is_served(files: dict[str, str], customer: Customer) -> None:
    """The same way of asking finds the file: otherwise the test above would say nothing."""
    parts = urlsplit(files["film"])
    assert asyncio.run(_raw(customer.client.app, parts.path, parts.query)) == (200, FILES["film.mp4"])


def test_rights_are_not_exchanged(customer: Customer, anybody: Any) -> None:
    """The right to send a file is not the right to read it, and the other way round."""
    ticket = customer.client.post("/api/v3/media/uploads", json={"filename": "a.png"}).json()["data"]
    sending, reading = (urlsplit(one) for one in (ticket["upload"]["url"], ticket["download_url"]))
    wrong = anybody(f"{sending.path}?{reading.query}", "PUT")
    assert (wrong.status_code, "announce the file again" in wrong.text) == (403, True)
    sent = customer.client.put(ticket["upload"]["url"], content=photo(), headers={"authorization": ""})
    assert sent.status_code == 200
    wrong = anybody(f"{reading.path}?{sending.query}")
    assert (wrong.status_code, "list your uploads" in wrong.text) == (403, True)
    assert anybody(f"{reading.path}?{reading.query}").content == photo()


def test_what_is_deleted_is_gone(files: dict[str, str], customer: Customer, anybody: Any, service: Service) -> None:
    """At once, although the signature is good and the file goes later with the sweep."""
    prediction = files["film"].split("/")[3]
    assert customer.client.delete(f"/v1/videos/video_{prediction}").status_code == 200
    for kind in KINDS:
        assert anybody(files[kind]).status_code == 404
    with service.database.connect() as connection:
        kept = connection.scalars(select(schema.files.c.key).where(schema.files.c.prediction_id == prediction)).all()
    assert len(kept) == 3
