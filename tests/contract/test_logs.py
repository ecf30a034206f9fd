"""A whole run with everything that must stay secret, and failures of all kinds: no log and no other row holds any."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import inspect, text

from serving import environment
from stillmotion.server import service
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 120.0
PROMPT, PLACE, HOOK, GUESS = "zircon walrus", "lapis", "garnet", "sm_" + "Q" * 50
MODEL = "/api/v3/openai/sora-2/image-to-video"
NOWHERE = "http://127.0.0.1:1025"
ASKED = {"predictions", "deliveries"}
WRITTEN_IN = {PROMPT: {*ASKED, "events"}, PLACE: {*ASKED, "events"}, HOOK: ASKED}
"""The tables that may hold a word of a caller: what was asked, and what that caller is told about it."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it."""

    logs: str
    rows: dict[str, str]
    """All that a table holds, by its name."""
    secrets: tuple[str, ...]
    """Of nobody but the caller."""
    ended: tuple[str, ...]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, photo: Path) -> Run:
    """A server with an account, asked in all dialects, well and badly, until everything has ended."""
    data = tmp_path_factory.mktemp("logged")
    settings = {"DATA_DIR": str(data), "QUALITY": "tiny", "ACCOUNTS": "true", "DRAIN_S": "0"}
    variables = environment(**{f"STILLMOTION_{name}": value for name, value in settings.items()})
    variables["STILLMOTION_ALLOW_NETWORKS"] = '["127.0.0.0/8"]'
    command = [sys.executable, "-m", "stillmotion", "serve", "--port", "0"]
    with (data / "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=variables, cwd=data, text=True)
    try:
        assert running.stdout is not None
        address = running.stdout.readline().split()[-1]
        key = running.stdout.readline().split()[-1]
        picture = base64.b64encode(photo.read_bytes()).decode()
        with httpx2.Client(base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=60) as client:
            money = subprocess.run(
                [sys.executable, "-m", "stillmotion", "topup", "admin", "5"], env=variables, check=True, cwd=data
            )
            assert money.returncode == 0
            ended = _asked(client, picture, photo)
            hook = client.get("/api/v3/webhook/secret").json()["data"]["secret"]
            outputs = [url for one in ended for url in one["outputs"]]
        signed = [url.partition("signature=")[2].partition("&")[0] for url in outputs]
        assert signed, "no film was completed, so no signature could be looked for"
        assert all(signed)
    finally:
        running.terminate()
        running.communicate(timeout=60)
    logs = "".join(place.read_text(errors="replace") for place in (data / "log", data / "postgres" / "log"))
    secrets = (key, key[15:47], hook, hook.removeprefix("whsec_"), GUESS, *signed, picture[100:140], "wrong" * 3)
    return Run(logs, _rows(data), secrets, tuple(one["id"] for one in ended))


def _asked(client: httpx2.Client, picture: str, photo: Path) -> list[dict[str, Any]]:
    """All that was accepted, as it ended."""
    image, webhook = f"data:image/png;base64,{picture}", f"{NOWHERE}/hook?token={HOOK}"
    broken = "data:image/png;base64," + base64.b64encode(base64.b64decode(picture)[:200] + b"wrong" * 30).decode()
    asked = [
        {"image": image, "prompt": PROMPT, "webhook_url": webhook},
        {"image": f"{NOWHERE}/{PLACE}.png?signature={PLACE}", "prompt": PROMPT, "webhook_url": webhook},
        {"image": broken, "prompt": PROMPT},
    ]
    made = [client.post(MODEL, json=one) for one in asked]
    made.append(client.post(MODEL, json={"image": image, "prompt": PROMPT, "duration": 20, "seed": 7}))
    with photo.open("rb") as file:
        form = {"prompt": PROMPT, "seconds": "4"}
        video = client.post("/v1/videos", data=form, files={"input_reference": ("a.png", file)})
    assert [one.status_code for one in (*made, video)] == [200] * 5, [one.text for one in made]
    numbers = [one.json()["data"]["id"] for one in made] + [video.json()["id"].removeprefix("video_")]
    client.post(f"/api/native/v1/predictions/{numbers[3]}/cancel")
    _badly(client, image)
    return [_end(client, one) for one in numbers]


def _badly(client: httpx2.Client, image: str) -> None:
    """Requests that are refused, each for another reason."""
    asked = {"image": image, "prompt": PROMPT}
    pro = MODEL.replace("sora-2", "sora-2-pro")
    answers = [
        client.post(MODEL, json={**asked, "duration": 5}),
        client.post(MODEL, content=b'{"prompt": "' + PROMPT.encode()),
        client.post(MODEL, json=asked, headers={"authorization": GUESS}),
        client.post(MODEL, json={**asked, "webhook_url": f"ftp://{HOOK}"}),
        client.get(f"/v1/videos/{PROMPT}?prompt={PROMPT}"),
        client.post("/v1/videos", json={"prompt": PROMPT, "input_reference": {"image_url": "data:wrongwrongwrong"}}),
        client.post("/api/native/v1/drafts", json={**asked, "duration": PLACE}),
        client.post(pro, json={**asked, "duration": 20}),
    ]
    assert [one.status_code for one in answers] == [400, 400, 401, 400, 404, 400, 400, 402]


def _end(client: httpx2.Client, number: str) -> dict[str, Any]:
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        found: dict[str, Any] = client.get(f"/api/v3/predictions/{number}").json()["data"]
        if found["status"] in ("completed", "failed"):
            return found
        assert time.monotonic() < deadline_s, found
        time.sleep(0.2)


def _rows(data: Path) -> dict[str, str]:
    """Everything in the database, the queue's tables too."""
    with service.connected(Settings(data_dir=data)) as (database, _), database.connect() as connection:
        names = inspect(connection).get_table_names()
        return {
            name: "\n".join(connection.scalars(text(f'select t::text from "{name}" t')))  # noqa: S608 - our own names
            for name in names
        }


def test_no_log_holds_a_secret(run: Run) -> None:
    """Neither of the API, the worker and the engine, nor the database's own."""
    for word in (PROMPT, PLACE, HOOK, *run.secrets):
        assert word not in run.logs, [line for line in run.logs.splitlines() if word in line][:3]
    assert "base64" not in run.logs


def test_no_other_row_holds_one(run: Run) -> None:
    """Keys, pictures and signatures are in no row; words only where the request itself is kept."""
    for word, tables in WRITTEN_IN.items():
        assert {name for name, rows in run.rows.items() if word in rows} <= tables
    assert PROMPT in run.rows["predictions"]
    hook = next(word for word in run.secrets if word.startswith("whsec_"))
    for word in run.secrets:
        found = {name for name, rows in run.rows.items() if word in rows}
        assert found <= ({"secrets"} if word in hook else {"deliveries"}), word[:6]


def test_logs_are_structured(run: Run) -> None:
    """A JSON object a line; each run is told by its id, and so is each request that changed something."""
    lines = [line for line in run.logs.splitlines() if line.startswith("{")]
    told = [json.loads(line) for line in lines]
    ended = {one.get("prediction") for one in told if one["event"] == "ended"}
    accepted = {one.get("prediction") for one in told if one["event"] == "accepted"}
    assert set(run.ended) <= accepted
    assert len(ended & set(run.ended)) >= 4  # one was cancelled, maybe before it began
    answered = [one for one in told if one["event"] == "answered"]
    assert {"method", "route", "status", "ms", "request_id", "timestamp", "level"} <= set(answered[0])
    assert {400, 401, 402, 404} <= {one["status"] for one in answered}
    assert "Traceback" not in run.logs
