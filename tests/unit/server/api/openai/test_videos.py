"""Videos after their creation: looked at, listed, fetched, remixed, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from by_hand import FILES, photo
from stillmotion.money import Money
from stillmotion.server import ledger
from stillmotion.server.db.schema import predictions
from stillmotion.server.predictions import Code

if TYPE_CHECKING:
    from stillmotion.server.service import Service

LAKE = "https://example.com/lake.jpg"
NOBODY = "video_" + "0" * 32


def _create(customer: Any, **fields: Any) -> str:
    body = {"prompt": "waves", "input_reference": {"image_url": LAKE}, **fields}
    answer = customer.client.post("/v1/videos", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def _look(customer: Any, video_id: str) -> Any:
    return customer.client.get(f"/v1/videos/{video_id}")


def test_progress_is_that_of_the_work(customer: Any, worker: Any, shared: Service) -> None:
    """Queued, in progress with the percentage that was reported, completed; polled as long as it is not over."""
    video_id = _create(customer)
    attempt = worker.begin(video_id)
    for progress in (0, 37, 99):
        worker.report(attempt, progress)
        answer = _look(customer, video_id)
        assert (answer.json()["status"], answer.json()["progress"]) == ("in_progress", progress)
        assert "openai-poll-after-ms" in answer.headers
    worker.complete(attempt)
    answer = _look(customer, video_id)
    body, now_s = answer.json(), int(shared.clock.now().timestamp())
    assert (body["status"], body["progress"], body["engine"], body["error"]) == ("completed", 100, "diorama", None)
    assert (body["completed_at"], body["expires_at"]) == (now_s, now_s + 7 * 24 * 3600)
    assert "openai-poll-after-ms" not in answer.headers


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (Code.MODERATION, "moderation_blocked"),
        (Code.MEDIA_UNREACHABLE, "media_unreachable"),
        (Code.TIMED_OUT, "timed_out"),
        (Code.CANCELLED, "cancelled"),
        (Code.INTERNAL, "server_error"),
    ],
)
def test_failures_are_answers(customer: Any, worker: Any, *, code: Code, word: str) -> None:
    """With 200, one of the four status words, a code and the reason; there is nothing to fetch."""
    video_id = _create(customer)
    worker.fail(worker.begin(video_id), code, "because")
    answer = _look(customer, video_id)
    assert answer.status_code == 200
    assert answer.json()["status"] == "failed"
    assert answer.json()["error"] == {"code": word, "message": "because"}
    assert customer.client.get(f"/v1/videos/{video_id}/content").status_code == 404


@pytest.mark.parametrize(
    ("variant", "media_type", "name"),
    [
        (None, "video/mp4", "film.mp4"),
        ("video", "video/mp4", "film.mp4"),
        ("thumbnail", "image/webp", "thumbnail.webp"),
        ("spritesheet", "image/jpeg", "sprites.jpg"),
    ],
)
def test_each_variant_is_a_file(customer: Any, worker: Any, *, variant: str | None, media_type: str, name: str) -> None:
    """Of its own type, whole."""
    video_id = _create(customer)
    worker.film(video_id)
    answer = customer.client.get(f"/v1/videos/{video_id}/content", params={"variant": variant} if variant else {})
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, media_type, FILES[name])


def test_parts_of_a_film(customer: Any, worker: Any) -> None:
    """Players ask for ranges."""
    video_id = _create(customer)
    worker.film(video_id)
    answer = customer.client.get(f"/v1/videos/{video_id}/content", headers={"range": "bytes=4-7"})
    assert (answer.status_code, answer.content) == (206, b"film")
    assert answer.headers["content-range"] == f"bytes 4-7/{len(FILES['film.mp4'])}"
    head = customer.client.head(f"/v1/videos/{video_id}/content")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(FILES["film.mp4"])))


@pytest.mark.parametrize("asked", ["bytes=x", "bytes=7-4", "lines=1-2", "nonsense"])
def test_ranges_that_nobody_can_read_are_ignored(customer: Any, worker: Any, asked: str) -> None:
    """As HTTP has it: the whole film."""
    video_id = _create(customer)
    worker.film(video_id)
    answer = customer.client.get(f"/v1/videos/{video_id}/content", headers={"range": asked})
    assert (answer.status_code, answer.content) == (200, FILES["film.mp4"])


def test_a_range_outside_of_the_film_says_how_long_it_is(customer: Any, worker: Any) -> None:
    """In the dialect's shape, and in the header."""
    video_id = _create(customer)
    worker.film(video_id)
    answer = customer.client.get(f"/v1/videos/{video_id}/content", headers={"range": "bytes=9999-"})
    size = len(FILES["film.mp4"])
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
    assert str(size) in answer.json()["error"]["message"]
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_film_in_the_making_cannot_be_fetched(customer: Any, worker: Any) -> None:
    """In the dialect's shape, and never a part of a file."""
    video_id = _create(customer)
    for begun in (False, True):
        if begun:
            worker.begin(video_id)
        answer = customer.client.get(f"/v1/videos/{video_id}/content")
        assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found_error")
        assert "not ready" in answer.json()["error"]["message"]
    answer = customer.client.get(f"/v1/videos/{video_id}/content?variant=poster")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "variant")


