"""A delivery and its job are there exactly when the end of their prediction is."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest
from PIL import Image
from pydantic import AnyHttpUrl
from sqlalchemy import delete, text

from stillmotion import signing
from stillmotion.money import Money
from stillmotion.server import predictions, webhooks
from stillmotion.server.db import schema
from stillmotion.server.intake import uploads
from stillmotion.server.predictions import Code, Submission

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conftest import Desk  # type: ignore[import-not-found]
    from stillmotion.server.service import Service

JOBS = text("select count(*) from procrastinate_jobs where args->>'delivery_id' = :id and queue_name = 'errands'")


@pytest.mark.parametrize("committed", [True, False])
def test_one_commit(desk: Desk, parts: Service, *, committed: bool) -> None:
    """Status, delivery and job come together, or none of them does."""
    now = desk.clock.now()
    asked = Submission(
        account_id=desk.account_id,
        dialect="hosted",
        model_id="m",
        input={},
        price=Money(0),
        concurrency=1,
        queue_limit=9,
        webhook_url="https://example.com/",
    )
    real = replace(desk.service, queue=parts.queue)
    with real.database.connect() as connection:
        with connection.begin():
            made = predictions.submit(connection, asked, real.queue, at=now)
        with connection.begin() as transaction:
            cancelled = predictions.cancel(connection, made.id, queue=real.queue, tell=webhooks.tell(real), at=now)
            assert cancelled is not None
            assert cancelled.code == Code.CANCELLED
            assert found(connection, desk, made.id) == (1, 1)
            if not committed:
                transaction.rollback()
        with connection.begin():
            assert found(connection, desk, made.id) == ((1, 1) if committed else (0, 0))


def found(connection: Connection, desk: Desk, prediction_id: str) -> tuple[int, int]:
    """How many deliveries of a prediction there are, and jobs for the first of them."""
    page, total = webhooks.listing(connection, desk.account_id, limit=1, prediction_id=prediction_id)
    return total, int(connection.scalar(JOBS, {"id": page[0].id}) or 0) if page else 0


def test_addresses_are_those_that_receivers_reach(desk: Desk) -> None:
    """The configured public place stands in front of all of them."""
    public = desk.service.settings.model_copy(update={"public_url": AnyHttpUrl("https://films.example.com/x/")})
    desk.service = replace(desk.service, settings=public)
    told = desk.ended("https://example.com/").body
    assert '"get":"https://films.example.com/x/api/v3/predictions/' in told
    assert '"outputs":["https://films.example.com/x/files/outputs/' in told


def test_without_one_they_are_where_the_create_was_sent(desk: Desk) -> None:
    """A worker's own host and port say nothing: `serve` may have another port, or have been given any free one."""
    away = desk.service.settings.model_copy(update={"host": "::1", "port": 0})
    desk.service = replace(desk.service, settings=away)
    told = json.loads(desk.ended("https://example.com/", base_url="http://192.168.7.7:4711").body)
    assert told["urls"]["get"] == f"http://192.168.7.7:4711/api/v3/predictions/{told['id']}/result"
    assert told["outputs"][0].startswith("http://192.168.7.7:4711/files/outputs/")


def test_addresses_are_signed_as_we_see_them(desk: Desk) -> None:
    """The path of a proxy before us is not part of what is signed, for it never reaches us."""
    public = desk.service.settings.model_copy(update={"public_url": AnyHttpUrl("https://films.example.com/x/")})
    desk.service = replace(desk.service, settings=public)
    (output,) = json.loads(desk.ended("https://example.com/").body)["outputs"]
    parts = urlsplit(output)
    seen, query = parts.path.removeprefix("/x"), dict(parse_qsl(parts.query))
    last_s = desk.clock.now().timestamp() + sum(webhooks.SCHEDULE_S)
    signing.check_signed_path(seen, query, desk.service.address_secret, now_s=last_s)


def test_an_uploaded_picture_is_told_as_an_address(desk: Desk) -> None:
    """Signed like the film, so that the receiver can open it; one that is gone is named as it was kept."""
    picture = io.BytesIO()
    Image.new("RGB", (90, 60)).save(picture, "PNG")
    kept = uploads.keep_picture(desk.service, desk.account_id, picture.getvalue())
    told = json.loads(desk.ended("https://example.com/", image=kept.reference, prompt="waves").body)["input"]
    assert told["prompt"] == "waves"
    parts = urlsplit(told["image"])
    assert parts.path == f"/files/{kept.key}"
    last_s = desk.clock.now().timestamp() + sum(webhooks.SCHEDULE_S)
    query = dict(parse_qsl(parts.query))
    signing.check_signed_path(parts.path, query, desk.service.address_secret, now_s=last_s)

    def remove() -> None:
        with desk.service.database.begin() as connection:
            connection.execute(delete(schema.uploads).where(schema.uploads.c.id == kept.id))

    gone = json.loads(desk.ended("https://example.com/", image=kept.reference, meanwhile=remove).body)["input"]
    assert gone["image"] == kept.reference
