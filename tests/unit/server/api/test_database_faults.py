"""A database that dies: nothing is accepted without its answer, and what was accepted after all is not denied."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError
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

    def connect(self) -> Any:
        """As ever."""
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
    service = replace(local, database=Dying(local.database, good=1, counts=counts))  # type: ignore[arg-type]
    account = accounts.Account(id=accounts.SINGLE_USER, name="")
    if not counts:
        with pytest.raises(OperationalError):
            accept.accept(service, account, asked)
        return
    made = accept.accept(service, account, asked)
    with local.database.connect() as connection:
        assert predictions.find(connection, account.id, made.id) == made


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
