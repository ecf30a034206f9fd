"""Commands that talk to a server: what they say when things go wrong, and how to go on. The server answers as told."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from stillmotion import Client, client
from stillmotion.cli import display
from stillmotion.cli.app import run
from stillmotion.client.waiting import Pace
from stillmotion.client.wire import Wire
from unit.client.servers import Answer, Told, data, refused

if TYPE_CHECKING:
    from pathlib import Path

ID = "0" * 32
MODEL = "openai/sora-2/image-to-video"
FILM = httpx2.Response(200, content=b"film")


def _made(status: str, **more: Any) -> httpx2.Response:
    urls = ["http://127.0.0.1:1/files/f.mp4?signature=x"] if status == "completed" else []
    return data({"id": ID, "model": MODEL, "status": status, "outputs": urls, "error": "", "code": 0, **more})


DETAILS = httpx2.Response(200, json={"stage": "rendering", "progress": 40, "notes": [], "engine": "diorama"})


class Place:
    """A folder, a server that answers as told, and the program."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("HOME", str(folder))
        self.folder, self._patch, self._capfd = folder, monkeypatch, capfd

    def type(self, command: str, *answers: Answer) -> tuple[int, str, str]:
        """What a command says when the server answers so."""
        self.told = Told(list(answers) or [httpx2.ConnectError("Connection refused")])
        self._patch.setattr(client, "Client", functools.partial(Client, transport=self.told.transport))
        for kind in (Wire, Pace):
            self._patch.setitem(kind.__init__.__kwdefaults__, "sleep", lambda _: None)
        code = run(command.split())
        return code, *self._capfd.readouterr()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Place:
    """An empty folder."""
    (tmp_path / "cat.png").write_bytes(b"\x89PNG")
    return Place(tmp_path, monkeypatch, capfd)


def _refused(words: str) -> httpx2.Response:
    return refused(400, "INVALID_PARAM", words)


@pytest.mark.parametrize(
    ("typed", "words", "advice"),
    [
        ("-i duration=8", "duration: give 4, 8 or 12.", "`-i duration:=8` is the value itself"),
        ("-i image=cat.png", "image: give an address.", "`-i image=@cat.png` sends it"),
        ("-i foo=1", "foo: there is no such field; it has image, prompt.", f"`stillmotion schema {MODEL}` shows"),
        ("-i image=absent.png", "image: give an address.", f"`stillmotion schema {MODEL}` shows the inputs"),
        ("", "image: Field required", f"`stillmotion schema {MODEL}` shows the inputs"),
    ],
)
def test_refused_inputs_come_with_advice(place: Place, typed: str, words: str, advice: str) -> None:
    """A number that was typed as text, and a file without its @, are seen; else the way to the inputs is shown."""
    for command in (f"run {MODEL} -p x {typed}", f"price {MODEL} {typed}"):
        code, out, err = place.type(command, _refused(words))
        assert (code, out) == (4, "")
        assert words in err
        assert advice in err
        assert ".." not in err


def test_an_answer_of_another_version_is_named_as_such(place: Place) -> None:
    """An answer that lacks what ours has is no crash: exit code 5, and the version is suspected."""
    lists = ("history", []), ("models", {}), ("webhooks list", {})
    for command, answer in (("usage", {}), ("balance", {}), (f"show {ID}", {}), ("webhooks rotate", {}), *lists):
        code, out, err = place.type(command, data(answer))
        assert (code, out) == (5, ""), command
        assert "may be of another version" in err


