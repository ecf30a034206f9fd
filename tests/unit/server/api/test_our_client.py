"""Our own client and its commands against the real application, on a real socket, with a worker without an engine."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from sqlalchemy import select
from structlog.testing import capture_logs

from by_hand import FILES, Hand, customer_of, photo
from stillmotion import Client, errors
from stillmotion.cli.app import run
from stillmotion.client import Patience
from stillmotion.server import accounts, operating
from stillmotion.server.api.app import create_app
from stillmotion.server.db.schema import predictions
from stillmotion.server.predictions import Code
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stillmotion.server.service import Service

MODEL = "openai/sora-2/image-to-video"


@dataclass
class Place:
    """A server that runs, a customer of it, and its worker."""

    service: Service
    url: str
    key: str
    account_id: str
    hand: Hand
    stop: threading.Event

    def work(self, fail: str = "") -> threading.Thread:
        """From now on film what this customer asks for, or fail it."""
        thread = threading.Thread(target=self._work, args=(fail,), daemon=True)
        thread.start()
        return thread

    def _work(self, fail: str) -> None:
        waiting = (predictions.c.account_id == self.account_id) & (predictions.c.status == "created")
        while not self.stop.wait(0.02):
            with self.service.database.connect() as connection:
                found = connection.scalars(select(predictions.c.id).where(waiting)).all()
            for prediction_id in found:
                attempt = self.hand.begin(prediction_id)
                if fail:
                    self.hand.fail(attempt, Code.EXECUTION_FAILED, fail)
                else:
                    self.hand.report(attempt, 40)
                    self.hand.complete(attempt)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The server of these tests lives in the process of the commands: its log is none of their output."""
    with capture_logs():
        yield


@pytest.fixture(scope="module")
def parts(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with accounts, on the clock of the wall."""
    settings = Settings(database_url=database_url, data_dir=tmp_path_factory.mktemp("served"), accounts=True)
    with running(settings) as service:
        yield service


@pytest.fixture(scope="module")
def url(parts: Service) -> Iterator[str]:
    """Its address."""
    server = uvicorn.Server(uvicorn.Config(create_app(parts), port=0, log_level="error", ws="none", lifespan="off"))
    socket = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def place(parts: Service, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A new customer with $100 who stands in an empty folder with a photo."""
    customer = customer_of(parts, create_app(parts))
    customer.client.close()
    stop = threading.Event()
    (tmp_path / "work").mkdir()
    (tmp_path / "parts").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "work" / "cat.png").write_bytes(photo())
    monkeypatch.setenv("STILLMOTION_BASE_URL", url)
    monkeypatch.setenv("STILLMOTION_API_KEY", customer.key.text)
    yield Place(parts, url, customer.key.text, customer.account.id, Hand(parts, tmp_path / "parts"), stop)
    stop.set()


@pytest.fixture
def client(place: Place) -> Iterator[Client]:
    """A client that asks the environment where to go."""
    with Client(patience=Patience(retries=1, pause_s=0.01)) as made:
        assert made.base_url == place.url
        yield made


def _inputs(client: Client, **more: Any) -> dict[str, Any]:
    return {"image": client.upload("cat.png"), "prompt": "The cat jumps", **more}


def test_run_to_the_file(place: Place, client: Client, tmp_path: Path) -> None:
    """Upload, run and download: the outputs are addresses, and the film arrives whole."""
    place.work()
    seen: list[str] = []
    made = client.run(MODEL, _inputs(client), poll_interval_s=0.05, progress=lambda stage, _: seen.append(stage))
    assert set(made) == {"outputs"}
    assert client.download(made["outputs"][0], tmp_path / "film.mp4").read_bytes() == FILES["film.mp4"]
    assert seen


def test_the_same_key_runs_once(client: Client) -> None:
    """A submit that is sent again with its key is the same prediction; with another body it is refused."""
    inputs = _inputs(client)
    first = client.submit(MODEL, inputs, idempotency_key="one")
    assert client.submit(MODEL, inputs, idempotency_key="one")["id"] == first["id"]
    assert client.history()["items"][0]["id"] == first["id"]
    assert len(client.history()["items"]) == 1
    with pytest.raises(errors.KeyReused):
        client.submit(MODEL, {**inputs, "duration": 8}, idempotency_key="one")


def test_failures_have_reasons(place: Place, client: Client) -> None:
    """A run that fails raises with the server's reason, and costs nothing."""
    place.work(fail="The cat ran away.")
    with pytest.raises(errors.RunFailed, match="ran away"):
        client.run(MODEL, _inputs(client), poll_interval_s=0.05)
    assert client.balance() == 100.0


