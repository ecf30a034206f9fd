"""What every request passes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def test_it_lives_and_is_ready(here: TestClient) -> None:
    """Health without a key."""
    assert here.get("/healthz").text == "ok\n"
    assert here.get("/readyz").json() == {"ready": True}
    assert "python_info" in here.get("/metrics").text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST"])
def test_this_machine_may_call(here: TestClient, host: str) -> None:
    """By any of its own names."""
    assert here.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "", "[", "169.254.169.254"]
)
def test_rebound_names_are_refused(here: TestClient, host: str) -> None:
    """A page of another site that made its name point here gets nothing."""
    answer = here.get("/healthz", headers={"host": host})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "host_refused"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_other_sites_are_refused(here: TestClient, origin: str) -> None:
    """A page of another site cannot call us with the right Host either."""
    assert here.get("/healthz", headers={"origin": origin}).status_code == 403
    assert here.get("/healthz", headers={"origin": "http://localhost:8000"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "check"),
    [
        ("/v1/nothing", lambda body: body["error"]["type"] == "not_found_error"),
        ("/api/v3/predictions/x/y/z", lambda body: body["code"] == 404 and isinstance(body["error"], str)),
        ("/nothing", lambda body: body["error"]["code"] == "no_such_route"),
    ],
)
def test_errors_speak_the_dialect(here: TestClient, path: str, check: object) -> None:
    """Never a bare {"detail"}."""
    answer = here.get(path)
    assert answer.status_code == 404
    assert check(answer.json())  # type: ignore[operator]


def test_large_bodies_are_refused(here: TestClient) -> None:
    """By the length they declare, before they arrive."""
    answer = here.post("/v1/videos", headers={"content-length": str(10**9)}, content=b"x")
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"
