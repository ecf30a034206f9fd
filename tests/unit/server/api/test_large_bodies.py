"""Large bodies wait for memory on the disk, in order, and are parsed beside the loop."""

from __future__ import annotations

import asyncio
import base64
import errno
import gc
import io
import json
import random
import tempfile
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from starlette.concurrency import run_in_threadpool

from stillmotion.errors import MediaRefused, StillmotionError
from stillmotion.server.api import limits, reading
from stillmotion.server.api.hosted import envelope, waiting
from stillmotion.server.api.limits import PLAIN_BYTES, SMALL_BYTES, BodyLimit, Patience, Room
from stillmotion.server.api.reading import MOST_VALUES
from stillmotion.server.intake import pictures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient
    from starlette.types import Message, Receive, Scope, Send

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

LARGE = 3 * SMALL_BYTES
MODEL = "/api/v3/openai/sora-2/image-to-video"


class Asked:
    """A request as a server hands it over: its body in pieces, as they are let through."""

    def __init__(self, body: bytes, path: str = MODEL, kind: bytes = b"application/json") -> None:
        headers = [(b"content-length", str(len(body)).encode()), (b"content-type", kind)]
        self.scope: Scope = {"type": "http", "path": path, "method": "POST", "headers": headers, "query_string": b""}
        pieces = [body[at : at + 65536] for at in range(0, len(body), 65536)]
        self.messages: list[Message] = [
            {"type": "http.request", "body": piece, "more_body": at + 1 < len(pieces)}
            for at, piece in enumerate(pieces)
        ]
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        """See ASGI."""
        return self.messages.pop(0) if self.messages else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """See ASGI."""
        self.sent.append(message)


