"""The official OpenAI clients get their films from a server that was started as a person starts it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from PIL import Image

from serving import environment

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
PATIENCE_S = 240
PYTHON_CLIENTS = ("openai==3.54.0", "openai==2.54.0")
NPM_CLIENT = "openai@6.49.0"
_PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
_NPM = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]


def _fetched(command: list[str], folder: Path) -> None:
    """Packages of a client, from their registry, without scripts of theirs."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def _answered(command: list[str], **more: str) -> dict[str, Any]:
    done = subprocess.run(
        command, env=environment(**more), capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(params=PYTHON_CLIENTS)
def python_client(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """The Python client of a version, in a folder of its own."""
    packages = tmp_path / "packages"
    _fetched([*_PIP, "--target", str(packages), request.param], tmp_path)

    def run(*arguments: str) -> dict[str, Any]:
        script = str(HERE / "openai_client.py")
        return _answered([sys.executable, script, *arguments], PYTHONPATH=str(packages))

    return run


@pytest.fixture
def npm_client(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """The JavaScript client, in a folder of its own."""
    if shutil.which("npm") is None:
        pytest.skip("needs Node")
    _fetched([*_NPM, "--prefix", str(tmp_path), NPM_CLIENT], tmp_path)

    def run(*arguments: str) -> dict[str, Any]:
        return _answered(["node", str(HERE / "openai_client.mjs"), *arguments, str(tmp_path)])

    return run


def _check(seen: dict[str, Any], files: Path, photo: Path) -> None:
    """Everything that the client saw, and that what it fetched is what it asked for."""
    assert (seen["status"], seen["progress"], seen["size"]) == ("completed", 100, "1280x720")
    assert all((seen["remixed"], seen["listed"], seen["same"], *seen["deleted"]))
    assert seen["left"] == 0
    assert seen["models"] == ["sora-2", "sora-2-pro"]
    assert (seen["refused"], seen["gone"]) == ("input_reference", "prediction_unknown")
    frames = _frames(files / "video")
    assert len(frames) == 4 * 30
    _resembles(frames[0], photo)
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 0.5, "nothing moves"
    for name, kind in (("thumbnail", "WEBP"), ("spritesheet", "JPEG")):
        with Image.open(files / name) as picture:
            assert picture.format == kind


def _frames(place: Path) -> list[Any]:
    with av.open(str(place)) as film:
        assert [stream.type for stream in film.streams][:2] == ["video", "audio"]
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def _resembles(frame: Any, photo: Path) -> None:
    """The sky is above and the field below, in their colours."""
    with Image.open(photo) as opened:
        still = np.asarray(opened.convert("RGB"), float)
    for part in (slice(None, 4), slice(-4, None)):
        assert np.abs(frame[part].mean((0, 1)) - still[part].mean((0, 1))).max() < 40


def test_the_python_client(python_client: Any, address: str, photo: Path, tmp_path: Path) -> None:
    """Create in five ways, poll, fetch each variant, list page by page, remix, delete."""
    _check(python_client(address, str(photo), str(tmp_path)), tmp_path, photo)


def test_the_javascript_client(npm_client: Any, address: str, photo: Path, tmp_path: Path) -> None:
    """The same from Node, with a stream, a file and an object."""
    _check(npm_client(address, str(photo), str(tmp_path)), tmp_path, photo)
