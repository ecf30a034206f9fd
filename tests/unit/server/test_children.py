"""What the processes that we start find in their environment, by processes that note it."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from stillmotion.errors import ReaderBusy
from stillmotion.server import serving
from stillmotion.server.api.native import shot_reading
from stillmotion.server.serving import _Post
from stillmotion.server.settings import Settings
from stillmotion.server.worker import engine
from stillmotion.server.worker.engine import Engine, NoEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRETS = {
    "STILLMOTION_DATABASE_URL": "postgresql://me:secret@db.example/films",
    "STILLMOTION_DATABASE_URL_FILE": "/run/secrets/url",
    "stillmotion_metrics_key": "secret",
    "STILLMOTION_METRICS_KEY_FILE": "/run/secrets/key",
    "STILLMOTION_API_KEY": "secret",
}
LIBRARIES = {"PGPASSWORD": "secret", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
WANTED = {"STILLMOTION_CACHE_DIR": "/var/cache", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "2"}


def start_engine() -> None:
    """As a worker does."""
    with pytest.raises(NoEngine):
        asyncio.run(Engine(thoroughly=False).ready())


def start_reader() -> None:
    """As the API does."""
    with closing(shot_reading.Reader()) as reader, pytest.raises(ReaderBusy):
        reader.read("{}")


def start_worker() -> None:
    """As `serve` does."""

    async def run() -> None:
        post = _Post(Settings.model_construct(), asyncio.Event(), asyncio.Event())
        await (await post._start()).wait()

    asyncio.run(run())


@pytest.mark.parametrize("start", [start_engine, start_reader, start_worker])
def test_children_have_what_they_need_and_none_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Callable[[], None]
) -> None:
    """The password of the database and the keys stay with us; where the networks lie is told.

    Who works with database and store also has what their libraries read, and who reads what strangers send has not.
    """
    noted = tmp_path / "noted"
    words = f"import json, os; open({str(noted)!r}, 'w').write(json.dumps(dict(os.environ)))"
    (tmp_path / "spy_of_children.py").write_text(words, encoding="utf-8")
    for module, name in ((engine, "_MODULE"), (shot_reading, "_CHILD"), (serving, "_WORKER")):
        monkeypatch.setattr(module, name, "spy_of_children")
    for name, value in {**SECRETS, **WANTED, **LIBRARIES, "PYTHONPATH": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    start()
    found = json.loads(noted.read_text(encoding="utf-8"))
    assert not SECRETS.keys() & found.keys()
    assert found.items() >= WANTED.items()
    assert LIBRARIES.keys() & found.keys() == (LIBRARIES.keys() if start is start_worker else set())
