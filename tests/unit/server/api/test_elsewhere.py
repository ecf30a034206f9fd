"""Films and uploads in a store elsewhere: sent as from a folder, and while it is away callers are told to wait."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
from PIL import Image
from sqlalchemy import func, select
from starlette.testclient import TestClient

from buckets import Server, s3, s3_server
from hosted_words import FILM, MODEL, WANTED, Ending
from stillmotion.server.api import addresses
from stillmotion.server.api.app import create_app
from stillmotion.server.db import schema
from stillmotion.server.store.s3 import S3Store

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.server.service import Service

__all__ = ["s3", "s3_server"]
SIZE = len(FILM)


@pytest.fixture
def elsewhere(local: Service, s3: Server, tmp_path: Path) -> Service:
    """The parts, with a store that lies elsewhere."""
    return replace(local, store=S3Store(s3.fresh_url(), incoming=tmp_path / "incoming"))


@pytest.fixture
def caller(elsewhere: Service) -> TestClient:
    """A caller on this machine."""
    return TestClient(create_app(elsewhere), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


@pytest.fixture
def film(elsewhere: Service, caller: TestClient, tmp_path: Path) -> tuple[str, str]:
    """The id of a film that is done, and its address."""
    made = caller.post(MODEL, json=WANTED).json()["data"]["id"]
    Ending(elsewhere, tmp_path).complete(made)
    return made, caller.get(f"/api/v3/predictions/{made}").json()["data"]["outputs"][0]


def picture() -> bytes:
    """One to film."""
    content = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(content, "PNG")
    return content.getvalue()


def test_ranges(caller: TestClient, film: tuple[str, str]) -> None:
    """Players ask for parts, also for all of it as one: that part, its length, and where it lies in the whole."""
    for asked, start, end in (
        ("bytes=4-7", 4, 8),
        ("bytes=0-0", 0, 1),
        ("bytes=100-", 100, SIZE),
        ("bytes=-10", SIZE - 10, SIZE),
        ("bytes=0-", 0, SIZE),
        ("bytes=-99999", 0, SIZE),
        (f"bytes=5-{SIZE + 10}", 5, SIZE),
        ("Bytes = 4 - 7", 4, 8),
    ):
        answer = caller.get(film[1], headers={"range": asked})
        assert (answer.status_code, answer.content) == (206, FILM[start:end]), asked
        assert answer.headers["content-length"] == str(end - start)
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"


def test_the_whole(caller: TestClient, film: tuple[str, str]) -> None:
    """Also for ranges that nobody can read, and for several at once, as HTTP allows."""
    ranges = [
        f"bytes=0-{'9' * 5000}",
        f"bytes=-{'9' * 5000}",
        "bytes=x",
        "bytes=7-4",
        "bytes=-",
        "lines=1-2",
        "bytes=1-2,4-5",
        "nonsense",
    ]
    for headers in ({}, *({"range": asked} for asked in ranges)):
        answer = caller.get(film[1], headers=headers)
        assert (answer.status_code, answer.content) == (200, FILM), headers
        assert answer.headers.get("content-range") is None
    told = {name: answer.headers[name] for name in ("content-length", "content-type", "accept-ranges")}
    assert told == {"content-length": str(SIZE), "content-type": "video/mp4", "accept-ranges": "bytes"}
    assert re.fullmatch(rf'inline; filename="{film[0][:8]}-film.mp4"', answer.headers["content-disposition"])
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_ranges_outside(caller: TestClient, film: tuple[str, str]) -> None:
    """In the dialect's shape, and the header says how long the film is."""
    for asked in ("bytes=9999-", f"bytes={SIZE}-", "bytes=-0"):
        answer = caller.get(film[1], headers={"range": asked})
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{SIZE}")
        assert answer.json()["error"]["code"] == "range_outside"


def test_going_on_with_the_same_film(caller: TestClient, film: tuple[str, str]) -> None:
    """A part of what was seen before; the whole if it is something else."""
    etag = caller.get(film[1]).headers["etag"]
    part = {"range": "bytes=4-7"}
    assert caller.get(film[1], headers={**part, "if-range": etag}).content == FILM[4:8]
    assert caller.get(film[1], headers={**part, "if-range": '"another"'}).content == FILM


