"""Waiting for a prediction, sending files and fetching them, against a server that misbehaves on demand."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from stillmotion import Client, errors
from stillmotion.client import Patience, files, waiting
from stillmotion.client.waiting import Pace
from stillmotion.client.wire import Wire
from unit.client.servers import Pauses, Told, data, refused, wire_to

if TYPE_CHECKING:
    from pathlib import Path

    from unit.client.servers import Answer

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


@pytest.mark.parametrize("timeout_s", [0.0, 5.0, 90.0])
@pytest.mark.parametrize("silent", ["from the start", "about the end", "about the stage"])
def test_gives_up_in_time_when_nobody_answers(timeout_s: float, silent: str) -> None:
    """A server that goes silent costs no more than the time limit, and a second for the last answer."""
    time = Time()

    def nothing(request: httpx2.Request) -> httpx2.Response:
        time.sleep(request.extensions["timeout"]["read"])
        message = "nothing"
        raise httpx2.ReadTimeout(message)

    first: list[Any] = {
        "from the start": [],
        "about the end": [data(_made("processing")), httpx2.Response(200, json={"stage": "x", "progress": 4})],
        "about the stage": [data(_made("processing"))],
    }[silent]
    told = Told([*first, nothing])
    wire = Wire(
        "http://127.0.0.1:1", "", Patience(), transport=told.transport, sleep=time.sleep, now_s=lambda: time.now_s
    )
    with pytest.raises(errors.StillRunning, match=ID):
        waiting.wait(wire, ID, time.pace(timeout_s), lambda *_: None)
    assert time.now_s <= timeout_s + 1.0


def test_a_pause_that_the_server_asks_for_ends_with_the_time() -> None:
    """Who waits five seconds does not sleep for the forty that a busy server asks for."""
    time, pauses = Time(), Pauses()
    told = Told([refused(429, "RATE_LIMITED", retry_after="40")])
    with pytest.raises(errors.StillRunning):
        waiting.wait(wire_to(told, pauses), ID, time.pace(5.0))
    assert pauses.taken_s == []


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


def test_a_server_that_is_away_is_waited_for() -> None:
    """While a server restarts the waiting goes on and says so, at the share that was known last."""
    told = Told(
        [
            data(_made("processing")),
            httpx2.Response(200, json={"stage": "rendering", "progress": 40}),
            httpx2.ConnectError("refused"),
            refused(503),
            refused(429, "RATE_LIMITED"),
            data(_made("completed", outputs=["http://x/f.mp4"])),
        ]
    )
    seen: list[tuple[str, float]] = []
    made = waiting.wait(wire_to(told, retries=0), ID, Time().pace(), lambda *about: seen.append(about))
    assert made["outputs"] == ["http://x/f.mp4"]
    assert seen == [("rendering", 0.4), *[(waiting.SERVER_AWAY, 0.4)] * 3, ("rendering", 1.0)]


def test_a_stage_that_cannot_be_asked_for_is_not_given_up() -> None:
    """A fault of the question about the stage ends neither the waiting nor later questions."""
    told = Told(
        [
            data(_made("processing")),
            refused(503),
            data(_made("processing")),
            httpx2.Response(200, json={"stage": "rendering", "progress": 40}),
            data(_made("completed")),
        ]
    )
    seen: list[str] = []
    waiting.wait(wire_to(told, retries=0), ID, Time().pace(), lambda stage, _: seen.append(stage))
    assert seen == ["working", "rendering", "rendering"]


def test_a_server_that_stays_away_is_given_up() -> None:
    """After five minutes without an answer the error names the run and how to get back to it; nothing was cancelled."""
    told, time = Told([data(_made("processing")), httpx2.ConnectError("refused")]), Time()
    with pytest.raises(errors.ServerUnreachable, match=f"stillmotion show {ID} --wait") as caught:
        waiting.wait(wire_to(told, retries=0), ID, time.pace())
    assert caught.value.prediction_id == ID
    assert 300 <= time.now_s < 303


def test_a_server_that_is_another_is_not_waited_for() -> None:
    """Pages of a web server are no sign that ours comes back."""
    told, time = Told([httpx2.Response(404, text="<html>")]), Time()
    with pytest.raises(errors.ServerUnreachable, match="does not speak this API"):
        waiting.wait(wire_to(told), ID, time.pace())
    assert time.now_s == 0


@pytest.mark.parametrize("name", ["", ".", "..", "/", " "])
def test_an_id_never_leads_elsewhere(name: str) -> None:
    """What cannot be an id is refused before anything is asked."""
    told = Told([data([])])
    with Client("http://127.0.0.1:1", transport=told.transport) as client, pytest.raises(errors.PredictionUnknown):
        client.get_result(name)
    assert told.requests == []


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


def _round_in_circles(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(302, headers={"location": str(request.url)})


@pytest.mark.parametrize(
    ("url", "answer", "kind"),
    [
        ("http://x/f.mp4", _round_in_circles, errors.ServerUnreachable),
        ("http://x/f.mp4", httpx2.DecodingError("no gzip"), errors.ServerUnreachable),
        ("http://[", httpx2.Response(200), errors.InputRefused),
        ("http://x/\x01", httpx2.Response(200), errors.InputRefused),
        ("ftp://x/f.mp4", httpx2.UnsupportedProtocol("no such protocol"), errors.InputRefused),
    ],
    ids=["circles", "packed", "bracket", "control", "ftp"],
)
def test_wrong_addresses_are_errors_of_ours(
    tmp_path: Path, url: str, answer: Answer, kind: type[errors.StillmotionError]
) -> None:
    """Whatever an output's address is, and wherever it leads: an error that is promised, and no file."""
    with pytest.raises(kind):
        files.download(wire_to(Told([answer]), retries=1), url, tmp_path / "f.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_sent_anywhere(tmp_path: Path) -> None:
    """A server that gives a wrong address for an upload is named."""
    ticket = data({"download_url": "http://x/u", "upload": {"method": "PUT", "url": "http://x:port/", "headers": {}}})
    (tmp_path / "cat.png").write_bytes(b"png")
    with pytest.raises(errors.ServerUnreachable, match=r"http://127\.0\.0\.1:1 gave no address"):
        files.upload(wire_to(Told([ticket])), tmp_path / "cat.png")


@pytest.mark.parametrize("way", ["up", "down"])
def test_the_place_that_failed_is_named(tmp_path: Path, way: str) -> None:
    """Where files go is the server's word, and may be wrong behind a proxy: nobody looks for the fault elsewhere."""
    target = {"method": "PUT", "url": "http://films.example:8090/x/u?signature=hush", "headers": {}}
    away, said = httpx2.ConnectError("Connection refused"), list[str]()
    answers: list[Answer] = [data({"download_url": "http://x/u", "upload": target}), away] if way == "up" else [away]
    wire = wire_to(Told(answers), on_pause=lambda _, why: said.append(why), retries=1, pause_s=20)
    sent = partial(files.upload, wire, b"png")
    fetched = partial(files.download, wire, str(target["url"]), tmp_path / "f.mp4")
    with pytest.raises(errors.ServerUnreachable) as caught:
        (sent if way == "up" else fetched)()
    assert "http://films.example:8090, where http://127.0.0.1:1 says" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert said == ["http://films.example:8090 does not answer."]


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


def _breaking(*pieces: bytes, status: int = 200, **headers: str) -> Any:
    """An answer that breaks off after these pieces."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        def content() -> Any:
            yield from pieces
            message = "hung up"
            raise httpx2.ReadError(message)

        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return httpx2.Response(status, content=content(), headers=named, request=request)

    return answer


def test_only_the_rest_is_fetched_again(tmp_path: Path) -> None:
    """After a break the rest of the same file is asked for, as often as each try brings something."""
    rest = httpx2.Response(206, content=b"lm", headers={"content-range": "bytes 2-3/4", "etag": '"a"'})
    told = Told(
        [_breaking(b"f", etag='"a"'), _breaking(b"i", status=206, content_range="bytes 1-3/4", etag='"a"'), rest]
    )
    assert files.download(wire_to(told, retries=1), "/f.mp4", tmp_path / "f.mp4").read_bytes() == b"film"
    assert [request.headers.get("range") for request in told.requests] == [None, "bytes=1-", "bytes=2-"]
    assert told.requests[1].headers["if-range"] == '"a"'


@pytest.mark.parametrize("first", [{"etag": '"a"'}, {"etag": 'W/"a"'}, {}], ids=str)
def test_another_file_begins_anew(first: dict[str, str], tmp_path: Path) -> None:
    """A file that changed meanwhile, or whose version is not known, is never put together from two."""
    told = Told([_breaking(b"old", **first), httpx2.Response(200, content=b"brand new", headers={"etag": '"b"'})])
    assert files.download(wire_to(told), "/f.mp4", tmp_path / "f.mp4").read_bytes() == b"brand new"


def test_a_line_that_never_gets_further_is_given_up(tmp_path: Path) -> None:
    """Tries that bring nothing new are counted, also when each brings the same beginning."""
    told = Told([_breaking(b"half")])
    with pytest.raises(errors.ServerUnreachable, match="could not be fetched"):
        files.download(wire_to(told, retries=3), "/f.mp4", tmp_path / "f.mp4")
    assert len(told.requests) == 4
    assert list(tmp_path.iterdir()) == []


def test_a_busy_server_is_asked_again_for_a_file(tmp_path: Path) -> None:
    """503 and a range that lies outside are passing; the file then begins anew."""
    told = Told([_breaking(b"whole", etag='"a"'), refused(416), refused(503), httpx2.Response(200, content=b"whole")])
    assert files.download(wire_to(told), "/f.mp4", tmp_path / "f.mp4").read_bytes() == b"whole"


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
