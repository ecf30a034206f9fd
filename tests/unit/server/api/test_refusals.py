"""What the policy refuses at once is told apart like what it refuses later, in each dialect's words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from stillmotion.server.api.app import create_app
from stillmotion.server.policy import Blocklist

if TYPE_CHECKING:
    from stillmotion.server.service import Service

WORDS = "A Dragon rises over the lake"
LAKE = "https://example.com/lake.jpg"


@pytest.fixture
def strict(local: Service) -> TestClient:
    """A caller of a server that films no dragons."""
    app = create_app(replace(local, policy=Blocklist(("dragon",))))
    return TestClient(app, base_url="http://127.0.0.1:8000")


def test_the_hosted_dialect_has_the_code_of_a_task(strict: TestClient) -> None:
    """The envelope keeps the HTTP status; 1200 stands where it stands when a picture is refused later."""
    answer = strict.post("/api/v3/openai/sora-2/image-to-video", json={"prompt": WORDS, "image": LAKE})
    body = answer.json()
    assert (answer.status_code, body["code"], body["error_code"]) == (400, 400, "CONTENT_POLICY")
    assert body["data"] == {"code": 1200}
    assert body["message"] == body["error"]
    other = strict.post("/api/v3/openai/sora-2/image-to-video", json={"image": LAKE})
    assert "data" not in other.json(), "other faults are none of the policy"


def test_the_openai_dialect_has_the_code_that_clients_know(strict: TestClient) -> None:
    """`moderation_blocked`, now as later."""
    sent = {"prompt": WORDS, "input_reference": {"image_url": LAKE}}
    answer = strict.post("/v1/videos", json=sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "moderation_blocked")


def test_the_document_knows_that_code(strict: TestClient) -> None:
    """A closed object that may have it, and need not."""
    known = strict.get("/openapi.json").json()["components"]["schemas"]["HostedError"]
    assert known["properties"]["data"]["required"] == ["code"]
    assert "data" not in known["required"]