def test_money(place: Place, client: Client) -> None:
    """Price, balance, usage and billings agree about one run."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    assert client.price(MODEL, {"duration": 8})["price"] == 0.8
    place.work()
    client.run(MODEL, _inputs(client, duration=8), poll_interval_s=0.05)
    assert client.balance() == pytest.approx(99.2)
    now = datetime.now(UTC) + timedelta(minutes=1)
    assert client.usage(now - timedelta(days=7), now)["summary"]["total_cost"] == pytest.approx(0.8)
    prices = {one["billing_type"]: one["price"] for one in client.billings()["items"]}
    assert prices == {"deduct": pytest.approx(0.8), "top_up": 100.0}
    with place.service.database.connect() as connection:
        assert operating.audit(connection) == ()


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda client: client.submit("no/such-model", {}), errors.ModelUnknown),
        (lambda client: client.submit(MODEL, {"prompt": "x"}), errors.ParameterInvalid),
        (lambda client: client.get_result("0" * 32), errors.PredictionUnknown),
        (lambda client: client.price(MODEL, {"duration": 5}), errors.ParameterInvalid),
    ],
)
def test_refusals_are_ours(client: Client, ask: Callable[[Client], object], kind: type[Exception]) -> None:
    """The server's refusals arrive as the classes that the server raised."""
    with pytest.raises(kind):
        ask(client)


def test_keys_and_money_are_asked_for(place: Place, client: Client) -> None:
    """A wrong key, a suspended account and an empty one are three different errors."""
    with Client(place.url, "sm_wrong", patience=Patience(retries=0)) as stranger, pytest.raises(errors.KeyRefused):
        stranger.balance()
    with place.service.database.begin() as connection:
        poor = accounts.create(connection, "poor", at=place.service.clock.now(), may_owe=False)
        key = accounts.issue_key(connection, poor.id, name="", at=place.service.clock.now())
    with Client(place.url, key.text) as penniless, pytest.raises(errors.BalanceTooLow):
        penniless.submit(MODEL, {"image": "https://example.com/a.jpg", "prompt": "Waves"})
    with place.service.database.begin() as connection:
        operating.suspend(connection, place.account_id, at=place.service.clock.now())
    with pytest.raises(errors.AccountSuspended):
        client.balance()


