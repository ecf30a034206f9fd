"""Without accounts only this machine is answered: no page of another site reads or changes anything, by any route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from by_hand import photo
from databases import database_url, postgres_url
from security.routes import routes
from stillmotion.server import accounts
from stillmotion.server.api import shapes
from stillmotion.server.api.app import create_app
from stillmotion.server.api.shapes import Dialect
from stillmotion.server.db import schema
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.server.service import Service

__all__ = ["database_url", "postgres_url"]
FOREIGN: dict[str, dict[str, str]] = {
    "a name that now means this machine": {"host": "evil.example:8000"},
    "a name that begins like ours": {"host": "localhost.evil.example"},
    "an address of the network": {"host": "192.168.0.7:8000"},
    "no name": {"host": ""},
    "a name that cannot be read": {"host": "[zz]"},
    "a page of another site": {"origin": "https://evil.example"},
    "a page without an origin": {"origin": "null"},
    "a page with a name like ours": {"origin": "http://localhost.evil.example:8000"},
    "a page with our name before its own": {"origin": "http://localhost:8000@evil.example"},
    "a page with its name before ours": {"origin": "http://evil.example@localhost:8000"},
    "a page with its name before a stroke": {"origin": "http://evil.example\\@localhost:8000"},
    "a name before ours": {"host": "evil.example:80@localhost"},
    "a page whose origin is cut off": {"origin": "http://["},
    "a page whose origin cannot be read": {"origin": "http://[zz]"},
    "both": {"host": "evil.example", "origin": "http://evil.example"},
}
ROUTES = routes()


@pytest.fixture(scope="module")
def service(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One user."""
    settings = Settings(database_url=database_url, data_dir=tmp_path_factory.mktemp("here"), per_minute=0)
    with running(settings) as made:
        yield made


@pytest.fixture(scope="module")
def client(service: Service) -> TestClient:
    """A program on this machine, until it says that it is something else."""
    return TestClient(create_app(service), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


def _asked(path: str) -> str:
    return "/".join("0" * 32 if step.startswith("{") else step for step in path.split("/"))


def _code(path: str, body: Any) -> str:
    dialect = shapes.dialect_of(path)
    return str(body["error_code"] if dialect is Dialect.HOSTED else body["error"]["code"]).lower()


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
def test_every_route_refuses_others(client: TestClient, foreign: dict[str, str]) -> None:
    """Films, events, documents, uploads, figures: 403 in the dialect's words, and no leave for a page to read that."""
    for method, path in ROUTES:
        answer = client.request(method, _asked(path), headers=foreign, json={} if method == "POST" else None)
        assert answer.status_code == 403, (method, path)
        assert "access-control-allow-origin" not in answer.headers
        if method != "HEAD":
            assert _code(path, answer.json()) == "host_refused", (method, path)


def test_the_routes_are_all_there() -> None:
    """The test above is worth as much as this list."""
    paths = {path for _, path in ROUTES}
    assert {
        "/files/{key:path}",
        "/uploads/{upload_id}",
        "/api/native/v1/predictions/{prediction_id}/events",
        "/v1/videos/{video_id}/content",
        "/api/v3/media/upload/binary",
        "/docs",
        "/openapi.json",
        "/metrics",
        "/healthz",
        "/readyz",
    } <= paths
    assert len(ROUTES) >= 50


def test_addresses_that_there_are_not_refuse_others_too(client: TestClient) -> None:
    """Nobody learns from afar which server this is; a page that asks for leave first gets none."""
    foreign = {"origin": "https://evil.example"}
    assert client.get("/nothing", headers=foreign).status_code == 403
    asked = {**foreign, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    for path in ("/v1/videos", "/api/v3/openai/sora-2/image-to-video", "/api/native/v1/drafts"):
        answer = client.options(path, headers=asked)
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_nothing_comes_of_it(client: TestClient, service: Service) -> None:
    """Forms that a page can send without asking make no film and keep no file."""
    mine = schema.predictions.c.account_id == accounts.SINGLE_USER

    def count() -> tuple[Any, Any]:
        with service.database.connect() as connection:
            made = connection.scalar(select(func.count()).select_from(schema.predictions).where(mine))
            return made, len(tuple(service.store.keys()))

    before = count()
    form: dict[str, Any] = {"data": {"prompt": "waves"}, "files": {"input_reference": ("a.png", photo(), "image/png")}}
    plain = {"content": b'{"image": "https://example.com/a.png", "prompt": "waves"}'}
    for path, sent in (("/v1/videos", form), ("/api/v3/openai/sora-2/image-to-video", plain)):
        for foreign in FOREIGN.values():
            assert client.post(path, headers={"content-type": "text/plain", **foreign}, **sent).status_code == 403
    assert count() == before


def test_this_machine_is_answered(client: TestClient) -> None:
    """Otherwise the tests above would say nothing: the same routes answer something else from here."""
    here = {"origin": "http://localhost:8000", "host": "localhost:8000"}
    for method, path in ROUTES:
        if not path.endswith("/rotate"):
            answer = client.request(method, _asked(path), headers=here)
            assert "host_refused" not in answer.text.lower(), (method, path)
