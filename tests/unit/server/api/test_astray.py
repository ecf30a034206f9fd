"""Requests to addresses that there are not, or not for that method."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from security.routes import routes
from stillmotion import catalog
from stillmotion.server import accounts
from stillmotion.server.api import astray
from stillmotion.server.api.app import create_app

if TYPE_CHECKING:
    from stillmotion.server.service import Service

MODEL = "/api/v3/openai/sora-2/image-to-video"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/videos", ["GET", "POST"]),
        (f"/v1/videos/video_{'0' * 32}", ["GET", "DELETE"]),
        (f"/api/v3/predictions/{'0' * 32}", ["GET", "DELETE"]),
        ("/api/v2/predictions", ["GET", "POST"]),
        (MODEL, ["POST"]),
        ("/uploads/x", ["PUT"]),
    ],
)
def test_all_methods_of_an_address_are_told(here: TestClient, path: str, methods: list[str]) -> None:
    """`Allow` and the message name each method that the address has, whichever routes answer them."""
    answer = here.patch(path)
    assert (answer.status_code, answer.headers["allow"].split(", ")) == (405, methods)
    assert f"use {' or '.join(methods)}." in answer.text


def test_what_is_no_model_is_no_create(shared: Service) -> None:
    """A wrong address below the hosted prefix does not use up the creates of this minute; an unknown model does."""
    narrow = replace(shared, settings=shared.settings.model_copy(update={"per_minute": 1}))
    with shared.database.begin() as connection:
        account = accounts.create(connection, "astray", at=shared.clock.now(), may_owe=False)
        key = accounts.issue_key(connection, account.id, name="astray", at=shared.clock.now())
    there = TestClient(create_app(narrow), headers={"authorization": f"Bearer {key.text}"})
    for _ in range(3):
        assert there.post("/api/v3/predictions/x/cancel").status_code == 404
    unknown = [there.post("/api/v3/openai/sora-9/image-to-video").status_code for _ in range(2)]
    assert unknown == [404, 429]


def test_no_address_of_ours_has_the_form_of_a_model() -> None:
    """Whatever the hosted dialect has beside models is known as such, so that nobody is sent to another model."""
    hosted = {path for _, path in routes() if path.startswith(("/api/v3/", "/api/v2/"))}
    models = {path for path in hosted if astray.model_asked(path)}
    assert {path.split("/", 3)[-1] for path in models} == set(catalog.by_every_name())
    assert {path.split("/")[3] for path in hosted - models} == astray.OWN
