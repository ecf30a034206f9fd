"""What every request passes through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from by_hand import photo
from stillmotion.money import Money
from stillmotion.server import accounts, ledger, operating
from stillmotion.server.api.app import create_app

if TYPE_CHECKING:
    from stillmotion.server.service import Service


def test_it_lives(here: TestClient) -> None:
    """The process answers without a key."""
    assert here.get("/healthz").text == "ok\n"


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


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://[", "http://[zz]"]
)
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


@pytest.mark.parametrize(
    "path", ["/v1/videos", "/api/native/v1/drafts", "/api/v3/media/uploads", "/api/v2/media/uploads"]
)
def test_large_bodies_are_refused(here: TestClient, path: str) -> None:
    """By the length they declare, before they arrive: only the bytes of files have another limit."""
    answer = here.post(path, headers={"content-length": str(10**9)}, content=b"x")
    assert answer.status_code == 413
    assert "body_too_large" in answer.text.lower()


def test_faults_of_ours_are_logged_without_words(
    here: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error may hold what people sent."""
    monkeypatch.setattr("stillmotion.catalog.listing", _breaks)
    answer = here.get("/api/v3/models")
    assert (answer.status_code, answer.json()["error_code"]) == (500, "INTERNAL")
    told = "".join(capsys.readouterr())
    assert "request failed" in told
    assert "lighthouse" not in told + answer.text


@pytest.mark.parametrize("layer", ["route", "layer"])
def test_faults_of_ours_are_counted_and_named(
    here: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], layer: str
) -> None:
    """The alert on answers of 500 sees them, and the name that the answer carries leads to the row in the log."""
    broken = "stillmotion.catalog.listing" if layer == "route" else "stillmotion.server.api.callers.check_place"
    with monkeypatch.context() as breaking:
        breaking.setattr(broken, _breaks)
        answer = here.get("/api/v3/models")
    assert answer.status_code == 500
    rows = [line for line in "".join(capsys.readouterr()).splitlines() if "request failed" in line]
    assert [answer.headers["x-request-id"] in row for row in rows] == [True]
    route = "/api/v3/models" if layer == "route" else "none"
    counted = f'stillmotion_http_requests_total{{method="GET",route="{route}",status="500"}} 1.0'
    assert counted in here.get("/metrics").text


def _breaks(*_: object, **__: object) -> None:
    words = "a secret " + "light" + "house"
    raise RuntimeError(words)


def test_known_addresses_say_how_they_are_asked(here: TestClient) -> None:
    """405 only where another method would do; elsewhere 404, as above."""
    answer = here.get("/api/v3/openai/sora-2/image-to-video")
    assert (answer.status_code, answer.headers["allow"], answer.json()["code"]) == (405, "POST", 405)
    assert here.get("/api/v3/openai/sora-9/image-to-video").status_code == 404


def test_the_document_promises_no_more_than_there_is(here: TestClient) -> None:
    """What costs nothing is never refused for money, what makes nothing is never too much; health needs no key."""
    paths = here.get("/openapi.json").json()["paths"]

    def making(path: str, method: str = "post") -> set[str]:
        return {"401", "402", "409", "429", "507"} & set(paths[path][method]["responses"])

    everything = {"401", "402", "409", "429", "507"}
    for path in ("/api/v3/openai/sora-2/image-to-video", "/v1/videos", "/api/native/v1/predictions"):
        assert making(path) == everything, path
    assert making("/api/native/v1/drafts") == everything - {"402"}
    assert making("/api/v3/media/uploads") == {"401", "429", "507"}
    for path in ("/api/v3/predictions", "/api/v3/model/price", "/api/v3/predictions/delete", "/api/v3/billings/search"):
        assert making(path) == {"401"}, path
    assert [making(path, "get") for path in ("/healthz", "/readyz", "/metrics")] == [set(), set(), {"401"}]


def test_films_of_one_user_are_there_when_there_are_accounts(here: TestClient, local: Service) -> None:
    """They belong to an account that gets a key like any other, and nobody else sees them."""
    asked = {"prompt": "waves", "image": "https://example.com/lake.jpg"}
    made = here.post("/api/v3/openai/sora-2/image-to-video", json=asked).json()["data"]["id"]
    later = replace(local, settings=local.settings.model_copy(update={"accounts": True}))
    now = local.clock.now()
    with local.database.begin() as connection:
        stranger = accounts.create(connection, "stranger", at=now, may_owe=False)
        keys = [accounts.issue_key(connection, one, name="x", at=now) for one in (accounts.SINGLE_USER, stranger.id)]
    with TestClient(create_app(later)) as client:
        address = f"/api/v3/predictions/{made}"
        statuses = [client.get(address, headers={"authorization": f"Bearer {key.text}"}).status_code for key in keys]
    assert statuses == [200, 404]


def test_who_stops_takes_nothing_new_and_tells_what_was_taken(local: Service) -> None:
    """Creates of every dialect are refused for now, with a time to come back; all else is answered."""
    here = TestClient(create_app(local, is_stopping=lambda: True), base_url="http://127.0.0.1:8000")
    model = "/api/v3/openai/sora-2/image-to-video"
    for path in (model, "/v1/videos", "/api/native/v1/predictions", "/api/native/v1/drafts", "/api/native/v1/scenes"):
        refused = here.post(path, json={})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "25")
        assert "in about 25 s" in refused.text
        assert "x-should-retry" not in refused.headers
    assert here.get("/api/v3/predictions").status_code == 200
    assert here.get("/healthz").status_code == 200
    sent = here.post("/api/v3/media/upload/binary", files={"file": ("cat.png", photo())})
    assert here.get(sent.json()["data"]["download_url"]).status_code == 200
    ready = here.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert "stopping" in ready.json()["reasons"][0]
    assert "no new film" in ready.json()["reasons"][0]


def test_who_is_alone_can_be_topped_up_too(local: Service) -> None:
    """For programs that look at a balance before they run, by the name that the guide types."""
    with local.database.connect() as connection:
        mine = operating.find_account(connection, "local")
        before = ledger.balance(connection, mine).available
        operating.top_up(connection, mine, "10000", at=local.clock.now())
        assert ledger.balance(connection, mine).available - before == Money.of("10000")
        connection.rollback()
