"""`stillmotion serve` as a person starts it: films come, cancels free cores, deaths lose nothing, Ctrl-C is clean."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import av
import httpx2
import numpy as np
import psutil
import pytest
from PIL import Image
from skimage.data import astronaut
from sklearn.datasets import load_sample_image
from sqlalchemy import select

from stillmotion.money import Money
from stillmotion.server import accounts, ledger, predictions
from stillmotion.server.api.accept import Request, accept
from stillmotion.server.api.shapes import Dialect
from stillmotion.server.db import schema
from stillmotion.server.predictions import Code, Status, happenings
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


def png(picture: Image.Image) -> bytes:
    """As a file."""
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred kilobytes that swells to a hundred and fifty megabytes, and then turns out cut off."""
    width, height = 8000, 8000
    rows = zlib.compress(bytes(width * 3 + 1) * (height - 1), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", rows[:-4]), (b"IEND", b"")]
    written = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


@dataclass(frozen=True, slots=True)
class Served:
    """A server, and its tables seen from here."""

    program: subprocess.Popen[str]
    service: Service
    address: str

    def submit(self, seconds: int = 4, picture: bytes | None = None) -> Prediction:
        """A film of a picture, else of the photo."""
        encoded = base64.b64encode(png(photo()) if picture is None else picture).decode()
        inputs = {
            "image": f"data:image/png;base64,{encoded}",
            "prompt": "Slow dolly in, the leaves sway",
            "duration": seconds,
        }
        asked = Request(dialect=Dialect.HOSTED, model_id="openai/sora-2/image-to-video", inputs=inputs)
        return accept(self.service, accounts.Account(id=accounts.SINGLE_USER, name=""), asked)

    def find(self, made: Prediction) -> Prediction:
        """How it stands."""
        with self.service.database.begin() as connection:
            return predictions.find(connection, made.account_id, made.id)

    def all(self) -> list[str]:
        """The ids of all predictions."""
        with self.service.database.connect() as connection:
            return list(connection.scalars(select(schema.predictions.c.id)))

    def wait(self, made: Prediction, until: Callable[[Prediction], bool], within_s: float = PATIENCE_S) -> Prediction:
        """The prediction as soon as something is true of it."""
        end_s = time.monotonic() + within_s
        while not until(stand := self.find(made)):
            assert time.monotonic() < end_s, stand
            assert stand.status not in predictions.records.FINAL, stand
            time.sleep(0.02)
        return stand

    def ended(self, made: Prediction, within_s: float = PATIENCE_S) -> Prediction:
        """The prediction when it has ended, whichever way."""
        end_s = time.monotonic() + within_s
        while (stand := self.find(made)).status not in predictions.records.FINAL:
            assert time.monotonic() < end_s, stand
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

    def engine(self) -> psutil.Process:
        """The one of its worker, as soon as it runs."""
        end_s = time.monotonic() + PATIENCE_S
        while not (found := self.processes(ENGINE)):
            assert time.monotonic() < end_s
            time.sleep(0.02)
        return found[0]

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
        _, at, port = program.stdout.readline().strip().partition("http://127.0.0.1:")
        assert at, (data_dir / "log").read_text()
        with running(Settings(data_dir=data_dir)) as service:
            yield Served(program, service, at + port)
            program.send_signal(signal.SIGINT)
            program.communicate(timeout=PATIENCE_S)
            assert program.returncode == 0, (data_dir / "log").read_text()
    finally:
        program.kill()
        program.communicate()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the server of this file."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def served(data_dir: Path) -> Iterator[Served]:
    """A server that films small."""
    with serving(data_dir, STILLMOTION_REFUSE_FACES="true") as made:
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


def rests(process: psutil.Process) -> bool:
    """Whether it uses no processor for a while."""
    used_s = sum(process.cpu_times()[:2])
    time.sleep(0.3)
    return sum(process.cpu_times()[:2]) - used_s < 0.02


def test_cancel_frees_the_cores(served: Served) -> None:
    """Within two seconds the prediction has ended, unpaid, and the engine rests; still warm, it makes the next film."""
    assert completed(served.wait(served.submit(), completed))  # on a new machine: what compiles hears nothing meanwhile
    before, made = served.balance(), served.submit(12)
    served.wait(made, rendering)
    engine = served.engine()
    with served.service.database.begin() as connection:
        told = {"queue": served.service.queue, "tell": lambda *_: None, "at": served.service.clock.now()}
        assert predictions.cancel(connection, made.id, **told)
    end_s = time.monotonic() + CANCEL_S
    stand = served.ended(made, CANCEL_S)  # not before the engine said that it left the film
    while not rests(engine):
        assert time.monotonic() < end_s, "it works on"
    assert (stand.status, stand.code) == (Status.FAILED, Code.CANCELLED)
    assert served.balance() == before
    assert completed(served.wait(served.submit(), completed))
    assert served.processes(ENGINE) == [engine]


def test_a_bomb_hits_nobody(served: Served) -> None:
    """A picture that swells and then breaks ends its film unpaid; the API never holds it, the engine works on."""
    before, held = served.balance(), psutil.Process(served.program.pid).memory_info().rss
    engine = served.engine()
    stand = served.ended(served.submit(picture=bomb()))
    assert (stand.status, stand.code) == (Status.FAILED, Code.PARAMETER_INVALID)
    assert stand.error.startswith("image: ")
    assert psutil.Process(served.program.pid).memory_info().rss - held < 20 << 20
    assert served.processes(ENGINE) == [engine]
    assert served.balance() == before


def test_faces_are_refused_where_the_switch_is_set(served: Served) -> None:
    """1200 for a portrait, in words, before a frame is made, and the money given back."""
    before = served.balance()
    stand = served.ended(served.submit(picture=png(Image.fromarray(astronaut()))))
    assert (stand.status, stand.code) == (Status.FAILED, Code.MODERATION)
    assert "face" in stand.error
    assert served.balance() == before


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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="open files without a name are seen in /proc")
def test_uploads_arrive_in_the_data_folder(served: Served, data_dir: Path) -> None:
    """A form whose file is on its way lies there, whatever the system wants: its own place may be memory."""
    port, open_files = int(served.address.rpartition(":")[2]), Path(f"/proc/{served.program.pid}/fd")
    part = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    asked = (
        b"POST /api/v3/media/upload/binary HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5000000\r\n"
        b"content-type: multipart/form-data; boundary=x\r\n\r\n"
    )

    def lies_there() -> bool:
        with contextlib.suppress(FileNotFoundError):  # one was closed meanwhile
            links = [str(number.readlink()) for number in open_files.iterdir()]
            return any(link.startswith(f"{data_dir}/") and link.endswith(" (deleted)") for link in links)
        return False

    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(asked + part + bytes(3_000_000))
        end_s = time.monotonic() + PATIENCE_S
        while not lies_there():
            assert time.monotonic() < end_s
            time.sleep(0.02)