def _command(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capfd.readouterr()
    code = run(list(arguments))
    out, err = capfd.readouterr()
    return code, out, err


def _json(capfd: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code, out, err = _command(capfd, *arguments, "--json")
    assert code == 0, out + err
    return json.loads(out)


RUN = ("run", MODEL, "-p", "The cat jumps", "-i", "image=@cat.png", "--interval", "0.05")


def test_command_run(place: Place, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`run` tells the id on stderr, the address on stdout; with --download the path of a film that is there."""
    place.work()
    code, out, err = _command(capfd, *RUN)
    assert code == 0
    assert out.startswith(place.url)
    assert len(out.splitlines()) == 1
    made = err.splitlines()[0].split()
    assert made[0] == "prediction"
    code, out, err = _command(capfd, *RUN, "--download", "--quiet")
    assert (code, err) == (0, "")
    assert (tmp_path / "work" / out.strip()).read_bytes() == FILES["film.mp4"]
    told = _json(capfd, *RUN, "--download", "cat-{index}.{ext}", "-i", "duration:=8")
    assert told["files"] == ["cat-1.mp4"]
    assert told["status"] == "completed"
    assert _command(capfd, "download", made[1], "-o", "again.mp4")[:2] == (0, "again.mp4\n")


def test_command_run_with_a_key(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    """Begun anew with its key, it uploads its photo again and is the run that it was, charged once."""
    place.work()
    first, again = (_json(capfd, *RUN, "--idempotency-key", "order-7") for _ in range(2))
    assert first["id"] == again["id"]
    assert _json(capfd, "balance")["balance"] == 99.6


def test_command_run_ends_as_it_should(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit codes: 6 still running at --timeout with the id, 1 failed, 4 refused, 3 a wrong key, 5 nobody there."""
    code, out, err = _command(capfd, *RUN, "--timeout", "0.1")
    prediction_id = err.splitlines()[0].split()[1]
    assert (code, out) == (6, "")
    assert f"stillmotion show {prediction_id}" in err
    assert _json(capfd, "show", prediction_id)["status"] == "created"
    code, out, err = _command(capfd, *RUN, "--timeout", "0", "--json")
    assert code == 6
    assert json.loads(out)["error"]["prediction_id"] == err.splitlines()[0].split()[1]
    code, out, _ = _command(capfd, *RUN, "-i", "duration:=5", "--json")
    assert code == 4
    assert json.loads(out)["error"]["code"] == "invalid_param"
    assert _command(capfd, *RUN, "-i", "image=@absent.png")[0] == 4
    assert _command(capfd, "run", "no/such", "-p", "x")[0] == 4
    assert _command(capfd, "balance", "--api-key", "sm_wrong")[0] == 3
    place.work(fail="The cat ran away.")
    code, _, err = _command(capfd, *RUN)
    assert code == 1
    assert "ran away" in err


@pytest.mark.usefixtures("place")
def test_command_run_interrupted(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C leaves the job running, says how to look at it, and is exit code 130."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "wait", interrupt)
    code, _, err = _command(capfd, *RUN)
    prediction_id = err.splitlines()[0].split()[1]
    assert code == 130
    assert f"stillmotion show {prediction_id}" in err
    assert _json(capfd, "show", prediction_id)["status"] == "created"


@pytest.mark.usefixtures("place")
def test_command_inputs_are_sent_as_they_stand(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Alias, then --input-file, then -i, then -p: later ones count more, and nothing is added."""
    folder = tmp_path / "work"
    alias = f'[client.alias.cat]\nmodel = "{MODEL}"\ninputs = {{ duration = 8, seed = 1, prompt = "alias" }}\n'
    (folder / "stillmotion.toml").write_text(alias, encoding="utf-8")
    (folder / "in.json").write_text('{"seed": 2, "prompt": "file", "image": "https://example.com/a.jpg"}')
    (folder / "words.txt").write_text("from a file", encoding="utf-8")
    wait = ("--timeout", "0", "--input-file", "in.json")
    _command(capfd, "run", "cat", *wait)
    _command(capfd, "run", "cat", *wait, "-i", "seed:=3", "-i", "prompt=@words.txt")
    _command(capfd, "run", "cat", *wait, "-i", "prompt=option", "-p", "flag")
    sent = [one["input"] for one in reversed(_json(capfd, "history"))]
    assert [(one["prompt"], one["seed"], one["duration"]) for one in sent] == [
        ("file", 2, 8),
        ("from a file", 3, 8),
        ("flag", 2, 8),
    ]


@pytest.mark.usefixtures("place")
def test_commands_of_the_catalog(capfd: pytest.CaptureFixture[str]) -> None:
    """Models can be searched, schemas read, prices asked, and a model's own inputs are in the help of `run`."""
    code, out, _ = _command(capfd, "models", "sora", "PRO")
    assert (code, len(out.splitlines())) == (0, 1)
    assert "$1.20" in out
    assert _command(capfd, "models", "no-such-thing") == (0, "", "no model fits\n")
    assert "duration" in _json(capfd, "schema", MODEL)["properties"]
    assert "required" in _command(capfd, "schema", MODEL)[1]
    code, out, err = _command(capfd, "price", MODEL, "-i", "duration:=8", "-i", "seed:=3", "-i", "image=@cat.png")
    assert (code, out, err) == (0, "$0.80\n", "the price does not depend on: image, seed\n")
    assert _json(capfd, "price", MODEL)["blind_to"] == []
    code, out, _ = _command(capfd, "run", MODEL, "-h")
    assert code == 0
    assert "4, 8, 12, 16, 20" in out
    assert "duration" not in _command(capfd, "run", "-h")[1].split("Inputs of")[-1].split("Options:")[-1]


def test_commands_of_the_shelf(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    """History, show, delete, upload, balance, usage and billings say what the server says."""
    place.work()
    made = _json(capfd, *RUN)
    assert made["id"] in _command(capfd, "history", "--status", "completed")[1]
    assert "The cat jumps" in _command(capfd, "history", "-v")[1]
    assert _command(capfd, "history", "--status", "failed")[:2] == (0, "")
    assert made["outputs"][0].split("?")[0] in _command(capfd, "show", made["id"])[1]
    assert _json(capfd, "upload", "cat.png")["download_url"].startswith(place.url)
    assert _command(capfd, "balance")[1] == "$99.60\n"
    (sent,) = [line.split() for line in _command(capfd, "uploads", "list")[1].splitlines() if "cat.png" in line][:1]
    assert _command(capfd, "uploads", "delete", sent[0]) == (0, "", "1 of 1 deleted\n")
    other = _json(capfd, "uploads", "list")["items"][0]["id"]
    code, _, err = _command(capfd, "uploads", "delete", sent[0], other)
    assert (code, err) == (4, f"stillmotion: There is no upload {sent[0]}. 1 of 2 deleted.\n")
    assert {sent[0], other}.isdisjoint(one["id"] for one in _json(capfd, "uploads", "list")["items"])
    assert "$0.40" in _command(capfd, "usage", "-v")[1]
    assert "top_up" in _command(capfd, "billings")[1]
    code, _, err = _command(capfd, "delete", made["id"], "0" * 32)
    assert (code, "1 of 2 deleted" in err) == (4, True)
    assert _command(capfd, "show", made["id"])[0] == 4


def test_cancel(place: Place, client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    """A waiting prediction is stopped at once, a running one through its worker; neither costs anything."""
    waiting, begun = (client.submit(MODEL, _inputs(client, seed=seed))["id"] for seed in (1, 2))
    attempt = place.hand.begin(begun)
    assert _command(capfd, "cancel", waiting)[2] == f"{waiting} is stopped\n"
    assert _command(capfd, "cancel", begun)[2] == f"{begun} is being stopped\n"
    assert not place.hand.report(attempt, 50)
    place.hand.fail(attempt, Code.CANCELLED, "Cancelled.")
    for prediction_id in (waiting, begun):
        with pytest.raises(errors.RunFailed, match="Cancelled"):
            client.wait(prediction_id)
    assert client.balance() == 100.0


def test_what_could_not_be_done_is_told(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    """The notes of a film and the engine that made it reach the person at the command line."""
    place.work()
    code, _, err = _command(capfd, *RUN)
    assert code == 0
    assert "note: no boat" in err
    prediction_id = err.splitlines()[0].split()[1]
    shown = _command(capfd, "show", prediction_id)[1]
    assert "no boat" in shown
    assert "diorama" in shown