def test_the_head_alone(s3: Server, caller: TestClient, film: tuple[str, str]) -> None:
    """Its length without its bytes, also from the store."""
    s3.asked.clear()
    answer = caller.head(film[1])
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, str(SIZE), b"")
    assert s3.asked == ["HEAD"]


def test_a_large_film_is_sent_piece_by_piece(
    s3: Server, elsewhere: Service, caller: TestClient, tmp_path: Path
) -> None:
    """Whole, in order, and never more of it at once than a piece."""
    content = bytes(range(256)) * (1 << 13) + b"end"
    (tmp_path / "film").write_bytes(content)
    elsewhere.store.put("uploads/" + "a" * 32 + ".mp4", tmp_path / "film")
    address = addresses.file(elsewhere, "", "uploads/" + "a" * 32 + ".mp4")
    s3.asked.clear()
    with caller.stream("GET", address, headers={"range": "bytes=1-"}) as answer:
        assert b"".join(answer.iter_bytes()) == content[1:]
    assert s3.asked.count("GET") >= 3


def test_each_variant_of_openai(elsewhere: Service, caller: TestClient, tmp_path: Path) -> None:
    """The film under its name; what there is none of is not found."""
    made = caller.post("/v1/videos", json={"prompt": "waves", "input_reference": {"image_url": WANTED["image"]}})
    video_id = made.json()["id"]
    Ending(elsewhere, tmp_path).complete(video_id.removeprefix("video_"))
    answer = caller.get(f"/v1/videos/{video_id}/content", headers={"range": "bytes=4-7"})
    assert (answer.status_code, answer.content) == (206, FILM[4:8])
    assert answer.headers["content-disposition"] == f'attachment; filename="{video_id.removeprefix("video_")}.mp4"'
    assert caller.get(f"/v1/videos/{video_id}/content?variant=thumbnail").status_code == 404


def test_an_object_that_is_gone(elsewhere: Service, caller: TestClient, film: tuple[str, str]) -> None:
    """Not found, in the dialect's words, and never a fault of ours."""
    for key, _, _ in list(elsewhere.store.keys()):
        elsewhere.store.delete(key)
    answer = caller.get(film[1])
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "prediction_unknown")


def test_a_bucket_that_is_gone(s3: Server, elsewhere: Service, caller: TestClient, film: tuple[str, str]) -> None:
    """Its films may be there again tomorrow: 503 and not "deleted", and whoever sends requests here is told."""
    elsewhere.store.claim(elsewhere.installation)
    folder = s3.root / elsewhere.store.place.removeprefix("s3://")
    folder.rename(folder.with_name("gone"))
    answer = caller.get(film[1])
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")
    assert any("store" in one for one in caller.get("/readyz").json()["reasons"])
    folder.with_name("gone").rename(folder)
    assert caller.get(film[1]).content == FILM


def test_an_upload_goes_there_and_comes_back(s3: Server, elsewhere: Service, caller: TestClient) -> None:
    """By either way; it is shown with its own type, and can be filmed."""
    sent = caller.post("/api/v3/media/upload/binary", files={"file": ("a.png", picture())}).json()["data"]
    shown = caller.get(sent["download_url"])
    assert (shown.status_code, shown.headers["content-type"], shown.content) == (200, "image/png", picture())
    made = caller.post(MODEL, json={**WANTED, "image": sent["download_url"]})
    assert made.status_code == 200
    carried = "data:image/png;base64," + base64.b64encode(picture()).decode()
    assert caller.post(MODEL, json={**WANTED, "image": carried}).status_code == 200
    assert len(s3.objects(elsewhere.store.place)) == 2
    assert list(elsewhere.store.incoming.iterdir()) == []