class Answering:
    """An application that reads a body, and then waits until it may answer."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.bodies: list[list[int]] = []
        self.go = asyncio.Event()
        self.lets_go = self.begins = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        sizes, more = [], True
        while more:
            message = await receive()
            sizes.append(len(message["body"]))
            more = message["more_body"]
        self.bodies.append(sizes)
        if self.lets_go:
            scope["stillmotion.body_is_held"]()
        if self.begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.go.wait()
        self.inside -= 1
        if not self.begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})


async def _until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not so():  # noqa: ASYNC110 - what is waited for is no event
            await asyncio.sleep(0.001)


async def _waiting(layer: BodyLimit, count: int) -> None:
    await _until(lambda: layer.room.waiting == count)


async def _all(requests: list[Asked], answering: Answering, limit_bytes: int, reads: int) -> None:
    """Send them at once; so many are read and the others wait for their turn before the first is answered."""
    layer = BodyLimit(answering, limit_bytes=limit_bytes)
    running = [asyncio.create_task(layer(one.scope, one.receive, one.send)) for one in requests]
    await _until(lambda: (answering.inside, layer.room.waiting) == (reads, len(requests) - reads))
    answering.go.set()
    await asyncio.gather(*running)


async def _one(asked: Asked, answering: Answering, **words: Any) -> None:
    answering.go.set()
    await BodyLimit(answering, **words)(asked.scope, asked.receive, asked.send)


def test_large_bodies_take_turns() -> None:
    """Of many large ones as many are read at once as there is memory for, and all get their turn."""
    answering = Answering()
    requests = [Asked(b"x" * LARGE) for _ in range(7)]
    asyncio.run(_all(requests, answering, 2 * LARGE + 5, reads=2))
    assert answering.most == 2
    assert answering.bodies == [[LARGE]] * 7
    assert [one.sent[0]["status"] for one in requests] == [200] * 7


def test_small_bodies_do_not_wait() -> None:
    """However many large ones are held."""
    answering = Answering()
    requests = [*(Asked(b"x" * LARGE) for _ in range(3)), *(Asked(b"y" * 100) for _ in range(5))]
    asyncio.run(_all(requests, answering, LARGE, reads=1 + 5))


def test_a_held_request_gives_its_memory_back() -> None:
    """Whoever waits for a film long after its body was read keeps nobody else waiting."""
    answering = Answering()
    answering.lets_go = True
    asyncio.run(_all([Asked(b"x" * LARGE) for _ in range(4)], answering, LARGE, reads=4))


def test_a_slow_reader_keeps_nobody_waiting() -> None:
    """Memory is given back when an answer begins, however long it takes from there."""
    answering = Answering()
    answering.begins = True
    asyncio.run(_all([Asked(b"x" * LARGE) for _ in range(4)], answering, LARGE, reads=4))


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_no_body_is_put_aside_where_none_belongs(method: str) -> None:
    """A stream of events that is asked for with a body takes no memory from others: it comes through as it is."""
    answering, asked = Answering(), Asked(b"x" * LARGE)
    asked.scope["method"] = method
    asyncio.run(_one(asked, answering, limit_bytes=LARGE))
    assert len(answering.bodies[0]) > 1
    assert "stillmotion.body_is_held" not in asked.scope


def test_nobody_waits_for_ever() -> None:
    """Whoever finds no memory within the patience is told to come again, and those behind go on."""

    async def crowded() -> list[Asked]:
        answering, patience = Answering(), Patience(turn_s=0.05)
        layer = BodyLimit(answering, limit_bytes=LARGE, patience=patience)
        first, second, small = Asked(b"x" * LARGE), Asked(b"x" * LARGE), Asked(b"x")
        running = asyncio.create_task(layer(first.scope, first.receive, first.send))
        await _until(lambda: answering.inside == 1)
        await layer(second.scope, second.receive, second.send)
        answering.go.set()
        await running
        await layer(small.scope, small.receive, small.send)
        return [first, second, small]

    asked = asyncio.run(crowded())
    assert [one.sent[0]["status"] for one in asked] == [200, 503, 200]
    assert b"SERVER_BUSY" in asked[1].sent[1]["body"]


def test_whoever_stands_behind_one_who_left_may_need_less() -> None:
    """The next in order is looked at when the first gives up, not only when memory comes back."""

    async def left() -> None:
        room = Room(10)
        await room.take(4)
        first = asyncio.create_task(room.take(8))
        second = asyncio.create_task(room.take(3))
        await _until(lambda: room.waiting == 2)
        first.cancel()
        await asyncio.wait_for(second, 5)

    asyncio.run(left())


def test_a_body_arrives_in_time_or_not_at_all() -> None:
    """A client that stops in the middle does not hold its place on the disk."""
    answering, asked = Answering(), Asked(b"x" * LARGE)
    pieces = asked.messages[:2]

    async def stops() -> Message:
        return pieces.pop(0) if pieces else await asyncio.Future()

    asked.receive = stops  # type: ignore[method-assign]
    asyncio.run(_one(asked, answering, limit_bytes=LARGE, patience=Patience(body_s=0.05)))
    assert (asked.sent[0]["status"], answering.bodies) == (400, [])
    assert b"within 0.05 s" in asked.sent[1]["body"]


def test_the_disk_is_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All bodies together have a limit there, in the folder of the data; what was answered counts no longer."""
    monkeypatch.setattr(limits, "_ASIDE", 2)
    answering, asked = Answering(), [Asked(b"x" * LARGE) for _ in range(5)]

    async def several() -> None:
        layer = BodyLimit(answering, limit_bytes=LARGE, folder=tmp_path)
        running = [asyncio.create_task(layer(asked[0].scope, asked[0].receive, asked[0].send))]
        await _until(lambda: answering.inside == 1)  # read, and on the disk no longer
        for count in (1, 2):
            running.append(asyncio.create_task(layer(asked[count].scope, asked[count].receive, asked[count].send)))
            await _waiting(layer, count)
        await layer(asked[3].scope, asked[3].receive, asked[3].send)
        answering.go.set()
        await asyncio.gather(*running)
        await layer(asked[4].scope, asked[4].receive, asked[4].send)

    asyncio.run(several())
    assert [one.sent[0]["status"] for one in asked] == [200, 200, 200, 503, 200]
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """507, as when the picture itself finds no room."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "write", full)
    asked = Asked(b"x" * LARGE)
    asyncio.run(_one(asked, Answering(), limit_bytes=LARGE, folder=tmp_path))
    assert asked.sent[0]["status"] == 507


@pytest.mark.parametrize(
    ("path", "limit_bytes"),
    [
        ("/api/v3/predictions", PLAIN_BYTES),
        ("/api/v2/predictions/delete", PLAIN_BYTES),
        ("/v1/videos/video_1/remix", PLAIN_BYTES),
        ("/nothing", PLAIN_BYTES),
        (MODEL, 3 * PLAIN_BYTES),
        ("/v1/videos", 3 * PLAIN_BYTES),
        ("/api/native/v1/scenes", 3 * PLAIN_BYTES),
        ("/api/v2/model/price", 3 * PLAIN_BYTES),
        ("/api/v3/model/pricing", 3 * PLAIN_BYTES),
    ],
)
def test_large_bodies_belong_where_pictures_do(path: str, limit_bytes: int) -> None:
    """Everywhere else a mebibyte is enough, declared or counted."""
    for size, status in ((limit_bytes, 200), (limit_bytes + 1, 413)):
        for chunked in (False, True):
            asked = Asked(b"x" * size, path)
            asked.scope["headers"] = [(b"transfer-encoding", b"chunked")] if chunked else asked.scope["headers"]
            asyncio.run(_one(asked, Answering(), limit_bytes=3 * PLAIN_BYTES))
            assert asked.sent[0]["status"] == status, (size, chunked)
            if status == 413:
                told = json.loads(asked.sent[1]["body"])["error"]
                words = told if isinstance(told, str) else told["message"]
                assert f"may have {limit_bytes >> 20} MiB, and it has " in words
                assert ("upload the picture" in words) is (limit_bytes > PLAIN_BYTES), "no picture belongs there"


@pytest.mark.parametrize("path", ["/api/v3/upload", "/api/v2/upload", "/api/v3/media/upload/binary", "/uploads/x"])
def test_files_have_a_limit_of_their_own(path: str) -> None:
    """Their bytes go to the disk by another way, as they come and after the key, and may be more."""
    answering, asked = Answering(), Asked(b"x" * LARGE, path)
    asyncio.run(_one(asked, answering, limit_bytes=LARGE - 1))
    assert len(answering.bodies[0]) > 1


class Refusing(Answering):
    """An application that keeps what it is refused for."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        try:
            await super().__call__(scope, receive, send)
        except StillmotionError as error:
            self.refused.append(error.code)


