"""The hosted service's own clients get their films from a server that was started as a person starts it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import httpx2
import numpy as np
import pytest
from PIL import Image

from published import PATIENCE_S, answered, npm_packages, python_packages
from serving import environment, served
from stillmotion.media.recipe import parse_recipe, read_recipe
from stillmotion.money import Money
from stillmotion.server import accounts, ids, ledger, operating
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stillmotion.server.service import Service

HERE = Path(__file__).parent
PYTHON_CLIENTS = ("wavespeed-2.0.5", "wavespeed-1.0.3")
NODE = shutil.which("node") or "node"
MODEL = "openai/sora-2/image-to-video"
SECONDS = {"polled": 4.0, "held": 8.0}
POLL_S = 0.05


@dataclass(frozen=True)
class Counter:
    """A server with accounts and nobody who films: what is accepted there stays open."""

    url: str
    service: Service

    def key(self, dollars: int) -> str:
        """The key of a new account with so much money."""
        now = self.service.clock.now()
        with self.service.database.begin() as connection:
            account = accounts.create(connection, "somebody", at=now, may_owe=False)
            if dollars:
                paid = Money.of(dollars)
                ledger.top_up(connection, account.id, paid, reference=ids.message_id(), words="", at=now)
            return accounts.issue_key(connection, account.id, name="", at=now).text


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """Such a server."""
    data = tmp_path_factory.mktemp("counter")
    settings = {"STILLMOTION_ACCOUNTS": "true", "STILLMOTION_WORKERS": "0", "STILLMOTION_SYNC_WAIT_S": "0.5"}
    with served(data, **settings) as url, running(Settings(data_dir=data, accounts=True)) as service:
        yield Counter(url, service)


@pytest.fixture(scope="module")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the JavaScript packages."""
    return npm_packages("wavespeed-npm", tmp_path_factory.mktemp("npm"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a folder with the packages of one generation of the Python client, once."""
    return cache(lambda pins: python_packages(pins, tmp_path_factory.mktemp("python")))


@pytest.fixture
def cli(npm: Path, tmp_path: Path) -> Callable[..., Callable[..., Any]]:
    """Makes the hosted service's command line, turned to a server of ours, with a home of its own."""
    program = [NODE, str(npm / "node_modules/@wavespeed/cli/dist/cli.js")]

    def turned(url: str, key: str) -> Callable[..., Any]:
        home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "WAVESPEED_API_KEY": key}
        aim = [*program, "config", "--base-url", url]
        subprocess.run(aim, env=environment(**home), capture_output=True, timeout=PATIENCE_S, check=True)

        def run(*words: str, code: int = 0) -> Any:
            done = subprocess.run(
                [*program, *words, "--json"],
                env=environment(**home),
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
            assert done.returncode == code, (done.stderr + done.stdout)[-4000:]
            return json.loads(done.stdout)

        return run

    return turned


def _check(seen: dict[str, Any], photo: Path, folder: Path) -> None:
    """Both films are what was asked for, and what was wrong with a picture reaches the person."""
    for name, seconds in SECONDS.items():
        _resembles(_film(*seen[name], folder / f"{name}.mp4", seconds), photo)
    for name in ("unreachable", "no_picture"):
        assert seen[name].startswith("Prediction failed")
        assert "image: " in seen[name]
    assert "404" in seen["unreachable"]


def _film(address: str, place: Path, seconds: float) -> Any:
    answer = httpx2.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    place.write_bytes(answer.content)
    return _frames(place, seconds)


def _frames(place: Path, seconds: float) -> Any:
    """Every frame decodes, there are as many as the length needs, and the film says who made it."""
    made_by = parse_recipe(read_recipe(place))
    assert made_by is not None
    assert made_by.engine == "diorama"
    with av.open(str(place)) as film:
        assert {stream.type for stream in film.streams} >= {"video", "audio"}
        assert film.duration is not None
        assert abs(film.duration / av.time_base - seconds) < 0.1
        rate = film.streams.video[0].average_rate
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert rate is not None
    assert len(frames) == round(seconds * float(rate))
    return frames


def _resembles(frames: Any, photo: Path) -> None:
    """The sky is above and the field below, in their colours, and something moves."""
    with Image.open(photo) as opened:
        still = np.asarray(opened.convert("RGB"), float)
    for part in (slice(None, 4), slice(-4, None)):
        assert np.abs(frames[0][part].mean((0, 1)) - still[part].mean((0, 1))).max() < 40
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 0.5, "nothing moves"


@pytest.mark.parametrize("pins", PYTHON_CLIENTS)
def test_the_python_client(python: Callable[[str], Path], pins: str, address: str, photo: Path, tmp_path: Path) -> None:
    """Both generations: the newer uploads by ticket, the older in one request."""
    script = [sys.executable, str(HERE / "wavespeed_client.py"), address, str(photo)]
    seen = answered(script, PYTHONPATH=str(python(pins)))
    _check(seen, photo, tmp_path)


def test_the_javascript_client(npm: Path, address: str, photo: Path, tmp_path: Path) -> None:
    """The same from Node."""
    seen = answered([NODE, str(HERE / "wavespeed_client.cjs"), str(npm), address, str(photo)])
    _check(seen, photo, tmp_path)


def test_the_first_javascript_client(npm: Path, address: str, photo: Path, tmp_path: Path) -> None:
    """Uploads in one request, pastes the webhook into the query as it is, and polls until completed or failed."""
    seen = answered([NODE, str(HERE / "wavespeed_older.cjs"), str(npm), address, str(photo)])
    _resembles(_film(*seen["polled"], tmp_path / "film.mp4", 4.0), photo)
    assert seen["status"] == "failed"
    assert seen["unreachable"].startswith("image: ")
    (told,) = _deliveries(address, seen["id"])
    assert told["url"] == f"{address}/healthz?a=1&b=2"


def _deliveries(address: str, prediction_id: str) -> Any:
    return httpx2.get(f"{address}/api/native/v1/deliveries", params={"prediction_id": prediction_id}).json()["items"]


def test_the_command_line(cli: Callable[..., Any], address: str, photo: Path, tmp_path: Path) -> None:
    """Upload, price, run, download, history, show, balance, delete, as a person types them."""
    run = cli(address, "any")
    before = run("balance")["balance"]
    assert [one["model_id"] for one in run("models", "--no-cache")][:1] == [MODEL]
    assert run("schema", MODEL)["required"] == ["image", "prompt"]
    assert run("price", MODEL, "-i", "duration=8") == {"model_id": MODEL, "unit_price": 0.8, "currency": "USD"}
    image = run("upload", str(photo))["url"]
    film = tmp_path / "film.mp4"
    words = ("-p", "Slow dolly in over the field", "-i", f"image={image}", "-i", "duration=4")
    made = run("run", MODEL, *words, "--download", str(film))
    assert made["saved"] == [str(film)]
    _resembles(_frames(film, 4.0), photo)
    newest = run("history")["items"][0]
    assert (newest["status"], newest["input"]["prompt"]) == ("completed", "Slow dolly in over the field")
    assert run("show", newest["id"])["engine"] == "diorama"
    assert round(before - run("balance")["balance"], 6) == 0.4
    assert run("delete", newest["id"]) == {"deleted": [newest["id"]]}
    assert newest["id"] not in [one["id"] for one in run("history")["items"]]


TOLD = {
    "wrong_key": ("HTTP 401", "API key is missing, wrong or revoked"),
    "no_money": ("HTTP 402", "Insufficient credits", "$0.40"),
    "duration": ("HTTP 400", "duration: give 4, 8, 12, 16 or 20"),
    "unknown_field": ("HTTP 400", "fps: there is no such field"),
    "unknown_model": ("HTTP 404", MODEL),
    "private_picture": ("HTTP 400", "image: ", "network"),
    "no_picture": ("HTTP 400", "is no picture"),
    "patience": ("timed out after 0.3 seconds",),
    "overrun": ("Sync mode timed out", "the prediction goes on", "Query the result later at: http://"),
    "cancelled": ("Prediction failed", "Cancelled before it began; nothing was charged."),
}
"""What a developer reads after each mistake."""
OLDER = {"overrun": ("no error: {'outputs': []}",)}
"""The first generation looks at no status in its synchronous mode."""


@contextmanager
def _cancelling(url: str, key: str) -> Iterator[None]:
    """Meanwhile whatever is asked for with the words "Cancel me" is cancelled."""
    stop = threading.Event()

    def look() -> None:
        with httpx2.Client(base_url=url, headers={"authorization": f"Bearer {key}"}) as client:
            while not stop.wait(POLL_S):
                listed = client.post("/api/v3/predictions", json={"status": "created", "include_inputs": True})
                for one in listed.json()["data"]["items"]:
                    if one["input"]["prompt"] == "Cancel me":
                        client.post(f"/api/native/v1/predictions/{one['id']}/cancel")

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    yield
    stop.set()
    looking.join(timeout=PATIENCE_S)


def _check_mistakes(counter: Counter, tell: Callable[[str, str], dict[str, str]], told: dict[str, Any]) -> None:
    """Each has its words; only what is still open holds money, and the books are right."""
    rich, poor = counter.key(100), counter.key(0)
    with _cancelling(counter.url, rich):
        seen = tell(rich, poor)
    wrong = {name: seen[name] for name, words in told.items() if not all(word in seen[name] for word in words)}
    assert not wrong
    assert seen.keys() == told.keys()
    balance = httpx2.get(f"{counter.url}/api/v3/balance", headers={"authorization": f"Bearer {rich}"})
    assert balance.json()["data"]["balance"] == 99.2, "the two that were too slow are open"
    with counter.service.database.connect() as connection:
        assert operating.audit(connection) == ()


@pytest.mark.parametrize(("pins", "told"), [(PYTHON_CLIENTS[0], TOLD), (PYTHON_CLIENTS[1], {**TOLD, **OLDER})])
def test_mistakes_in_python(python: Callable[[str], Path], pins: str, told: dict[str, Any], counter: Counter) -> None:
    """What a developer sees: the reason, in words, whatever went wrong, and no money held for what was refused."""

    def tell(rich: str, poor: str) -> dict[str, str]:
        script = [sys.executable, str(HERE / "wavespeed_refused.py"), counter.url, rich, poor, __file__]
        seen: dict[str, str] = answered(script, PYTHONPATH=str(python(pins)))
        return seen

    _check_mistakes(counter, tell, told)


def test_mistakes_in_javascript(npm: Path, counter: Counter) -> None:
    """The same from Node."""

    def tell(rich: str, poor: str) -> dict[str, str]:
        script = [NODE, str(HERE / "wavespeed_refused.cjs"), str(npm), counter.url, rich, poor, __file__]
        seen: dict[str, str] = answered(script)
        return seen

    _check_mistakes(counter, tell, TOLD)


def test_mistakes_at_the_command_line(cli: Callable[..., Any], counter: Counter) -> None:
    """Exit code 1 and the reason; where the program keeps the reason to itself, at least the status."""
    poor = cli(counter.url, counter.key(0))
    words = ("-p", "Waves", "-i", "image=https://example.com/a.jpg")
    assert "Insufficient credits" in poor("run", MODEL, *words, code=1)["error"]
    assert "duration: give 4" in poor("run", MODEL, *words, "-i", "duration=5", code=1)["error"]
    assert "400" in poor("price", MODEL, "-i", "duration=5", code=1)["error"]
    assert "404" in poor("show", "0" * 32, code=1)["error"]
    assert poor("history")["items"] == []
    assert "401" in cli(counter.url, "nonsense")("balance", code=1)["error"]
