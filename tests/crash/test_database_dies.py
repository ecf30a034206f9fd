"""The database dies or restarts while films are asked for and made: callers are told to wait, and nothing is lost."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from sqlalchemy import select

from crash import checks
from crash.driver import PATIENCE_S, served
from crash.receiver import receiving
from crash.workload import Caller
from separate import postgres
from stillmotion.server.db import embedded
from stillmotion.server.db.schema import predictions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crash.driver import Server

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"), pytest.mark.timeout(1800)]
_IMAGE = "https://example.com/a.png"
_CREATES: dict[str, dict[str, Any]] = {
    "/api/v3/openai/sora-2/image-to-video": {"image": _IMAGE, "prompt": "waves"},
    "/v1/videos": {"model": "sora-2", "prompt": "waves", "input_reference": {"image_url": _IMAGE}},
    "/api/native/v1/scenes": {"image": _IMAGE},
}


@contextmanager
def filming(folder: Path, named_url: str | None) -> Iterator[tuple[Server, Caller]]:
    """A server in the middle of a film, with more films waiting; in the end all is as it was promised."""
    with receiving() as receiver, served(folder, receiver, named_url) as server:
        caller = Caller(server, Random(0))  # noqa: S311 - a seed is what it is for
        for _ in range(2):
            caller.film()
        end_s = time.monotonic() + PATIENCE_S
        while not begun(server):
            assert time.monotonic() < end_s
            time.sleep(0.02)
        yield server, caller
        caller.film()
        checks.quiet(server)
        checks.check(server, caller.films)
        checks.watch(server, caller.films)


def begun(server: Server) -> bool:
    """Whether a film is being made."""
    with server.service.database.connect() as connection:
        made = select(predictions.c.id).where(predictions.c.status == "processing")
        return connection.scalar(made.limit(1)) is not None


def test_a_named_server_is_restarted(tmp_path: Path) -> None:
    """While it is away creates and polls are answered 503 with Retry-After in each dialect; then all goes on."""
    with postgres(tmp_path / "postgres") as database, filming(tmp_path / "served", database.url) as (server, caller):
        database.end()
        for path, body in _CREATES.items():
            assert_told_to_wait(server, "POST", path, body)
        assert_told_to_wait(server, "GET", f"/api/v3/predictions/{caller.films[0].id}/result")
        database.start()


def test_the_embedded_server_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is started again by the service itself; until then nobody hears anything but an answer or 503."""
    monkeypatch.setattr(embedded, "_LOOK_S", PATIENCE_S)  # this process would do it too
    with filming(tmp_path / "served", None) as (server, caller):
        first = int((server.data_dir / embedded.FOLDER / "postmaster.pid").read_text().splitlines()[0])
        psutil.Process(first).send_signal(signal.SIGKILL)
        end_s = time.monotonic() + PATIENCE_S
        answered_after = False
        while not answered_after:
            assert time.monotonic() < end_s
            gone = not psutil.pid_exists(first)
            status, _, _ = server.raw("GET", f"/api/native/v1/predictions/{caller.films[0].id}")
            assert status in (200, 503)
            answered_after = gone and status == 200


def assert_told_to_wait(server: Server, method: str, path: str, body: object = None) -> None:
    """503, for how long, and in the dialect's words."""
    status, headers, answer = server.raw(method, path, body)
    assert (status, headers["retry-after"]) == (503, "5"), answer
    words = answer["message"] if path.startswith("/api/v3") else answer["error"]["message"]
    assert "does not answer" in words
