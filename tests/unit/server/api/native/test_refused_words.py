"""The phrases that a server does not film are looked for in all of a Shot, not only in the prompt that it carries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from by_hand import customer_of
from stillmotion.server.api.app import create_app
from stillmotion.server.db import schema
from stillmotion.server.policy import Blocklist

if TYPE_CHECKING:
    from by_hand import Customer
    from stillmotion.server.service import Service

HOME = "/api/native/v1"
LAKE = "https://example.com/lake.jpg"
SHOT: dict[str, Any] = {
    "version": 1,
    "prompt": "A calm lake",
    "duration_s": 8,
    "size_px": [1280, 720],
    "framing": {"x0": 0.0, "y0": 0.0, "x1": 1.0, "y1": 1.0},
}
LINE = {"speaker": "a man", "text": "hello", "performed": True}
PARTS = {
    "its prompt": {"prompt": "A bad word"},
    "a line": {"dialogue": [{**LINE, "text": "What a bad word!"}]},
    "what is heard of a line": {"dialogue": [LINE, {**LINE, "said": "bad\nWORD"}]},
    "who says it": {"dialogue": [{**LINE, "speaker": "Bad Word"}]},
    "the caption of a sound": {"sound": [{"sound": "waves", "words": "bad-word"}]},
    "what something is made of": {"sound": [{"sound": "steps", "surface": "bad word"}]},
    "what moves": {"motion": [{"verb": "sway", "subject": "bad word"}]},
    "what is added": {"motion": [{"verb": "fall", "subject": "", "prop": "soap bubble"}]},
}


@pytest.fixture
def strict(shared: Service) -> Customer:
    """The caller of a server that does not film two phrases."""
    service = replace(shared, policy=Blocklist(("bad word", "soap bubble")))
    return customer_of(service, create_app(service))


def _film(customer: Customer, shot: dict[str, Any]) -> Any:
    inputs = {"image": LAKE, "shot": shot}
    return customer.client.post(f"{HOME}/predictions", json={"model": "openai/sora-2/image-to-video", "input": inputs})


def _draft(customer: Customer, shot: dict[str, Any]) -> Any:
    return customer.client.post(f"{HOME}/drafts", json={"image": LAKE, "shot": shot})


@pytest.mark.parametrize("create", [_film, _draft])
@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_no_part_of_a_shot_is_a_way_around(
    strict: Customer, shared: Service, create: Any, part: dict[str, Any]
) -> None:
    """400 `content_policy` wherever the phrase stands, also for a draft, which is free; nothing is made or held."""
    refused = create(strict, {**SHOT, **part})
    assert refused.status_code == 400
    assert (fault := refused.json()["error"])["code"] == "content_policy", fault
    assert "does not film" in fault["message"]
    with shared.database.connect() as connection:
        made = select(func.count()).select_from(schema.predictions)
        assert connection.scalar(made.where(schema.predictions.c.account_id == strict.account.id)) == 0


def test_other_shots_are_filmed(strict: Customer) -> None:
    """What is said and heard is no reason by itself; camera and look are not read for words."""
    shot = {**SHOT, "dialogue": [LINE], "sound": [{"sound": "waves", "words": "waves"}]}
    assert _film(strict, shot).status_code == 200
