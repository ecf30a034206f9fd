"""Machines that share a database and a store and no disk: one that dies at the worst moment hands its film on."""

from __future__ import annotations

import base64
import io
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image
from sqlalchemy import select, text

from buckets import Server, s3, s3_server
from databases import fresh, postgres_url
from serving import environment
from stillmotion.money import Money
from stillmotion.server import accounts, ledger, operating, predictions
from stillmotion.server.api.accept import Request, accept
from stillmotion.server.api.shapes import Dialect
from stillmotion.server.clock import StoppedClock
from stillmotion.server.db import schema
from stillmotion.server.predictions import Status
from stillmotion.server.service import Service, running
from stillmotion.server.settings import Settings
from stillmotion.server.worker import sweeping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stillmotion.server.predictions import Prediction

__all__ = ["postgres_url", "s3", "s3_server"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def url(postgres_url: str) -> Iterator[str]:
    """Of a database of our own."""
    with fresh(postgres_url) as made:
        yield made


def _worker(url: str, store_url: str, data_dir: Path, **more: str) -> subprocess.Popen[bytes]:
    data_dir.mkdir()
    command = [sys.executable, "-m", "stillmotion", "worker", "--database-url", url, "--data-dir", str(data_dir)]
    settings = environment(STILLMOTION_QUALITY="tiny", STILLMOTION_STORE_URL=store_url, **more)
    with (data_dir / "log").open("ab") as log:
        return subprocess.Popen(command, stderr=log, env=settings, cwd=data_dir)


def _submitted(service: Service, seconds: int) -> Prediction:
    content = io.BytesIO()
    Image.fromarray(load_sample_image("china.jpg")).save(content, "PNG")
    picture = "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()
    inputs = {"image": picture, "prompt": "Slow dolly in", "duration": seconds}
    asked = Request(dialect=Dialect.HOSTED, model_id="openai/sora-2/image-to-video", inputs=inputs)
    return accept(service, accounts.Account(id=accounts.SINGLE_USER, name="", concurrency=9), asked)


def _stand(service: Service, made: list[Prediction]) -> list[Prediction]:
    with service.database.begin() as connection:
        return [predictions.find(connection, one.account_id, one.id) for one in made]


def _holders(service: Service) -> int:
    """How many have a film in hand at this moment."""
    with service.database.begin() as connection:
        held = "select count(distinct worker_id) from procrastinate_jobs where status = 'doing'"
        return int(connection.scalar(text(held)) or 0)


def _logs(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.glob("*/log")))


def test_two_share_the_queue_and_one_takes_over(url: str, s3: Server, tmp_path: Path) -> None:
    """Each film is taken by one worker, and one that dies hands its own on; every film is paid once, and is there.

    It dies when its files are in the store and nobody knows of them: those are swept.
    """
    store_url = s3.fresh_url()
    settings = Settings(database_url=url, data_dir=tmp_path / "here", store_url=store_url)
    with running(settings) as service, ExitStack() as stack:
        doomed = _worker(url, store_url, tmp_path / "doomed", STILLMOTION_FAILPOINT="completing")
        other = _worker(url, store_url, tmp_path / "other")
        for worker in (doomed, other):
            stack.callback(worker.wait)
            stack.callback(worker.kill)
        end_s = time.monotonic() + PATIENCE_S
        while _logs(tmp_path).count("worker ready") < 2:
            assert time.monotonic() < end_s, _logs(tmp_path)
            time.sleep(0.02)
        engines = psutil.Process(doomed.pid).children()
        made = [_submitted(service, seconds) for seconds in (4, 4)]
        while _holders(service) < 2 or sum(one.attempts for one in _stand(service, made)) < 2:
            assert time.monotonic() < end_s, _logs(tmp_path)
            time.sleep(0.02)
        assert sorted(one.attempts for one in _stand(service, made)) == [1, 1]
        while any(one.status is not Status.COMPLETED for one in _stand(service, made)):
            assert time.monotonic() < end_s + 2 * PATIENCE_S, (_stand(service, made), _logs(tmp_path))
            time.sleep(0.05)
        assert doomed.wait(PATIENCE_S) == -signal.SIGKILL
        assert psutil.wait_procs(engines, timeout=10)[1] == []
        assert sorted(one.attempts for one in _stand(service, made)) == [1, 2]
        other.terminate()
        assert other.wait(PATIENCE_S) == 0
        with service.database.begin() as connection:
            assert operating.audit(connection) == ()
            assert operating.audit_files(connection, service.store) == ()
            assert ledger.balance(connection, accounts.SINGLE_USER).held == Money(0)
            known = {*connection.scalars(select(schema.files.c.key)), *connection.scalars(select(schema.uploads.c.key))}
        sweeping.sweep(replace(service, clock=StoppedClock()))  # at a time at which the store is listed
        assert s3.objects(store_url) == sorted([".installation", *known])
        assert [path.name for path in tmp_path.glob("*/files")] == []