def test_ctrl_c_has_patience_and_a_second_one_has_none(tmp_path: Path) -> None:
    """A film that is being made is finished; at another Ctrl-C it is given back, and begins anew at the next start."""
    with serving(tmp_path) as served:
        made = served.submit(12)
        served.wait(made, rendering)
        engines = served.processes(ENGINE)
        served.program.send_signal(signal.SIGINT)
        assert served.program.stdout is not None
        assert any("another Ctrl-C" in line for line in served.program.stdout)
        _asked_of_one_that_stops(served.address, made.id)
    assert psutil.wait_procs(engines, timeout=1)[1] == []
    assert list((tmp_path / "work").iterdir()) == []
    with serving(tmp_path) as served:
        assert served.find(made).attempts in (0, 1)
        assert served.wait(made, completed).attempts == 1
        last = served.submit()
        served.wait(last, rendering)
    with running(Settings(data_dir=tmp_path)) as service:
        served = replace(served, service=service)
        assert served.find(last).status is Status.COMPLETED
        assert served.balance().held == Money(0)


def _asked_of_one_that_stops(address: str, made: str) -> None:
    """Who polls is answered as long as films are finished; creates are sent elsewhere, or again."""
    found = httpx2.get(f"{address}/api/v3/predictions/{made}")
    assert (found.status_code, found.json()["data"]["id"]) == (200, made)
    refused = httpx2.post(f"{address}/v1/videos", json={"prompt": "waves"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "server_busy")
    ready = httpx2.get(f"{address}/readyz")
    assert (ready.status_code, "stopping" in ready.text) == (503, True)


def test_ctrl_c_answers_those_who_wait(tmp_path: Path) -> None:
    """A synchronous request that is held at the end of the service: 200 and the id, which the next start still has."""
    asked = {"image": f"data:image/png;base64,{base64.b64encode(png(photo())).decode()}", "prompt": "The leaves sway"}
    with serving(tmp_path, STILLMOTION_WORKERS="0") as served, ThreadPoolExecutor(1) as beside:
        model = f"{served.address}/api/v3/openai/sora-2/image-to-video"
        held = beside.submit(httpx2.post, model, json={**asked, "enable_sync_mode": True}, timeout=PATIENCE_S)
        end_s = time.monotonic() + PATIENCE_S
        while not (made := served.all()):
            assert time.monotonic() < end_s
            time.sleep(0.02)
        assert not held.done()
        served.program.send_signal(signal.SIGINT)
        answer = held.result(PATIENCE_S)
        served.program.wait(PATIENCE_S)
    assert answer.status_code == 200, answer.text
    told = answer.json()["data"]
    assert (told["id"], told["status"], told["code"]) == (made[0], "processing", 5004)
    with serving(tmp_path, STILLMOTION_WORKERS="0") as served:
        still = httpx2.get(f"{served.address}/api/v3/predictions/{made[0]}/result")
        assert still.json()["data"]["status"] in ("created", "processing", "completed")
