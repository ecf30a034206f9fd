"""`stillmotion webhooks` against the real application."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from by_hand import Customer, customer_of, photo
from stillmotion import Client
from stillmotion.cli.app import run
from stillmotion.server.api.app import create_app
from stillmotion.server.db import schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.server.service import Service


@pytest.fixture
def customer(shared: Service, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """Somebody whose commands reach the application without a socket."""
    made = customer_of(shared, create_app(shared))
    transport: Any = made.client._transport  # what the framework's own test client sends by
    real = Client

    def client(base_url: str | None, api_key: str | None, **how: object) -> Client:
        del base_url, api_key, how
        return real("http://127.0.0.1:8000", made.key.text, transport=transport)

    monkeypatch.setattr("stillmotion.client.Client", client)
    return made


@pytest.fixture
def a_webhook(customer: Customer, shared: Service) -> Callable[[str, int], str]:
    """Makes a delivery in a state."""

    def make(state: str, attempts: int) -> str:
        files = {"input_reference": ("a.png", photo(), "image/png")}
        made = customer.client.post("/v1/videos", data={"prompt": "waves"}, files=files).json()["id"]
        row: dict[str, Any] = {
            "id": f"msg_{made[6:]}",
            "prediction_id": made[6:],
            "account_id": customer.account.id,
            "url": "https://example.com/hook",
            "scheme": "hosted",
            "body": "{}",
            "state": state,
            "attempts": attempts,
            "answer": "HTTP 500" if attempts else "",
            "created_at": shared.clock.now(),
        }
        with shared.database.begin() as connection:
            connection.execute(insert(schema.deliveries).values(row))
        return str(row["id"])

    return make


def printed(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What the command wrote, without the log of the server, which here is the same process."""
    told = capsys.readouterr()
    return "\n".join(line for line in told.out.splitlines() if "request_id=" not in line), told.err


def test_webhooks_are_listed_and_sent_again(
    a_webhook: Callable[[str, int], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """In columns or as JSON, by state; sent again once, and who asks twice is told to wait."""
    failed, waiting = a_webhook("failed", 10), a_webhook("waiting", 0)
    printed(capsys)
    assert run(["webhooks", "list"]) == 0
    lines = printed(capsys)[0].splitlines()
    assert len(lines) == 2
    shown = {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
    prediction = failed.removeprefix("msg_")
    assert shown[failed] == f"failed 10 attempts HTTP 500 {prediction} https://example.com/hook"
    assert "not tried yet" in shown[waiting]
    assert run(["webhooks", "list", "--state", "failed", "--json"]) == 0
    assert [one["id"] for one in json.loads(printed(capsys)[0])["items"]] == [failed]
    assert run(["webhooks", "list", "--limit", "1"]) == 0
    assert "1 more" in printed(capsys)[1]
    assert run(["webhooks", "resend", failed, "--json"]) == 0
    assert json.loads(printed(capsys)[0])["state"] == "waiting"
    assert run(["webhooks", "resend", "msg_unknown"]) == 4
    assert "There is no such webhook delivery" in printed(capsys)[1]


def test_the_secret_is_printed_and_rotated(customer: Customer, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that can be piped; what follows from it is said beside."""
    assert run(["webhooks", "secret"]) == 0
    first, _ = printed(capsys)
    assert first == customer.client.get("/api/v3/webhook/secret").json()["data"]["secret"]
    assert run(["webhooks", "rotate"]) == 0
    secret, said = printed(capsys)
    assert secret.startswith("whsec_")
    assert secret != first
    assert "the old secret signs beside it until" in said
    assert run(["webhooks", "secret", "--json"]) == 0
    assert json.loads(printed(capsys)[0])["secret"] == secret


def test_the_target_is_set_printed_and_removed(customer: Customer, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that can be piped; an address to which we do not go, and two wishes at once, are refused."""
    assert run(["webhooks", "target"]) == 0
    assert printed(capsys) == ("", "the ends of OpenAI videos are told nowhere\n")
    assert run(["webhooks", "target", "https://9.9.9.9/hook"]) == 0
    assert printed(capsys)[0] == "https://9.9.9.9/hook"
    assert run(["webhooks", "target", "http://10.0.0.1/hook"]) == 4
    assert "url: " in printed(capsys)[1]
    assert run(["webhooks", "target", ""]) == 4
    printed(capsys)
    assert run(["webhooks", "target", "https://9.9.9.9/", "--remove"]) == 2
    printed(capsys)
    assert run(["webhooks", "target"]) == 0
    assert printed(capsys)[0] == "https://9.9.9.9/hook"
    assert customer.client.get("/api/native/v1/webhooks/target").json() == {"url": "https://9.9.9.9/hook"}
    assert run(["webhooks", "target", "--remove", "--json"]) == 0
    assert json.loads(printed(capsys)[0]) == {"url": None}
    assert run(["webhooks", "target", "--json"]) == 0
    assert json.loads(printed(capsys)[0]) == {"url": None}
