"""Our own API against a real worker: draft, Shot, scene, events."""

from __future__ import annotations

import itertools
import json
import time
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

HOME = "/api/native/v1"
PATIENCE_S = 240


def _ask(address: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    kind = {"content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data=data, method=method, headers=kind)  # noqa: S310 - our server
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - our server
        found: dict[str, Any] = json.load(answer)
    return found


def _events(address: str, made: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """All that a listener is told from the first moment to the end, though the connection breaks in between."""
    del address
    told = _told(made["events"], "", lines=20)
    told += _told(made["events"], told[-1]["id"], lines=None)
    assert [int(one["id"]) for one in told] == list(range(1, len(told) + 1)), "nothing twice, nothing lost"
    return [(one["event"], json.loads(one["data"])) for one in told]


def _told(url: str, after: str, *, lines: int | None) -> list[dict[str, str]]:
    """The whole events in so many lines of a stream, or in all of them."""
    request = urllib.request.Request(url, headers={"last-event-id": after} if after else {})  # noqa: S310 - our server
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as stream:  # noqa: S310 - our server
        read = itertools.islice(stream, lines)
        blocks = b"".join(read).decode().split("\n\n")[:-1]
    found = [dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":") for block in blocks]
    return [one for one in found if "event" in one]


def _ended(address: str, made: dict[str, Any]) -> dict[str, Any]:
    """A prediction after its stream of events has ended."""
    _events(address, made)
    return _ask(address, "GET", f"{HOME}/predictions/{made['id']}")


def _picture(photo: Path) -> str:
    import base64  # noqa: PLC0415 - only here

    return "data:image/png;base64," + base64.b64encode(photo.read_bytes()).decode()


def test_a_draft_becomes_a_film(address: str, photo: Path) -> None:
    """The plan of a free draft is filmed as it stands, and both say what they film while they do."""
    image = _picture(photo)
    draft = _ask(address, "POST", f"{HOME}/drafts", {"image": image, "prompt": "Slow dolly in, birds", "seed": 5})
    told = _events(address, draft)
    kinds = [kind for kind, _ in told]
    assert kinds.count("preview") >= 1
    assert [data["status"] for kind, data in told if kind == "status"][-1] == "completed"
    steps = [data["progress"] for kind, data in told if kind == "progress"]
    assert steps == sorted(steps)
    assert any(0 < step < 100 for step in steps)
    draft = _ask(address, "GET", f"{HOME}/predictions/{draft['id']}")
    assert (draft["price"], draft["engine"]) == ("0.00", "diorama")
    assert draft["files"]["film"] is not None
    shot = {**draft["shot"], "seed": 6, "size_px": [640, 360]}  # a stamp is no size that can be asked for
    asked = {"model": "openai/sora-2/image-to-video", "input": {"image": image, "shot": shot}}
    film = _ended(address, _ask(address, "POST", f"{HOME}/predictions", asked))
    assert (film["status"], film["price"], film["error"]) == ("completed", "0.40", "")
    assert film["shot"]["seed"] == 6
    assert film["shot"]["camera"] == draft["shot"]["camera"]


def test_the_scene_of_a_photo(address: str, photo: Path) -> None:
    """Layers with names and boxes inside of the photo; no film, no price."""
    made = _ended(address, _ask(address, "POST", f"{HOME}/scenes", {"image": _picture(photo)}))
    assert (made["status"], made["price"], made["files"]["film"]) == ("completed", "0.00", None)
    layers = made["scene"]["layers"]
    assert layers
    for layer in layers:
        left, top, right, bottom = layer["box"]
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1


def test_a_cancel_frees_the_worker(address: str, photo: Path) -> None:
    """Within two seconds, while it films."""
    asked = {
        "model": "openai/sora-2/image-to-video",
        "input": {"image": _picture(photo), "prompt": "x", "duration": 20},
    }
    made = _ask(address, "POST", f"{HOME}/predictions", asked)
    path, deadline_s = f"{HOME}/predictions/{made['id']}", time.monotonic() + PATIENCE_S
    while _ask(address, "GET", path)["progress"] == 0:
        assert time.monotonic() < deadline_s
    began_s = time.monotonic()
    _ask(address, "POST", f"{path}/cancel")
    _told(made["events"], "", lines=None)  # its end is the film's
    assert time.monotonic() - began_s < 2.0
    ended = _ask(address, "GET", path)
    assert (ended["status"], ended["code"]) == ("failed", 1405)