def test_pages_follow_each_other(customer: Any, stranger: Any, clock: Any) -> None:
    """In both orders, also after the last one seen was deleted; others' videos are not among them."""
    made = []
    for _ in range(5):
        made.append(_create(customer))
        clock.advance(1)
    _create(stranger)
    for order, expected in (("asc", made), ("desc", made[::-1])):
        seen: list[str] = []
        more = True
        while more:
            after = {"after": seen[-1]} if seen else {}
            page = customer.client.get("/v1/videos", params={"limit": 2, "order": order, **after}).json()
            found = [one["id"] for one in page["data"]]
            assert page["object"] == "list"
            assert (page["first_id"], page["last_id"]) == (found[0], found[-1])
            seen += found
            more = page["has_more"]
        assert seen == expected
    assert customer.client.get("/v1/videos", params={"limit": 0}).json() == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": True,
    }
    customer.client.delete(f"/v1/videos/{made[2]}")
    following = customer.client.get("/v1/videos", params={"after": made[2], "order": "asc"}).json()
    assert [one["id"] for one in following["data"]] == made[3:]


@pytest.mark.parametrize("query", ["limit=101", "limit=-1", "limit=x", "order=up"])
def test_bad_pages_are_refused(customer: Any, query: str) -> None:
    """With the name of what is wrong."""
    answer = customer.client.get(f"/v1/videos?{query}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, query.partition("=")[0])


def test_paging_from_nowhere_is_refused(customer: Any) -> None:
    """A video that never was is no place in the list."""
    for after in (NOBODY, "x", "video_"):
        assert customer.client.get("/v1/videos", params={"after": after}).status_code == 404


def test_deleting_forgets_and_stops(customer: Any, worker: Any, shared: Service) -> None:
    """In the dialect's shape; what had not ended is stopped and costs nothing, what had ended was paid."""
    waiting, running, done = (_create(customer) for _ in range(3))
    attempt = worker.begin(running)
    worker.film(done)
    for video_id in (waiting, running, done):
        answer = customer.client.delete(f"/v1/videos/{video_id}", headers={"content-type": "application/json"})
        assert answer.json() == {"id": video_id, "object": "video.deleted", "deleted": True}
        assert (missing := _look(customer, video_id)).status_code == 404
        assert missing.json()["error"]["message"].startswith("There is no such video;")
        assert customer.client.delete(f"/v1/videos/{video_id}").status_code == 404
    assert worker.report(attempt, 50) is False
    worker.fail(attempt, Code.CANCELLED, "cancelled")
    with shared.database.connect() as connection:
        balance = ledger.balance(connection, customer.account.id)
    assert (balance.available, balance.held) == (Money.of("99.60"), Money(0))


def test_a_remix_is_the_same_photo_with_other_words(customer: Any, worker: Any, shared: Service) -> None:
    """Size, length, seed and model stay; it says what it was made from."""
    fields = {"data": {"prompt": "waves", "size": "1280x720", "seconds": "8", "seed": "5"}}
    answer = customer.client.post("/v1/videos", **fields, files={"input_reference": ("a.png", photo())})
    source = answer.json()["id"]
    worker.film(source)
    answer = customer.client.post(f"/v1/videos/{source}/remix", json={"prompt": "now gulls"})
    body = answer.json()
    assert answer.status_code == 200
    assert (body["prompt"], body["size"], body["seconds"]) == ("now gulls", "1280x720", "8")
    assert body["remixed_from_video_id"] == source
    with shared.database.connect() as connection:
        rows = [
            connection.execute(select(predictions.c.input).where(predictions.c.id == one[6:])).scalar_one()
            for one in (source, body["id"])
        ]
    assert rows[0]["image"] == rows[1]["image"]
    assert rows[1]["seed"] == 5


@pytest.mark.parametrize(
    ("body", "param"), [({}, "prompt"), ({"prompt": ""}, "prompt"), ({"prompt": "x", "seconds": "4"}, "seconds")]
)
def test_faulty_remixes_are_refused(customer: Any, *, body: dict[str, str], param: str) -> None:
    """A remix has a prompt and nothing else."""
    answer = customer.client.post(f"/v1/videos/{_create(customer)}/remix", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/videos/{}"),
        ("DELETE", "/v1/videos/{}"),
        ("GET", "/v1/videos/{}/content"),
        ("POST", "/v1/videos/{}/remix"),
    ],
)
def test_others_see_nothing(customer: Any, stranger: Any, *, method: str, path: str) -> None:
    """What belongs to somebody else is as unknown as what never was."""
    body = {"json": {"prompt": "x"}} if method == "POST" else {}
    for video_id in (_create(customer), NOBODY, "video_x", "file_1"):
        answer = stranger.client.request(method, path.format(video_id), **body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "prediction_unknown")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/videos/edits"),
        ("POST", "/v1/videos/extensions"),
        ("POST", "/v1/videos/characters"),
        ("GET", "/v1/videos/characters/char_1"),
    ],
)
def test_what_is_not_made_yet_says_so(customer: Any, *, method: str, path: str) -> None:
    """A clear 400, and clients need not try again."""
    answer = customer.client.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_supported_yet")
    assert answer.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("name", ["edits", "extensions", "characters"])
def test_what_is_not_made_yet_says_so_whatever_is_sent(customer: Any, name: str, *, chunked: bool) -> None:
    """These calls carry a film of any size: the answer is about them, not about the film; strangers are told so."""
    film = bytes(3 << 20)
    body = {"content": iter((film,))} if chunked else {"files": {"video": ("a.mp4", film, "video/mp4")}}
    answer = customer.client.post(f"/v1/videos/{name}", **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_supported_yet")
    nobody = {"authorization": "Bearer sm_none"}
    assert customer.client.post(f"/v1/videos/{name}", content=film, headers=nobody).status_code == 401


def test_models_are_listed_by_the_names_that_creates_take(customer: Any) -> None:
    """Each can be looked at, and unknown ones are not found."""
    listed = customer.client.get("/v1/models").json()
    names = [one["id"] for one in listed["data"]]
    assert listed["object"] == "list"
    assert names[:2] == ["sora-2", "sora-2-pro"]
    for one in listed["data"]:
        assert customer.client.get(f"/v1/models/{one['id']}").json() == one
    answer = customer.client.get("/v1/models/gpt-5")
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found_error")
