"""Large bodies wait for memory on the disk, in order, and are parsed beside the loop."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stillmotion.errors import MediaRefused
from stillmotion.server.api import reading
from stillmotion.server.api.limits import SMALL_BYTES, BodyLimit, Room
from stillmotion.server.intake import pictures

if TYPE_CHECKING:
    from starlette.testclient import TestClient
    from starlette.types import Message, Receive, Scope, Send

LARGE = 3 * SMALL_BYTES
MODEL = "/api/v3/openai/sora-2/image-to-video"


class Asked:
    """A request as a server hands it over: its body in pieces, as they are let through."""

    def __init__(self, body: bytes, path: str = MODEL, kind: bytes = b"application/json") -> None:
        headers = [(b"content-length", str(len(body)).encode()), (b"content-type", kind)]
        self.scope: Scope = {"type": "http", "path": path, "method": "POST", "headers": headers}
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
        self.lets_go = False

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
        await self.go.wait()
        self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def _settled() -> None:
    for _ in range(200):
        await asyncio.sleep(0)
        await asyncio.sleep(0.0005)


async def _all(requests: list[Asked], answering: Answering, limit_bytes: int) -> int:
    """Send them at once; how many were read before the first was answered."""
    layer = BodyLimit(answering, limit_bytes=limit_bytes)
    running = [asyncio.create_task(layer(one.scope, one.receive, one.send)) for one in requests]
    await _settled()
    read = answering.inside
    answering.go.set()
    await asyncio.gather(*running)
    return read


def test_large_bodies_take_turns() -> None:
    """Of many large ones as many are read at once as there is memory for, and all get their turn."""
    answering = Answering()
    requests = [Asked(b"x" * LARGE) for _ in range(7)]
    assert asyncio.run(_all(requests, answering, 2 * LARGE + 5)) == 2
    assert answering.most == 2
    assert answering.bodies == [[LARGE]] * 7
    assert [one.sent[0]["status"] for one in requests] == [200] * 7


def test_small_bodies_do_not_wait() -> None:
    """However many large ones are held."""
    answering = Answering()
    requests = [*(Asked(b"x" * LARGE) for _ in range(3)), *(Asked(b"y" * 100) for _ in range(5))]
    assert asyncio.run(_all(requests, answering, LARGE)) == 1 + 5


def test_a_held_request_gives_its_memory_back() -> None:
    """Whoever waits for a film long after its body was read keeps nobody else waiting."""
    answering = Answering()
    answering.lets_go = True
    assert asyncio.run(_all([Asked(b"x" * LARGE) for _ in range(4)], answering, LARGE)) == 4


def test_forms_are_read_in_pieces() -> None:
    """Their files go to the disk, so no more than a piece is in memory."""
    answering = Answering()
    asyncio.run(_all([Asked(b"x" * LARGE, kind=b"multipart/form-data; boundary=x")], answering, LARGE))
    (sizes,) = answering.bodies
    assert sum(sizes) == LARGE
    assert max(sizes) <= SMALL_BYTES


@pytest.mark.parametrize("length", [None, b"nonsense"])
def test_undeclared_bodies_are_counted(length: bytes | None) -> None:
    """Refused as soon as they are too large, without the application."""
    answering, asked = Answering(), Asked(b"x" * LARGE)
    declared = [(b"transfer-encoding", b"chunked")] if length is None else [(b"content-length", length)]
    asked.scope["headers"] = declared
    assert asyncio.run(_all([asked], answering, LARGE - 1)) == 0
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
    assert asyncio.run(_all([asked], answering, LARGE)) == 0
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
    beside = reading.run_in_threadpool

    async def noted(*arguments: Any) -> Any:
        threads.append("beside")
        return await beside(*arguments)

    monkeypatch.setattr(reading, "run_in_threadpool", noted)
    assert here.post(path, json=body).status_code < 500
    assert threads == []
    assert here.post(path, json={**body, "image": "x" * LARGE}).status_code in (200, 400)
    assert threads == ["beside"]


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