def test_an_upload_may_not_drip(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that stops, or brings a byte now and then, is refused after the patience; a steady one may take longer."""
    patience = Patience(body_s=0.2)

    async def sent(pause_s: float, size: int, count: int) -> list[str]:
        answering, left = Refusing(), count

        async def receive() -> Message:
            nonlocal left
            left -= 1
            await asyncio.sleep(pause_s)
            return {"type": "http.request", "body": bytes(size), "more_body": left > 0}

        answering.go.set()
        asked = Asked(b"", "/uploads/x")
        async with asyncio.timeout(20):
            await BodyLimit(answering, limit_bytes=LARGE, patience=patience)(asked.scope, receive, asked.send)
        return answering.refused

    assert asyncio.run(sent(60, 1, 2)) == ["invalid_param"]
    assert asyncio.run(sent(0.01, 1, 100_000)) == ["invalid_param"]
    monkeypatch.setattr(limits, "_STEADY_BYTES", 1000)  # a thousand of them came in a second that it may take longer
    assert asyncio.run(sent(0.05, 1000, 8)) == []


def test_uploads_share_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many bytes as arrive at once have a limit, with or without a declared length; what was answered is free."""
    monkeypatch.setattr(limits, "_ASIDE", 2)
    answering, asked = Refusing(), [Asked(b"x" * LARGE, "/uploads/x") for _ in range(4)]

    async def several() -> None:
        layer = BodyLimit(answering, limit_bytes=SMALL_BYTES, upload_bytes=LARGE)
        running = [asyncio.create_task(layer(one.scope, one.receive, one.send)) for one in asked[:2]]
        await _until(lambda: len(answering.bodies) == 2)
        await layer(asked[2].scope, asked[2].receive, asked[2].send)
        assert answering.refused == ["server_busy"]
        answering.go.set()
        await asyncio.gather(*running)
        await layer(asked[3].scope, asked[3].receive, asked[3].send)

    asyncio.run(several())
    assert [len(one.sent) for one in asked] == [1, 1, 0, 1]


def test_forms_are_read_in_pieces() -> None:
    """Their files go to the disk, so no more than a piece is in memory."""
    answering = Answering()
    asyncio.run(_one(Asked(b"x" * LARGE, kind=b"multipart/form-data; boundary=x"), answering, limit_bytes=LARGE))
    (sizes,) = answering.bodies
    assert sum(sizes) == LARGE
    assert max(sizes) <= SMALL_BYTES


@pytest.mark.parametrize("length", [None, b"nonsense"])
def test_undeclared_bodies_are_counted(length: bytes | None) -> None:
    """Refused as soon as they are too large, without the application."""
    answering, asked = Answering(), Asked(b"x" * LARGE)
    declared = [(b"transfer-encoding", b"chunked")] if length is None else [(b"content-length", length)]
    asked.scope["headers"] = declared
    asyncio.run(_one(asked, answering, limit_bytes=LARGE - 1))
    assert (asked.sent[0]["status"], answering.bodies) == (413, [])


def test_who_hangs_up_takes_no_room() -> None:
    """A client that goes away in the middle of its body, or while it waits, leaves room for the others."""

    async def gone() -> int:
        room = Room(10)
        await room.take(10)
        waiting = asyncio.create_task(room.take(4))
        behind = asyncio.create_task(room.take(8))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        room.give(10)
        await behind
        room.give(8)
        await room.take(10)
        return 1

    assert asyncio.run(asyncio.wait_for(gone(), 5)) == 1
    answering, asked = Answering(), Asked(b"x" * LARGE)
    del asked.messages[-1]
    asyncio.run(_one(asked, answering, limit_bytes=LARGE))
    assert asked.sent == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (MODEL, {"prompt": "x"}),
        ("/v1/videos", {"prompt": "x", "model": "sora-2"}),
        ("/api/native/v1/drafts", {"prompt": "x"}),
        ("/api/v3/model/price", {"model_id": "openai/sora-2/image-to-video", "inputs": {"prompt": "x"}}),
    ],
)
def test_large_json_is_parsed_beside_the_loop(
    here: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any]
) -> None:
    """In every dialect: meanwhile the loop answers others; small ones are not worth a thread."""
    threads: list[str] = []
    beside = run_in_threadpool

    async def noted(*arguments: Any) -> Any:
        threads.append("beside")
        return await beside(*arguments)

    monkeypatch.setattr(reading, "run_in_threadpool", noted)
    assert here.post(path, json=body).status_code < 500
    assert threads == []
    assert here.post(path, json={**body, "image": "x" * LARGE}).status_code in (200, 400)
    assert threads == ["beside"]


