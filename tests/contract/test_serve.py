"""`stillmotion serve` as a person starts it: films come, cancels free cores, deaths lose nothing, Ctrl-C is clean."""

from __future__ import annotations

import base64
import io
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np
import psutil
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from stillmotion.money import Money
from stillmotion.server import accounts, ledger, predictions
from stillmotion.server.api.accept import Request, accept
from stillmotion.server.api.shapes import Dialect
from stillmotion.server.predictions import Code, Status, happenings
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
PATIENCE_S = 120.0
AGAIN_S = 30.0
"""A job whose worker died is picked up again within this time."""
CANCEL_S = 2.0


def photo() -> Image.Image:
    """A palace by a lake."""
    return Image.fromarray(load_sample_image("china.jpg"))


@dataclass(frozen=True, slots=True)
class Served:
    """A server, and its tables seen from here."""

    program: subprocess.Popen[str]
    service: Service

    def submit(self, seconds: int = 4) -> Prediction:
        """A film of the photo."""
        content = io.BytesIO()
        photo().save(content, "PNG")
        picture = "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()
        inputs = {"image": picture, "prompt": "Slow dolly in, the leaves sway", "duration": seconds}
        asked = Request(dialect=Dialect.HOSTED, model_id="openai/sora-2/image-to-video", inputs=inputs)
        return accept(self.service, accounts.Account(id=accounts.SINGLE_USER, name=""), asked)

    def find(self, made: Prediction) -> Prediction:
        """How it stands."""
        with self.service.database.begin() as connection:
            return predictions.find(connection, made.account_id, made.id)

    def wait(self, made: Prediction, until: Callable[[Prediction], bool], within_s: float = PATIENCE_S) -> Prediction:
        """The prediction as soon as something is true of it."""
        end_s = time.monotonic() + within_s
        while not until(stand := self.find(made)):
            assert time.monotonic() < end_s, stand
            assert stand.status not in predictions.records.FINAL, stand
            time.sleep(0.02)
        return stand

    def read(self, key: str) -> bytes:
        """A stored file."""
        with self.service.store.open(key) as file:
            return file.read()

    def balance(self) -> ledger.Balance:
        """Of the one user."""
        with self.service.database.begin() as connection:
            assert ledger.audit(connection) == ()
            return ledger.balance(connection, accounts.SINGLE_USER)

    def processes(self, name: str) -> list[psutil.Process]:
        """Children of the server, and theirs, that run a module."""
        children = psutil.Process(self.program.pid).children(recursive=True)
        return [child for child in children if name in child.cmdline()]


ENGINE, WORKER = "stillmotion.server.worker.engine_process", "stillmotion.server.worker"


@contextmanager
def serving(data_dir: Path, **more: str) -> Iterator[Served]:
    """The command, from its greeting to a clean end."""
    path = os.pathsep.join(place for place in sys.path if place)
    more = {"STILLMOTION_QUALITY": "tiny", "STILLMOTION_DATA_DIR": str(data_dir), "PYTHONPATH": path, **more}
    command = [sys.executable, "-m", "stillmotion", "serve", "--port", "0"]
    with (data_dir / "log").open("ab") as log:
        program = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, env={**os.environ, **more}, cwd=data_dir, text=True
        )
    try:
        assert program.stdout is not None
        assert "http://127.0.0.1:" in program.stdout.readline(), (data_dir / "log").read_text()
        with running(Settings(data_dir=data_dir)) as service:
            yield Served(program, service)
            program.send_signal(signal.SIGINT)
            program.communicate(timeout=PATIENCE_S)
            assert program.returncode == 0, (data_dir / "log").read_text()
    finally:
        program.kill()
        program.wait()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the server of this file."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def served(data_dir: Path) -> Iterator[Served]:
    """A server that films small."""
    with serving(data_dir) as made:
        yield made


def rendering(stand: Prediction) -> bool:
    """Whether frames are being made."""
    return stand.stage == "render"


