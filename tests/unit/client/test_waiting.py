"""Waiting for a prediction, sending files and fetching them, against a server that misbehaves on demand."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from stillmotion import Client, errors
from stillmotion.client import Patience, files, waiting
from stillmotion.client.waiting import Pace
from unit.client.servers import Pauses, Told, data, refused, wire_to

if TYPE_CHECKING:
    from pathlib import Path

ID = "0" * 32


class Time:
    """A clock that its own sleep moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds

    def pace(self, timeout_s: float | None = None) -> Pace:
        """Asking once a second."""
        return Pace(timeout_s=timeout_s, interval_s=1.0, now_s=lambda: self.now_s, sleep=self.sleep)


def _made(status: str, **more: Any) -> dict[str, Any]:
    return {"id": ID, "status": status, "outputs": [], "error": "", "code": 0, **more}


def test_waits_for_the_end() -> None:
    """Created, processing, completed: the last is returned, and each second one question was asked."""
    told = Told(
        [data(_made("created")), data(_made("processing")), data(_made("completed", outputs=["http://x/f.mp4"]))]
    )
    time = Time()
    assert waiting.wait(wire_to(told), ID, time.pace())["outputs"] == ["http://x/f.mp4"]
    assert time.now_s == 2.0


@pytest.mark.parametrize("status", ["failed", "cancelled", "timeout", "deleted"])
def test_every_bad_end_is_an_end(status: str) -> None:
    """Whatever word a server has for failure ends the waiting, with the reason, the id and the task's code."""
    told = Told([data(_made(status, error="No picture there.", code=1402))])
    with pytest.raises(errors.RunFailed, match="No picture there") as caught:
        waiting.wait(wire_to(told), ID, Time().pace())
    assert (caught.value.prediction_id, caught.value.task_code) == (ID, 1402)


def test_gives_up_in_time() -> None:
    """At the time limit the id is named and the run goes on: nothing is cancelled."""
    told, time = Told([data(_made("processing"))]), Time()
    with pytest.raises(errors.StillRunning, match=ID) as caught:
        waiting.wait(wire_to(told), ID, time.pace(2.5))
    assert caught.value.prediction_id == ID
    assert time.now_s == 2.5
    assert {request.method for request in told.requests} == {"GET"}


def test_tells_how_far_it_is() -> None:
    """The stage and share that a server of ours knows reach the caller, and the end is 1."""
    told = Told(
        [
            data(_made("created")),
            httpx2.Response(200, json={"stage": "", "progress": 0}),
            data(_made("processing")),
            httpx2.Response(200, json={"stage": "rendering", "progress": 40}),
            data(_made("completed")),
        ]
    )
    seen: list[tuple[str, float]] = []
    waiting.wait(wire_to(told), ID, Time().pace(), lambda stage, share: seen.append((stage, share)))
    assert seen == [("waiting in the queue", 0.0), ("rendering", 0.4), ("rendering", 1.0)]


def test_other_servers_are_asked_once() -> None:
    """A server that has no such words is asked for them once, and waiting works all the same."""
    told = Told([data(_made("created")), refused(404), data(_made("processing")), data(_made("completed"))])
    seen: list[str] = []
    waiting.wait(wire_to(told), ID, Time().pace(), lambda stage, _: seen.append(stage))
    assert seen == ["waiting in the queue", "working", "working"]


def test_raising_from_progress_stops_the_waiting() -> None:
    """A caller may stop by raising."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        waiting.wait(wire_to(Told([data(_made("created"))])), ID, Time().pace(), stop)


def test_sync_overrun_is_waited_for() -> None:
    """A synchronous request that is answered before the end goes on as a poll for the same prediction."""
    early = _made("processing", code=5004, error="Sync mode timed out.")
    told = Told([data(early), data(_made("completed", outputs=["http://x/f.mp4"]))])
    with Client("http://127.0.0.1:1", transport=told.transport) as client:
        assert client.run("a/b", {"prompt": "Waves"}, sync=True) == {"outputs": ["http://x/f.mp4"]}
    assert [request.method for request in told.requests] == ["POST", "GET"]


TICKET = data(
    {"download_url": "http://x/u.png", "upload": {"method": "PUT", "url": "http://x/put?t=1", "headers": {"X-A": "b"}}}
)


@pytest.mark.parametrize("kind", ["path", "bytes", "stream"])
def test_files_are_sent_whole(kind: str, tmp_path: Path) -> None:
    """A path, bytes or a stream arrive as they are, without the key of the caller, again if the first try failed."""
    (tmp_path / "cat.png").write_bytes(b"\x89PNG" * 100)
    source: Any = {
        "path": tmp_path / "cat.png",
        "bytes": b"\x89PNG" * 100,
        "stream": io.BytesIO(b"\x89PNG" * 100),
    }[kind]
    told = Told([TICKET, httpx2.WriteError("gone"), refused(503), httpx2.Response(200)])
    assert files.upload(wire_to(told), source) == "http://x/u.png"
    assert told.bodies[1:] == [b"\x89PNG" * 100] * 3
    put = told.requests[-1]
    assert (put.headers["content-length"], put.headers["x-a"]) == ("400", "b")
    assert "authorization" not in put.headers


def test_a_refused_file_says_why() -> None:
    """The server's words about a file reach the caller."""
    with pytest.raises(errors.BodyTooLarge, match="50 MB"):
        files.upload(wire_to(Told([TICKET, refused(413, "BODY_TOO_LARGE", "At most 50 MB.")])), b"x")
    with pytest.raises(errors.ImageUnreadable, match=r"absent\.png"):
        files.upload(wire_to(Told([TICKET])), "absent.png")


def test_downloads_are_whole_or_absent(tmp_path: Path) -> None:
    """A film that breaks off is fetched again; when it never comes whole, nothing lies under its name."""

    def broken(request: httpx2.Request) -> httpx2.Response:
        def pieces() -> Any:
            yield b"half"
            message = "hung up"
            raise httpx2.ReadError(message)

        return httpx2.Response(200, content=pieces(), request=request)

    told = Told([broken, httpx2.Response(200, content=b"whole")])
    assert files.download(wire_to(told), "/files/f.mp4", tmp_path / "f.mp4").read_bytes() == b"whole"
    assert str(told.requests[0].url) == "http://127.0.0.1:1/files/f.mp4"
    assert "authorization" not in told.requests[0].headers
    pauses = Pauses()
    with pytest.raises(errors.ServerUnreachable):
        files.download(wire_to(Told([broken]), pauses, retries=2), "http://x/g.mp4", tmp_path / "g.mp4")
    assert len(pauses.taken_s) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["f.mp4"]


def test_an_expired_address_is_refused(tmp_path: Path) -> None:
    """An address that is no longer good is an error of input and leaves no file."""
    with pytest.raises(errors.SignatureInvalid):
        files.download(wire_to(Told([refused(403, "SIGNATURE_INVALID")])), "http://x/g.mp4", tmp_path / "g.mp4")
    assert list(tmp_path.iterdir()) == []


def test_timeouts_can_be_set() -> None:
    """A caller may wait longer or shorter for a connection, an answer and an upload."""
    told = Told([TICKET, httpx2.Response(200)])
    patience = Patience(connect_s=3, read_s=4, upload_s=5)
    with Client("http://127.0.0.1:1", patience=patience, transport=told.transport) as client:
        client.upload(b"x")
    first, second = (request.extensions["timeout"] for request in told.requests)
    assert (first["connect"], first["read"], second["write"]) == (3, 4, 5)
