"""With accounts the key is looked at before the body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from stillmotion.server import accounts
from stillmotion.server.api import limits
from stillmotion.server.api.app import create_app
from stillmotion.server.api.limits import SMALL_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.server.service import Service

MODEL = "/api/v3/openai/sora-2/image-to-video"
PATHS = (MODEL, "/v1/videos", "/api/native/v1/drafts", "/api/v3/model/price", "/api/v3/predictions/delete")
JSON = {"content-type": "application/json"}


@pytest.fixture
def anybody(shared: Service) -> TestClient:
    """A caller without a key."""
    return TestClient(create_app(shared), raise_server_exceptions=False)


def _key(service: Service) -> dict[str, str]:
    with service.database.begin() as connection:
        account = accounts.create(connection, "tests", at=service.clock.now(), may_owe=False)
        key = accounts.issue_key(connection, account.id, name="tests", at=service.clock.now())
    return {**JSON, "authorization": f"Bearer {key.text}"}


def test_the_key_comes_before_the_form(anybody: TestClient, shared: Service) -> None:
    """Whatever stands in the body of a stranger is answered by 401; with a key its fault is told."""
    known = _key(shared)
    for path in PATHS:
        for body in (b"{", b"[" * 2000, b"\xff", b'{"a": 1}'):
            for wrong in (JSON, {**JSON, "authorization": "Bearer no"}):
                assert anybody.post(path, content=body, headers=wrong).status_code == 401, (path, body)
        assert anybody.post(path, content=b"{", headers=known).status_code == 400


def test_nothing_of_a_stranger_is_taken(anybody: TestClient, shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large body is neither read nor put aside, declared or not; that of a caller is."""
    aside: list[str] = []
    kept = limits._Aside.take

    async def noted(*arguments: object) -> None:
        aside.append("aside")
        await kept(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(limits._Aside, "take", noted)

    def pieces() -> Iterator[bytes]:
        yield from [b"{" * SMALL_BYTES] * 3

    for path in PATHS:
        assert anybody.post(path, content=b"".join(pieces()), headers=JSON).status_code == 401
        assert anybody.post(path, content=pieces(), headers=JSON).status_code == 401
    assert aside == []
    assert anybody.post(MODEL, content=pieces(), headers=_key(shared)).status_code == 400
    assert aside == ["aside"]


def test_a_silent_database_is_no_wrong_key(anybody: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the key cannot be looked up, the answer says so."""

    def silent(*_: object) -> None:
        statement = "select"
        raise OperationalError(statement, {}, Exception("gone"))

    monkeypatch.setattr(accounts, "of_key", silent)
    wanted = {**JSON, "authorization": "Bearer sm_x"}
    assert [anybody.post(path, content=b"{", headers=wanted).status_code for path in PATHS] == [503] * len(PATHS)