def completed(stand: Prediction) -> bool:
    """Whether it is done."""
    return stand.status is Status.COMPLETED


def test_a_film_is_made_and_charged(served: Served) -> None:
    """The right length, resembling the photo, moving; stills beside it; true progress; charged once."""
    before = served.balance()
    made = served.wait(served.submit(), completed)
    film, thumbnail, sprites = (served.read(key) for key in made.outputs)
    with av.open(io.BytesIO(film)) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
    assert len(frames) == 120
    wanted = np.asarray(photo().resize(frames[0].shape[1::-1])).astype(int)
    assert np.abs(frames[0] - wanted).mean() < 40
    assert np.abs(frames[0] - frames[-1]).mean() > 1
    first = np.asarray(Image.open(io.BytesIO(thumbnail)).convert("RGB")).astype(int)
    assert np.abs(first - frames[0]).mean() < 5
    assert Image.open(io.BytesIO(sprites)).format == "JPEG"
    with served.service.database.begin() as connection:
        told = [one.data["progress"] for one in happenings.after(connection, made.id, 0) if one.kind == "progress"]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 99)
    after = served.balance()
    assert (before.available.micros - after.available.micros, after.held) == (Money.of("0.40").micros, Money(0))


def test_cancel_frees_the_cores(served: Served) -> None:
    """Within two seconds the engine is gone and the prediction has ended, unpaid; a warm one stands ready again."""
    before, made = served.balance(), served.submit(12)
    served.wait(made, rendering)
    (engine,) = served.processes(ENGINE)
    with served.service.database.begin() as connection:
        told = {"queue": served.service.queue, "tell": lambda *_: None, "at": served.service.clock.now()}
        assert predictions.cancel(connection, made.id, **told)
    engine.wait(CANCEL_S)
    end_s = time.monotonic() + CANCEL_S
    while served.find(made).status is Status.PROCESSING:
        assert time.monotonic() < end_s
        time.sleep(0.02)
    assert (served.find(made).status, served.find(made).code) == (Status.FAILED, Code.CANCELLED)
    assert served.balance() == before
    assert completed(served.wait(served.submit(), completed))


@pytest.mark.parametrize("victim", [ENGINE, WORKER])
def test_a_death_loses_nothing(served: Served, data_dir: Path, victim: str) -> None:
    """Killed in the middle of a film: taken up again within thirty seconds, completed, charged once, nothing left."""
    before, made = served.balance(), served.submit(12)
    served.wait(made, rendering)
    (doomed,) = served.processes(victim)
    engines = served.processes(ENGINE)
    doomed.kill()
    served.wait(made, lambda stand: stand.attempts == 2, AGAIN_S)
    assert psutil.wait_procs(engines, timeout=10)[1] == []
    ended = served.wait(made, completed)
    after = served.balance()
    assert (before.available.micros - after.available.micros, after.held) == (Money.of("1.20").micros, Money(0))
    assert len(list((data_dir / "files" / "outputs" / made.id).iterdir())) == len(ended.outputs)
    end_s = time.monotonic() + PATIENCE_S
    while list((data_dir / "work").iterdir()):  # of the attempt that died: the next sweep's
        assert time.monotonic() < end_s
        time.sleep(0.1)


def test_ctrl_c_gives_back(tmp_path: Path) -> None:
    """A film that cannot be finished in time is given back, and made after the next start as its first attempt."""
    with serving(tmp_path, STILLMOTION_DRAIN_S="0") as served:
        made = served.submit(12)
        served.wait(made, rendering)
        engines = served.processes(ENGINE)
    assert psutil.wait_procs(engines, timeout=1)[1] == []
    assert list((tmp_path / "work").iterdir()) == []
    with serving(tmp_path) as served:
        assert served.find(made).attempts in (0, 1)
        assert served.wait(made, completed).attempts == 1
        assert served.balance().held == Money(0)
