"""The official OpenAI clients get their films from a server that was started as a person starts it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from PIL import Image

from published import answered, npm_packages, python_packages

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
PYTHON_CLIENTS = ("openai-3.54.0", "openai-2.54.0")
_BAD, _GONE = "BadRequestError", "NotFoundError"
ERRORS = {
    "seconds": [_BAD, 400, "seconds", "invalid_param"],
    "model": [_GONE, 404, "model", "model_unknown"],
    "picture": [_BAD, 400, "input_reference", "invalid_param"],
    "none": [_BAD, 400, "input_reference", "invalid_param"],
    "edit": [_BAD, 400, None, "not_supported_yet"],
    "fetch": [_GONE, 404, None, "output_missing"],
    "gone": [_GONE, 404, None, "prediction_unknown"],
}
"""What programs catch: class, status, field, code."""


@pytest.fixture(params=PYTHON_CLIENTS)
def python_client(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """The Python client of a version, in a folder of its own."""
    packages = python_packages(request.param, tmp_path)
    script = [sys.executable, str(HERE / "openai_client.py")]
    return lambda *arguments: answered([*script, *arguments], PYTHONPATH=str(packages))


@pytest.fixture
def npm_client(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """The JavaScript client, in a folder of its own."""
    packages = npm_packages("openai-npm", tmp_path)
    script = ["node", str(HERE / "openai_client.mjs")]
    return lambda *arguments: answered([*script, *arguments, str(packages)])


def _check(seen: dict[str, Any], files: Path, photo: Path) -> None:
    """Everything that the client saw, and that what it fetched is what it asked for."""
    assert (seen["status"], seen["progress"], seen["size"]) == ("completed", 100, "1280x720")
    assert all((seen["remixed"], seen["listed"], seen["same"], *seen["deleted"]))
    assert seen["left"] == 0
    assert seen["models"] == ["sora-2", "sora-2-pro"]
    assert seen["failed"] == "media_unreachable"
    assert seen["told"] == ["video.completed", "video.failed"]
    assert seen["errors"] == ERRORS
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
    """Create in five ways, poll, be told, fetch each variant, list page by page, remix, delete.

    Faults are what they are, and webhooks are signed so that the client accepts them, and not when they were changed.
    """
    _check(python_client(address, str(photo), str(tmp_path)), tmp_path, photo)


def test_the_javascript_client(npm_client: Any, address: str, photo: Path, tmp_path: Path) -> None:
    """The same from Node, with a stream, a file and an object."""
    _check(npm_client(address, str(photo), str(tmp_path)), tmp_path, photo)