def test_large_bodies_are_not_made_of_crumbs(here: TestClient) -> None:
    """Many small values would stop the loop for seconds while they are parsed: they are refused unparsed."""
    for path in (MODEL, "/v1/videos", "/api/native/v1/drafts", "/api/v3/model/price"):
        for value, count in (("{}", MOST_VALUES), ("[]", MOST_VALUES), ("0", 2 * MOST_VALUES)):
            body = f'{{"prompt": [{",".join([value] * count)}]}}'
            answer = here.post(path, content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 400
            assert "too many values" in answer.text, (path, value)


def test_a_held_picture_is_not_in_memory(here: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a film is waited for, nothing of the request keeps the text of its photo."""
    photo, grown = io.BytesIO(), []
    noise = random.Random(1).randbytes(800 * 800 * 3)  # noqa: S311 - a picture that does not shrink
    Image.frombytes("RGB", (800, 800), noise).save(photo, "PNG")
    text = "data:image/png;base64," + base64.b64encode(photo.getvalue()).decode()
    body = json.dumps({"prompt": "x", "image": text, "enable_sync_mode": True}).encode()

    async def noted(service: Service, base_url: str, made: Prediction, *_: Any) -> dict[str, Any]:
        gc.collect()
        grown.append(tracemalloc.get_traced_memory()[0] - before)
        return envelope.success(envelope.prediction(service, base_url, made))

    monkeypatch.setattr(waiting, "finished", noted)
    assert here.get("/healthz").status_code == 200
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        answer = here.post(MODEL, content=body, headers={"content-type": "application/json"})
    finally:
        tracemalloc.stop()
    assert answer.status_code == 200, answer.text
    assert grown[0] < len(text) / 2


@given(content=st.binary(max_size=400), spaces=st.sampled_from(["", " ", "\n", "\r\n"]), every=st.integers(1, 90))
@example(content=b"", spaces="", every=1)
def test_data_urls_are_decoded_in_pieces(content: bytes, spaces: str, every: int) -> None:
    """Wherever the pieces end, with spaces and padding or without."""
    text = base64.b64encode(content).decode()
    spaced = spaces.join(text[at : at + every] for at in range(0, len(text), every)) + spaces
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "_PIECE", 16)
        assert pictures._decoded("data:," + spaced, 6) == content
        assert pictures._decoded(spaced.rstrip("= \r\n"), 0) == content
        for wrong in ("=" + text, text[:4] + "=" + text[4:] + "AAAA", text[:3] + "?" + text[3:], text + "é"):
            if wrong.rstrip("=") != text.rstrip("="):
                with pytest.raises(MediaRefused):
                    pictures._decoded(wrong, 0)


def test_json_is_what_it_was(here: TestClient) -> None:
    """A broken body is refused in words, large or small."""
    for size in (10, LARGE):
        broken = json.dumps({"prompt": "x" * size})[:-1]
        for path in (MODEL, "/v1/videos", "/api/native/v1/drafts"):
            answer = here.post(path, content=broken, headers={"content-type": "application/json"})
            assert answer.status_code == 400, (path, size)
            assert "JSON" in answer.text
