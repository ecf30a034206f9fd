"""Streams of events that stay open: counted, and only for as long as the key is good."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from by_hand import photo
from stillmotion.server import accounts, operating
from stillmotion.server.api.native import listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from by_hand import Customer
    from stillmotion.server.service import Service

PATIENCE_S = 20.0


@dataclass
class Stream:
    """One request that is answered bit by bit."""

    app: FastAPI
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    over: bool = False
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _gone: asyncio.Event = field(default_factory=asyncio.Event)
    _asked: bool = False

    async def run(self, path: str, key: str) -> None:
        """Send the request."""
        headers = [(b"host", b"127.0.0.1:8000"), (b"authorization", f"Bearer {key}".encode())]
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
        }
        await self.app(scope, self._receive, self._send)

    async def until(self, words: str = "", *, over: bool = False) -> None:
        """Wait for words in what came, or for its end."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: self.over if over else self.status and words in self.text)

    def leave(self) -> None:
        """Close the connection."""
        self._gone.set()

    async def _receive(self) -> dict[str, Any]:
        if self._asked:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: Any) -> None:
        async with self._changed:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                self.text += message.get("body", b"").decode()
                self.over = not message.get("more_body", False)
            self._changed.notify_all()


@contextlib.asynccontextmanager
async def listening_to(app: FastAPI, path: str, key: str) -> AsyncIterator[Stream]:
    """A stream that is closed at the end."""
    stream = Stream(app)
    task = asyncio.create_task(stream.run(path, key))
    try:
        yield stream
    finally:
        stream.leave()
        await task


def a_run(customer: Customer) -> str:
    """A prediction that is being made."""
    files = {"input_reference": ("cat.png", photo(), "image/png")}
    made: str = customer.client.post("/v1/videos", data={"prompt": "waves"}, files=files).json()["id"]
    return made.removeprefix("video_")


def app_of(customer: Customer) -> Any:
    """The application that a customer calls."""
    return customer.client.app


def events_of(prediction_id: str) -> str:
    """Where its events are."""
    return f"/api/native/v1/predictions/{prediction_id}/events"


@pytest.mark.parametrize("how", ["revoked", "suspended"])
def test_a_key_that_is_no_longer_good_hears_no_more(customer: Customer, worker: Any, shared: Service, how: str) -> None:
    """A stream that was opened with it ends at the next event, which it does not tell."""
    made, app = a_run(customer), app_of(customer)
    attempt = worker.begin(made)

    def end() -> None:
        with shared.database.begin() as connection:
            if how == "revoked":
                accounts.revoke_key(connection, customer.account.id, customer.key.public, at=shared.clock.now())
            else:
                operating.suspend(connection, customer.account.id, at=shared.clock.now())

    async def run() -> str:
        async with listening_to(app, events_of(made), customer.key.text) as stream:
            await stream.until("processing")
            assert worker.report(attempt, 20)
            await stream.until('"progress": 20')
            await asyncio.to_thread(end)
            assert await asyncio.to_thread(worker.report, attempt, 40)
            await stream.until(over=True)
            return stream.text

    assert '"progress": 40' not in asyncio.run(run())


def test_who_listens_at_the_end_of_the_service_hears_what_there_is(customer: Customer, worker: Any) -> None:
    """The stream ends in order after the last news; one that is opened so late ends after its first ones."""
    made, app = a_run(customer), app_of(customer)
    attempt = worker.begin(made)
    bell = listening.Bell(worker.service.database_url)

    async def run() -> str:
        app.state.bell = bell
        async with listening_to(app, events_of(made), customer.key.text) as stream:
            await stream.until("processing")
            bell.waiting, heard = defaultdict(set), bell.waiting  # the news is told, and not heard of
            assert await asyncio.to_thread(worker.report, attempt, 20)
            bell.waiting = heard
            bell.silence()
            await stream.until(over=True)
        async with listening_to(app, events_of(made), customer.key.text) as late:
            await late.until(over=True)
            assert late.text == stream.text
        return stream.text

    try:
        assert '"progress": 20' in asyncio.run(run())
    finally:
        del app.state.bell


def test_streams_of_one_account_are_few(
    customer: Customer, stranger: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit it is told to wait; others are not, and a stream that is closed makes room."""
    assert listening.LISTENERS == 20
    monkeypatch.setattr(listening, "LISTENERS", 2)
    mine, theirs = events_of(a_run(customer)), events_of(a_run(stranger))
    key, app = customer.key.text, app_of(customer)

    async def run() -> None:
        async with listening_to(app, mine, key) as first, listening_to(app, mine, key) as second:
            await first.until("created")
            await second.until("created")
            async with listening_to(app, mine, key) as third:
                await third.until()
                assert (third.status, third.headers["retry-after"]) == (429, "15")
            async with listening_to(app, theirs, stranger.key.text) as other:
                await other.until("created")
                assert other.status == 200
        async with listening_to(app, mine, key) as again:
            await again.until("created")
            assert again.status == 200

    asyncio.run(run())
    assert not app.state.listeners.open


def test_many_at_the_same_moment_are_counted_too() -> None:
    """Whoever passed the first look with others is counted when the stream begins."""
    listeners = listening.Listeners()
    with contextlib.ExitStack() as opened:
        for _ in range(listening.LISTENERS):
            opened.enter_context(listeners.one_more("a"))
        with pytest.raises(listening.TooManyListeners):
            opened.enter_context(listeners.one_more("a"))
        opened.enter_context(listeners.one_more("b"))
    assert not listeners.open
