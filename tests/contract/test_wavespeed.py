"""The hosted service's own clients get their films from a server that was started as a person starts it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import httpx2
import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
PATIENCE_S = 240
PYTHON_CLIENTS = ("wavespeed==2.0.5", "wavespeed==1.0.3")
NPM_CLIENTS = ("wavespeed@0.3.2", "@wavespeed/cli@0.2.2")
NODE = shutil.which("node") or "node"
MODEL = "openai/sora-2/image-to-video"
_PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
_NPM = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **more}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, started by the command, that films small."""
    data = tmp_path_factory.mktemp("served")
    settings = _environment(
        STILLMOTION_QUALITY="tiny",
        STILLMOTION_DATA_DIR=str(data),
        STILLMOTION_ALLOW_NETWORKS='["127.0.0.0/8"]',  # so that a picture that is not there is one of this server
    )
    command = [sys.executable, "-m", "stillmotion", "serve", "--port", "0"]
    with (data / "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=settings, cwd=data, text=True)
    try:
        assert running.stdout is not None
        greeting = running.stdout.readline()
        assert "http://" in greeting, (data / "log").read_text()
        yield greeting.split()[-1]
    finally:
        running.terminate()
        running.communicate(timeout=60)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sky over a field."""
    rows, columns = np.mgrid[0:300, 0:420].astype(np.float32)
    sky = np.stack([90 + rows * 0.3, 140 + rows * 0.25, 230 - rows * 0.1], -1)
    field = np.stack([60 + columns * 0.1, 120 + 30 * np.sin(columns / 9), 40 + rows * 0.05], -1)
    pixels = np.where(rows[..., None] < 170, sky, field).clip(0, 255).astype(np.uint8)
    place = tmp_path_factory.mktemp("photo") / "field.png"
    Image.fromarray(pixels).save(place)
    return place


def _fetched(command: list[str], folder: Path) -> None:
    """Packages of a client, from their registry, without scripts of theirs."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def _answered(command: list[str], **more: str) -> Any:
    done = subprocess.run(
        command, env=_environment(**more), capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, (done.stderr + done.stdout)[-4000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the JavaScript packages."""
    if shutil.which("npm") is None:
        pytest.skip("needs Node")
    folder = tmp_path_factory.mktemp("npm")
    _fetched([*_NPM, "--prefix", str(folder), *NPM_CLIENTS], folder)
    return folder


@pytest.fixture
def cli(npm: Path, address: str, tmp_path: Path) -> Callable[..., Any]:
    """The hosted service's command line, turned to us, with a home of its own."""
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "WAVESPEED_API_KEY": "any"}
    program = str(npm / "node_modules/@wavespeed/cli/dist/cli.js")
    subprocess.run(
        [NODE, program, "config", "--base-url", address],
        env=_environment(**home),
        capture_output=True,
        timeout=PATIENCE_S,
        check=True,
    )
    return lambda *words: _answered([NODE, program, *words, "--json"], **home)


def _check(seen: dict[str, Any], photo: Path, folder: Path) -> None:
    """Both films are what was asked for, and refusals reach the person with their reason."""
    films = [_film(*seen[name], folder / f"{name}.mp4") for name in ("polled", "held")]
    for frames in films:
        _resembles(frames, photo)
    assert "fps: there is no such field" in seen["unknown_field"]
    assert "HTTP 404" in seen["unknown_model"]
    assert MODEL in seen["unknown_model"]
    assert seen["unreachable"].startswith("Prediction failed")
    assert "404" in seen["unreachable"]


def _film(address: str, place: Path) -> Any:
    answer = httpx2.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    place.write_bytes(answer.content)
    return _frames(place)


def _frames(place: Path) -> Any:
    with av.open(str(place)) as film:
        assert {stream.type for stream in film.streams} >= {"video", "audio"}
        assert film.duration is not None
        assert abs(film.duration / av.time_base - 4.0) < 0.1
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def _resembles(frames: Any, photo: Path) -> None:
    """The sky is above and the field below, in their colours, and something moves."""
    with Image.open(photo) as opened:
        still = np.asarray(opened.convert("RGB"), float)
    for part in (slice(None, 4), slice(-4, None)):
        assert np.abs(frames[0][part].mean((0, 1)) - still[part].mean((0, 1))).max() < 40
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 0.5, "nothing moves"


@pytest.mark.parametrize("package", PYTHON_CLIENTS)
def test_the_python_client(package: str, address: str, photo: Path, tmp_path: Path) -> None:
    """Both generations: the newer uploads by ticket, the older in one request."""
    packages = tmp_path / "packages"
    _fetched([*_PIP, "--target", str(packages), package], tmp_path)
    script = str(HERE / "wavespeed_client.py")
    seen = _answered([sys.executable, script, address, str(photo)], PYTHONPATH=str(packages))
    _check(seen, photo, tmp_path)


def test_the_javascript_client(npm: Path, address: str, photo: Path, tmp_path: Path) -> None:
    """The same from Node."""
    seen = _answered([NODE, str(HERE / "wavespeed_client.cjs"), str(npm), address, str(photo)])
    _check(seen, photo, tmp_path)


def test_the_command_line(cli: Callable[..., Any], photo: Path, tmp_path: Path) -> None:
    """Upload, price, run, download, history, show, balance, delete, as a person types them."""
    before = cli("balance")["balance"]
    assert [one["model_id"] for one in cli("models", "--no-cache")][:1] == [MODEL]
    assert cli("schema", MODEL)["required"] == ["image", "prompt"]
    assert cli("price", MODEL, "-i", "duration=8") == {"model_id": MODEL, "unit_price": 0.8, "currency": "USD"}
    image = cli("upload", str(photo))["url"]
    film = tmp_path / "film.mp4"
    words = ("-p", "Slow dolly in over the field", "-i", f"image={image}", "-i", "duration=4")
    made = cli("run", MODEL, *words, "--download", str(film))
    assert made["saved"] == [str(film)]
    _resembles(_frames(film), photo)
    newest = cli("history")["items"][0]
    assert (newest["status"], newest["input"]["prompt"]) == ("completed", "Slow dolly in over the field")
    assert cli("show", newest["id"])["engine"] == "diorama"
    assert round(before - cli("balance")["balance"], 6) == 0.4
    assert cli("delete", newest["id"]) == {"deleted": [newest["id"]]}
    assert newest["id"] not in [one["id"] for one in cli("history")["items"]]