def test_whoever_asks_while_it_is_away_is_told_to_wait(
    s3: Server, elsewhere: Service, caller: TestClient, film: tuple[str, str]
) -> None:
    """503 with Retry-After, in each dialect's shape, without a word of where the store is; nothing was accepted."""
    carried = "data:image/png;base64," + base64.b64encode(picture()).decode()
    creates: list[tuple[str, str, Any]] = [
        ("POST", MODEL, {**WANTED, "image": carried}),
        ("POST", "/v1/videos", {"prompt": "waves", "input_reference": {"image_url": carried}}),
        ("POST", "/api/native/v1/scenes", {"image": carried}),
    ]
    before = _accepted(elsewhere)
    s3.away = True
    for method, path, body in (*creates, ("GET", film[1], None)):
        answer = caller.request(method, path, json=body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), answer.text
        told = answer.json()
        words = told["message"] if path == MODEL else told["error"]["message"]
        code = told["error_code"] if path == MODEL else told["error"]["code"]
        assert ("does not answer" in words, code.lower()) == (True, "store_unavailable")
        assert "s3" not in answer.text
        assert "AWS" not in answer.text
    assert _accepted(elsewhere) == before
    assert any("store" in one for one in caller.get("/readyz").json()["reasons"])
    assert caller.get(f"/api/v3/predictions/{film[0]}").status_code == 200
    assert caller.post(MODEL, json=WANTED).status_code == 200
    s3.away = False
    assert caller.get(film[1]).content == FILM
    assert not any("store" in one for one in caller.get("/readyz").json()["reasons"])


def test_a_film_as_text_while_it_is_away(s3: Server, elsewhere: Service, caller: TestClient, tmp_path: Path) -> None:
    """It was accepted, made and charged, so nobody is told of a fault: it is being made until it can be read again."""
    asked, key = {**WANTED, "enable_base64_output": True}, {"idempotency-key": "one"}
    made = caller.post(MODEL, json=asked, headers=key).json()["data"]["id"]
    Ending(elsewhere, tmp_path).complete(made)
    s3.away = True
    for answer in (caller.get(f"/api/v3/predictions/{made}/result"), caller.post(MODEL, json=asked, headers=key)):
        told = answer.json()["data"]
        assert (answer.status_code, told["id"], told["status"], told["outputs"]) == (200, made, "processing", [])
        assert (told["code"], told["error"]) == (0, "")
    # Whoever holds the line is the same request: how it is answered is no part of what is asked for.
    held = caller.post(MODEL, json={**asked, "enable_sync_mode": True}, headers=key)
    told = held.json()["data"]
    assert (held.status_code, told["id"], told["status"], told["code"]) == (200, made, "processing", 5004)
    assert (
        f"Sync mode timed out because the film cannot be read now; it is kept. Prediction ID: {made}."
        in (told["error"])
    )
    s3.away = False
    told = caller.get(f"/api/v3/predictions/{made}/result").json()["data"]
    assert (told["status"], base64.b64decode(told["outputs"][0])) == ("completed", FILM)


def test_a_film_as_text_that_cannot_be_read(
    elsewhere: Service, caller: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is a disk that fails a fault of who asks for what is paid for."""
    made = caller.post(MODEL, json={**WANTED, "enable_base64_output": True}).json()["data"]["id"]
    Ending(elsewhere, tmp_path).complete(made)
    monkeypatch.setattr(S3Store, "open", Mock(side_effect=PermissionError))
    answer = caller.get(f"/api/v3/predictions/{made}/result")
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "processing")


def test_what_was_accepted_is_known_while_it_is_away(s3: Server, elsewhere: Service, caller: TestClient) -> None:
    """Sent again with its key it is the prediction that it was, by whichever way its picture came."""
    sent = caller.post("/api/v3/media/upload/binary", files={"file": ("a.png", picture())}).json()["data"]
    carried = "data:image/png;base64," + base64.b64encode(picture()).decode()
    requests = [({**WANTED, "image": one}, {"idempotency-key": one[:9]}) for one in (sent["download_url"], carried)]
    made = [caller.post(MODEL, json=asked, headers=key).json()["data"]["id"] for asked, key in requests]
    before = _accepted(elsewhere)
    s3.away = True
    again = [caller.post(MODEL, json=asked, headers=key) for asked, key in requests]
    assert [(one.status_code, one.json()["data"]["id"]) for one in again] == [(200, one) for one in made]
    new = caller.post(MODEL, json=requests[0][0], headers={"idempotency-key": "another"})
    assert (new.status_code, "nothing was accepted" in new.text) == (503, True)
    assert _accepted(elsewhere) == before


def test_who_only_asks_is_not_told_that_nothing_was_accepted(
    s3: Server, caller: TestClient, film: tuple[str, str]
) -> None:
    """Of a film that is paid for that would be an invitation to pay for it twice."""
    s3.away = True
    answer = caller.get(film[1])
    assert (answer.status_code, "accepted" in answer.text) == (503, False)


def _accepted(service: Service) -> int:
    with service.database.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(schema.predictions)) or 0)
