"""Keys are shown once, kept as a hash, and refused the moment they are revoked, on every route."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import inspect, text

from by_hand import Customer, Hand, customer_of, photo
from databases import database_url, postgres_url
from security.peers import Peer, says
from security.routes import routes
from stillmotion.server import accounts, ids, operating, predictions, webhooks
from stillmotion.server.api import shapes
from stillmotion.server.api.app import create_app
from stillmotion.server.api.shapes import Dialect
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from stillmotion.server.service import Service

__all__ = ["database_url", "postgres_url"]
OPEN = ("/files/", "/uploads/", "/docs", "/openapi.json", "/healthz", "/readyz", "/static/")
"""Without a key: signed addresses, and what says nothing of anybody."""
GUARDED = [(method, path) for method, path in routes() if path != "/" and not path.startswith(OPEN)]


@pytest.fixture(scope="module")
def service(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With accounts; receivers of webhooks may be on this machine."""
    settings = Settings(
        database_url=database_url,
        data_dir=tmp_path_factory.mktemp("keys"),
        accounts=True,
        per_minute=0,
        allow_networks=("127.0.0.0/8",),
    )
    with running(settings) as made:
        yield made


@pytest.fixture(scope="module")
def app(service: Service) -> FastAPI:
    """The application."""
    return create_app(service)


@pytest.fixture
def customer(service: Service, app: FastAPI) -> Customer:
    """Somebody with a key and money."""
    return customer_of(service, app)


def _forms(secret: str) -> set[str]:
    """How a secret would look in a table, however it got there."""
    plain = secret.encode()
    encoded = base64.b64encode(plain).decode().rstrip("=")
    hashed = hashlib.sha256(plain).hexdigest()  # a hash of the part alone would tell who has it twice
    return {secret, plain.hex(), encoded, base64.urlsafe_b64encode(plain).decode().rstrip("="), hashed}


def _rows(service: Service) -> dict[str, str]:
    """Everything in the database, as text, by table."""
    with service.database.connect() as connection:
        tables = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        return {
            name: "\n".join(connection.execute(text(f'select t::text from "{name}" t')).scalars())  # noqa: S608 - our own names
            for name in tables
        }


def test_the_database_does_not_hold_it(service: Service, customer: Customer, tmp_path: Path) -> None:
    """After creates in every dialect, uploads, repeats, a film and its webhook: no table and no file has a key.

    The secrets that sign are in one table and in no other.
    """
    client, retried = customer.client, {"x-stainless-retry-count": "1", "idempotency-key": "k"}
    form = {"input_reference": ("a.png", photo(), "image/png")}
    client.post("/api/v3/media/upload/binary", files={"file": ("a.png", photo())})
    with Peer((says(200),)) as peer:
        hosted = {"image": "https://example.com/a.png", "prompt": "waves", "webhook_url": peer.url()}
        made = client.post("/api/v3/openai/sora-2/image-to-video", json=hosted, headers=retried).json()["data"]["id"]
        sent = [
            client.post("/v1/videos", data={"prompt": "waves"}, files=form, headers={"x-stainless-retry-count": count})
            for count in "01"
        ]
        filmed = sent[1].json()["id"]
        assert sent[0].json()["id"] == filmed
        client.post("/api/native/v1/scenes", json={"image": "https://example.com/a.png"})
        worker = Hand(service, tmp_path)
        assert worker.complete(worker.begin(filmed)) is not None
        with service.database.begin() as connection:
            cancelled = predictions.cancel(
                connection, made, queue=service.queue, tell=webhooks.tell(service), at=service.clock.now()
            )
            assert cancelled is not None
            (told,), _ = webhooks.listing(connection, customer.account.id, limit=1)
            secret = webhooks.current_secret(connection, customer.account.id)
        webhooks.deliver(service, told.id)
        assert len(peer.requests) == 1
    rows = _rows(service)
    assert {"api_keys", "predictions", "procrastinate_jobs", "repeats", "deliveries"} <= set(rows)
    assert customer.key.public in rows["api_keys"]
    for form_of_it in _forms(customer.key.secret) | _forms(customer.key.text):
        assert not [name for name, content in rows.items() if form_of_it in content]
    signers = (service.webhook_secret, service.address_secret.decode(), secret)
    assert not [name for name, content in rows.items() if name != "secrets" and any(one in content for one in signers)]
    kept = [place.read_bytes() for place in service.settings.data_dir.rglob("*") if place.is_file()]
    assert kept
    assert not [one for one in kept if customer.key.secret.encode() in one]


@pytest.mark.parametrize("end", ["revoked", "suspended"])
def test_a_key_is_refused_at_once_on_every_route(service: Service, customer: Customer, end: str) -> None:
    """The next request with it gets 401 (403 when the account is suspended), in the dialect's words."""
    with service.database.begin() as connection:
        if end == "revoked":
            accounts.revoke_key(connection, customer.account.id, customer.key.public, at=service.clock.now())
        else:
            operating.suspend(connection, customer.account.id, at=service.clock.now())
    status, code = (401, "key_refused") if end == "revoked" else (403, "account_suspended")
    for method, path in GUARDED:
        answer = customer.client.request(method, _asked(path), json={} if method == "POST" else None)
        assert answer.status_code == status, (method, path, answer.text)
        if method != "HEAD":
            assert _code(path, answer.json()) == code


def test_the_routes_without_a_key_are_few() -> None:
    """One that is added without a key is noticed here."""
    unguarded = {path for _, path in routes()} - {path for _, path in GUARDED}
    assert {path.strip("/").split("/")[0] for path in unguarded} <= {
        "",
        "files",
        "uploads",
        "docs",
        "openapi.json",
        "healthz",
        "readyz",
        "static",
    }
    assert len(GUARDED) > 45


@pytest.mark.parametrize("kind", ["nothing", "another scheme", "no key", "shortened", "guessed", "in the query"])
def test_other_keys_are_refused_alike(customer: Customer, kind: str) -> None:
    """The answer does not tell which part was wrong; a key in an address is none."""
    guess = ids.ApiKey(public=customer.key.public, secret=ids.new_key().secret).text
    given = {
        "nothing": "",
        "another scheme": f"Basic {customer.key.text}",
        "no key": "Bearer",
        "shortened": f"Bearer {customer.key.text[:-1]}",
        "guessed": f"Bearer {guess}",
        "in the query": "",
    }[kind]
    query = f"?api_key={customer.key.text}&key={customer.key.text}" if kind == "in the query" else ""
    answers = [
        customer.client.get(f"/api/v3/balance{query}", headers={"authorization": one}) for one in (given, "Bearer x")
    ]
    assert [one.status_code for one in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


def test_it_is_compared_without_telling_how_much_was_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the function that takes the same time for every pair, over the whole hash."""
    seen: list[tuple[bytes, bytes]] = []

    def compare(first: bytes, second: bytes) -> bool:
        seen.append((first, second))
        return first == second

    monkeypatch.setattr(ids.hmac, "compare_digest", compare)
    key, other = ids.new_key(), ids.new_key()
    assert (key.fits(key.digest), key.fits(other.digest)) == (True, False)
    assert seen == [(key.digest, key.digest), (key.digest, other.digest)]


def _asked(path: str) -> str:
    return "/".join("0" * 32 if step.startswith("{") else step for step in path.split("/"))


def _code(path: str, body: Any) -> str:
    dialect = shapes.dialect_of(path)
    return str(body["error_code"] if dialect is Dialect.HOSTED else body["error"]["code"]).lower()
