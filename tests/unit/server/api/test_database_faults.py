"""A database that dies: nothing is accepted without its answer, and what was accepted after all is not denied."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.testclient import TestClient

from stillmotion.server import accounts, predictions
from stillmotion.server.api import accept
from stillmotion.server.api.app import create_app
from stillmotion.server.api.shapes import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from stillmotion.server.service import Service

ADDRESS = "https://example.com/a.png"
CREATES = {
    "hosted": ("/api/v3/openai/sora-2/image-to-video", {"image": ADDRESS, "prompt": "waves"}),
    "openai": ("/v1/videos", {"model": "sora-2", "prompt": "waves", "input_reference": {"image_url": ADDRESS}}),
    "native": ("/api/native/v1/scenes", {"image": ADDRESS}),
}


@dataclass
class Dying:
    """A database whose connection breaks in one of its next commits, before or after it counts."""

    real: Engine
    good: int
    counts: bool
    comes_back: bool = True

    def connect(self) -> Any:
        """As ever, or not any more; then whoever waits for a connection is told otherwise than who has a broken one."""
        if self.good < 0 and not self.comes_back:
            raise PoolTimeout
        return self.real.connect()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """The chosen one breaks."""
        self.good -= 1
        with self.real.connect() as connection:
            transaction = connection.begin()
            yield connection
            if self.good < 0 and not self.counts:
                transaction.rollback()
            else:
                transaction.commit()
        if self.good < 0:
            raise OperationalError(None, None, Exception("server closed the connection unexpectedly"))


@pytest.mark.parametrize("counts", [True, False])
def test_a_broken_commit_is_asked_about(local: Service, *, counts: bool) -> None:
    """The connection broke while a create was committed: it is answered as accepted if it was, and only then."""
    asked = accept.Request(
        dialect=Dialect.HOSTED, model_id="openai/sora-2/image-to-video", inputs={"image": ADDRESS, "prompt": "waves"}
    )
    service = replace(local, database=Dying(local.database, good=0, counts=counts))  # type: ignore[arg-type]
    account = accounts.Account(id=accounts.SINGLE_USER, name="")
    if not counts:
        with pytest.raises(OperationalError):
            accept.accept(service, account, asked)
        return
    made = accept.accept(service, account, asked)
    with local.database.connect() as connection:
        assert predictions.find(connection, account.id, made.id) == made


@pytest.mark.parametrize("key", ["", "order-1"])
@pytest.mark.parametrize("dialect", CREATES)
def test_nobody_denies_what_nobody_knows(
    local: Service, monkeypatch: pytest.MonkeyPatch, dialect: str, key: str
) -> None:
    """It counted, and the database stays away: the answer names what to look for, and asks for no blind repeat."""
    monkeypatch.setattr(accept, "_ASK_S", 0.0)
    gone = Dying(local.database, good=1, counts=True, comes_back=False)
    path, body = CREATES[dialect]
    headers = {"idempotency-key": f"{key} of {dialect}"} if key else {}
    answer = _caller(replace(local, database=gone)).post(path, json=body, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 503
    assert "nothing was accepted" not in answer.text
    assert "perhaps_accepted" in answer.text.lower()
    assert answer.headers.get("x-should-retry") == (None if key else "false")
    _is_found(local, dialect, answer.text)


@pytest.mark.parametrize("dialect", CREATES)
@pytest.mark.parametrize("error", [OperationalError(None, None, Exception("gone")), RuntimeError("ours")])
def test_a_fault_after_the_accept_does_not_deny_it(
    local: Service, monkeypatch: pytest.MonkeyPatch, dialect: str, error: Exception
) -> None:
    """It is accepted and paid for, and only its answer could not be made: that names it."""

    def breaks(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(accept, "failpoint", lambda name: breaks() if name == "accepted" else None)
    path, body = CREATES[dialect]
    answer = _caller(local).post(path, json=body)
    assert answer.status_code == (503 if isinstance(error, OperationalError) else 500)
    assert answer.headers["x-should-retry"] == "false"
    _is_found(local, dialect, answer.text)


def _caller(service: Service) -> TestClient:
    return TestClient(create_app(service), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


def _is_found(service: Service, dialect: str, words: str) -> None:
    """What an answer names is there, as its dialect asks for it."""
    names = re.findall(r"accepted as ((?:video_)?[0-9a-f]{32})", words)
    where = {"hosted": "/api/v3/predictions/{}/result", "openai": "/v1/videos/{}"}
    path = where.get(dialect, "/api/native/v1/predictions/{}")
    assert [_caller(service).get(path.format(name)).status_code for name in set(names)] == [200]


@pytest.mark.parametrize("dialect", CREATES)
def test_no_database_is_told_in_the_dialect(local: Service, dialect: str) -> None:
    """503 with the time to wait, in the words of each dialect, with nothing of the request in it."""
    broken = replace(local, database=Dying(local.database, good=0, counts=False))  # type: ignore[arg-type]
    path, body = CREATES[dialect]
    caller = TestClient(create_app(broken), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    answer = caller.post(path, json=body)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    told = answer.json()
    words = told["message"] if dialect == "hosted" else told["error"]["message"]
    assert "does not answer" in words
    assert "waves" not in answer.text
    if dialect == "openai":
        assert told["error"]["type"] == "server_error"