def test_a_fault_of_our_own_is_not_put_down_to_the_server(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where our own code breaks while it talks to a server, nobody is sent to look at the server's version."""

    def broken(*_: object, **__: object) -> None:
        {}["absent"]  # type: ignore[misc]

    monkeypatch.setattr(Client, "balance", broken)
    code, _, err = place.type("balance", data({"balance": 1.0}))
    assert code == 1
    assert "version" not in err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nothing", "Here none is set: STILLMOTION_API_KEY"),
        ("variable", "Here it comes from STILLMOTION_API_KEY."),
        ("option", "Here it comes from --api-key."),
        ("key file", "Here it comes from STILLMOTION_API_KEY_FILE, "),
        ("settings", "stillmotion.toml."),
    ],
)
def test_a_refused_key_comes_with_its_origin(
    place: Place, monkeypatch: pytest.MonkeyPatch, given: str, words: str
) -> None:
    """Whoever sends no key, or a wrong one, is told where this program took it from: exit code 3."""
    for name in ("STILLMOTION_API_KEY", "STILLMOTION_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    (place.folder / "key").write_text("sm_wrong", encoding="utf-8")
    if given == "variable":
        monkeypatch.setenv("STILLMOTION_API_KEY", "sm_wrong")
    if given == "key file":
        monkeypatch.setenv("STILLMOTION_API_KEY_FILE", str(place.folder / "key"))
    if given == "settings":
        (place.folder / "stillmotion.toml").write_text('[client]\napi_key = "sm_wrong"\n', encoding="utf-8")
    command = "balance --api-key sm_wrong" if given == "option" else "balance"
    code, out, err = place.type(command, refused(401, "KEY_REFUSED", "The key is wrong."))
    assert (code, out) == (3, "")
    assert "The key is wrong. Here" in err
    assert words in err
    assert "`stillmotion config show --origin`" in err


def test_a_film_that_cannot_be_written_is_not_paid_for(place: Place) -> None:
    """Where a file stands in the way of the folder, nothing is submitted."""
    code, _, err = place.type(f"run {MODEL} -p x --download cat.png/film.mp4", _made("created"))
    assert code == 4
    assert "no folder" in err
    assert place.told.requests == []


def test_folders_of_a_download_are_made(place: Place) -> None:
    """A name that ends in a slash is a folder; folders of a name are made."""
    assert place.type(f"download {ID} -o new/", _made("completed"), FILM)[:2] == (0, f"new/{ID}.mp4\n")
    assert place.type(f"download {ID} -o a/{{id}}/f.mp4", _made("completed"), FILM)[:2] == (0, f"a/{ID}/f.mp4\n")
    assert (place.folder / "a" / ID / "f.mp4").read_bytes() == b"film"


def test_a_failed_fetch_says_how_to_try_again(place: Place) -> None:
    """When the film is made and cannot be fetched, nothing has to be made again."""
    gone = refused(404, "PREDICTION_UNKNOWN", "Gone.")
    code, out, err = place.type(f"run {MODEL} -p x --download", _made("completed"), _made("completed"), gone)
    assert (code, out) == (4, "")
    assert f"Gone. The run is completed: `stillmotion download {ID}`" in err
    for command in (f"run {MODEL} -p x --download --json", f"download {ID} --json"):
        _, out, _ = place.type(command, *[_made("completed")] * (2 if command.startswith("run") else 1), gone)
        assert json.loads(out)["error"]["prediction_id"] == ID


def test_what_has_no_outputs_is_told_apart(place: Place) -> None:
    """A download of a run that goes on is exit code 6 and names --wait; of one that failed, 1 and the reason."""
    code, out, _ = place.type(f"download {ID} --json", _made("processing"))
    assert code == 6
    error = json.loads(out)["error"]
    assert (error["code"], error["prediction_id"]) == ("still_running", ID)
    assert "--wait" in error["message"]
    code, _, err = place.type(f"download {ID}", _made("failed", error="No picture there."))
    assert code == 1
    assert "No picture there." in err


def test_waiting_can_be_taken_up_again(place: Place) -> None:
    """`show --wait` and `download --wait` wait as `run` does, and tell how far it is on stderr."""
    answers = _made("processing"), DETAILS, _made("completed")
    code, out, err = place.type(f"show {ID} --wait", *answers, _made("completed"), DETAILS)
    assert code == 0
    assert "output" in out
    assert err == "rendering\n"
    code, out, _ = place.type(f"download {ID} --wait -q", *answers, _made("completed"), FILM)
    assert (code, out) == (0, f"{ID}.mp4\n")


def test_a_server_that_goes_away_during_a_run(place: Place) -> None:
    """One line says that there is no answer; when the server is back, the run ends as if nothing had been."""
    away = [httpx2.ConnectError("Connection refused")] * 3
    code, out, err = place.type(
        f"run {MODEL} -p x", _made("created"), _made("processing"), DETAILS, *away, _made("completed"), DETAILS
    )
    assert code == 0
    assert out.startswith("http://127.0.0.1:1/files/")
    assert err.splitlines() == [f"prediction {ID}", "rendering", "no answer, trying again"]


def test_a_long_pause_is_said(place: Place) -> None:
    """At the rate limit a command says why nothing happens and for how long; with -q it keeps silent."""
    for command, words in (("balance", "Too many. Trying again in 30 s.\n"), ("balance -q", "")):
        busy = refused(429, "RATE_LIMITED", "Too many.", retry_after="30")
        code, _, err = place.type(command, busy, data({"balance": 1.0}))
        assert (code, err) == (0, words)


def test_a_server_that_goes_away_after_a_run(place: Place) -> None:
    """What is made stays told: without the notes the outputs are printed all the same, and where the notes are."""
    away = httpx2.ConnectError("Connection refused")
    code, out, err = place.type(f"run {MODEL} -p x", _made("completed"), _made("completed"), away)
    assert code == 0
    assert out.startswith("http://127.0.0.1:1/files/")
    assert f"`stillmotion show {ID}`" in err


def test_interrupting_says_how_to_get_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while waiting cancels nothing, and the message names what can be done; a run and a wait alike."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "wait", interrupt)
    for command in (f"run {MODEL} -p x", f"show {ID} --wait", f"download {ID} --wait"):
        code, _, err = place.type(command, _made("processing"))
        assert code == 130
        for way in (f"show {ID} --wait", f"download {ID} --wait", f"cancel {ID}"):
            assert f"`stillmotion {way}`" in err
        assert not [request for request in place.told.requests if "cancel" in str(request.url)]


def test_kinds_of_bills_are_known(place: Place) -> None:
    """A kind that no list names is a mistake, and not an empty list: what was only held and given back is no entry."""
    code, out, err = place.type("billings --type refund", data({"items": []}))
    assert (code, out, place.told.requests) == (2, "", [])
    assert "deduct" in err
    assert "top_up" in err


def test_what_cannot_be_deleted_is_named(place: Place) -> None:
    """What still runs is left alone, with the way to stop it; what is not there is no success; the others go."""
    running, gone = "1" * 32, "2" * 32
    looks = _made("completed"), _made("processing"), refused(404, "PREDICTION_UNKNOWN")
    counts = data({"deleted_count": 1}), data({"deleted_count": 0})
    code, out, err = place.type(f"delete {ID} {running} {gone} {ID}", *looks, *counts)
    assert (code, out) == (4, "")
    assert f"{running} still runs: `stillmotion cancel {running}`" in err
    assert f"no prediction {gone}. 1 of 3 deleted." in err
    assert [json.loads(body) for body in place.told.bodies[-2:]] == [{"ids": [ID]}, {"ids": [running]}]
    assert place.type(f"delete {ID}", _made("failed"), data({"deleted_count": 1})) == (0, "", "1 of 1 deleted\n")


def test_what_is_being_stopped_is_deleted(place: Place) -> None:
    """Its status says that it still runs; whether it is being stopped the server knows, and then it deletes it."""
    told = place.type(f"delete {ID}", _made("processing"), data({"deleted_count": 1}))
    assert told == (0, "", "1 of 1 deleted\n")


def test_uploads_can_be_paged_through(place: Place) -> None:
    """What does not fit the list is counted, with the way to the next of them; the last page says nothing."""
    one = {"id": "1", "size": 5, "stored_at": "2026-01-01T00:00:00Z", "filename": "a.png"}
    _, out, err = place.type("uploads list --limit 2 --offset 3", data({"items": [one, one], "total": 6}))
    assert (out.count("a.png"), err) == (2, "1 more; --offset 5 shows the next, --limit up to 100 at once\n")
    assert str(place.told.requests[-1].url).endswith("/uploads?limit=2&offset=3")
    assert place.type("uploads list --offset 5", data({"items": [one], "total": 6}))[2] == ""


def test_empty_lists_say_so(place: Place) -> None:
    """Nothing yet, or nothing that fits: said on stderr, never on stdout."""
    empty = data({"items": [], "page": 1})
    assert place.type("history", empty) == (0, "", "nothing yet\n")
    assert place.type("history --status failed", empty) == (0, "", "nothing that fits\n")
    assert place.type("billings", empty) == (0, "", "nothing yet\n")
    assert place.type("billings --type deduct", empty) == (0, "", "nothing that fits\n")
    assert place.type("billings -q", empty) == (0, "", "")


def test_times_say_whose_they_are(place: Place) -> None:
    """Lists show UTC, and say so: nobody takes it for the time on his wall."""
    at = "2026-11-23T08:34:18.123456Z"
    made = {"id": ID, "model": MODEL, "status": "completed", "created_at": at, "billing_type": "deduct", "price": 0.4}
    for command in ("history", "billings"):
        assert "  2026-11-23T08:34:18Z  " in f"  {place.type(command, data({'items': [made]}))[1]}"


def test_the_bar_of_a_run_is_of_the_whole_run() -> None:
    """On a terminal a run elsewhere has one bar, named after its stage: the server tells how far the whole is."""
    pytest.importorskip("rich")
    with display._bars() as bars:
        bar = display.WholeBar(bars)
        for stage, share in (("waiting in the queue", 0.0), ("rendering", 0.4), ("rendering", 1.0)):
            bar(stage, share)
        (task,) = bars.tasks
    assert (task.description, task.percentage) == ("rendering", 100)


SERVER = {"fastapi", "sqlalchemy", "pydantic", "psycopg", "procrastinate", "uvicorn", "numpy", "av", "PIL", "rich"}


def test_clients_load_nothing_of_the_server(tmp_path: Path) -> None:
    """The library's client and the commands that use it do without web framework, database, codecs and arrays."""
    commands = (
        *("models", "schema m", "price m", "run m -p x", "show x", "history", "download x", "upload cat.png"),
        *("cancel x", "delete x", "balance", "usage", "billings"),
    )
    (tmp_path / "cat.png").write_bytes(b"\x89PNG")
    code = f"""
import sys
import stillmotion
from stillmotion.client import wire
from stillmotion.cli.app import run
wire.Wire.again = lambda *_: None
stillmotion.Client("http://127.0.0.1:1")
for command in {commands!r}:
    assert run([*command.split(), "--base-url", "http://127.0.0.1:1"]) == 5, command
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.split()) & SERVER


def test_empty_lists_say_that_they_are(place: Place) -> None:
    """On stderr, so that programs that read the lines find none."""
    for typed, told in {
        "uploads list": "nothing yet\n",
        "webhooks list": "nothing yet\n",
        "webhooks list --state failed": "nothing that fits\n",
        "uploads list -q": "",
        "webhooks list -q": "",
    }.items():
        assert place.type(typed, data({"items": [], "total": 0})) == (0, "", told)


def test_an_empty_file_is_not_sent(place: Place) -> None:
    """Nobody is asked; the name stands in the message."""
    (place.folder / "none.png").write_bytes(b"")
    code, out, err = place.type("upload none.png")
    assert (code, out) == (4, "")
    assert err.startswith("stillmotion: none.png is empty")
