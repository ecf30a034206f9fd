"""`stillmotion worker` on a database that is named: several share the queue, and one that dies hands its film on."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import psutil
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image
from sqlalchemy import text

from databases import fresh, postgres_url
from serving import environment
from stillmotion.money import Money
from stillmotion.server import accounts, ledger, operating, predictions
from stillmotion.server.api.accept import Request, accept
from stillmotion.server.api.shapes import Dialect
from stillmotion.server.predictions import Status
from stillmotion.server.service import Service, running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stillmotion.server.predictions import Prediction

__all__ = ["postgres_url"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def url(postgres_url: str) -> Iterator[str]:
    """Of a database of our own."""
    with fresh(postgres_url) as made:
        yield made


def _worker(url: str, data_dir: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "stillmotion", "worker", "--database-url", url, "--data-dir", str(data_dir)]
    with (data_dir / "log").open("ab") as log:
        return subprocess.Popen(command, stderr=log, env=environment(STILLMOTION_QUALITY="tiny"), cwd=data_dir)


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


def test_two_share_the_queue_and_one_takes_over(url: str, tmp_path: Path) -> None:
    """Each film is taken by one worker; when one is killed the other makes its film too; every film is paid once."""
    settings = Settings(database_url=url, data_dir=tmp_path)
    with running(settings) as service, ExitStack() as stack:
        workers = [_worker(url, tmp_path) for _ in range(2)]
        for worker in workers:
            stack.callback(worker.wait)
            stack.callback(worker.kill)
        end_s = time.monotonic() + PATIENCE_S
        while (tmp_path / "log").read_text().count("worker ready") < 2:
            assert time.monotonic() < end_s, (tmp_path / "log").read_text()
            time.sleep(0.02)
        made = [_submitted(service, seconds) for seconds in (4, 4)]
        while _holders(service) < 2 or sum(one.attempts for one in _stand(service, made)) < 2:
            assert time.monotonic() < end_s, (tmp_path / "log").read_text()
            time.sleep(0.02)
        assert sorted(one.attempts for one in _stand(service, made)) == [1, 1]
        doomed = psutil.Process(workers[0].pid)
        engines = doomed.children()
        doomed.kill()
        while any(one.status is not Status.COMPLETED for one in _stand(service, made)):
            assert time.monotonic() < end_s + 2 * PATIENCE_S, (_stand(service, made), (tmp_path / "log").read_text())
            time.sleep(0.05)
        assert psutil.wait_procs(engines, timeout=10)[1] == []
        assert sorted(one.attempts for one in _stand(service, made)) == [1, 2]
        workers[1].terminate()
        assert workers[1].wait(PATIENCE_S) == 0
        with service.database.begin() as connection:
            assert operating.audit(connection) == ()
            assert operating.audit_files(connection, service.store) == ()
            assert ledger.balance(connection, accounts.SINGLE_USER).held == Money(0)
